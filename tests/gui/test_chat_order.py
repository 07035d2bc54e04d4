"""Folders, archive, trash and choosing several chats, in the sidebar of the real window."""

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt
from PySide6.QtGui import QAction, QDropEvent
from PySide6.QtWidgets import QLineEdit, QMenu

from desktop.ui.sidebar.rows import CHATS_MIME
from tests.gui.whole_window import Open, WholeWindow, core_with_chats, open_window  # noqa: F401  a fixture

SHIFT, CONTROL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def whole(open_window: Open) -> WholeWindow:  # noqa: F811
    return open_window(core_with_chats())


def folder_of(whole: WholeWindow, name: str = "Work", *, parent: int = 0) -> int:
    folder = whole.core.create_folder(name, parent).result().id
    whole.qtbot.waitUntil(lambda: folder in {held.id for held in whole.session.chats.folders})
    return folder


def act(menu: QMenu, *words: str) -> None:
    """Trigger an action by its words, through submenus."""
    for word in words[:-1]:
        menu = next(action.menu() for action in menu.actions() if action.text() == word)
    action: QAction = next(action for action in menu.actions() if _words(action) == words[-1])
    action.trigger()


def _words(action: QAction) -> str:
    """Without the keys that stand behind a tab."""
    return action.text().partition("\t")[0].strip()


def menu_of(whole: WholeWindow, title: str) -> QMenu:
    menu = whole.chats.menu_at(whole.index(title))
    assert menu is not None
    whole.qtbot.addWidget(menu)
    return menu


def drop(whole: WholeWindow, onto: str, mime: QMimeData) -> None:
    at = QPointF(whole.rect(onto).center())
    none = Qt.KeyboardModifier.NoModifier
    event = QDropEvent(at, Qt.DropAction.MoveAction, mime, Qt.MouseButton.LeftButton, none)
    whole.chats.dropEvent(event)


def test_a_new_folder_is_named_where_it_stands(whole: WholeWindow) -> None:
    whole.qtbot.mouseClick(whole.workspace.sidebar.new_folder, Qt.MouseButton.LeftButton)
    whole.qtbot.waitUntil(lambda: whole.chats.findChild(QLineEdit) is not None)
    editor = whole.chats.findChild(QLineEdit)
    whole.qtbot.keyClicks(editor, "Recipes")
    whole.qtbot.keyClick(editor, Qt.Key.Key_Return)
    whole.qtbot.waitUntil(lambda: whole.titles[:2] == ["Folders", "Recipes"])


def test_a_chat_moves_into_a_folder_by_menu_and_the_folder_opens_by_keys(whole: WholeWindow) -> None:
    folder = folder_of(whole)
    act(menu_of(whole, "Sourdough"), "Move to", "Work")
    whole.qtbot.waitUntil(lambda: "Sourdough" not in whole.titles)
    assert whole.core.called("move_chats") == [((1,), folder)]
    assert "Work" in whole.workspace.sidebar.done.text.text()
    whole.chats.setFocus()
    whole.chats.setCurrentIndex(whole.index("Work"))
    whole.qtbot.keyClick(whole.chats, Qt.Key.Key_Right)
    whole.qtbot.waitUntil(lambda: whole.titles[:3] == ["Folders", "Work", "Sourdough"])
    whole.qtbot.keyClick(whole.chats, Qt.Key.Key_Left)
    whole.qtbot.waitUntil(lambda: "Sourdough" not in whole.titles)
    whole.qtbot.keyClick(whole.chats, Qt.Key.Key_Return)
    whole.qtbot.waitUntil(lambda: "Sourdough" in whole.titles)
    act(menu_of(whole, "Sourdough"), "Move to", "Out of the folder")
    whole.qtbot.waitUntil(lambda: whole.core.chats.get(1).info.folder == 0)


def test_chats_are_dragged_onto_folders_and_out_of_them(whole: WholeWindow) -> None:
    folder = folder_of(whole)
    whole.session.chats.fold(folder, True)
    model = whole.chats._model
    chosen = [whole.index("Sourdough"), whole.index("Museum tickets")]
    drop(whole, "Work", model.mimeData(chosen))
    whole.qtbot.waitUntil(lambda: whole.titles[1:4] == ["Work", "Sourdough", "Museum tickets"])
    drop(whole, "A café name", model.mimeData([whole.index("Sourdough")]))
    whole.qtbot.waitUntil(lambda: whole.core.chats.get(1).info.folder == 0)
    drop(whole, "Museum tickets", model.mimeData([whole.index("A café name")]))
    whole.qtbot.waitUntil(lambda: whole.core.chats.get(3).info.folder == folder)


