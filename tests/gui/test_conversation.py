"""The conversation and the composer as a person uses them: real keys, real mouse, real widgets."""

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QGuiApplication, QMouseEvent
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from desktop.core.events import LoadingModel, ReadingPrompt, SearchingDocuments
from desktop.core.types import Problem
from desktop.ui.conversation.links import links_of
from desktop.ui.conversation.selection import LAST, Spot
from desktop.ui.conversation.turn_widget import link_boxes
from tests.fakes.core import FakeCore
from tests.fakes.samples import EXCERPTS
from tests.gui.conversation_window import Window, build, stored


@pytest.fixture
def window(qtbot: QtBot) -> Window:
    return build(qtbot, FakeCore(automatic=False))


def opened(window: Window, chat: int) -> None:
    with window.qtbot.waitSignal(window.view_model.reset):
        window.view_model.open(chat)
    window.settle()


# ── asking ──


def test_a_question_is_sent_with_enter_and_stands_in_the_conversation(window: Window, qtbot: QtBot) -> None:
    qtbot.keyClicks(window.composer.field, "How much is it?")
    qtbot.keyClick(window.composer.field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.core.called("send") != [])
    window.settle()
    assert window.core.called("send")[0][1] == "How much is it?"
    assert window.seen_text(0) == "How much is it?"
    assert window.composer.field.toPlainText() == ""


