"""Search in the window: hits in the sidebar, the chat at the hit, the bar over the conversation."""

import pytest
from msgspec.structs import replace
from PySide6.QtCore import Qt

from desktop.core.types import StoredMessage, TextPart
from desktop.ui.sidebar.results import spoken
from tests.fakes.core import FakeCore
from tests.gui.whole_window import Open, WholeWindow, core_with_chats, open_window  # noqa: F401  a fixture

LONG = "\n\n".join(f"Paragraph {number} of a long reply, which says little." for number in range(60))


def say(core: FakeCore, chat: int, question: str, answer: str) -> StoredMessage:
    core.chats.add_message(chat, "user", question)
    reply = core.chats.add_message(chat, "assistant", model="tiny")
    return core.chats.change(replace(reply, parts=(TextPart(answer),), state="complete"))


@pytest.fixture
def whole(open_window: Open) -> WholeWindow:  # noqa: F811
    core = core_with_chats()
    first = say(core, 1, "Where is Málaga?", LONG + "\n\nMalaga lies by the sea.")
    core.chats.edit(first.parent or 0, "Where is Cádiz?")  # another branch is shown
    say(core, 2, "Any trains?", "One to Málaga, and one to Cádiz.")
    return open_window(core)


def look_for(whole: WholeWindow, query: str) -> list[str]:
    """Type a query; gives what the rows of the results say."""
    whole.workspace.search()
    field = whole.workspace.sidebar.search
    field.clear()
    whole.qtbot.keyClicks(field, query)
    whole.qtbot.waitUntil(lambda: whole.session.chats.found is not None and not _pausing(whole))
    return [spoken(row) for row in whole.workspace.sidebar.results.model().rows]


def _pausing(whole: WholeWindow) -> bool:
    return whole.session.chats._search_pause.isActive()


def shown_words(whole: WholeWindow) -> list[str]:
    """The words that are marked in the messages in sight."""
    conversation = whole.workspace.conversation
    words = []
    for index in sorted(conversation._shown):
        for piece in conversation.stack.entries[index].pieces.known:
            text = piece.document.toPlainText() if piece.document is not None else ""
            words += [text[a:b] for a, b in conversation.selection.found.spans(piece)]
    return words


def test_a_hit_opens_its_chat_on_its_branch_with_the_words_marked_and_in_sight(whole: WholeWindow) -> None:
    rows = look_for(whole, "malaga")
    assert rows[0].startswith("Museum tickets, 1 message")
    assert rows[2].startswith("Sourdough, 3 messages")
    results = whole.workspace.sidebar.results
    hit = next(
        at
        for at, row in enumerate(results.model().rows)
        if row.chat.info.id == 1 and row.hit is not None and row.hit.snippet.endswith("Where is Málaga?")
    )
    results.enter()
    results.setCurrentIndex(results.model().index(hit, 0))
    whole.qtbot.keyClick(results, Qt.Key.Key_Return)
    whole.wait_for_chat(1)
    whole.qtbot.waitUntil(lambda: bool(whole.session.conversation.turns))
    assert whole.session.conversation.turns[0].text == "Where is Málaga?"
    assert results.hasFocus(), "the next hit is one key away"
    bar = whole.workspace.middle.find_bar
    assert bar.isVisible()
    assert (bar.field.text(), bar.count.text()) == ("malaga", "1 of 2")
    whole.qtbot.waitUntil(lambda: "Málaga" in shown_words(whole))
    whole.qtbot.mouseClick(bar.next, Qt.MouseButton.LeftButton)
    whole.qtbot.waitUntil(lambda: "Malaga" in shown_words(whole))
    assert bar.count.text() == "2 of 2"


def test_words_in_the_chat_are_found_from_the_keyboard_alone(whole: WholeWindow) -> None:
    whole.session.conversation.open(2)
    whole.wait_for_chat(2)
    whole.qtbot.keyClick(whole.window, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    bar = whole.workspace.middle.find_bar
    assert bar.field.hasFocus()
    whole.qtbot.keyClicks(bar.field, "a")
    assert bar.count.text() == "No message holds it"
    whole.qtbot.keyClicks(bar.field, "ny")
    assert bar.count.text() == "1 of 1"
    bar.field.clear()
    whole.qtbot.keyClicks(bar.field, "o")
    whole.qtbot.keyClicks(bar.field, "ne")
    assert bar.count.text() == "1 of 1"
    whole.qtbot.waitUntil(lambda: shown_words(whole) == ["One", "one"])
    whole.qtbot.keyClick(bar.field, Qt.Key.Key_Escape)
    assert not bar.isVisible()
    assert shown_words(whole) == []
    assert whole.workspace.composer.field.hasFocus()


def test_next_and_before_go_round(whole: WholeWindow) -> None:
    whole.session.conversation.open(2)
    whole.wait_for_chat(2)
    say(whole.core, 2, "And trains to Cádiz?", "None.")
    whole.session.conversation.open(2)
    whole.qtbot.waitUntil(lambda: len(whole.session.conversation.turns) == 4)
    find, bar = whole.session.find, whole.workspace.middle.find_bar
    whole.workspace.middle.find_in_chat()
    whole.qtbot.keyClicks(bar.field, "cadiz")
    assert bar.count.text() == "2 of 2", "the newest first: it is where a chat is read"
    whole.qtbot.keyClick(bar.field, Qt.Key.Key_Return)
    assert bar.count.text() == "1 of 2"
    whole.qtbot.keyClick(bar.field, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    assert bar.count.text() == "2 of 2"
    assert [find.hits.index(key) for key in find.hits] == [0, 1]


def test_that_there_is_more_is_told(whole: WholeWindow) -> None:
    look_for(whole, "cadiz")
    sidebar = whole.workspace.sidebar
    assert not sidebar.more.isVisible()
    found = whole.session.chats.found
    assert found is not None
    whole.session.chats.found = replace(found, more=True)
    whole.session.chats.changed.emit()
    assert sidebar.more.isVisible()
    sidebar.search.clear()
    assert not sidebar.more.isVisible()


def test_another_chat_ends_the_search(whole: WholeWindow) -> None:
    whole.session.conversation.open(2)
    whole.wait_for_chat(2)
    whole.workspace.middle.find_in_chat()
    whole.session.find.search("malaga")
    whole.session.conversation.open(1)
    whole.wait_for_chat(1)
    whole.qtbot.waitUntil(lambda: not whole.workspace.middle.find_bar.isVisible())


def test_a_hit_in_a_chat_that_is_gone_by_now_is_told(whole: WholeWindow) -> None:
    look_for(whole, "cadiz")
    whole.core.erase_chats((2,))
    whole.session.chats.open_hit(2, 999)
    whole.qtbot.waitUntil(lambda: whole.session.conversation.problem is not None)


def test_a_title_opens_the_chat_as_it_stands(whole: WholeWindow) -> None:
    rows = look_for(whole, "sourdough")
    assert rows == ["Sourdough, 0 messages"]
    results = whole.workspace.sidebar.results
    results.enter()
    whole.qtbot.keyClick(results, Qt.Key.Key_Return)
    whole.wait_for_chat(1)
    assert whole.workspace.composer.field.hasFocus()
