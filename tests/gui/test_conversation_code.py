"""Code blocks: their head, their button, and long lines that scroll inside their frame."""

from itertools import pairwise

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QAccessible, QGuiApplication, QWheelEvent
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from desktop.ui.conversation import frames
from desktop.ui.conversation.links import links_of
from desktop.ui.conversation.piece import Piece
from desktop.ui.conversation.wording import COPY
from tests.fakes.core import FakeCore
from tests.gui.conversation_window import Window, build, stored

LINE = "value = " + " + ".join(f"number_{i}" for i in range(60))
CODE = f"Look:\n\n```python\n{LINE}\nreturn value\n```\n\nThe end."


@pytest.fixture
def window(qtbot: QtBot) -> Window:
    window = build(qtbot, FakeCore(automatic=False))
    with qtbot.waitSignal(window.view_model.reset):
        window.view_model.open(stored(window.core, [("Show me", CODE)]))
    window.settle()
    QGuiApplication.clipboard().clear()
    return window


def block(window: Window) -> Piece:
    entry = window.shown(1).entry
    assert entry is not None
    return entry.pieces.all[1]


def button(window: Window) -> QPoint:
    """The middle of the block's button, in the viewport."""
    widget = window.shown(1)
    assert widget.entry is not None
    piece = block(window)
    box = frames.copy_rect(piece, widget.piece_rect(piece), widget.entry.style)
    return widget.pos() + box.center().toPoint()


def test_a_long_line_is_one_line_and_its_block_no_wider_than_the_page(window: Window) -> None:
    piece = block(window)
    assert piece.document is not None
    assert piece.document.begin().layout().lineCount() == 2  # as many as the code has
    assert piece.frame.wide
    assert piece.frame.natural_px > window.box_of(1, 1).width()
    assert window.view.horizontalScrollBar().maximum() == 0


def test_the_button_copies_the_code_and_says_so_for_a_moment(window: Window, qtbot: QtBot) -> None:
    qtbot.mouseClick(window.view.viewport(), Qt.MouseButton.LeftButton, pos=button(window))
    assert QGuiApplication.clipboard().text() == f"{LINE}\nreturn value"
    assert block(window).frame.copied
    qtbot.waitUntil(lambda: not block(window).frame.copied, timeout=4000)


def test_the_keyboard_reaches_the_button_and_scrolls_the_block(window: Window) -> None:
    widget = window.shown(1)
    assert widget.entry is not None
    window.view._walk.enter()
    QTest.keyClick(window.widget.focusWidget(), Qt.Key.Key_Tab)
    assert widget.focused_link == links_of(widget.entry)[0]
    assert widget.focused_link.href == COPY
    named = QAccessible.queryAccessibleInterface(widget)
    assert named.text(QAccessible.Text.Name) == "Copy this code"
    for _ in range(3):
        QTest.keyClick(widget, Qt.Key.Key_Right)
    assert block(window).frame.scroll_x == 3 * frames.STEP_PX
    QTest.keyClick(widget, Qt.Key.Key_Left)
    assert block(window).frame.scroll_x == 2 * frames.STEP_PX
    QTest.keyClick(widget, Qt.Key.Key_Return)
    assert QGuiApplication.clipboard().text().startswith(LINE)


