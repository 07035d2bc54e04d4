"""What is told when something long ends and the window is not in front, and that nothing of it can fail."""

import stat
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from desktop.ui.shell.notifier import Notifier, words
from desktop.view_models.long_jobs import Ended
from tests.gui.whole_window import Open, WholeWindow, core_with_chats, open_window  # noqa: F401  a fixture


@pytest.fixture
def whole(open_window: Open) -> WholeWindow:  # noqa: F811
    core = core_with_chats()
    core.automatic = False
    return open_window(core)


@pytest.fixture
def told(whole: WholeWindow) -> list[Ended]:
    found: list[Ended] = []
    whole.session.long_jobs.ended.connect(found.append)
    return found


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(whole: WholeWindow) -> Clock:
    whole.session.long_jobs._clock = Clock()
    return whole.session.long_jobs._clock


def answer(whole: WholeWindow, clock: Clock, took_s: float) -> None:
    whole.ask("How much is the ticket?")
    whole.qtbot.waitUntil(lambda: bool(whole.core.replies) and whole.session.conversation.running)
    clock.now += took_s
    whole.core.replies[-1].write("Seven euros.")
    whole.core.replies[-1].finish()
    whole.qtbot.waitUntil(lambda: not whole.session.conversation.running)


def test_a_reply_is_told_of_when_it_took_long(whole: WholeWindow, told: list[Ended], clock: Clock) -> None:
    answer(whole, clock, 3.0)
    assert told == []
    answer(whole, clock, 21.0)
    assert told == [Ended("reply")]


def test_a_reply_in_another_chat_is_told_of_and_marked_until_its_chat_is_opened(
    whole: WholeWindow, told: list[Ended], clock: Clock
) -> None:
    whole.ask("How much is the ticket?")
    whole.qtbot.waitUntil(lambda: bool(whole.core.replies) and whole.session.conversation.running)
    asked = whole.session.chats.current
    assert asked is not None
    whole.session.conversation.new()
    whole.qtbot.waitUntil(lambda: whole.session.chats.current != asked)
    whole.core.replies[-1].write("Seven euros.")
    whole.core.replies[-1].finish()
    whole.qtbot.waitUntil(lambda: told == [Ended("reply", elsewhere=True)])
    assert whole.session.chats.unseen == {asked}
    row = whole.chats.model().index(whole.chats._model.row_of(asked), 0)
    assert str(row.data(Qt.ItemDataRole.AccessibleTextRole)).endswith("with a new reply")
    whole.session.conversation.open(asked)
    whole.qtbot.waitUntil(lambda: whole.session.chats.unseen == frozenset())
    assert told == [Ended("reply", elsewhere=True)]


def test_a_reply_that_the_person_stopped_is_not_told_of(
    whole: WholeWindow, told: list[Ended], clock: Clock
) -> None:
    whole.ask("How much is the ticket?")
    whole.qtbot.waitUntil(lambda: bool(whole.core.replies) and whole.session.conversation.running)
    clock.now += 60
    whole.core.replies[-1].stop()
    whole.qtbot.waitUntil(lambda: not whole.session.conversation.running)
    assert told == []


def test_documents_are_told_of_when_they_took_long(
    whole: WholeWindow, told: list[Ended], clock: Clock
) -> None:
    whole.session.add_documents(["/home/ana/thesis.pdf"])
    whole.qtbot.waitUntil(lambda: bool(whole.core.indexings))
    indexing = whole.core.indexings[-1]
    indexing.progress("/home/ana/thesis.pdf", "embedding", 1, 2)
    whole.qtbot.waitUntil(lambda: whole.session.documents.progress is not None)
    clock.now += 30
    indexing.finish()
    whole.qtbot.waitUntil(lambda: bool(told))
    assert told[0].kind == "documents"


def test_a_download_is_told_of_by_the_name_of_its_file(
    whole: WholeWindow, told: list[Ended], clock: Clock
) -> None:
    whole.core.settings["offline"] = False
    whole.session.downloads.start("ana/tiny", "tiny-Q4_K_M.gguf", "abc", 98_000_000)
    clock.now += 60
    whole.core.downloads[-1].finish()
    whole.qtbot.waitUntil(lambda: bool(told))
    assert told == [Ended("download", name="tiny-Q4_K_M.gguf")]


def test_the_setting_switches_it_off(whole: WholeWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    reached: list[Ended] = []
    monkeypatch.setattr(Notifier, "tell", lambda self, ended: reached.append(ended))
    whole.session.long_jobs.ended.emit(Ended("reply"))
    assert reached == [Ended("reply")]
    whole.core.settings["notifications"] = False
    whole.session.long_jobs.ended.emit(Ended("reply"))
    assert len(reached) == 1


# ── how the system is told ────────────────────────────────────────────────────────────────────────


@pytest.fixture
def hidden(qtbot: QtBot) -> QWidget:
    window = QWidget()
    qtbot.addWidget(window)
    return window


def programs(folder: Path, *names: str) -> None:
    for name in names:
        file = folder / name
        file.write_text("#!/bin/sh\n")
        file.chmod(file.stat().st_mode | stat.S_IXUSR)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="programs of Linux desktops")
@pytest.mark.parametrize(
    ("there", "used"), [(("notify-send", "gdbus"), "notify-send"), (("gdbus",), "gdbus")]
)
def test_on_linux_a_program_of_the_desktop_tells_it(
    hidden: QWidget, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, there: tuple[str, ...], used: str
) -> None:
    programs(tmp_path, *there)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere")
    started: list[tuple[str, list[str]]] = []
    Notifier(hidden, lambda program, arguments: started.append((program, arguments))).tell(Ended("reply"))
    assert [program for program, _ in started] == [str(tmp_path / used)]
    assert "The reply is ready." in started[0][1]


def test_without_a_bus_a_tray_or_a_program_nothing_happens_and_nothing_fails(
    hidden: QWidget, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS", raising=False)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    started: list[str] = []
    Notifier(hidden, lambda program, arguments: started.append(program)).tell(Ended("reply"))
    assert started == []


def test_a_window_in_front_is_not_told_what_it_shows(qtbot: QtBot, qapp: QApplication) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    started: list[str] = []
    Notifier(window, lambda program, arguments: started.append(program)).tell(Ended("reply"))
    assert started == []


@pytest.mark.parametrize("kind", ["documents", "download", "quantize", "reply"])
@pytest.mark.parametrize("failed", [False, True])
def test_everything_that_ends_has_words(kind: str, failed: bool) -> None:
    said = words(Ended(kind, failed, "tiny.gguf", 2))  # type: ignore[arg-type]  # each of them
    assert said.endswith(".")
    assert "{" not in said
