"""The sidebar in the real window: groups, opening, search, rename, pin, delete and undo."""

from datetime import date, datetime, timedelta

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication, QLineEdit, QMenu

from desktop.core.types import ChatInfo, Problem
from desktop.view_models.chat_rows import grouped
from tests.gui.whole_window import Open, WholeWindow, core_with_chats, open_window  # noqa: F401  a fixture


@pytest.fixture
def whole(open_window: Open) -> WholeWindow:  # noqa: F811
    return open_window(core_with_chats())


def menu_of(whole: WholeWindow, title: str) -> QMenu:
    chat = whole.index(title).data(Qt.ItemDataRole.UserRole)
    menu = whole.chats.menu_for(chat)
    whole.qtbot.addWidget(menu)
    return menu


def test_chats_are_grouped_by_the_local_day_of_their_last_change() -> None:
    noon = datetime(2026, 3, 10, 12)

    def chat(number: int, ago: timedelta, *, pinned: bool = False) -> ChatInfo:
        at = (noon - ago).timestamp()
        return ChatInfo(number, str(number), at, at, pinned)

    chats = (
        chat(1, timedelta(days=40)),
        chat(2, timedelta(hours=11)),
        chat(3, timedelta(hours=13)),
        chat(4, timedelta(days=90), pinned=True),
        chat(5, timedelta(minutes=1)),
    )
    found = [(group.name, [c.id for c in group.chats]) for group in grouped(chats, date(2026, 3, 10))]
    assert found == [("pinned", [4]), ("today", [5, 2]), ("yesterday", [3]), ("earlier", [1])]


def test_a_click_opens_a_chat_and_marks_it(whole: WholeWindow) -> None:
    whole.click_chat("Museum tickets")
    whole.wait_for_chat(2)
    assert whole.index("Museum tickets").data(Qt.ItemDataRole.UserRole + 1) is True
    assert whole.window.windowTitle().startswith("Museum tickets")


def test_arrow_keys_move_and_enter_opens(whole: WholeWindow) -> None:
    whole.chats.setFocus()
    whole.chats.setCurrentIndex(whole.index("Sourdough"))
    whole.qtbot.keyClick(whole.chats, Qt.Key.Key_Down)
    assert whole.session.chats.current is None
    whole.qtbot.keyClick(whole.chats, Qt.Key.Key_Return)
    whole.wait_for_chat(2)


def test_headings_are_passed_over_by_the_arrow_keys(whole: WholeWindow) -> None:
    whole.session.chats.pin(3, True)
    whole.qtbot.waitUntil(lambda: "Pinned" in whole.titles)
    whole.chats.setCurrentIndex(whole.index("A café name"))
    whole.qtbot.keyClick(whole.chats, Qt.Key.Key_Down)
    assert whole.chats.currentIndex().data() == "Sourdough"


def test_f2_renames_in_place(whole: WholeWindow) -> None:
    whole.chats.setCurrentIndex(whole.index("Sourdough"))
    whole.qtbot.keyClick(whole.chats, Qt.Key.Key_F2)
    editor = whole.chats.findChild(QLineEdit)
    assert isinstance(editor, QLineEdit)
    whole.qtbot.keyClicks(editor, "Rye bread")
    whole.qtbot.keyClick(editor, Qt.Key.Key_Return)
    whole.qtbot.waitUntil(lambda: "Rye bread" in whole.titles)
    assert whole.core.called("rename_chat") == [(1, "Rye bread")]


def test_escape_leaves_the_title_as_it_was(whole: WholeWindow) -> None:
    whole.chats.rename(1)
    editor = whole.chats.findChild(QLineEdit)
    assert isinstance(editor, QLineEdit)
    whole.qtbot.keyClicks(editor, "Rye bread")
    whole.qtbot.keyClick(editor, Qt.Key.Key_Escape)
    assert whole.core.called("rename_chat") == []
    assert "Sourdough" in whole.titles


def test_a_title_being_edited_survives_a_change_of_the_list(whole: WholeWindow) -> None:
    whole.chats.rename(1)
    editor = whole.chats.findChild(QLineEdit)
    assert isinstance(editor, QLineEdit)
    whole.qtbot.keyClicks(editor, "Rye")
    whole.core.chats.create(title="Another one")
    whole.core.pin_chat(3, True)
    whole.qtbot.waitUntil(lambda: len(whole.session.chats.groups) == 2)
    whole.qtbot.keyClicks(editor, " bread")
    whole.qtbot.keyClick(editor, Qt.Key.Key_Return)
    whole.qtbot.waitUntil(lambda: "Rye bread" in whole.titles)
    assert "Another one" in whole.titles


def test_pinning_moves_a_chat_to_the_top_and_back(whole: WholeWindow) -> None:
    menu = menu_of(whole, "A café name")
    next(action for action in menu.actions() if action.text() == "Pin").trigger()
    whole.qtbot.waitUntil(lambda: whole.titles[:2] == ["Pinned", "A café name"])
    menu = menu_of(whole, "A café name")
    next(action for action in menu.actions() if action.text() == "Unpin").trigger()
    whole.qtbot.waitUntil(lambda: "Pinned" not in whole.titles)


