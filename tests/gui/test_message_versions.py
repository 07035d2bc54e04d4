"""Versions of a message and editing in place, in the real conversation over the fake core."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop.core.types import Problem
from desktop.core.types.composing import Draft
from desktop.ui.conversation import deeds
from desktop.ui.conversation.selection import LAST, Spot
from tests.fakes.core import FakeCore
from tests.gui.conversation_window import Window, build, stored


@pytest.fixture
def window(qtbot: QtBot) -> Iterator[Window]:
    core = FakeCore(automatic=False)
    yield build(qtbot, core)
    QApplication.clipboard().clear()  # what lies there must not outlive the application of the tests
    core.close()


def opened(window: Window, *turns: tuple[str, str]) -> int:
    chat = stored(window.core, turns)
    window.view_model.open(chat)
    window.qtbot.waitUntil(lambda: len(window.view_model.turns) == 2 * len(turns))
    window.settle()
    return chat


def two_versions(window: Window) -> None:
    """How much? with "Seven euros." and, shown, "Nine euros."."""
    opened(window, ("How much?", "Seven euros."))
    window.view_model.regenerate(window.view_model.turns[1].key)
    window.qtbot.waitUntil(lambda: len(window.core.replies) == 1)
    window.reply.write("Nine euros.")
    window.reply.finish()
    window.qtbot.waitUntil(lambda: len(window.view_model.turns[1].versions) == 2)
    window.settle()


def says(window: Window, *texts: str) -> None:
    window.qtbot.waitUntil(lambda: tuple(turn.text for turn in window.view_model.turns) == texts)


def focus(window: Window, index: int) -> None:
    window.shown(index).focus_link(None)


def edit(window: Window, index: int) -> None:
    focus(window, index)
    QTest.keyClick(window.widget.focusWidget(), Qt.Key.Key_F2)
    assert window.view.editing.card.isVisible()
    assert window.view.editing.card.field.hasFocus()


def test_a_message_alone_at_its_place_has_no_arrows(window: Window) -> None:
    opened(window, ("How much?", "Seven euros."))
    assert window.shown(0).versions.isHidden()
    assert window.shown(1).versions.isHidden()


def test_arrows_say_which_version_is_shown_and_lead_to_the_others(window: Window) -> None:
    two_versions(window)
    arrows = window.shown(1).versions
    assert arrows.isVisible()
    assert arrows.said.text() == "2 of 2"
    window.qtbot.mouseClick(arrows.back, Qt.MouseButton.LeftButton)
    says(window, "How much?", "Seven euros.")
    assert window.shown(1).versions.said.text() == "1 of 2"
    assert window.seen_text(1) == "Seven euros."
    window.qtbot.mouseClick(window.shown(1).versions.back, Qt.MouseButton.LeftButton)
    window.settle()
    says(window, "How much?", "Seven euros.")
    window.qtbot.mouseClick(window.shown(1).versions.forward, Qt.MouseButton.LeftButton)
    says(window, "How much?", "Nine euros.")


def test_the_arrow_keys_switch_the_version_of_the_message_with_the_keyboard(window: Window) -> None:
    two_versions(window)
    focus(window, 1)
    QTest.keyClick(window.widget.focusWidget(), Qt.Key.Key_Left)
    says(window, "How much?", "Seven euros.")
    assert window.shown(1).hasFocus()
    QTest.keyClick(window.widget.focusWidget(), Qt.Key.Key_Right)
    says(window, "How much?", "Nine euros.")


def test_versions_are_not_switched_under_a_reply_on_its_way(window: Window) -> None:
    two_versions(window)
    window.ask("And for children?")
    focus(window, 1)
    QTest.keyClick(window.widget.focusWidget(), Qt.Key.Key_Left)
    window.settle()
    assert window.core.called("activate") == []
    assert window.view_model.turns[1].text == "Nine euros."


def test_a_question_is_edited_in_place_and_asked_again(window: Window) -> None:
    opened(window, ("How much?", "Seven euros."), ("Since when?", "Since May."))
    edit(window, 0)
    card = window.view.editing.card
    assert card.field.toPlainText() == "How much?"
    card.field.setPlainText("How much in winter?")
    QTest.keyClick(card.field, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    window.qtbot.waitUntil(lambda: len(window.core.replies) == 1)
    assert not card.isVisible()
    window.reply.write("Five euros.")
    window.reply.finish()
    says(window, "How much in winter?", "Five euros.")
    assert window.shown(0).versions.said.text() == "2 of 2"
    focus(window, 0)
    QTest.keyClick(window.widget.focusWidget(), Qt.Key.Key_Left)
    says(window, "How much?", "Seven euros.", "Since when?", "Since May.")


def test_a_question_that_is_only_saved_keeps_the_replies_below_it(window: Window) -> None:
    opened(window, ("How mush?", "Seven euros."))
    edit(window, 0)
    card = window.view.editing.card
    card.field.setPlainText("How much?")
    window.qtbot.mouseClick(card.save, Qt.MouseButton.LeftButton)
    says(window, "How much?", "Seven euros.")
    assert window.core.replies == []
    assert window.view_model.turns[0].edited


def test_a_reply_is_edited_in_place_and_the_old_one_stays_a_version(window: Window) -> None:
    opened(window, ("How much?", "Seven euros."), ("Since when?", "Since May."))
    edit(window, 1)
    card = window.view.editing.card
    assert not card.send.isVisible()
    card.field.setPlainText("Eight euros.")
    QTest.keyClick(card.field, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    says(window, "How much?", "Eight euros.", "Since when?", "Since May.")
    assert window.shown(1).versions.said.text() == "2 of 2"
    assert not card.isVisible()


def test_esc_lets_go_of_an_edit_at_once_and_of_changed_text_only_when_asked_twice(window: Window) -> None:
    opened(window, ("How much?", "Seven euros."))
    card = window.view.editing.card
    edit(window, 0)
    QTest.keyClick(card.field, Qt.Key.Key_Escape)
    assert not card.isVisible()
    edit(window, 0)
    QTest.keyClicks(card.field, " Please")
    QTest.keyClick(card.field, Qt.Key.Key_Escape)
    assert card.isVisible()
    assert card.warning.isVisible()
    QTest.keyClick(card.field, Qt.Key.Key_Escape)
    assert not card.isVisible()
    assert window.view_model.turns[0].text == "How much?"


def test_an_edit_waits_while_another_chat_is_looked_at(window: Window) -> None:
    chat = opened(window, ("How much?", "Seven euros."))
    other = stored(window.core, [("Hello", "Hi."), ("Bye", "Bye.")])
    edit(window, 0)
    QTest.keyClicks(window.view.editing.card.field, " Please")
    window.view_model.open(other)
    window.qtbot.waitUntil(lambda: len(window.view_model.turns) == 4)
    assert not window.view.editing.card.isVisible()
    window.view_model.open(chat)
    window.qtbot.waitUntil(lambda: window.view.editing.card.isVisible())
    assert window.view.editing.card.field.toPlainText() == "How much? Please"


def test_the_card_stands_where_its_message_does_and_grows_with_its_text(window: Window) -> None:
    opened(window, ("How much?", "Seven euros."))
    edit(window, 0)
    card, below = window.view.editing.card, window.shown(1)
    before = below.y()
    assert card.y() >= window.shown(0).y()
    assert card.geometry().bottom() < below.y()
    card.field.setPlainText("one\n" * 6)
    window.settle()
    assert below.y() > before
    assert card.geometry().bottom() < below.y()


def test_a_reply_that_was_stopped_goes_on_below_what_it_said(window: Window) -> None:
    opened(window, ("How much?", "Seven euros."))
    reply = window.ask("And for children?")
    reply.write("They pay")
    window.view_model.stop()
    window.qtbot.waitUntil(lambda: not window.view_model.running)
    focus(window, 3)
    row = window.shown(3).action_row
    assert row.go_on.isVisible()
    window.qtbot.mouseClick(row.go_on, Qt.MouseButton.LeftButton)
    window.qtbot.waitUntil(lambda: len(window.core.replies) == 2)
    window.reply.write(" four euros.")
    window.reply.finish()
    says(window, "How much?", "Seven euros.", "And for children?", "They pay four euros.")
    window.settle()
    assert window.seen_text(3) == "They pay four euros."
    assert not window.shown(3).action_row.go_on.isVisible()


def test_a_reply_is_rated_and_the_same_again_takes_it_back(window: Window) -> None:
    opened(window, ("How much?", "Seven euros."))
    focus(window, 1)
    for rating in (1, 0):
        window.qtbot.mouseClick(window.shown(1).action_row.good, Qt.MouseButton.LeftButton)
        window.qtbot.waitUntil(lambda wanted=rating: window.view_model.turns[1].rating == wanted)


def test_a_deleted_message_goes_with_what_follows_and_undo_brings_it_back(window: Window) -> None:
    opened(window, ("How much?", "Seven euros."), ("Since when?", "Since May."))
    focus(window, 2)
    QTest.keyClick(window.widget.focusWidget(), Qt.Key.Key_Delete)
    says(window, "How much?", "Seven euros.")
    assert window.view_model.messages.deleted
    assert window.composer.undo.isVisible()
    window.qtbot.mouseClick(window.composer.undo.undo, Qt.MouseButton.LeftButton)
    says(window, "How much?", "Seven euros.", "Since when?", "Since May.")
    assert not window.composer.undo.isVisible()


def test_a_failed_new_wording_comes_back_into_the_editor(window: Window) -> None:
    opened(window, ("How much?", "Seven euros."), ("Since when?", "Since May."))
    edit(window, 0)
    card = window.view.editing.card
    card.field.setPlainText("How much in winter?")
    window.core.fail("send_edited", Problem("disk_full"))
    window.qtbot.mouseClick(card.send, Qt.MouseButton.LeftButton)
    window.qtbot.waitUntil(lambda: window.view_model.problem is not None)
    says(window, "How much?", "Seven euros.", "Since when?", "Since May.")
    window.qtbot.waitUntil(card.isVisible)
    assert card.field.toPlainText() == "How much in winter?"


def test_a_selection_is_quoted_behind_what_stands_in_the_composer(window: Window) -> None:
    opened(window, ("How much?", "Seven euros.\n\nFour for students."))
    window.composer.field.setPlainText("You said:")
    focus(window, 1)
    window.view.selection.between(Spot(1, 0, 0), Spot(1, LAST, LAST))
    keys = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    QTest.keyClick(window.widget.focusWidget(), Qt.Key.Key_Q, keys)
    said = window.composer.field.toPlainText()
    assert said == "You said:\n\n> Seven euros.\n>\n> Four for students.\n\n"


def test_a_message_is_copied_as_markdown_as_text_and_with_its_form(window: Window) -> None:
    opened(window, ("How much?", "**Seven** euros."))
    for deed, text, html in (
        ("markdown", "**Seven** euros.", False),
        ("text", "Seven euros.", False),
        ("rich", "**Seven** euros.", True),
    ):
        deeds.do(deed, window.view, window.view_model, 1)
        mime = QApplication.clipboard().mimeData()
        assert (mime.text(), mime.hasHtml()) == (text, html)


def test_the_menu_offers_what_can_be_done_and_does_it(window: Window) -> None:
    opened(window, ("How much?", "Seven euros."))
    menu = deeds.menu(window.view, window.view_model, 1)
    offered = {action.text(): action for action in menu.actions()}
    assert offered["Delete with what follows"].isEnabled()
    offered["Keep in the context"].trigger()
    window.qtbot.waitUntil(lambda: window.view_model.turns[1].pinned)
    offered["Go on from here in a new chat"].trigger()
    window.qtbot.waitUntil(lambda: len(window.core.called("branch_chat")) == 1)


def test_what_is_typed_is_stored_within_a_second_and_is_there_in_the_next_window(window: Window) -> None:
    chat = opened(window, ("How much?", "Seven euros."))
    QTest.keyClicks(window.composer.field, "And for")
    window.qtbot.waitUntil(lambda: window.core.drafts.get(chat) == Draft("And for"), timeout=1000)
    again = build(window.qtbot, window.core)
    again.view_model.open(chat)
    again.qtbot.waitUntil(lambda: again.composer.field.toPlainText() == "And for")


def test_what_was_typed_last_is_stored_before_the_program_ends(window: Window) -> None:
    chat = opened(window, ("How much?", "Seven euros."))
    window.composer.field.setPlainText("And for")
    window.view_model.save_drafts()
    assert window.core.drafts == {chat: Draft("And for")}
