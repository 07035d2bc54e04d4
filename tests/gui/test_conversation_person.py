"""What a person does in the conversation with keys, wheel and mouse: selecting, copying, following."""

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QGuiApplication, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolTip
from pytestqt.qtbot import QtBot

from desktop.ui.conversation.links import links_of
from desktop.ui.conversation.turn_widget import link_boxes
from tests.fakes.core import FakeCore
from tests.gui.conversation_window import Window, build, stored

ANSWER = (
    "It is $x^2$ here[^1].\n\n| a | b |\n|---|---|\n| 1 | **2** |\n\n- [x] done\n- [ ] open\n\n"
    "See [the site](https://example.org/there) and ![a picture](https://example.org/x.png).\n\n"
    "<b onclick='x()'>HTML</b> stays.\n\n[^1]: The note."
)


@pytest.fixture
def window(qtbot: QtBot) -> Window:
    window = build(qtbot, FakeCore(automatic=False), height=1_000)
    with qtbot.waitSignal(window.view_model.reset):
        window.view_model.open(stored(window.core, [("How much?", "Seven."), ("And this?", ANSWER)]))
    window.settle()
    qtbot.waitUntil(lambda: not window.view.arrivals.busy, timeout=20_000)
    QGuiApplication.clipboard().clear()
    return window


def test_messages_are_selected_by_the_keyboard_alone(window: Window) -> None:
    window.view.setFocus()
    window.view._walk.enter()  # the last message
    press = window.widget.focusWidget
    QTest.keyClick(press(), Qt.Key.Key_Up, Qt.KeyboardModifier.ShiftModifier)
    last = len(window.view.stack.entries) - 1
    span = window.view.selection.span
    assert span is not None
    assert (span[0].entry, span[1].entry) == (last, last)
    QTest.keyClick(press(), Qt.Key.Key_Up, Qt.KeyboardModifier.ShiftModifier)
    QTest.keyClick(press(), Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    copied = QGuiApplication.clipboard().text()
    assert copied.startswith("You:\n\n")
    assert "\n\nSobremesa:\n\n" in copied
    QTest.keyClick(press(), Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    QTest.keyClick(press(), Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert "You:" not in QGuiApplication.clipboard().text()
    QTest.keyClick(press(), Qt.Key.Key_Escape)
    assert window.view.selection.span is None


def test_the_view_lets_go_of_the_end_for_the_wheel_and_comes_back_with_the_key_while_a_reply_streams(
    window: Window, qtbot: QtBot
) -> None:
    reply = window.ask("And then?")
    bar = window.view.verticalScrollBar()
    for number in range(60):
        reply.write(f"Line {number} of a reply.\n\n")
    window.settle()
    assert bar.value() == bar.maximum()
    at = QPointF(window.view.viewport().rect().center())
    spot = QPointF(window.view.viewport().mapToGlobal(at))
    turned = QWheelEvent(
        at,
        spot,
        QPoint(),
        QPoint(0, 120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(window.view.viewport(), turned)
    kept = bar.value()
    assert kept < bar.maximum()
    for number in range(60):
        reply.write(f"More {number} of it.\n\n")
    window.settle()
    assert (bar.value(), window.view.following) == (kept, False)  # nothing moved under the person's eyes
    assert window.view.jump.isVisible()
    window.view.setFocus()
    QTest.keyClick(window.view, Qt.Key.Key_End)
    assert bar.value() == bar.maximum()
    reply.write("The end.\n\n" * 9)
    window.settle()
    assert bar.value() == bar.maximum()  # it follows again
    QTest.keyClick(window.view, Qt.Key.Key_PageUp)
    kept = bar.value()
    reply.write("Still more.\n\n" * 9)
    window.settle()
    assert bar.value() == kept
    qtbot.mouseClick(window.view.jump, Qt.MouseButton.LeftButton)
    assert bar.value() == bar.maximum()


def test_the_mouse_selects_from_one_message_into_another_with_table_and_formula_as_written(
    window: Window, qtbot: QtBot
) -> None:
    window.view.verticalScrollBar().setValue(0)
    window.settle()
    viewport = window.view.viewport()
    begin, end = window.point_in(2, 0, 1, 8), window.point_in(3, 2, 500, 30)
    qtbot.mousePress(viewport, Qt.MouseButton.LeftButton, pos=begin)
    for step in range(1, 6):
        qtbot.mouseMove(viewport, begin + (end - begin) * (step / 5))
        qtbot.wait(5)
    qtbot.mouseRelease(viewport, Qt.MouseButton.LeftButton, pos=end)
    QTest.keyClick(window.widget.focusWidget(), Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    copied = QGuiApplication.clipboard().text()
    assert copied.startswith("You:\n\nAnd this?\n\nSobremesa:\n\nIt is $x^2$ here1.")
    assert "a\tb\n1\t2" in copied
    assert "[x] done" in copied


def test_what_is_copied_of_a_message_is_its_markdown_and_its_look(window: Window) -> None:
    window.view.setFocus()
    window.view._walk.enter()
    QTest.keyClick(window.widget.focusWidget(), Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    mime = QGuiApplication.clipboard().mimeData()
    assert mime.text() == ANSWER
    assert "<table" in mime.html()
    assert "$x^2$" in mime.html()
    assert "<img" not in mime.html()
    assert "&lt;b onclick" in mime.html()


def test_the_mouse_is_told_where_a_link_leads_and_a_note_is_shown_by_its_mark(
    window: Window, qtbot: QtBot
) -> None:
    widget = window.shown(3)
    assert widget.entry is not None
    links = {link.href: link for link in links_of(widget.entry)}
    assert "https://example.org/x.png" in links  # a picture is a link and nothing more
    for href, said in (("https://example.org/there", "https://example.org/there"), ("note:1", "note")):
        link = links[href]
        piece = widget.entry.pieces.all[link.piece]
        window.view.show_message(3, link.piece)
        window.settle()
        box = link_boxes(piece, link)[0].translated(window.shown(3).text_origin(piece))
        at = window.shown(3).pos() + box.center().toPoint()
        QTest.mouseMove(window.view.viewport(), at + QPoint(0, 40))
        QTest.mouseMove(window.view.viewport(), at)
        qtbot.waitUntil(lambda said=said: said in QToolTip.text().lower())
        assert window.view.viewport().cursor().shape() == Qt.CursorShape.PointingHandCursor