def turn_wheel(window: Window, across: int, down: int, *, shift: bool = False) -> None:
    at = QPointF(window.box_of(1, 1).center())
    held = Qt.KeyboardModifier.ShiftModifier if shift else Qt.KeyboardModifier.NoModifier
    spot = QPointF(window.view.viewport().mapToGlobal(at))
    window.view.wheelEvent(
        QWheelEvent(
            at,
            spot,
            QPoint(),
            QPoint(across, down),
            Qt.MouseButton.NoButton,
            held,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
    )


def test_a_wheel_to_the_side_or_with_shift_scrolls_the_block_and_not_past_its_end(window: Window) -> None:
    turn_wheel(window, 0, -120)
    assert block(window).frame.scroll_x == 0
    turn_wheel(window, -120, 0)
    assert block(window).frame.scroll_x == frames.STEP_PX
    turn_wheel(window, 0, -120, shift=True)
    assert block(window).frame.scroll_x == 2 * frames.STEP_PX
    turn_wheel(window, -120_000, 0)
    assert block(window).frame.scroll_x == frames.hidden_px(block(window), window.box_of(1, 1))
    turn_wheel(window, 120_000, 0)
    assert block(window).frame.scroll_x == 0


def test_the_bar_is_dragged_to_the_end(window: Window, qtbot: QtBot) -> None:
    piece, box = block(window), window.box_of(1, 1)
    start = frames.thumb_rect(piece, box).center().toPoint()
    viewport = window.view.viewport()
    qtbot.mousePress(viewport, Qt.MouseButton.LeftButton, pos=start)
    move = QPoint(round(box.right()) + 100, start.y())
    QTest.mouseMove(viewport, move)
    qtbot.mouseMove(viewport, move)
    qtbot.mouseRelease(viewport, Qt.MouseButton.LeftButton, pos=move)
    assert piece.frame.scroll_x == frames.hidden_px(piece, box)
    assert window.view.selection.span is None


def test_text_that_is_scrolled_is_selected_where_it_shows(window: Window, qtbot: QtBot) -> None:
    piece, box = block(window), window.box_of(1, 1)
    turn_wheel(window, -120_000, 0)
    end = frames.inside(piece, box)
    at = QPoint(round(end.right()) - 3, round(end.top()) + 8)
    qtbot.mouseDClick(window.view.viewport(), Qt.MouseButton.LeftButton, pos=at)
    window.view.copy()
    assert QGuiApplication.clipboard().text() == "number_59"


def test_a_fence_that_is_still_open_is_code_and_stays_scrolled_while_it_grows(qtbot: QtBot) -> None:
    window = build(qtbot, FakeCore(automatic=False))
    window.ask("Show me").write(f"Look:\n\n```python\n{LINE}\n")
    window.settle()
    assert block(window).block.language == "python"
    turn_wheel(window, -120, 0)
    window.reply.write("more = 1\n")
    window.settle()
    assert block(window).frame.scroll_x == frames.STEP_PX
    assert block(window).block.code.endswith("more = 1")


MIXED = "- [x] done\n- open\n  1. deep\n\n| a | b |\n|---|---|\n| 1 | two words |\n\n```\nx = 1\n```"


def test_lists_tables_and_code_are_copied_as_they_are_read(qtbot: QtBot) -> None:
    window = build(qtbot, FakeCore(automatic=False))
    with qtbot.waitSignal(window.view_model.reset):
        window.view_model.open(stored(window.core, [("Show me", MIXED)]))
    window.settle()
    window.view.select_all()
    window.view.copy()
    copied = QGuiApplication.clipboard().text()
    assert copied.endswith("- [x] done\n- open\n  1. deep\n\na\tb\n1\ttwo words\n\nx = 1")


STEPS = f"1. Install it:\n   ```bash\n   {LINE}\n     more\n   ```\n   and then\n2. Done"


def test_code_in_a_list_has_its_button_and_scrolls_in_its_frame(qtbot: QtBot) -> None:
    window = build(qtbot, FakeCore(automatic=False))
    with qtbot.waitSignal(window.view_model.reset):
        window.view_model.open(stored(window.core, [("Show me", STEPS)]))
    window.settle()
    assert window.box_of(1, 1).left() > window.box_of(1, 0).left()  # it belongs to the item
    assert block(window).frame.wide
    turn_wheel(window, -120, 0)
    assert block(window).frame.scroll_x == frames.STEP_PX
    qtbot.mouseClick(window.view.viewport(), Qt.MouseButton.LeftButton, pos=button(window))
    assert QGuiApplication.clipboard().text() == f"{LINE}\n  more"
    window.view.select_all()
    window.view.copy()
    assert (
        QGuiApplication.clipboard().text().endswith(f"1. Install it:\n\n{LINE}\n  more\n\nand then\n2. Done")
    )


LONG = "\n".join(f"line_{number} = {number}" for number in range(300))


def test_long_code_is_one_frame_of_parts_that_scroll_and_are_copied_together(qtbot: QtBot) -> None:
    window = build(qtbot, FakeCore(automatic=False))
    text = f"```python\n{LONG}\n{LINE}\n```"
    with qtbot.waitSignal(window.view_model.reset):
        window.view_model.open(stored(window.core, [("Show me", text)]))
    window.settle()
    pieces = window.view.stack.entries[1].pieces.all
    parts = [piece for piece in pieces if piece.block.kind == "code"]
    assert len(parts) == 8
    assert len({id(part.frame) for part in parts}) == 1
    assert sum(part.document is not None for part in parts) < 8  # only what is in sight, and near it
    assert all(after.top == before.top + before.height for before, after in pairwise(parts))
    assert parts[0].document is None or parts[0].document.toPlainText().endswith("line_39 = 39")
    assert all(part.document is None or part.document.toPlainText() == part.block.code for part in parts)
    assert parts[0].frame.wide  # the line that is too long stands in the last part
    copying = [link for link in links_of(window.view.stack.entries[1]) if link.href == COPY]
    assert [link.piece for link in copying] == [0]
    window.view.copy_code(1, copying[0])
    assert QGuiApplication.clipboard().text() == f"{LONG}\n{LINE}"
    window.view.select_all()
    window.view.copy()
    assert "line_39 = 39\nline_40 = 40\nline_41" in QGuiApplication.clipboard().text()


def test_code_that_grows_keeps_what_is_laid_out_of_it(qtbot: QtBot) -> None:
    window = build(qtbot, FakeCore(automatic=False))
    window.ask("Show me").write(f"```python\n{LONG}\n")
    window.settle()
    qtbot.waitUntil(lambda: not window.view.catching_up.behind)
    before = list(window.view.stack.entries[-1].pieces.all)
    for number in range(5):
        window.reply.write(f"more_{number} = 1\n")
        window.settle()
    after = window.view.stack.entries[-1].pieces.all
    kept = [piece is old for piece, old in zip(after, before, strict=True)]
    assert kept == [True] * (len(before) - 1) + [False]
    assert "more_4" in window.seen_text(1)
