"""Where the parts of a framed piece stand: a code block's head, its button, and the bar of what is too wide.

Geometry alone: paints nothing and knows no widget. Rectangles are in pixels, in the coordinates of `box`, the
rectangle of the whole piece.
"""

from typing import Final

from PySide6.QtCore import QRectF
from PySide6.QtGui import QFontMetricsF

from desktop.i18n import _
from desktop.ui.conversation.piece import BAR_PX, BOX_PX, Piece
from desktop.ui.conversation.style import Style
from desktop.ui.theme import grown, space

STEP_PX: Final = 48.0  # an arrow key
_ICON_PX: Final = 16  # at 100 %


def inside(piece: Piece, box: QRectF) -> QRectF:
    """The part of the box through which the document is seen."""
    across, above, below = piece.padding
    return box.adjusted(across, above, -across, -below)


def hidden_px(piece: Piece, box: QRectF) -> float:
    """How far the document can be scrolled to the side."""
    return max(0.0, piece.frame.natural_px - inside(piece, box).width())


def scroll_to(piece: Piece, box: QRectF, x: float) -> bool:
    """Scroll a piece's document; True when it moved."""
    wanted = min(max(0.0, x), hidden_px(piece, box))
    moved = wanted != piece.frame.scroll_x
    piece.frame.scroll_x = wanted
    return moved


def track_rect(piece: Piece, box: QRectF) -> QRectF:
    """Where the slim bar can be; empty while everything shows, and where the block goes on below."""
    if not hidden_px(piece, box) or piece.block.goes_on:
        return QRectF()
    seen = inside(piece, box)
    return QRectF(seen.left(), box.bottom() - BAR_PX, seen.width(), BAR_PX)


def thumb_rect(piece: Piece, box: QRectF) -> QRectF:
    """The bar's handle."""
    track, hidden = track_rect(piece, box), hidden_px(piece, box)
    if track.isEmpty():
        return QRectF()
    width = max(24.0, track.width() * track.width() / piece.frame.natural_px)
    left = track.left() + (track.width() - width) * piece.frame.scroll_x / hidden
    return QRectF(left, track.bottom() - 9, width, 5)


def scroll_for_thumb(piece: Piece, box: QRectF, moved_px: float) -> float:
    """How far the document goes when the handle goes `moved_px`."""
    track, thumb = track_rect(piece, box), thumb_rect(piece, box)
    free = track.width() - thumb.width()
    return moved_px * hidden_px(piece, box) / free if free > 0 else 0.0


def copy_label(*, copied: bool) -> str:
    return _("Copied") if copied else _("Copy code")


def copy_rect(piece: Piece, box: QRectF, style: Style) -> QRectF:
    """The button in a code block's head, as wide as the longer of its two labels; else empty."""
    if piece.block.kind != "code" or piece.continues:
        return QRectF()
    metrics = QFontMetricsF(style.caption_font())
    words = max(metrics.horizontalAdvance(copy_label(copied=done)) for done in (False, True))
    width = words + grown(_ICON_PX) + 3 * space.xs + space.s
    return QRectF(box.right() - width - 3, box.top() + 3, width, piece.head_px - 6)


def icon_rect(button: QRectF) -> QRectF:
    px = grown(_ICON_PX)
    return QRectF(button.left() + space.xs + 2, button.center().y() - px / 2, px, px)


def words_rect(button: QRectF) -> QRectF:
    return button.adjusted(grown(_ICON_PX) + 2 * space.xs + 2, 0, -space.xs, 0)


def language_rect(piece: Piece, box: QRectF, button: QRectF) -> QRectF:
    return QRectF(
        box.left() + BOX_PX, box.top(), button.left() - box.left() - BOX_PX - space.s, piece.head_px
    )
