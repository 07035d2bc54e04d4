"""How high a piece is: guessed from its text, and measured when it is drawn. Knows no message."""

from math import ceil
from typing import Final, NamedTuple

from PySide6.QtGui import QTextDocument

from desktop.ui.conversation.piece import Piece
from desktop.ui.conversation.style import GAP_PX, Style
from desktop.ui.theme import space

CELL_PX: Final = 140.0  # the least for a column, on the average, of a table that is too wide


class Extent(NamedTuple):
    """Of a whole message's text what its height is guessed from."""

    characters: int
    lines: int  # ends of lines
    gaps: int  # empty lines between paragraphs

    @classmethod
    def of(cls, text: str) -> "Extent":
        return cls(len(text), text.count("\n"), text.count("\n\n"))


def guessed_text_px(extent: Extent, style: Style, width: float) -> float:
    """The height of a whole message's text."""
    if not extent.characters:
        return 0.0
    char_px, line_px = style.body_px
    lines = extent.lines + 1 + int(extent.characters * char_px / max(1.0, width))
    return lines * line_px + extent.gaps * (GAP_PX - line_px)


def guessed_px(text: str, kind: str, style: Style, width: float) -> float:
    """Without what a frame adds. `kind`: of a block, or "text" for a whole message."""
    if kind == "text":
        return guessed_text_px(Extent.of(text), style, width)
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
