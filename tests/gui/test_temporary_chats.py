"""Temporary chats in the real window over the fake core: begun, marked, kept, left without a trace."""

import pytest
from PySide6.QtCore import Qt

from desktop.core.types import FilePart
from desktop.core.types.composing import Draft
from desktop.ui.temporary_bar import TemporaryBar
from desktop.ui.window_state import WindowState
from tests.gui.whole_window import Open, WholeWindow, core_with_chats, open_window  # noqa: F401  a fixture

NOTES = FilePart("notes.txt", "one two", "/home/ana/notes.txt")


@pytest.fixture
def whole(open_window: Open) -> WholeWindow:  # noqa: F811
    return open_window(core_with_chats())


def begin(whole: WholeWindow) -> int:
    keys = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    whole.qtbot.keyClick(whole.window, Qt.Key.Key_N, keys)
    whole.qtbot.waitUntil(lambda: whole.session.conversation.temporary.active)
    return whole.session.conversation.chat.id  # type: ignore[union-attr]


def bar(whole: WholeWindow) -> TemporaryBar:
    return whole.workspace.middle.findChild(TemporaryBar)  # type: ignore[return-value]


def test_a_temporary_chat_says_so_and_stands_in_a_group_of_its_own(whole: WholeWindow) -> None:
    assert not bar(whole).isVisible()
    begin(whole)
    assert bar(whole).isVisible()
    assert whole.workspace.composer.field.hasFocus()
    whole.qtbot.waitUntil(lambda: whole.titles[:2] == ["Temporary", "New chat"])
    whole.ask("How much?")
    whole.qtbot.waitUntil(lambda: whole.titles[:2] == ["Temporary", "How much?"])
    assert whole.window.windowTitle() == "Temporary chat — Sobremesa"
    whole.workspace.new_chat()
    whole.qtbot.waitUntil(lambda: not bar(whole).isVisible())


def test_an_empty_temporary_chat_is_not_begun_twice(whole: WholeWindow) -> None:
    first = begin(whole)
    assert begin(whole) == first
    whole.ask("How much?")
    whole.qtbot.waitUntil(lambda: not whole.session.conversation.running)
    whole.workspace.temporary_chat()
    whole.qtbot.waitUntil(lambda: whole.session.conversation.chat.id != first)  # type: ignore[union-attr]


def test_what_was_written_for_a_new_chat_goes_along_and_off_the_disk(whole: WholeWindow) -> None:
    whole.workspace.new_chat()
    whole.qtbot.waitUntil(lambda: whole.session.conversation.chat is None)
    whole.core.texts[NOTES.path] = NOTES
    whole.qtbot.keyClicks(whole.workspace.composer.field, "A secret")
    whole.session.conversation.attachments.add_paths([NOTES.path])
    whole.qtbot.waitUntil(lambda: whole.core.drafts.get(0) == Draft("A secret", (NOTES,)))
    begin(whole)
    assert whole.workspace.composer.field.toPlainText() == "A secret"
    assert whole.session.conversation.attachments.files == (NOTES,)
    whole.session.save()
    assert 0 not in whole.core.drafts


def test_a_temporary_chat_can_be_kept_with_what_is_being_written_in_it(whole: WholeWindow) -> None:
    old = begin(whole)
    whole.ask("How much?")
    whole.qtbot.waitUntil(lambda: not whole.session.conversation.running)
    whole.qtbot.keyClicks(whole.workspace.composer.field, "And for")
    shown: list[object] = []
    whole.session.conversation.chat_changed.connect(shown.append)
    bar(whole).keep.click()
    whole.qtbot.waitUntil(lambda: not whole.session.conversation.temporary.active)
    chat = whole.session.conversation.chat
    assert chat is not None
    assert chat.id > 0
    assert None not in shown  # the window never showed an empty chat in between
    assert whole.session.conversation.turns[0].text == "How much?"
    assert whole.workspace.composer.field.toPlainText() == "And for"
    assert not bar(whole).isVisible()
    whole.qtbot.waitUntil(lambda: "Temporary" not in whole.titles)
    whole.session.save()
    assert whole.core.drafts.get(chat.id) == Draft("And for")
    assert old not in whole.core.drafts


def test_messages_of_a_temporary_chat_can_be_changed_like_any_other(whole: WholeWindow) -> None:
    begin(whole)
    whole.ask("How much?")
    whole.qtbot.waitUntil(lambda: not whole.session.conversation.running)
    conversation = whole.session.conversation
    reply = conversation.turns[1].key
    assert reply < 0
    conversation.messages.rate(reply, 1)
    whole.qtbot.waitUntil(lambda: conversation.turns[1].rating == 1)
    conversation.regenerate(reply)
    whole.qtbot.waitUntil(lambda: not conversation.running and len(conversation.turns[1].versions) == 2)
    conversation.messages.delete(conversation.turns[1].key)
    whole.qtbot.waitUntil(lambda: conversation.messages.deleted)


def test_a_temporary_chat_is_not_kept_while_its_reply_is_on_its_way(open_window: Open) -> None:  # noqa: F811
    core = core_with_chats()
    core.automatic = False
    whole = open_window(core)
    begin(whole)
    whole.ask("How much?")
    whole.qtbot.waitUntil(lambda: bool(core.replies))
    assert not bar(whole).keep.isEnabled()
    core.replies[-1].finish()
    whole.qtbot.waitUntil(lambda: bar(whole).keep.isEnabled())


def test_the_window_remembers_no_temporary_chat(whole: WholeWindow) -> None:
    begin(whole)
    assert whole.workspace.state(WindowState()).chat is None
