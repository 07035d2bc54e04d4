"""Paint one piece of a message: ground, head, document and bar. Holds nothing."""

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import (
    QAbstractTextDocumentLayout,
    QColor,
    QPainter,
    QPalette,
    QPen,
    QTextCharFormat,
)

from desktop.ui.conversation import frames
from desktop.ui.conversation.attached import KIND, paint_signs
from desktop.ui.conversation.grounds import NONE, Marks
from desktop.ui.conversation.piece import QUOTE_LINE_PX, Piece
from desktop.ui.conversation.selection import LAST, cursor_in
from desktop.ui.conversation.style import Style
from desktop.ui.conversation.task_boxes import paint_tasks
from desktop.ui.kept_text import draw_line
from desktop.ui.theme import paint_icon, radius

Within = tuple[int, int] | None  # what is selected of a piece


def paint_piece(
    painter: QPainter,
    piece: Piece,
    box: QRectF,
    style: Style,
    within: Within,
    exposed: QRectF,
    marks: Marks = NONE,
) -> None:
    """`box`: where the piece stands; `exposed`: what of the widget is painted; `marks`: behind its words."""
    if piece.block.kind == "rule":
        painter.fillRect(QRectF(box.left(), box.center().y(), box.width(), 1), style.color("line"))
        return
    _paint_ground(painter, piece, box, style)
    seen = frames.inside(piece, box)
    origin = seen.topLeft() - QPointF(piece.frame.scroll_x, 0)
    painter.save()
    if piece.frame.wide:
        painter.setClipRect(seen, Qt.ClipOperation.IntersectClip)
        exposed = exposed.intersected(seen)
    painter.translate(origin)
    _paint_document(painter, piece, style, within, exposed.translated(-origin), marks)
    painter.restore()
    if piece.frame.wide:
        _paint_bar(painter, piece, box, style)


def _paint_ground(painter: QPainter, piece: Piece, box: QRectF, style: Style) -> None:
    kind = piece.block.kind
    if kind == "code":
        # where the grounds are alike, a line tells where the block is
        edged = style.theme.panel == style.theme.ground
        painter.setPen(style.color("line") if edged else Qt.PenStyle.NoPen)
        painter.setBrush(style.code_background)
        painter.save()
        # A part keeps the corners at its end of the block alone: the others are out of the painted box.
        painter.setClipRect(box, Qt.ClipOperation.IntersectClip)
        over, under = (radius.field if cut else 0 for cut in (piece.continues, piece.block.goes_on))
        inset = 0.5 if edged else 0.0
        ground = box.adjusted(inset, inset - over, -inset, under - inset)
        painter.drawRoundedRect(ground, radius.field, radius.field)
        painter.restore()
        if not piece.continues:
            _paint_head(painter, piece, box, style)
    elif kind == KIND and piece.document is not None:
        paint_signs(painter, piece.document, box, style)
    elif kind in ("quote", "thought"):
        painter.fillRect(QRectF(box.left(), box.top(), QUOTE_LINE_PX, box.height()), style.color("line"))


def _paint_head(painter: QPainter, piece: Piece, box: QRectF, style: Style) -> None:
    """The language on the left, the button on the right: always there, for whoever has no mouse."""
    button = frames.copy_rect(piece, box, style)
    painter.setFont(style.caption_font())
    painter.setPen(style.color("muted"))
    if piece.block.language:
        room = frames.language_rect(piece, box, button)
        draw_line(painter, room, piece.block.language)
    color = style.color("sage" if piece.frame.copied else "text" if piece.frame.hovered else "muted")
    if piece.frame.hovered:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(style.color("line"))
        painter.drawRoundedRect(button, radius.small, radius.small)
    painter.setPen(color)
    draw_line(painter, frames.words_rect(button), frames.copy_label(copied=piece.frame.copied))
    paint_icon(painter, "check" if piece.frame.copied else "copy", frames.icon_rect(button), color)


def _paint_document(
    painter: QPainter,
    piece: Piece,
    style: Style,
    within: Within,
    clip: QRectF,
    marks: Marks,
) -> None:
    if piece.document is None:
        return
    context = QAbstractTextDocumentLayout.PaintContext()
    context.clip = clip
    context.palette.setColor(QPalette.ColorRole.Text, style.color("text"))
    drawn = marks.paint(painter, clip)
    if within is not None and not (within[1] == LAST and piece.document.isEmpty()):
        mark = QAbstractTextDocumentLayout.Selection()
        mark.cursor = cursor_in(piece.document, *within)
        form = QTextCharFormat()
        form.setBackground(style.color("select"))
        mark.format = form
        drawn.append(mark)
    context.selections = drawn
    painter.setBrush(Qt.BrushStyle.NoBrush)  # Qt fills the rings of lists with whatever is left there
    piece.document.documentLayout().draw(painter, context)
    if piece.document.has_tasks:
        paint_tasks(painter, piece.document, style, clip)


def _paint_bar(painter: QPainter, piece: Piece, box: QRectF, style: Style) -> None:
    thumb = frames.thumb_rect(piece, box)
    color: QColor = style.color("muted")
    color.setAlphaF(0.9 if piece.frame.dragged else 0.55)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(color)
    painter.drawRoundedRect(thumb, thumb.height() / 2, thumb.height() / 2)


def paint_ring(painter: QPainter, box: QRectF, style: Style, corner: float) -> None:
    """The focus ring."""
    painter.setPen(QPen(style.color("accent"), style.theme.focus_px))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(box, corner, corner)