def test_folders_are_dragged_into_each_other_and_never_into_themselves(whole: WholeWindow) -> None:
    outer = folder_of(whole, "Outer")
    inner = folder_of(whole, "Inner")
    model = whole.chats._model
    drop(whole, "Outer", model.mimeData([whole.index("Inner")]))
    whole.qtbot.waitUntil(lambda: whole.core.folders[inner].parent == outer)
    whole.session.chats.fold(outer, True)
    drop(whole, "Inner", model.mimeData([whole.index("Outer")]))
    whole.qtbot.waitUntil(lambda: len(whole.workspace.notices.bars) == 1)
    assert whole.core.folders[outer].parent == 0


def test_what_is_dragged_from_elsewhere_is_none_of_the_list_s(whole: WholeWindow) -> None:
    mime = QMimeData()
    mime.setText("/etc/passwd")
    drop(whole, "Sourdough", mime)
    odd = QMimeData()
    odd.setData(CHATS_MIME, b"\xff nonsense")
    drop(whole, "Sourdough", odd)
    assert whole.core.called("move_chats") == []


def test_a_deleted_folder_says_where_its_chats_are(whole: WholeWindow) -> None:
    outer = folder_of(whole, "Outer")
    inner = folder_of(whole, "Inner", parent=outer)
    whole.session.chats.open_folders({outer, inner})
    whole.session.chats.move((1,), inner)
    whole.qtbot.waitUntil(lambda: whole.core.chats.get(1).info.folder == inner)
    act(menu_of(whole, "Inner"), "Delete folder, keep chats")
    whole.qtbot.waitUntil(lambda: "Inner" not in whole.titles)
    assert "Outer" in whole.workspace.sidebar.done.text.text()
    assert whole.titles[1:3] == ["Outer", "Sourdough"]


def test_a_deleted_folder_comes_back_with_what_was_in_it(whole: WholeWindow) -> None:
    chats, core = whole.session.chats, whole.core
    home = folder_of(whole, "Home")
    work = folder_of(whole, "Work", parent=home)
    inside = folder_of(whole, "Letters", parent=work)
    core.move_chats((1, 2), work).result()
    core.archive_chats((2,), True).result()
    whole.qtbot.waitUntil(lambda: [chats.info(chat).folder for chat in (1, 2)] == [work, work])
    chats.delete_folder(work)
    whole.qtbot.waitUntil(lambda: whole.workspace.sidebar.isVisible() and chats.done is not None)
    chats.undo()
    whole.qtbot.waitUntil(lambda: {folder.name for folder in chats.folders} == {"Home", "Work", "Letters"})
    again = next(folder for folder in chats.folders if folder.name == "Work")
    whole.qtbot.waitUntil(lambda: [chats.info(chat).folder for chat in (1, 2)] == [again.id, again.id])
    assert again.parent == home
    whole.qtbot.waitUntil(
        lambda: next(folder.parent for folder in chats.folders if folder.id == inside) == again.id
    )


def test_several_chats_are_chosen_by_keys_and_deleted_and_brought_back_together(whole: WholeWindow) -> None:
    whole.chats.setFocus()
    whole.chats.setCurrentIndex(whole.index("Sourdough"))
    whole.qtbot.keyClick(whole.chats, Qt.Key.Key_Down, SHIFT)
    assert [chat.id for chat in whole.chats.chosen] == [1, 2]
    whole.qtbot.keyClick(whole.chats, Qt.Key.Key_Delete)
    whole.qtbot.waitUntil(lambda: whole.core.called("delete_chats") == [((1, 2),)])
    done = whole.workspace.sidebar.done
    whole.qtbot.waitUntil(done.isVisible)
    assert done.text.text() == "2 chats deleted"
    whole.qtbot.mouseClick(done.undo, Qt.MouseButton.LeftButton)
    whole.qtbot.waitUntil(lambda: {"Sourdough", "Museum tickets"} <= set(whole.titles))
    assert whole.session.chats.current is None, "none of several is brought to the front"


def test_control_and_click_chooses_and_opens_nothing(whole: WholeWindow) -> None:
    whole.click_chat("Sourdough")
    whole.wait_for_chat(1)
    at = whole.rect("A café name").center()
    whole.qtbot.mouseClick(whole.chats.viewport(), Qt.MouseButton.LeftButton, CONTROL, at)
    assert {chat.id for chat in whole.chats.chosen} == {1, 3}
    assert whole.session.chats.current == 1
    act(menu_of(whole, "Sourdough"), "Archive")
    whole.qtbot.waitUntil(lambda: whole.core.called("archive_chats") == [((1, 3), True)])


