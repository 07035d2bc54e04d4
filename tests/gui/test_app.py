"""The window's composition root on the real core, without models: opening, failing, closing, defects."""

import os
import signal
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import shiboken6
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop.app import STATE_FILE, Program, _Hooks
from desktop.core.data_lock import DataLock
from desktop.core.places import Places
from desktop.last_run import PATTERN
from desktop.process_edges import LOG_FILE
from desktop.ui.main_window import MainWindow
from desktop.ui.opening import FailurePage
from desktop.ui.window_state import read_state

Begin = Callable[[Places], Program]


@pytest.fixture
def places(tmp_path: Path) -> Places:
    return Places.of(tmp_path / "data", tmp_path / "models")


@pytest.fixture
def begin(qtbot: QtBot, qapp: QApplication) -> Iterator[Begin]:
    """Starts programs in this process and ends them."""
    begun: list[Program] = []

    def begin_one(places: Places) -> Program:
        window = MainWindow(read_state(places.data / STATE_FILE))
        program = Program(qapp, window, places)
        window.show()
        program.open()
        begun.append(program)
        return program

    yield begin_one
    for program in begun:
        end(qtbot, program)
        shiboken6.delete(program._window)


def end(qtbot: QtBot, program: Program) -> None:
    program._window.close()
    qtbot.waitUntil(lambda: program._ended, timeout=15_000)


def wait_open(qtbot: QtBot, program: Program) -> None:
    qtbot.waitUntil(lambda: program._window.workspace is not None, timeout=15_000)


def test_the_window_is_there_before_the_core(qtbot: QtBot, begin: Begin, places: Places) -> None:
    program = begin(places)
    assert program._window.isVisible()
    assert program._window.workspace is None
    wait_open(qtbot, program)
    assert program._session is not None


def test_closing_hides_at_once_saves_and_lets_the_data_go(qtbot: QtBot, begin: Begin, places: Places) -> None:
    program = begin(places)
    wait_open(qtbot, program)
    program._window.workspace.open_panel("settings")
    program._window.close()
    assert not program._window.isVisible()
    qtbot.waitUntil(lambda: program._ended, timeout=15_000)
    assert read_state(places.data / STATE_FILE).panel == "settings"
    DataLock.take(places.lock_file).release()


def test_the_chat_in_front_is_remembered_before_the_window_closes(
    qtbot: QtBot, begin: Begin, places: Places
) -> None:
    program = begin(places)
    wait_open(qtbot, program)
    assert program._session is not None
    program._session.need_chat()
    qtbot.waitUntil(lambda: program._session.chats.current is not None)
    chat = program._session.chats.current
    qtbot.waitUntil(lambda: read_state(places.data / STATE_FILE).chat == chat)
    assert not program._closing


def test_a_window_that_is_killed_keeps_its_size_and_what_stood_open(
    qtbot: QtBot, begin: Begin, places: Places
) -> None:
    program = begin(places)
    wait_open(qtbot, program)
    window = program._window
    assert window.workspace is not None
    window.resize(900, 600)
    window.workspace.open_panel("shortcuts")
    qtbot.waitUntil(lambda: read_state(places.data / STATE_FILE).panel == "shortcuts")
    assert read_state(places.data / STATE_FILE).geometry == window.state().geometry
    assert not program._closing


def test_closing_while_the_core_opens_still_lets_the_data_go(
    qtbot: QtBot, begin: Begin, places: Places
) -> None:
    program = begin(places)
    end(qtbot, program)
    DataLock.take(places.lock_file).release()