def test_delete_takes_a_chat_away_and_undo_brings_it_back(whole: WholeWindow) -> None:
    bar = whole.workspace.sidebar.done
    assert not bar.isVisible()
    whole.chats.setCurrentIndex(whole.index("Sourdough"))
    whole.qtbot.keyClick(whole.chats, Qt.Key.Key_Delete)
    whole.qtbot.waitUntil(lambda: "Sourdough" not in whole.titles and bar.isVisible())
    whole.qtbot.mouseClick(bar.undo, Qt.MouseButton.LeftButton)
    whole.wait_for_chat(1)
    assert "Sourdough" in whole.titles
    assert not bar.isVisible()


def test_deleting_the_chat_in_front_leaves_an_empty_one(whole: WholeWindow) -> None:
    whole.click_chat("Sourdough")
    whole.wait_for_chat(1)
    whole.session.chats.delete(1)
    whole.wait_for_chat(None)
    assert whole.session.conversation.turns == ()


def test_a_failed_deletion_is_told_and_nothing_disappears(whole: WholeWindow) -> None:
    whole.core.fail("delete_chat", Problem("storage_full", {"folder": "/home/ana"}))
    whole.session.chats.delete(1)
    whole.qtbot.waitUntil(lambda: len(whole.workspace.notices.bars) == 1)
    assert "Sourdough" in whole.titles
    assert "/home/ana" in whole.workspace.notices.bars[0].accessibleName()


def test_the_button_of_a_row_opens_its_menu(whole: WholeWindow) -> None:
    right = whole.rect("Sourdough").width() - 16
    whole.click_chat("Sourdough", QPoint(right, whole.rect("Sourdough").height() // 2))
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    assert [action.text().partition("\t")[0] for action in menu.actions() if action.text()] == [
        "Rename",
        "Pin",
        "Duplicate",
        "Move to",
        "Archive",
        "Export",
        "Delete",
        "Delete for good",
    ]
    menu.close()
    assert whole.session.chats.current is None


def test_search_lists_what_holds_the_words_accents_or_not(whole: WholeWindow) -> None:
    both = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    whole.qtbot.keyClick(whole.window, Qt.Key.Key_F, both)
    field = whole.workspace.sidebar.search
    assert field.hasFocus()
    whole.qtbot.keyClicks(field, "cafe")
    results = whole.workspace.sidebar.results
    whole.qtbot.waitUntil(results.isVisible)
    assert [row.chat.info.title for row in results.model().rows] == ["A café name"]
    whole.qtbot.keyClick(field, Qt.Key.Key_Escape)
    whole.qtbot.waitUntil(lambda: not results.isVisible() and "Sourdough" in whole.titles)


def test_a_search_without_an_answer_says_so(whole: WholeWindow) -> None:
    whole.qtbot.keyClicks(whole.workspace.sidebar.search, "zeppelin")
    nothing = whole.workspace.sidebar._nothing
    whole.qtbot.waitUntil(nothing.isVisible)
    assert "zeppelin" in nothing.text()


def test_a_new_chat_is_stored_with_its_first_question_only(whole: WholeWindow) -> None:
    whole.click_chat("Sourdough")
    whole.wait_for_chat(1)
    whole.qtbot.mouseClick(whole.workspace.sidebar.new_chat, Qt.MouseButton.LeftButton)
    whole.wait_for_chat(None)
    assert whole.core.called("create_chat") == []
    assert whole.workspace.composer.field.hasFocus()
    whole.ask("Why does bread rise?")
    whole.qtbot.waitUntil(lambda: "Why does bread rise?" in whole.titles)
    assert len(whole.core.called("create_chat")) == 1


def test_a_new_chat_that_is_stored_and_empty_is_taken_again(whole: WholeWindow) -> None:
    whole.session.chats.new_chat()
    whole.workspace.open_panel("documents")
    whole.qtbot.waitUntil(lambda: "New chat" in whole.titles)
    empty = whole.session.chats.current
    whole.click_chat("Sourdough")
    whole.wait_for_chat(1)
    whole.session.chats.new_chat()
    whole.wait_for_chat(empty)
    assert whole.titles.count("New chat") == 1


def test_the_chat_chosen_last_comes_to_the_front_however_quickly_others_were_chosen_before(
    whole: WholeWindow,
) -> None:
    chats, conversation = whole.session.chats, whole.session.conversation
    chats.open(1)
    whole.wait_for_chat(1)
    chats.open(2)
    chats.open(1)  # back before the other one came
    assert conversation.emptiness != "loading_chat"
    whole.qtbot.wait(50)
    assert (chats.current, conversation.chat and conversation.chat.id) == (1, 1)


def test_a_new_chat_stays_in_front_of_one_that_was_still_on_its_way(whole: WholeWindow) -> None:
    chats = whole.session.chats
    chats.new_chat()
    whole.wait_for_chat(None)
    chats.open(2)
    chats.new_chat()
    whole.qtbot.wait(50)
    assert chats.current is None