def test_the_archive_opens_by_its_door_and_gives_back(whole: WholeWindow) -> None:
    sidebar = whole.workspace.sidebar
    assert not sidebar.doors.isVisible()
    act(menu_of(whole, "Sourdough"), "Archive")
    whole.qtbot.waitUntil(sidebar.doors.archived.isVisible)
    assert "Sourdough" not in whole.titles
    whole.qtbot.mouseClick(sidebar.doors.archived, Qt.MouseButton.LeftButton)
    whole.qtbot.waitUntil(lambda: whole.titles == ["Today", "Sourdough"])
    whole.click_chat("Sourdough")
    whole.wait_for_chat(1)
    act(menu_of(whole, "Sourdough"), "Take out of the archive")
    whole.qtbot.waitUntil(lambda: whole.titles == [])
    assert sidebar._nothing.isVisible()
    whole.qtbot.mouseClick(sidebar.place.back, Qt.MouseButton.LeftButton)
    whole.qtbot.waitUntil(lambda: "Sourdough" in whole.titles)


def test_the_trash_restores_and_is_emptied_only_when_confirmed(whole: WholeWindow) -> None:
    whole.session.chats.delete(1, 2)
    whole.qtbot.waitUntil(lambda: whole.session.chats.trashed == 2)
    sidebar = whole.workspace.sidebar
    whole.qtbot.mouseClick(sidebar.doors.trash, Qt.MouseButton.LeftButton)
    whole.qtbot.waitUntil(lambda: set(whole.titles) == {"Sourdough", "Museum tickets"})
    act(menu_of(whole, "Sourdough"), "Restore")
    whole.qtbot.waitUntil(lambda: whole.titles == ["Museum tickets"])
    whole.qtbot.mouseClick(sidebar.place.empty, Qt.MouseButton.LeftButton)
    whole.qtbot.waitUntil(sidebar.done.decline.isVisible)
    assert sidebar.done.decline.hasFocus(), "Enter deletes nothing"
    whole.qtbot.keyClick(sidebar.done.decline, Qt.Key.Key_Escape)
    assert whole.core.called("empty_trash") == []
    whole.qtbot.mouseClick(sidebar.place.empty, Qt.MouseButton.LeftButton)
    whole.qtbot.mouseClick(sidebar.done.confirm, Qt.MouseButton.LeftButton)
    whole.qtbot.waitUntil(lambda: whole.titles == [] and whole.session.chats.trashed == 0)
    assert 1 in whole.core.chats._chats
    assert 2 not in whole.core.chats._deleted


def test_shift_and_delete_asks_and_then_leaves_nothing(whole: WholeWindow) -> None:
    whole.chats.setFocus()
    whole.chats.setCurrentIndex(whole.index("Sourdough"))
    whole.qtbot.keyClick(whole.chats, Qt.Key.Key_Delete, SHIFT)
    done = whole.workspace.sidebar.done
    assert "Sourdough" in done.text.text()
    whole.qtbot.mouseClick(done.confirm, Qt.MouseButton.LeftButton)
    whole.qtbot.waitUntil(lambda: whole.core.called("erase_chats") == [((1,),)])
    whole.qtbot.waitUntil(lambda: "Sourdough" not in whole.titles)
    assert not done.undo.isVisible()


def test_a_copy_comes_to_the_front(whole: WholeWindow) -> None:
    act(menu_of(whole, "Sourdough"), "Duplicate")
    whole.qtbot.waitUntil(lambda: "Sourdough (2)" in whole.titles)
    copy = whole.index("Sourdough (2)").data(Qt.ItemDataRole.UserRole).id
    whole.wait_for_chat(copy)


def test_folders_stand_open_as_they_did(open_window: Open) -> None:  # noqa: F811
    core = core_with_chats()
    folder = core.create_folder("Work").result().id
    core.move_chats((1,), folder)
    first = open_window(core)
    first.session.chats.fold(folder, True)
    second = open_window(core, first.window.state())
    second.qtbot.waitUntil(lambda: second.titles[:3] == ["Folders", "Work", "Sourdough"])


def test_every_row_says_what_it_is(whole: WholeWindow) -> None:
    folder_of(whole)
    spoken = whole.index("Work").data(Qt.ItemDataRole.AccessibleTextRole)
    assert spoken == "Folder Work, closed, 0 chats"


@pytest.mark.slow
def test_ten_thousand_chats_are_laid_out_without_measuring_each(open_window: Open) -> None:  # noqa: F811
    core = core_with_chats()
    for number in range(10_000):
        core.chats.create(title=f"Chat {number}", updated_at=1_700_000_000 + number)
    whole = open_window(core)
    measured: list[int] = []
    delegate = whole.chats.itemDelegate()
    original = delegate.sizeHint
    delegate.sizeHint = lambda option, index: measured.append(index.row()) or original(option, index)
    core.chats.create(title="One more")
    core.pin_chat(5, True)
    whole.qtbot.waitUntil(lambda: "One more" in whole.titles[:6])
    whole.chats.verticalScrollBar().setValue(whole.chats.verticalScrollBar().maximum())
    assert whole.chats.indexAt(QPoint(20, whole.chats.viewport().height() - 20)).isValid()
    assert len(measured) < 100
