"""How high a piece is: guessed from its text, and measured when it is drawn. Knows no message."""

from array import array
from math import ceil
from typing import Final

from PySide6.QtGui import QTextDocument

from desktop.ui.conversation.piece import Piece
from desktop.ui.conversation.style import GAP_PX, Style
from desktop.ui.theme import space
from desktop.view_models.turn_list import Extent

CELL_PX: Final = 140.0  # the least for a column, on the average, of a table that is too wide


def guessed_text_px(extents: "array[int]", style: Style, width: float) -> list[float]:
    """The heights of whole messages' texts. `extents`: `Extent` of each, one after the other."""
    (char_px, line_px), width = style.body_px, max(1.0, width)
    gap_px = GAP_PX - line_px
    return [
        (lines + 1 + int(characters * char_px / width)) * line_px + gaps * gap_px if characters else 0.0
        for characters, lines, gaps in zip(extents[::3], extents[1::3], extents[2::3], strict=True)
    ]


def guessed_px(text: str, kind: str, style: Style, width: float) -> float:
    """Without what a frame adds. `kind`: of a block, or "text" for a whole message."""
    if kind == "text":
        return guessed_text_px(array("I", Extent.of(text)), style, width)[0]
    if kind == "rule":
        return float(space.l)
    char_px, line_px = style.code_px if kind == "code" else style.body_px
    if kind == "code":
        return (text.count("\n") + 1) * line_px
    lines = text.count("\n") + 1 + int(len(text) * char_px / max(1.0, width)) if text else 0
    return lines * line_px


def measured_px(piece: Piece, document: QTextDocument, width: float) -> float:
    """Lay a document out and give the height of its piece."""
    room = width - piece.left_px - 2 * piece.padding[0]
    if piece.is_framed:
        document.setTextWidth(-1)
        if piece.block.kind == "table" and document.size().width() > room:
            # Cells break their lines, but not into ribbons: a table of many columns is wide.
            document.setTextWidth(max(room, min(document.idealWidth(), piece.block.columns * CELL_PX)))
        elif piece.block.kind == "formula":
            document.setTextWidth(max(room, document.idealWidth()))
        piece.frame.fit(document.size().width(), room, parts=piece.block.kind == "code")
    else:
        document.setTextWidth(room)
    _across, above, below = piece.padding
    return ceil(document.size().height() + above + below)  # what stands below begins at a whole pixel
