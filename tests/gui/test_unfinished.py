"""Unfinished edits that survive, and deletions that are undone one after the other."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from desktop.core.types.composing import EditDraft
from desktop.ui.conversation import ConversationView
from desktop.view_models.chat_path import path_of
from tests.fakes.core import FakeCore
from tests.gui.conversation_window import Window, build, stored


@pytest.fixture
def window(qtbot: QtBot) -> Iterator[Window]:
    core = FakeCore(automatic=False)
    yield build(qtbot, core)
    core.close()


def opened(window: Window, chat: int) -> None:
    messages = len(window.core.chats.get(chat).messages)
    window.view_model.open(chat)
    window.qtbot.waitUntil(lambda: len(window.view_model.turns) == messages)
    window.settle()


def test_an_unfinished_edit_is_on_disk_half_a_second_later_and_gone_when_it_is_let_go(window: Window) -> None:
    chat = stored(window.core, [("How much?", "Seven")])
    opened(window, chat)
    question, reply = (turn.key for turn in window.view_model.turns)
    window.view_model.messages.begin_edit(reply)
    QTest.keyClicks(window.view.editing.card.field, " euros")
    window.qtbot.waitUntil(lambda: reply in window.core.edits, timeout=2000)
    assert window.core.edits[reply].text == "Seven euros"
    window.view_model.messages.cancel_edit()
    window.qtbot.waitUntil(lambda: not window.core.edits)
    window.view_model.messages.begin_edit(question)
    window.view_model.messages.edits.save()
    assert window.core.edits == {}  # only opened: nothing is lost with it


def test_an_edit_of_the_last_run_is_open_where_it_was_left(qtbot: QtBot) -> None:
    core = FakeCore(automatic=False)
    chat = stored(core, [("How much?", "Seven"), ("And when?", "At nine")])
    reply = core.chats.get(chat).messages[1].id
    core.edits[reply] = EditDraft(chat, reply, "Seven euros")
    window = build(qtbot, core)
    opened(window, chat)
    card = window.view.editing.card
    qtbot.waitUntil(card.isVisible)
    assert card.field.toPlainText() == "Seven euros"
    card.escape()
    assert card.warning.isVisible()  # it was changed, and the program knows from what
    card.save.click()
    qtbot.waitUntil(lambda: window.view_model.turns[1].text == "Seven euros")
    assert core.edits == {}
    core.close()


def test_an_edit_goes_on_after_the_widgets_were_built_anew(window: Window) -> None:
    opened(window, stored(window.core, [("How much?", "Seven")]))
    window.view_model.messages.begin_edit(window.view_model.turns[1].key)
    QTest.keyClicks(window.view.editing.card.field, " euros")
    anew = ConversationView(window.view_model)
    window.qtbot.addWidget(anew)
    anew.resize(600, 400)
    anew.show()
    assert anew.editing.card.isVisible()
    assert anew.editing.card.field.toPlainText() == "Seven euros"


def test_an_edit_in_a_branch_out_of_sight_holds_up_nothing(window: Window) -> None:
    chat = stored(window.core, [("How much?", "Seven")])
    opened(window, chat)
    reply = window.view_model.turns[1].key
    window.core.chats.edit(reply, "Eight")
    other = window.core.chats.get(chat).messages[1].id
    window.core.chats.activate(reply)
    opened(window, chat)
    window.view_model.messages.begin_edit(reply)
    window.view_model.messages.set_edit("Seven euros")
    window.view_model.show_path(path_of(window.core.chats.activate(other)))
    assert window.view_model.messages.editing is None
    window.view_model.messages.switch(other, -1)
    window.qtbot.waitUntil(lambda: window.view_model.turns[1].key == reply)
    assert window.view_model.messages.editing is not None
    assert window.view_model.messages.editing.text == "Seven euros"


def test_deletions_are_undone_one_after_the_other_the_last_one_first(window: Window) -> None:
    chat = stored(window.core, [("One?", "First"), ("Two?", "Second"), ("Three?", "Third")])
    opened(window, chat)
    commands = window.view_model.messages
    for left in (5, 4):
        commands.delete(window.view_model.turns[-1].key)
        window.qtbot.waitUntil(lambda left=left: len(window.view_model.turns) == left)
    assert window.composer.undo.isVisible()
    window.composer.undo.close_button.click()
    assert not window.composer.undo.isVisible()
    window.view.setFocus()
    for texts in (["Three?"], ["Three?", "Third"]):
        QTest.keyClick(window.view, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
        window.qtbot.waitUntil(
            lambda texts=texts: [turn.text for turn in window.view_model.turns[4:]] == texts
        )
    assert not commands.can_undo


def test_what_was_deleted_in_one_chat_is_not_offered_in_another(window: Window) -> None:
    one, two = stored(window.core, [("a", "b")]), stored(window.core, [("c", "d")])
    opened(window, one)
    commands = window.view_model.messages
    commands.delete(window.view_model.turns[-1].key)
    window.qtbot.waitUntil(lambda: commands.deleted)
    opened(window, two)
    assert not commands.can_undo
    opened(window, one)
    assert not commands.deleted
    commands.undo_delete()
    window.qtbot.waitUntil(lambda: [turn.text for turn in window.view_model.turns] == ["a", "b"])
