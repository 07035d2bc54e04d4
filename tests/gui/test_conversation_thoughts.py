"""What a model thought: folded above its answer, opened by mouse and keyboard, out of the way of copying."""

import pytest
from msgspec.structs import replace
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from desktop.core.types import TextPart, ThoughtsPart
from desktop.ui.conversation.accessible import spoken
from desktop.ui.conversation.links import Link, links_of
from desktop.ui.conversation.selection import LAST, Spot, copied, whole
from desktop.ui.conversation.turn_widget import link_boxes
from desktop.ui.conversation.wording import CLOSE, OPEN, duration
from tests.fakes.core import FakeCore
from tests.fakes.samples import STATS
from tests.gui.conversation_window import Window, build, stored

THOUGHTS = "Six or seven?\nThe sign said seven."
ANSWER = "Seven euros.\n\n```\n7\n```"


@pytest.fixture
def window(qtbot: QtBot) -> Window:
    core = FakeCore(automatic=False)
    chat = stored(core, [("How much?", ANSWER)])
    reply = core.chats.get(chat).messages[1]
    core.chats.change(replace(reply, parts=(ThoughtsPart(THOUGHTS, 12.4), TextPart(ANSWER))))
    window = build(qtbot, core)
    with qtbot.waitSignal(window.view_model.reset):
        window.view_model.open(chat)
    window.settle()
    return window


def head(window: Window, index: int = 1) -> Link:
    return links_of(window.view.stack.entries[index])[0]


def click_head(window: Window) -> None:
    entry = window.view.stack.entries[1]
    box = link_boxes(entry.pieces.all[0], head(window))[0]
    point = window.point_in(1, 0, box.center().x(), box.center().y())
    QTest.mouseClick(window.view.viewport(), Qt.MouseButton.LeftButton, pos=point)
    window.settle()


def test_thoughts_are_folded_until_their_line_is_clicked_and_fold_again(window: Window) -> None:
    assert window.seen_text(1).startswith("▸ Thought for 12 s\nSeven euros.")
    assert "The sign" not in window.seen_text(1)
    click_head(window)
    assert "▾ Thought for 12 s\nSix or seven?" in window.seen_text(1)
    assert "The sign said seven." in window.seen_text(1)
    assert "Seven euros." in window.seen_text(1)
    click_head(window)
    assert "The sign" not in window.seen_text(1)


def test_the_keyboard_opens_them_and_stays_on_their_line(window: Window) -> None:
    window.shown(1).focus_link(head(window))
    QTest.keyClick(window.shown(1), Qt.Key.Key_Return)
    window.settle()
    assert "The sign" in window.seen_text(1)
    focused = window.shown(1).focused_link
    assert focused is not None
    assert focused.href == CLOSE
    QTest.keyClick(window.shown(1), Qt.Key.Key_Space)
    window.settle()
    assert head(window).href == OPEN


def test_what_is_heard_names_the_thoughts_and_reads_them_once_they_are_open(window: Window) -> None:
    assert spoken(window.shown(1)).startswith("Sobremesa: Thought for 12 s Seven euros.")
    window.shown(1).focus_link(head(window))
    assert spoken(window.shown(1)) == "Show what the model thought"
    click_head(window)
    window.shown(1).focus_link(None)
    assert "The sign said seven." in spoken(window.shown(1))


def test_copying_leaves_thoughts_out_unless_they_are_selected_themselves(window: Window) -> None:
    entries = window.view.stack.entries
    click_head(window)
    assert whole(entries[1]).text() == ANSWER
    assert "sign" not in whole(entries[1]).html()
    window.view.select_all()
    mime = copied(window.view.selection, entries)
    assert mime is not None
    assert "How much?" in mime.text()
    assert "Seven euros." in mime.text()
    assert "Thought" not in mime.text()
    assert "sign" not in mime.text()
    window.view.selection.between(Spot(1, 1, 0), Spot(1, 1, LAST))
    mime = copied(window.view.selection, entries)
    assert mime is not None
    assert mime.text() == THOUGHTS


def test_thoughts_stream_behind_their_line_and_the_answer_grows_below(window: Window) -> None:
    reply = window.ask("And for children?")
    reply.think("Four or five?")
    window.settle()
    assert window.seen_text(3).startswith("▸ Thinking for ")
    assert "Four" not in window.seen_text(3)
    window.view.follow_link(3, head(window, 3))
    window.settle()
    reply.think(" Four.")
    window.settle()
    assert "Four or five? Four." in window.seen_text(3)
    reply.write("Four ")
    reply.write("euros.")
    window.settle()
    assert window.seen_text(3).startswith("▾ Thought for ")
    assert window.seen_text(3).endswith("Four euros.")
    reply.finish()
    window.qtbot.waitUntil(lambda: not window.view_model.running)
    window.settle()
    assert window.seen_text(3).startswith("▾ Thought for 12 s")
    assert "Four or five? Four." in window.seen_text(3)


def test_a_reply_that_ends_while_it_thinks_says_so(window: Window) -> None:
    reply = window.ask("And for children?")
    reply.think("Four or")
    reply.finish(replace(STATS, stop_reason="length"))
    window.qtbot.waitUntil(lambda: not window.view_model.running)
    window.settle()
    assert "still thinking" in spoken(window.shown(3))


def test_a_stretch_of_time_is_said_in_seconds_and_minutes() -> None:
    assert [duration(seconds) for seconds in (0.2, 12.4, 59.6, 125)] == [
        "1 s",
        "12 s",
        "1 min 0 s",
        "2 min 5 s",
    ]