def test_data_that_another_program_holds_is_told_and_can_be_tried_again(
    qtbot: QtBot, begin: Begin, places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("desktop.app.OTHER_LIMIT_S", 0.0)
    places.create()
    lock = DataLock.take(places.lock_file)
    program = begin(places)
    window = program._window
    qtbot.waitUntil(lambda: isinstance(window.centralWidget(), FailurePage), timeout=15_000)
    lock.release()
    page = window.centralWidget()
    assert isinstance(page, FailurePage)
    page.retry.click()
    wait_open(qtbot, program)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_without_permission_is_told_in_words(qtbot: QtBot, begin: Begin, places: Places) -> None:
    places.data.mkdir(mode=0o500)
    program = begin(places)
    window = program._window
    qtbot.waitUntil(lambda: isinstance(window.centralWidget(), FailurePage), timeout=15_000)
    assert str(places.data) in window.centralWidget().accessibleName()


def test_a_folder_that_is_a_file_is_told_in_words(qtbot: QtBot, begin: Begin, places: Places) -> None:
    places.data.write_text("not a folder")
    program = begin(places)
    window = program._window
    qtbot.waitUntil(lambda: isinstance(window.centralWidget(), FailurePage), timeout=15_000)
    assert str(places.data) in window.centralWidget().accessibleName()


def test_a_damaged_database_is_told_or_kept_aside_and_the_window_opens(
    qtbot: QtBot, begin: Begin, places: Places
) -> None:
    places.create()
    places.chats_file.write_bytes(b"this is no database" * 100)
    program = begin(places)
    window = program._window
    qtbot.waitUntil(
        lambda: (
            isinstance(window.centralWidget(), FailurePage)
            or (window.workspace is not None and bool(window.workspace.notices.bars))
        ),
        timeout=15_000,
    )


def test_an_uncaught_exception_is_shown_and_not_lost(
    qtbot: QtBot, begin: Begin, places: Places, caplog: pytest.LogCaptureFixture
) -> None:
    program = begin(places)
    wait_open(qtbot, program)
    notices = program._window.workspace.notices

    def broken() -> None:
        raise ZeroDivisionError("made for this test")

    with _Hooks(program), qtbot.captureExceptions() as caught:
        # pytest-qt has the hook of the window's thread; that of other threads is ours
        thread = threading.Thread(target=broken)
        thread.start()
        thread.join()
        qtbot.waitUntil(lambda: len(notices.bars) == 1)
    assert caught == []
    assert notices.bars[0].notice.subject == "defect"
    assert "made for this test" in notices.bars[0].notice.problem.detail
    assert "made for this test" in caplog.text


# ── a process of its own ──────────────────────────────────────────────────────────────────────────


def start_process(places: Places, *files: str) -> subprocess.Popen[str]:
    environment = os.environ | {
        "QT_QPA_PLATFORM": "offscreen",
        "SOBREMESA_DATA": str(places.data),
        "SOBREMESA_MODELS": str(places.models),
    }
    return subprocess.Popen(
        [sys.executable, "-m", "desktop", *files],
        env=environment,
        cwd=Path(__file__).resolve().parents[2],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def wait_served(qtbot: QtBot, places: Places, process: subprocess.Popen[str]) -> None:
    """Wait until the window of `process` listens for commands."""
    from desktop.core.local_socket import connect

    def served() -> bool:
        assert process.poll() is None, process.stdout and process.stdout.read()
        remote = connect(places)
        if remote is None:
            return False
        remote._channel.close()
        return True

    qtbot.waitUntil(served, timeout=30_000)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_a_second_copy_shows_the_first_ones_window_and_a_signal_ends_in_order(
    qtbot: QtBot, places: Places
) -> None:
    first = start_process(places)
    try:
        wait_served(qtbot, places, first)
        second = start_process(places)
        assert second.wait(30) == 0, second.stdout and second.stdout.read()
        assert first.poll() is None
        first.send_signal(signal.SIGTERM)
        assert first.wait(30) == 0
        assert first.stdout is not None
        assert first.stdout.read() == ""
    finally:
        first.kill()
        first.wait()
    assert stat.S_IMODE((places.logs_dir / LOG_FILE).stat().st_mode) == 0o600
    assert list(places.logs_dir.glob(PATTERN)) == []
    DataLock.take(places.lock_file).release()


@pytest.mark.slow
def test_a_file_that_is_opened_while_the_window_stands_comes_into_it(
    qtbot: QtBot, begin: Begin, places: Places, tmp_path: Path
) -> None:
    bad = tmp_path / "recipe.gguf"
    bad.write_text("Flour, water, salt.")
    program = begin(places)
    wait_open(qtbot, program)
    second = start_process(places, str(bad))
    assert program._session is not None
    imports = program._session.model_imports
    # this process must go on meanwhile: it answers the other one
    qtbot.waitUntil(lambda: second.poll() is not None, timeout=30_000)
    assert second.returncode == 0, second.stdout and second.stdout.read()
    qtbot.waitUntil(lambda: [(one.path, one.state) for one in imports.candidates] == [(str(bad), "broken")])
    assert program._window.workspace is not None
    assert program._window.workspace.middle.page == "models"


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_a_window_that_was_killed_says_so_at_the_next_start(
    qtbot: QtBot, begin: Begin, places: Places
) -> None:
    first = start_process(places)
    try:
        wait_served(qtbot, places, first)
    finally:
        first.kill()
        first.wait()
    program = begin(places)
    wait_open(qtbot, program)
    assert program._session is not None
    assert [notice.problem.code for notice in program._session.notices.notices] == ["window_killed"]
    assert list(places.logs_dir.glob(PATTERN)) == []


OPENED_BY_EVENT = """
from PySide6.QtCore import QCoreApplication, QUrl
from PySide6.QtGui import QFileOpenEvent
from desktop.app import Application
app = Application(["sobremesa"])
app.files_opened.connect(print)
QCoreApplication.sendEvent(app, QFileOpenEvent(QUrl.fromLocalFile("/mnt/a.gguf")))
"""


@pytest.mark.slow
def test_where_files_come_by_an_event_it_is_heard() -> None:
    environment = os.environ | {"QT_QPA_PLATFORM": "offscreen"}
    done = subprocess.run(
        [sys.executable, "-c", OPENED_BY_EVENT], env=environment, capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.stderr) == ("['/mnt/a.gguf']\n", "")


def test_a_signal_closes_the_window(qtbot: QtBot) -> None:
    from desktop.process_edges import Signals

    closed: list[bool] = []
    before = signal.getsignal(signal.SIGTERM)
    with Signals(lambda: closed.append(True)):
        QTimer.singleShot(0, lambda: signal.raise_signal(signal.SIGTERM))
        qtbot.waitUntil(lambda: closed == [True])
    assert signal.getsignal(signal.SIGTERM) is before
