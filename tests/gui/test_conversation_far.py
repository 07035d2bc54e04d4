"""A long chat in the window: what is far from sight is packed and let go, and nobody sees it."""

import gc

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop.ui.conversation.entries import _AROUND, _MADE
from desktop.ui.conversation.entry import Entry
from desktop.view_models.find_in_chat import FindViewModel
from desktop.view_models.turn_list import NEAR, PACK
from desktop.view_models.turns import Turn
from tests.fakes.core import FakeCore
from tests.gui.conversation_window import Window, build, stored

TURNS = 300
MESSAGES = 2 * TURNS
ANSWER = (
    "Answer {n} with **words**.\n\n- one\n- two\n\n```\ncode {n}\n```\n\n| a | b |\n|---|---|\n| 1 | {n} |"
)


@pytest.fixture
def window(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Window:
    """A chat is open, and all of it packed that can be."""
    monkeypatch.setattr("desktop.view_models.conversation_state.PACK_MS", 1)
    made = build(qtbot, FakeCore(automatic=False))
    turns = [(f"Question {n}?\n" * (1 + n % 3), ANSWER.format(n=n)) for n in range(TURNS)]
    with qtbot.waitSignal(made.view_model.reset):
        made.view_model.open(stored(made.core, turns))
    made.settle()
    packed(made)
    return made


def packed(window: Window) -> None:
    window.qtbot.waitUntil(lambda: window.view_model.turns.packed >= MESSAGES - NEAR - PACK)


def through(window: Window, key: Qt.Key) -> dict[int, str]:
    """Go through the chat by a key to its end; gives the first piece of every message that was in sight."""
    view, bar = window.view, window.view.verticalScrollBar()
    end = bar.minimum() if key == Qt.Key.Key_PageUp else bar.maximum()
    seen: dict[int, str] = {}
    for _ in range(2_000):
        for widget in view.widgets():
            if widget.entry is not None:
                seen[widget.index] = widget.entry.pieces.all[0].block.source
        if bar.value() == (end if key == Qt.Key.Key_PageUp else bar.maximum()):
            return seen
        QTest.keyClick(view, key)
    raise AssertionError("the end was never reached")


def test_an_open_chat_keeps_few_of_its_messages_as_objects(window: Window) -> None:
    through(window, Qt.Key.Key_PageUp)
    through(window, Qt.Key.Key_PageDown)
    window.view_model.turns._open.clear()
    gc.collect()
    there = gc.get_objects()
    assert len(window.view.stack.entries.made) <= _MADE + 2 * _AROUND
    assert sum(isinstance(one, Entry) for one in there) <= _MADE + 2 * _AROUND
    assert sum(isinstance(one, Turn) for one in there) <= _MADE + 2 * _AROUND + NEAR + 2 * PACK


def test_every_message_is_there_for_who_pages_through_the_chat(window: Window) -> None:
    up = through(window, Qt.Key.Key_PageUp)
    assert sorted(up) == list(range(MESSAGES))
    assert all(up[2 * n].startswith(f"Question {n}?") for n in range(TURNS))
    assert all(up[2 * n + 1].startswith(f"Answer {n} ") for n in range(TURNS))
    assert through(window, Qt.Key.Key_PageDown) == up


def test_a_message_that_was_seen_stays_exactly_as_high(window: Window) -> None:
    through(window, Qt.Key.Key_PageUp)
    stack = window.view.stack
    heights, whole = [stack.height_of(at) for at in range(MESSAGES)], stack.height
    through(window, Qt.Key.Key_PageDown)
    assert stack.height == whole
    through(window, Qt.Key.Key_PageUp)
    assert [stack.height_of(at) for at in range(MESSAGES)] == heights


@pytest.mark.parametrize("width", [800, 500])
def test_one_that_was_never_seen_is_guessed_as_if_its_entry_were_there(window: Window, width: int) -> None:
    window.widget.resize(width, 600)
    window.settle()
    stack, turns = window.view.stack, window.view_model.turns
    unseen = range(MESSAGES - NEAR)
    assert [stack.height_of(at) for at in unseen] == [
        Entry(turns[at], stack.style, stack.width).height for at in unseen
    ]


def test_all_of_it_can_be_selected_and_copied(window: Window) -> None:
    window.view.setFocus()
    QTest.keyClick(window.view, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClick(window.view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    copied = QApplication.clipboard().text()
    assert all(f"Question {n}?" in copied and f"Answer {n} with" in copied for n in range(TURNS))
    window.view.arrange()
    assert len(window.view.stack.entries.made) <= _MADE + 2 * _AROUND


def test_words_are_found_in_what_is_far_and_come_into_sight(window: Window) -> None:
    find = FindViewModel(window.core, window.view_model)
    find.wanted.connect(window.view.show_message)
    find.search("Answer 7")
    assert list(find.hits) == [window.view_model.turns[15].key]
    window.settle()
    assert window.seen_text(15).startswith("Answer 7 with")


def test_a_far_message_is_edited_and_its_branch_shown(window: Window, qtbot: QtBot) -> None:
    key = window.view_model.turns[20].key
    window.view_model.messages.begin_edit(key)
    window.settle()
    card = window.view.editing.card
    assert card.isVisible()
    assert card.field.toPlainText() == window.view_model.turns[20].text
    through(window, Qt.Key.Key_PageDown)  # what is being edited stays, however far
    card.field.setPlainText("Another question.")
    with qtbot.waitSignal(window.view_model.path_changed):
        window.view_model.messages.save_edit()
    turns = window.view_model.turns
    assert turns[20].text == "Another question."
    assert turns[21].text.startswith("Answer 10 ")
    assert turns[19].text.startswith("Answer 9 ")


def test_a_mark_on_a_far_message_is_kept(window: Window, qtbot: QtBot) -> None:
    key = window.view_model.turns[10].key
    with qtbot.waitSignal(window.view_model.turn_changed):
        window.view_model.messages.pin(key, pinned=True)
    packed(window)
    turn = window.view_model.turn(key)
    assert turn is not None
    assert turn.pinned
    assert turn.text.startswith("Question 5?")


def test_a_reply_goes_on_at_the_end_of_a_packed_chat(window: Window) -> None:
    window.ask("And now?").write("So it **is**.")
    window.settle()
    assert len(window.view_model.turns) == MESSAGES + 2
    assert "So it is." in window.seen_text(MESSAGES + 1)
    QTest.keyClick(window.view, Qt.Key.Key_Home)
    window.settle()
    assert window.seen_text(0).startswith("Question 0?")
