"""Blocks that are wider than the page scroll inside their frame, and a code block's button copies it.

Turns wheel, mouse and keys into the scroll of one piece. Lays out nothing, paints nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QPoint, QPointF, QRectF, Qt, QTimer
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication

from desktop.ui.aloud import tell
from desktop.ui.conversation import frames
from desktop.ui.conversation.links import Link
from desktop.ui.conversation.piece import Piece, code_from
from desktop.ui.conversation.wording import COPY

if TYPE_CHECKING:
    from desktop.ui.conversation.turn_widget import TurnWidget
    from desktop.ui.conversation.view import ConversationView

COPIED_MS: Final = 1_600  # how long a button says that it did
_NOTCH: Final = 120  # of a wheel, in eighths of a degree
Found = tuple["TurnWidget", int, Piece]


class Sideways:
    """Positions are the viewport's."""

    def __init__(self, view: ConversationView) -> None:
        self._view = view
        self._dragged: tuple[TurnWidget, Piece, float] | None = None  # and where the mouse was last
        self._hovered: tuple[TurnWidget, Piece] | None = None

    # ── where things are ──

    def _found(self, at: QPoint) -> Found | None:
        """The piece under a point."""
        for widget in self._view.widgets():
            if widget.entry is None or not widget.geometry().contains(at):
                continue
            local = QPointF(at - widget.pos())
            pieces, y = widget.entry.pieces, local.y() - widget.entry.text_top
            for number in pieces.between(y - 1, y + 1):
                piece = pieces.known[number]
                if piece.document is not None and widget.piece_rect(piece).contains(local):
                    return widget, number, piece
        return None

    def button_at(self, at: QPoint) -> tuple[int, Link] | None:
        """The copy button under a point, as a link, and the index of its message."""
        found = self._found(at)
        if found is None or found[0].entry is None:
            return None
        (widget, number, piece), style = found, found[0].entry.style
        button = frames.copy_rect(piece, widget.piece_rect(piece), style)
        on_it = button.contains(QPointF(at - widget.pos()))
        return (widget.index, Link(number, -1, -1, COPY)) if on_it else None

    # ── the mouse ──

    def pressed(self, event: QMouseEvent) -> bool:
        """Take hold of a bar; False when there is none under the mouse."""
        at = event.position().toPoint()
        found = self._found(at)
        if found is None or not found[2].frame.wide:
            return False
        widget, _number, piece = found
        box = widget.piece_rect(piece)
        local = QPointF(at - widget.pos())
        if not frames.track_rect(piece, box).contains(local):
            return False
        thumb = frames.thumb_rect(piece, box)
        if not thumb.left() <= local.x() <= thumb.right():  # beside it: the handle comes to the mouse
            self._move(widget, piece, local.x() - thumb.center().x())
        piece.frame.dragged = True
        self._dragged = (widget, piece, local.x())
        widget.update()
        return True

    def moved(self, event: QMouseEvent) -> bool:
        if self._dragged is None:
            return False
        widget, piece, last = self._dragged
        here = event.position().x() - widget.x()
        if widget.entry is not None:
            self._move(widget, piece, here - last)
        self._dragged = (widget, piece, here)
        return True

    def released(self) -> bool:
        if self._dragged is None:
            return False
        widget, piece, _last = self._dragged
        piece.frame.dragged, self._dragged = False, None
        widget.update()
        return True

    def _move(self, widget: TurnWidget, piece: Piece, moved_px: float) -> None:
        box = widget.piece_rect(piece)
        self._scroll(widget, piece, piece.frame.scroll_x + frames.scroll_for_thumb(piece, box, moved_px))

    def hover(self, at: QPoint) -> None:
        """Show whether the mouse is over a button."""
        over = self._found(at) if self.button_at(at) is not None else None
        now = (over[0], over[2]) if over is not None else None
        if now == self._hovered:
            return
        for widget, piece, hovered in (*_pairs(self._hovered, False), *_pairs(now, True)):
            piece.frame.hovered = hovered
            widget.update()
        self._hovered = now

    def wheel(self, event: QWheelEvent) -> bool:
        """Scroll the block under the mouse to the side; False when that is not what was meant."""
        steps, exact = event.angleDelta(), event.pixelDelta()
        shifted = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        across = steps.x() if abs(steps.x()) > abs(steps.y()) else steps.y() if shifted else 0
        found = self._found(event.position().toPoint())
        if not across or found is None or not found[2].frame.wide:
            return False
        pixels = exact.x() or across / _NOTCH * frames.STEP_PX
        self._scroll(found[0], found[2], found[2].frame.scroll_x - pixels)
        event.accept()
        return True

    # ── the keyboard ──

    def key(self, key: int, index: int, link: Link | None) -> bool:
        """The arrows scroll the block that has the keyboard."""
        signs = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
        widget = self._view.widget_at(index)
        if key not in signs or link is None or widget is None or widget.entry is None:
            return False
        pieces = widget.entry.pieces.known
        piece = pieces[link.piece] if link.piece < len(pieces) else None
        if piece is None or not piece.frame.wide:
            return False
        self._scroll(widget, piece, piece.frame.scroll_x + signs[Qt.Key(key)] * frames.STEP_PX)
        return True

    def reveal(self, widget: TurnWidget, piece: Piece, box: QRectF) -> None:
        """Scroll so that a box of the document shows."""
        seen = frames.inside(piece, widget.piece_rect(piece))
        if box.left() < piece.frame.scroll_x:
            self._scroll(widget, piece, box.left() - frames.STEP_PX)
        elif box.right() > piece.frame.scroll_x + seen.width():
            self._scroll(widget, piece, box.right() - seen.width() + frames.STEP_PX)

    def _scroll(self, widget: TurnWidget, piece: Piece, x: float) -> None:
        if frames.scroll_to(piece, widget.piece_rect(piece), x):
            widget.update()

    # ── copying code ──

    def copy_code(self, index: int, link: Link) -> None:
        """A block's code for the clipboard, its button saying for a moment that it is there."""
        pieces = self._view.stack.entries[index].pieces.all
        piece = pieces[link.piece]
        QApplication.clipboard().setText(code_from(pieces, link.piece))
        piece.frame.copied = True
        self._view.repaint_selection()
        said = frames.copy_label(copied=True)
        tell(self._view, said)
        QTimer.singleShot(COPIED_MS, self._view, lambda: self._forget(piece))

    def _forget(self, piece: Piece) -> None:
        piece.frame.copied = False
        self._view.repaint_selection()


def _pairs(which: tuple[TurnWidget, Piece] | None, hovered: bool) -> list[tuple[TurnWidget, Piece, bool]]:
    return [] if which is None else [(*which, hovered)]