def test_shift_enter_makes_a_new_line_and_the_composer_grows_up_to_eight_lines(
    window: Window, qtbot: QtBot
) -> None:
    field = window.composer.field
    heights = [field.height()]
    for _ in range(11):
        qtbot.keyClicks(field, "x")
        qtbot.keyClick(field, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
        heights.append(field.height())
    assert window.core.called("send") == []
    assert field.toPlainText().count("\n") == 11
    assert heights[1] > heights[0]
    assert heights[7] > heights[6]
    assert heights[11] == heights[7]


def test_an_empty_question_is_not_sent(window: Window, qtbot: QtBot) -> None:
    qtbot.keyClicks(window.composer.field, "   ")
    qtbot.keyClick(window.composer.field, Qt.Key.Key_Return)
    assert not window.composer.send.isEnabled()
    assert window.core.called("create_chat") == []


def test_a_reply_appears_while_it_is_written(window: Window) -> None:
    reply = window.ask("How much?")
    reply.write("Seven ")
    window.settle()
    assert window.seen_text(1) == "Seven"
    reply.write("**euros**")
    window.settle()
    assert window.seen_text(1) == "Seven euros"


def test_escape_stops_the_reply_and_keeps_what_is_written(window: Window, qtbot: QtBot) -> None:
    reply = window.ask("Tell me everything")
    reply.write("It begins ")
    window.composer.focus_field()
    qtbot.keyClick(window.composer.field, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not window.view_model.running)
    window.settle()
    assert window.view_model.turns[1].state == "stopped"
    assert "It begins" in window.seen_text(1)


def test_the_send_button_becomes_stop_while_a_reply_runs(window: Window, qtbot: QtBot) -> None:
    window.ask("Tell me everything")
    assert window.composer.send.accessibleName() == "Stop"
    qtbot.mouseClick(window.composer.send, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not window.view_model.running)
    assert window.composer.send.accessibleName() == "Send"


def test_what_a_reply_waits_for_is_said_with_how_far_it_is(window: Window) -> None:
    reply = window.ask("How much?")
    said = []
    for event in (SearchingDocuments(), LoadingModel(0.4), ReadingPrompt(0.5)):
        reply.emit(event)
        window.settle()
        entry = window.shown(1).entry
        assert entry is not None
        said.append(entry.status)
    assert said == ["Searching your documents", "Loading the model, 40%", "Reading the prompt, 50%"]


def test_a_question_that_cannot_be_stored_comes_back_into_the_composer(window: Window, qtbot: QtBot) -> None:
    window.core.fail("send", Problem("storage_full", {"folder": "/data"}))
    qtbot.keyClicks(window.composer.field, "Keep this")
    qtbot.keyClick(window.composer.field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.view_model.problem is not None)
    assert window.composer.field.toPlainText() == "Keep this"
    assert window.composer.notice.isVisible()
    assert window.view_model.turns == ()


def test_a_failed_reply_says_so_where_it_stands_and_its_button_tries_again(
    window: Window, qtbot: QtBot
) -> None:
    reply = window.ask("How much?")
    reply.write("Sev")
    reply.fail(Problem("decode_failed", {"status": -1}))
    qtbot.waitUntil(lambda: not window.view_model.running)
    window.settle()
    remedy = window.shown(1).remedy
    assert remedy.isVisible()
    assert remedy.text() == "Try again"
    qtbot.mouseClick(remedy, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.core.called("regenerate") != [])
    window.settle()
    assert window.view_model.turns[-1].state == "streaming"
    assert not window.shown(1).remedy.isVisible()


def test_a_failure_further_up_keeps_its_words_but_offers_no_button(window: Window) -> None:
    reply = window.ask("How much?")
    reply.fail(Problem("decode_failed", {"status": -1}))
    window.qtbot.waitUntil(lambda: not window.view_model.running)
    window.settle()
    with_button = window.shown(1).height()
    window.ask("And now?")
    window.settle()
    entry = window.shown(1).entry
    assert entry is not None
    assert entry.problem_document() is not None
    assert not window.shown(1).remedy.isVisible()
    assert window.shown(1).height() < with_button


def test_after_a_dead_engine_the_button_loads_the_model_and_asks_again(window: Window, qtbot: QtBot) -> None:
    window.core.settings["model_path"] = window.core.models[0].path
    reply = window.ask("How much?")
    reply.fail(Problem("engine_died", {"how": "SIGSEGV"}))
    qtbot.waitUntil(lambda: not window.view_model.running)
    window.settle()
    remedy = window.shown(1).remedy
    assert remedy.text() == "Restart the engine"
    qtbot.mouseClick(remedy, Qt.MouseButton.LeftButton)
    window.core.loadings[-1].finish()
    qtbot.waitUntil(lambda: window.core.called("regenerate") != [])


# ── documents ──


def test_a_citation_is_a_link_that_shows_its_source(window: Window, qtbot: QtBot) -> None:
    reply = window.ask("How much?")
    reply.find(EXCERPTS)
    reply.write("Seven euros [1].")
    reply.finish()
    qtbot.waitUntil(lambda: not window.view_model.running)
    window.settle()
    widget = window.shown(1)
    assert widget.entry is not None
    first = links_of(widget.entry)[0]
    box = link_boxes(widget.entry.pieces.all[0], first)[0]
    at = window.point_in(1, 0, box.center().x(), box.center().y())
    with qtbot.waitSignal(window.view_model.citation_activated) as caught:
        QTest.mouseClick(window.view.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert caught.args[0].n == 1
    assert caught.args[0].page == 3


def test_under_a_reply_stand_the_sources_it_cites_and_no_others(window: Window, qtbot: QtBot) -> None:
    chat = stored(window.core, [("How much?", "Seven [2]. Not [7].")], EXCERPTS)
    opened(window, chat)
    qtbot.waitUntil(lambda: "Look again" in window.seen_text(1))
    lines = window.seen_text(1).split("\n")
    assert lines == ["Seven [2]. Not [7].", "[2] museum.pdf, p. 3", "Look again: [7] leads to no source."]


def test_the_composer_says_why_it_takes_nothing(window: Window) -> None:
    window.composer.disable("The library is being repaired")
    assert not window.composer.field.isEnabled()
    assert window.composer.field.placeholderText() == "The library is being repaired"
    window.composer.disable("")
    assert window.composer.field.isEnabled()


# ── several chats ──


def test_a_reply_goes_on_in_its_own_chat_while_another_is_shown(window: Window, qtbot: QtBot) -> None:
    other = stored(window.core, [("Something else", "Indeed")])
    reply = window.ask("A long story")
    first = reply.reply.chat
    reply.write("Once ")
    opened(window, other)
    reply.write("upon a time")
    window.settle()
    assert [turn.text for turn in window.view_model.turns] == ["Something else", "Indeed"]
    opened(window, first)
    assert window.seen_text(1) == "Once upon a time"
    assert window.view_model.running
    reply.write(", far away")
    window.settle()
    assert window.seen_text(1) == "Once upon a time, far away"


def test_every_chat_keeps_its_own_draft(window: Window, qtbot: QtBot) -> None:
    one, two = stored(window.core, [("a", "b")]), stored(window.core, [("c", "d")])
    opened(window, one)
    qtbot.keyClicks(window.composer.field, "half a thought")
    opened(window, two)
    assert window.composer.field.toPlainText() == ""
    opened(window, one)
    assert window.composer.field.toPlainText() == "half a thought"


# ── the clipboard ──


def test_a_selection_across_two_messages_copies_both_as_text_and_html(window: Window) -> None:
    opened(window, stored(window.core, [("What is it?", "It is **bold** text.")]))
    viewport = window.view.viewport()
    start, end = window.point_in(0, 0, 0, 8), window.point_in(1, 0, 500, 8)
    QTest.mousePress(viewport, Qt.MouseButton.LeftButton, pos=start)
    for at in (start + (end - start) / 2, end):
        QTest.mouseMove(viewport, at)
        QTest.qWait(5)
    window.view.mouseMoveEvent(_move(window, end))
    QTest.mouseRelease(viewport, Qt.MouseButton.LeftButton, pos=end)
    QTest.keyClick(window.view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    mime = QGuiApplication.clipboard().mimeData()
    assert mime.text() == "You:\n\nWhat is it?\n\nSobremesa:\n\nIt is bold text."
    assert "font-weight:700" in mime.html()
    assert "What is it?" in mime.html()


def _move(window: Window, at: QPoint) -> QMouseEvent:

    return QMouseEvent(
        QEvent.Type.MouseMove,
        QPointF(at),
        QPointF(window.view.viewport().mapToGlobal(at)),
        Qt.MouseButton.NoButton,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )


def test_select_all_and_copy_take_messages_out_of_sight_too(window: Window) -> None:
    opened(window, stored(window.core, [(f"question {i}", f"answer {i}") for i in range(60)]))
    window.view.setFocus()
    QTest.keyClick(window.view, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClick(window.view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    text = QGuiApplication.clipboard().text()
    assert text.startswith("You:\n\nquestion 0\n\nSobremesa:\n\nanswer 0")
    assert text.endswith("answer 59")


def test_a_selection_of_very_many_messages_is_copied_as_text_alone(window: Window) -> None:
    opened(window, stored(window.core, [(f"question {i}", f"**answer** {i}") for i in range(200)]))
    QTest.keyClick(window.view, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClick(window.view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    mime = QGuiApplication.clipboard().mimeData()
    assert not mime.hasHtml()
    assert "Sobremesa:\n\n**answer** 57\n\nYou:\n\nquestion 58" in mime.text()


def test_a_long_question_is_copied_line_by_line_as_it_was_typed(window: Window) -> None:
    typed = "\n".join(f"line {i}:" for i in range(100))
    opened(window, stored(window.core, [(typed, "Thanks")]))
    window.view.selection.between(Spot(0, 0, 0), Spot(0, LAST, LAST))
    QTest.keyClick(window.view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == typed


def test_the_copy_button_gives_a_reply_as_it_was_written(window: Window, qtbot: QtBot) -> None:
    opened(window, stored(window.core, [("Hm?", "It is **bold**.")]))
    window.shown(1).setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.mouseClick(window.shown(1).action_row.copy, Qt.MouseButton.LeftButton)
    assert QGuiApplication.clipboard().text() == "It is **bold**."


# ── nothing said ──


def test_an_empty_conversation_says_one_thing_and_its_button_leads_to_the_composer(
    window: Window, qtbot: QtBot
) -> None:
    assert window.view.empty.isVisible()
    assert window.view.empty.button.text() == "Ask a question"
    with qtbot.waitSignal(window.view.composer_wanted):
        qtbot.mouseClick(window.view.empty.button, Qt.MouseButton.LeftButton)
    window.ask("Well?")
    assert not window.view.empty.isVisible()


def test_without_any_model_the_empty_conversation_asks_for_one(qtbot: QtBot) -> None:
    window = build(qtbot, FakeCore(automatic=False, model=None, models=()))
    qtbot.waitUntil(lambda: window.view_model.emptiness == "no_model")
    assert window.view.empty.button.text() == "Choose a model"
    with qtbot.waitSignal(window.view_model.model_wanted):
        qtbot.mouseClick(window.view.empty.button, Qt.MouseButton.LeftButton)
