"""The library's page over the fake core: collections, folders, trash, the look into a document."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QInputDialog, QLineEdit, QMenu
from pytestqt.qtbot import QtBot

from desktop.ui.documents.page import DocumentsPage
from desktop.view_models.session import Session
from rag.errors import FolderGone
from rag.protocol import WatchedFolder
from tests.fakes.core import FakeCore
from tests.fakes.samples import documents


@pytest.fixture
def core() -> FakeCore:
    made = FakeCore(automatic=False, documents=documents())
    made.names.add("Travel")
    made.watched = {1: WatchedFolder(1, "default", "/home/ana/Documents", True, 4, 1.0)}
    return made


@pytest.fixture
def page(qtbot: QtBot, core: FakeCore) -> DocumentsPage:
    session = Session(core)
    made = DocumentsPage(session)
    made._kept = session  # type: ignore[attr-defined]  # it lives as long as the page
    qtbot.addWidget(made)
    made.resize(1200, 700)
    made.show()
    qtbot.waitUntil(lambda: made.collections.count() == 2 and len(made.panel.list.rows_model.rows) == 7)
    return made


def names(page: DocumentsPage) -> list[str]:
    return [page.collections.item(row).text() for row in range(page.collections.count())]


def answer(qtbot: QtBot, page: DocumentsPage, name: str) -> None:
    """Type into the dialog that asks for a name, and press Enter."""
    (asked,) = page.collections.findChildren(QInputDialog)
    field = asked.findChild(QLineEdit)
    assert field is not None
    qtbot.keyClicks(field, name)
    qtbot.keyClick(field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: not page.collections.findChildren(QInputDialog))


def test_collections_are_made_renamed_and_removed_by_keyboard(
    qtbot: QtBot, core: FakeCore, page: DocumentsPage
) -> None:
    qtbot.keyClick(page.new_button, Qt.Key.Key_Space)
    answer(qtbot, page, "Papers")
    qtbot.waitUntil(lambda: "Papers" in names(page))
    assert page.collections.currentItem().text() == "Papers"
    qtbot.keyClick(page.collections, Qt.Key.Key_F2)
    answer(qtbot, page, "Texts")
    qtbot.waitUntil(lambda: "Texts" in names(page))
    qtbot.keyClick(page.collections, Qt.Key.Key_Delete)
    qtbot.waitUntil(lambda: "Texts" not in names(page))
    assert page.collections.currentItem().text() == "My documents"
    qtbot.keyClick(page.collections, Qt.Key.Key_Delete)
    assert core.called("remove_collection") == [("Texts",)], "the one that is always there stays"


def test_going_up_and_down_the_collections_shows_their_documents(qtbot: QtBot, page: DocumentsPage) -> None:
    qtbot.keyClick(page.collections, Qt.Key.Key_Down)
    qtbot.waitUntil(lambda: page.panel.list.rows_model.rows == ())
    qtbot.keyClick(page.collections, Qt.Key.Key_Up)
    qtbot.waitUntil(lambda: len(page.panel.list.rows_model.rows) == 7)


def test_a_folder_is_switched_off_forgotten_and_tells_its_trouble(
    qtbot: QtBot, core: FakeCore, page: DocumentsPage
) -> None:
    qtbot.waitUntil(lambda: len(page.folders.rows) == 1)
    page.folders.rows[0].switch.click()
    assert core.called("watch_folder") == [("/home/ana/Documents", "default", False)]
    problem = FolderGone(folder="/home/ana/Documents").info()
    core.watched = {1: WatchedFolder(1, "default", "/home/ana/Documents", True, 4, 1.0, problem)}
    page._keeping.refresh()
    qtbot.waitUntil(lambda: page.folders.rows[0].folder.problem is not None)
    page.folders.rows[0].forget_wanted.emit(page.folders.rows[0].folder, True)
    qtbot.waitUntil(lambda: not page.folders.isVisible())
    assert len(core.removed_documents) == 7


def test_a_folder_that_is_added_is_watched_too(core: FakeCore, page: DocumentsPage, tmp_path: Path) -> None:
    page.panel._add([str(tmp_path)])
    assert core.called("index") == [((str(tmp_path),), "default")]
    assert core.called("watch_folder") == [(str(tmp_path), "default", True)]


def test_what_is_removed_stands_in_the_trash_and_comes_back(
    qtbot: QtBot, core: FakeCore, page: DocumentsPage
) -> None:
    rows = page.panel.list.rows_model.rows
    page._documents.remove(rows[:2])
    qtbot.waitUntil(lambda: "Trash" in names(page))
    page.collections.setCurrentRow(page.collections.count() - 1)
    assert page.trash.isVisible()
    page._keeping.restore(core.removed_documents[0].document)
    qtbot.waitUntil(lambda: page._keeping.trashed == 1)
    qtbot.mouseClick(page.trash.empty_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "Trash" not in names(page))
    assert page.panel.isVisible()


def test_the_document_that_is_chosen_is_looked_into_with_how_each_page_was_read(
    qtbot: QtBot, page: DocumentsPage
) -> None:
    model = page.panel.list.rows_model
    row = [row.name for row in model.rows].index("museum.pdf")
    page.panel.list.setCurrentIndex(model.index(row))
    qtbot.waitUntil(lambda: page.preview.isVisible() and "1,200 characters" in page.preview.facts.text())
    broken = [row.name for row in model.rows].index("broken.pdf")
    page.panel.list.setCurrentIndex(model.index(broken))
    assert not page.preview.isVisible()


def test_a_pause_an_order_and_who_is_first_are_asked_for(
    qtbot: QtBot, core: FakeCore, page: DocumentsPage
) -> None:
    menu = QMenu()
    page.fill_menu(menu)
    words = {action.text(): action for action in menu.actions()}
    words["Small files first"].trigger()
    assert core.called("order_indexing") == [("small_first", ())]
    words["Pause indexing"].trigger()
    qtbot.waitUntil(lambda: page._documents.queue.paused)
    page.fill_menu(menu)
    assert "Resume indexing" in [action.text() for action in menu.actions()]
    waiting = next(row for row in page.panel.list.rows_model.rows if row.state == "indexing")
    first = page.panel.list.menu_for((waiting,)).actions()[0]
    first.trigger()
    assert core.called("order_indexing")[-1] == (None, (waiting.file,))
