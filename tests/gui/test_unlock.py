"""Encrypted chats in the real window: nothing is opened before the passphrase, which is typed by keys."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import shiboken6
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop.app import STATE_FILE, Program
from desktop.core.data_lock import DataLock
from desktop.core.places import Places
from desktop.core.services import open_core
from desktop.ui.main_window import MainWindow
from desktop.ui.unlock import UnlockPage
from desktop.ui.window_state import read_state

PASSPHRASE = "correct horse battery"  # noqa: S105  of this test
LONG_MS = 60_000

pytestmark = pytest.mark.slow


@pytest.fixture
def places(tmp_path: Path) -> Places:
    """Of an installation whose chats are encrypted."""
    made = Places.of(tmp_path / "data", tmp_path / "models")
    core = open_core(made, others=())
    core._store.call(lambda store: store.rename(store.create_chat().info.id, "Capybaras at noon"))
    core.encrypt(PASSPHRASE).result(60.0)
    core.close()
    return Places.of(made.data, made.models)


@pytest.fixture
def begin(qtbot: QtBot, qapp: QApplication) -> Iterator[Callable[[Places], Program]]:
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
        program._window.close()
        qtbot.waitUntil(lambda one=program: one._ended, timeout=LONG_MS)  # type: ignore[misc]
        shiboken6.delete(program._window)


def unlocking(qtbot: QtBot, program: Program) -> UnlockPage:
    qtbot.waitUntil(lambda: isinstance(program._window.centralWidget(), UnlockPage), timeout=LONG_MS)
    page = program._window.centralWidget()
    assert isinstance(page, UnlockPage)
    return page


def test_the_window_asks_says_that_one_was_wrong_and_opens_with_the_right_one(
    qtbot: QtBot, begin: Callable[[Places], Program], places: Places
) -> None:
    program = begin(places)
    page = unlocking(qtbot, program)
    assert program._window.focusWidget() is page.field
    assert program._session is None
    DataLock.take(places.lock_file).release()  # nobody works with the folder meanwhile
    assert not page.open.isEnabled()
    QTest.keyClicks(page.field, "not this one")
    QTest.keyClick(page.field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: page.said.isVisibleTo(page), timeout=LONG_MS)
    assert page.said.text().startswith("This is not the passphrase.")
    assert page.field.text() == ""
    assert program._window.focusWidget() is page.field
    QTest.keyClicks(page.field, PASSPHRASE)
    QTest.keyClick(page.field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: program._window.workspace is not None, timeout=LONG_MS)
    assert program._session is not None
    chats = program._session.chats
    qtbot.waitUntil(lambda: [chat.title for chat in chats.all] == ["Capybaras at noon"], timeout=LONG_MS)


def test_who_has_forgotten_it_is_told_the_truth_and_the_window_closes(
    qtbot: QtBot, begin: Callable[[Places], Program], places: Places
) -> None:
    before = {file: file.read_bytes() for file in places.data.rglob("*.sqlite3")}
    program = begin(places)
    page = unlocking(qtbot, program)
    page.forgotten.click()
    assert page.truth.isVisibleTo(page)
    assert str(places.data) in page.truth.text().replace("\N{WORD JOINER}", "")
    page.quit.click()
    qtbot.waitUntil(lambda: program._ended, timeout=LONG_MS)
    assert {file: file.read_bytes() for file in before} == before
