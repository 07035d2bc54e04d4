"""The widget of one visible message: paints its pieces and carries its buttons. Knows no scrolling.

Widgets come from the view's pool and show one message after another.
"""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QEnterEvent,
    QFocusEvent,
    QFontMetricsF,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QWidget

from desktop.ui.conversation import wording
from desktop.ui.conversation.actions import Actions, Remedy, Versions
from desktop.ui.conversation.entry import LABEL_GAP_PX, SIGN_PX, Entry
from desktop.ui.conversation.frames import copy_rect, inside
from desktop.ui.conversation.grounds import Behind, boxes
from desktop.ui.conversation.links import Link
from desktop.ui.conversation.piece import QUOTE_LINE_PX, Piece
from desktop.ui.conversation.piece_painter import paint_piece, paint_ring
from desktop.ui.conversation.style import GAP_PX, INSET_PX
from desktop.ui.conversation.wording import COPY
from desktop.ui.kept_text import draw_line
from desktop.ui.pieces import ICON_PX
from desktop.ui.theme import grown, paint_icon, radius, space

Selected = Callable[[int, int], tuple[int, int] | None]
_KEYBOARD = frozenset(
    {Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason, Qt.FocusReason.ShortcutFocusReason}
)


class TurnWidget(QWidget):
    """Shows the entry it was given last. `selected(entry, piece)` says what of a piece is selected."""

    wanted = Signal(str, int)  # a deed, and the index of the entry
    remedy_wanted = Signal(str)

    def __init__(self, parent: QWidget, selected: Selected, marks: Behind) -> None:
        super().__init__(parent)
        self.entry: Entry | None = None
        self.index = -1
        self.focused_link: Link | None = None
        self._selected = selected
        self._marks = marks
        self._ring = False
        self._hovered = False
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.action_row = Actions(self)
        self.action_row.wanted.connect(lambda deed: self.wanted.emit(deed, self.index))
        self.versions = Versions(self)
        self.versions.wanted.connect(
            lambda step: self.wanted.emit("forward" if step > 0 else "back", self.index)
        )
        self.remedy = Remedy(self)
        self.remedy.wanted.connect(self.remedy_wanted)
        for child in (*self.action_row.buttons(), *self.versions.buttons(), self.remedy):
            child.installEventFilter(self)

    def show_entry(self, entry: Entry, index: int, *, can_regenerate: bool, can_change: bool) -> None:
        """Show this message from now on, in its present state."""
        if entry is not self.entry:
            self.focused_link, self._hovered, self._ring = None, self.underMouse(), False
        self.entry, self.index = entry, index
        self.action_row.show_for(entry.turn, can_regenerate=can_regenerate, can_change=can_change)
        self.versions.show_for(entry.turn, can_change=can_change)
        if entry.edit_px:
            self.versions.hide()
        self.remedy.show_for(entry.turn, can_act=entry.is_last)
        self._place_children()
        self.reveal_actions()
        self.update()

    def _place_children(self) -> None:
        if self.entry is None:
            return
        self.action_row.adjustSize()
        top = round(self.entry.footer_top)
        right = self.width() - INSET_PX + 5  # the icon, not its button, stands at the text's edge
        self.action_row.move(right - self.action_row.width(), top)
        self.versions.move(INSET_PX - 9, top)  # the arrow, not its button, stands at the text's edge
        card = self.entry.problem_rect
        bottom = round(card.bottom()) - space.m
        self.remedy.move(INSET_PX + grown(SIGN_PX), bottom - self.entry.style.button_px)

    def resizeEvent(self, event: object) -> None:  # noqa: ARG002
        self._place_children()

    def controls(self) -> list[QWidget]:
        """The buttons that it may show now, in the order in which Tab reaches them."""
        remedy = [] if self.remedy.isHidden() else [self.remedy]
        return [*remedy, *self.versions.buttons(), *self.action_row.buttons()]

    # ── hover and focus ──

    def reveal_actions(self) -> None:
        """Actions appear for the mouse and for the keyboard, and never move anything."""
        focused = self.hasFocus() or any(button.hasFocus() for button in self.controls())
        entry = self.entry
        busy = entry is not None and (entry.turn.state == "streaming" or entry.edit_px > 0)
        shown = (self._hovered or focused) and not busy
        if shown == self.action_row.isHidden():
            self.action_row.setVisible(shown)
            self.update()  # the line beside them has less room, or more

    def enterEvent(self, event: QEnterEvent) -> None:
        self._hovered = True
        self.reveal_actions()
        super().enterEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        self._hovered = False
        self.reveal_actions()
        super().leaveEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        self._ring = event.reason() in _KEYBOARD
        self._focus_moved()

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: ARG002
        self._ring, self.focused_link = False, None
        self._focus_moved()

    def _focus_moved(self) -> None:
        self.reveal_actions()
        self.update()

    def focus_link(self, link: Link | None) -> None:
        """Put the keyboard on a link of this message, or on the message itself."""
        self.setFocus(Qt.FocusReason.TabFocusReason)
        self.focused_link = link
        self._ring = link is None
        self.update()

    @property
    def shows_focus(self) -> bool:
        """A ring is painted around the message or around one of its links."""
        return self.hasFocus() and (self._ring or self.focused_link is not None)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.FocusIn, QEvent.Type.FocusOut):
            self._focus_moved()
        return super().eventFilter(watched, event)

    def leave(self) -> None:
        """Show nothing: back to the pool."""
        if self.entry is not None:
            self.entry.pieces.release()
        self.entry, self.index = None, -1
        self.hide()

    # ── painting ──

    def paintEvent(self, event: QPaintEvent) -> None:
        if self.entry is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        exposed = QRectF(event.rect())
        self._paint_label(painter, self.entry)
        if self.entry.edit_px:  # the card that edits it stands over the text
            return
        if not self.entry.turn.is_reply:
            self._paint_card(painter, self.entry.card_rect, "raised", "line")
        pieces, above = self.entry.pieces, self.entry.text_top
        for index in pieces.between(exposed.top() - above, exposed.bottom() - above):
            self._paint_piece(painter, self.entry, index, pieces.known[index], exposed)
        for index in pieces.between(exposed.top() - above - GAP_PX, exposed.bottom() - above + GAP_PX):
            self._paint_quotation(painter, self.entry, index)
        self._paint_status(painter, self.entry)
        self._paint_problem(painter, self.entry)
        self._paint_footer(painter, self.entry)
        if self.hasFocus() and self._ring:
            self._paint_ring(painter, self.entry.ring_rect)

    def _paint_label(self, painter: QPainter, entry: Entry) -> None:
        painter.setFont(entry.style.label_font())
        painter.setPen(entry.style.color("muted"))
        box = QRectF(INSET_PX, 0, self.width() - 2 * INSET_PX, entry.label_px - LABEL_GAP_PX)
        name, marks = wording.author(entry.turn), wording.marks(entry.turn)
        taken = draw_line(painter, box, name, down="bottom")
        if marks:
            box.setLeft(box.left() + taken + space.s)
            painter.setFont(entry.style.caption_font())
            draw_line(painter, box, marks, down="bottom")

    def _paint_card(self, painter: QPainter, box: QRectF, fill: str, line: str) -> None:
        entry = self._shown()
        painter.setPen(QPen(entry.style.color(line), entry.style.theme.line_px))  # type: ignore[arg-type]
        painter.setBrush(entry.style.color(fill))  # type: ignore[arg-type]
        painter.drawRoundedRect(box, radius.card, radius.card)

    def _shown(self) -> Entry:
        if self.entry is None:
            raise RuntimeError("a widget of the pool was painted")
        return self.entry

    def piece_rect(self, piece: Piece) -> QRectF:
        """Where a piece stands in this widget."""
        entry = self._shown()
        left = INSET_PX + piece.left_px
        return QRectF(left, entry.text_top + piece.top, self.width() - INSET_PX - left, piece.height)

    def text_origin(self, piece: Piece) -> QPointF:
        """Where the top left of the piece's document stands in this widget."""
        return inside(piece, self.piece_rect(piece)).topLeft() - QPointF(piece.frame.scroll_x, 0)

    def _paint_piece(
        self, painter: QPainter, entry: Entry, index: int, piece: Piece, exposed: QRectF
    ) -> None:
        box = self.piece_rect(piece)
        if piece.document is None or not box.intersects(exposed):
            return
        within = self._selected(self.index, index)
        marks = self._marks(entry.turn.key, piece, entry.style)
        paint_piece(painter, piece, box, entry.style, within, exposed, marks)
        self._paint_focused_link(painter, index, piece, box)

    def _paint_quotation(self, painter: QPainter, entry: Entry, index: int) -> None:
        """The line beside a part of a quotation, from the part above it on."""
        piece = entry.pieces.known[index]
        if not piece.block.quoted:
            return
        above = entry.pieces.known[index - 1] if piece.block.bridged else None
        top = above.top + above.height if above is not None else piece.top
        left = INSET_PX + piece.quotation_px
        line = QRectF(left, entry.text_top + top, QUOTE_LINE_PX, piece.top + piece.height - top)
        painter.fillRect(line, entry.style.color("line"))

    def _paint_focused_link(self, painter: QPainter, index: int, piece: Piece, box: QRectF) -> None:
        link = self.focused_link
        if link is None or link.piece != index or piece.document is None:
            return
        if link.begin < 0:  # a button or the whole block
            button = copy_rect(piece, box, self._shown().style) if link.href == COPY else box
            self._paint_ring(painter, button.adjusted(1, 1, -1, -1), radius.small)
            return
        painter.save()
        painter.setClipRect(inside(piece, box).adjusted(-2, -2, 2, 2))
        painter.translate(self.text_origin(piece))
        for place in link_boxes(piece, link):
            self._paint_ring(painter, place.adjusted(-2, -1, 2, 1), radius.small)
        painter.restore()

    def _paint_ring(self, painter: QPainter, box: QRectF, corner: float = radius.card) -> None:
        paint_ring(painter, box, self._shown().style, corner)

    def _paint_status(self, painter: QPainter, entry: Entry) -> None:
        if not entry.status:
            return
        box = entry.status_rect
        painter.setFont(entry.style.caption_font())
        painter.setPen(entry.style.color("muted"))
        draw_line(painter, box, entry.status, down="top")
        busy = entry.turn.activity
        if busy is None or busy.done is None:
            return
        track = QRectF(box.left(), box.top() + entry.style.caption_px + 6, min(200.0, box.width()), 3)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(entry.style.color("line"))
        painter.drawRoundedRect(track, 1.5, 1.5)
        track.setWidth(max(3.0, track.width() * min(1.0, busy.done)))
        painter.setBrush(entry.style.color("accent"))
        painter.drawRoundedRect(track, 1.5, 1.5)

    def _paint_problem(self, painter: QPainter, entry: Entry) -> None:
        document = entry.problem_document()
        if document is None:
            return
        box = entry.problem_rect
        self._paint_card(painter, box, "raised", "line")
        sign = QRectF(INSET_PX - 1, box.top() + space.m, grown(ICON_PX), grown(ICON_PX))
        paint_icon(painter, "warning", sign, entry.style.color("danger"))
        painter.save()
        painter.translate(INSET_PX + grown(SIGN_PX), box.top() + space.m)
        document.drawContents(painter)
        painter.restore()

    def footer_rect(self) -> QRectF:
        """Where the words of the line under the message stand; empty where it has none."""
        return self._footer()[0]

    def _footer(self) -> tuple[QRectF, str]:
        """The place of the line and as much of it as fits: whole facts, beside the buttons that are shown."""
        parts = wording.footer_parts(self.entry.turn) if self.entry is not None else []
        if self.entry is None or not parts:
            return QRectF(), ""
        left = INSET_PX if self.versions.isHidden() else self.versions.geometry().right() + space.s
        buttons = 0 if self.action_row.isHidden() else self.action_row.width() + space.s
        room = self.width() - INSET_PX - left - buttons
        metrics = QFontMetricsF(self.entry.style.caption_font())
        while len(parts) > 1 and metrics.horizontalAdvance(wording.footer(parts)) + 1 > room:
            parts.pop()
        said = wording.footer(parts)
        width = min(room, metrics.horizontalAdvance(said) + 1)
        return QRectF(left, self.entry.footer_top, width, self.entry.style.footer_px), said

    def _paint_footer(self, painter: QPainter, entry: Entry) -> None:
        box, said = self._footer()
        if box.isEmpty():
            return
        painter.setFont(entry.style.caption_font())
        painter.setPen(entry.style.color("muted"))
        draw_line(painter, box, said)


def link_boxes(piece: Piece, link: Link) -> list[QRectF]:
    """The boxes of a link's lines in its piece's document."""
    return [] if piece.document is None else boxes(piece.document, link.begin, link.end)
