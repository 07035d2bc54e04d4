"""The bridge between the core's threads and the window's thread."""

import sys
import threading
import time

import pytest
from PySide6.QtCore import QObject, QThread, QTimer
from pytestqt.qtbot import QtBot

from desktop.core.contract import Core
from desktop.core.errors import Cancelled, CoreError
from desktop.core.events import EngineStatus, TextAdded
from desktop.core.operations import Operation, start
from desktop.core.types import Problem
from desktop.view_models.bridge import follow, listen
from tests.fakes.core import FakeCore
from tests.fakes.house import PATIENCE_S


def test_the_fake_core_keeps_the_contract() -> None:
    core: Core = FakeCore()
    assert core.create_chat().result(1).info.title == ""


def test_events_arrive_in_order_on_the_windows_thread(qtbot: QtBot) -> None:
    receiver = QObject()
    got: list[object] = []
    threads: set[bool] = set()

    def note(item: object) -> None:
        threads.add(QThread.currentThread() is receiver.thread())
        got.append(item)

    def work(operation: Operation[str]) -> str:
        for number in range(200):
            operation.emit(number)
        return "end"

    follow(start(work, "count"), receiver, on_event=note, on_result=note)
    qtbot.waitUntil(lambda: "end" in got)
    assert got == [*range(200), "end"]
    assert threads == {True}


def test_nothing_arrives_before_follow_returns_even_when_the_work_is_over(qtbot: QtBot) -> None:
    operation: Operation[int] = Operation()
    operation.emit("early")
    operation.finish(7)
    receiver = QObject()
    got: list[object] = []
    follow(operation, receiver, on_event=got.append, on_result=got.append)
    assert got == []
    qtbot.waitUntil(lambda: len(got) == 2)
    assert got == ["early", 7]


def test_a_result_is_made_into_what_is_shown_where_the_work_was_done(qtbot: QtBot) -> None:
    worked: list[int] = []
    got: list[str] = []
    followed = threading.Event()

    def made(number: int) -> str:
        worked.append(threading.get_ident())
        return f"{number} chats"

    def work(_: Operation[int]) -> int:
        worked.append(threading.get_ident())
        followed.wait(PATIENCE_S)
        return 7

    receiver = QObject()
    follow(start(work, "count"), receiver, on_result=got.append, made=made)
    followed.set()
    qtbot.waitUntil(lambda: bool(got))
    assert got == ["7 chats"]
    assert worked[0] == worked[1] != threading.get_ident()


def test_what_could_not_be_made_arrives_as_a_problem(qtbot: QtBot) -> None:
    def made(_: int) -> str:
        raise ValueError("no chat has the number 7")

    receiver = QObject()
    got: list[str] = []
    problems: list[Problem] = []
    follow(start(lambda _: 7, "count"), receiver, on_result=got.append, on_error=problems.append, made=made)
    qtbot.waitUntil(lambda: bool(problems))
    assert problems[0].code == "unexpected"
    assert "number 7" in problems[0].detail
    assert not got


@pytest.mark.parametrize(("error", "code"), [(Cancelled(), "cancelled"), (CoreError("broken"), "core_error")])
def test_an_error_arrives_as_a_problem(qtbot: QtBot, error: CoreError, code: str) -> None:
    operation: Operation[int] = Operation()
    receiver = QObject()
    problems: list[Problem] = []
    follow(operation, receiver, on_error=problems.append)
    operation.fail(error)
    qtbot.waitUntil(lambda: bool(problems))
    assert problems[0].code == code


def test_a_destroyed_receiver_gets_nothing_and_the_work_goes_on(qtbot: QtBot) -> None:
    operation: Operation[int] = Operation()
    receiver = QObject()
    got: list[object] = []
    follow(operation, receiver, on_event=got.append, on_result=got.append)
    receiver.deleteLater()
    qtbot.wait(20)

    def work() -> None:
        operation.emit("late")
        operation.finish(1)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    qtbot.wait(20)
    assert got == []
    assert operation.result(0) == 1


def test_a_busy_window_never_holds_up_the_core(qtbot: QtBot) -> None:
    operation: Operation[int] = Operation()
    receiver = QObject()
    got: list[object] = []
    follow(operation, receiver, on_event=got.append)
    finished = threading.Event()

    def work() -> None:
        for number in range(1000):
            operation.emit(number)
        finished.set()

    threading.Thread(target=work).start()
    while not finished.is_set():  # the window's thread does not turn its event loop meanwhile
        time.sleep(0.001)
    assert got == []
    qtbot.waitUntil(lambda: len(got) == 1000)


def test_signals_keep_the_counts_of_true_and_none(qtbot: QtBot) -> None:
    """PySide6 6.12.0 did not, and Python 3.11 aborted ("deallocating True or False")."""
    timer = QTimer()
    timer.objectNameChanged.connect(lambda _: None)
    before = sys.getrefcount(True), sys.getrefcount(None)
    for number in range(100):
        timer.setObjectName(str(number))
        timer.objectNameChanged.emit("by hand")
    lost = before[0] - sys.getrefcount(True), before[1] - sys.getrefcount(None)
    assert max(lost) < 50


def test_listening_ends_with_the_receiver(qtbot: QtBot) -> None:
    core = FakeCore()
    receiver = QObject()
    got: list[object] = []
    listen(core, receiver, got.append)
    qtbot.waitUntil(lambda: len(got) == 3)
    receiver.deleteLater()
    qtbot.waitUntil(lambda: not core._listeners)
    core.tell(EngineStatus("no_model"))
    qtbot.wait(20)
    assert len(got) == 3


def test_a_scripted_reply_comes_as_the_contract_says(qtbot: QtBot) -> None:
    core = FakeCore()
    chat = core.create_chat().result(1)
    operation = core.send(chat.info.id, "How much is the ticket?")
    reply = operation.result(5)
    events: list[object] = []
    operation.subscribe(events.append)
    assert reply.state == "complete"
    assert "".join(event.text for event in events if isinstance(event, TextAdded)) == reply.text
    assert core.open_chat(chat.info.id).result(1).info.title == "How much is the ticket?"
