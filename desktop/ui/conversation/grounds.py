"""Colours behind words of a piece: how likely they were, what was looked for, what is doubtful.

A document draws its lines once more for every selection in them: 450 marked words in a paragraph take 620 ms.
So a plain ground is a box that is filled before the document is drawn, found once for each layout. Only what
cannot be one (a line below, a word that has a ground of its own, text from right to left) stays a selection.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import (
    QAbstractTextDocumentLayout,
    QColor,
    QPainter,
    QTextBlock,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextLine,
)

from desktop.ui.conversation.piece import Piece
from desktop.ui.conversation.style import Style

Selection = QAbstractTextDocumentLayout.Selection
Run = tuple[int, int, QColor]  # from and to, as positions in the document
_BACKWARDS: Final = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff\U00010800-\U00010fff]")


class Grounds:
    """The runs of one document. `selections` are those of them that cannot be boxes."""

    def __init__(self, document: QTextDocument, runs: Iterable[Run]) -> None:
        self._document = document
        self.runs = list(runs)
        self.selections: list[Selection] = []
        self._plain: list[Run] = []
        backwards: dict[int, bool] = {}  # by block
        for run in self.runs:
            if _can_be_a_box(document, run, backwards):
                self._plain.append(run)
            else:
                form = QTextCharFormat()
                form.setBackground(run[2])
                self.selections.append(drawn_run(document, run[0], run[1], form))
        self._laid_out: object = None
        self._boxes: list[tuple[QRectF, QColor]] = []

    def paint(self, painter: QPainter, clip: QRectF) -> None:
        """Fill the boxes that meet `clip`, in the document's own coordinates."""
        laid_out = (self._document.textWidth(), self._document.size(), self._document.revision())
        if laid_out != self._laid_out:
            self._laid_out = laid_out
            self._boxes = [(box, run[2]) for run in self._plain for box in boxes(self._document, *run[:2])]
        for box, color in self._boxes:
            if box.bottom() > clip.top() and box.top() < clip.bottom():
                painter.fillRect(box, color)


@dataclass(frozen=True)
class Marks:
    """Everything behind the words of one piece."""

    grounds: Sequence[Grounds] = field(default_factory=tuple)
    selections: Sequence[Selection] = field(default_factory=tuple)

    def __len__(self) -> int:
        return sum(len(one.runs) for one in self.grounds) + len(self.selections)

    def paint(self, painter: QPainter, clip: QRectF) -> list[Selection]:
        """Fill what is a box; gives what the document has to draw."""
        if self.grounds:
            smooth = painter.testRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)  # edges on whole pixels
            for one in self.grounds:
                one.paint(painter, clip)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, smooth)
        return [*(mark for one in self.grounds for mark in one.selections), *self.selections]

    def with_ground(self, ground: Grounds) -> "Marks":
        return replace(self, grounds=(*self.grounds, ground))

    def with_selections(self, selections: Sequence[Selection]) -> "Marks":
        return replace(self, selections=(*self.selections, *selections))


NONE: Final = Marks()
Behind = Callable[[int, Piece, Style], Marks]  # of a message's key and a piece of it


def drawn_run(document: QTextDocument, begin: int, end: int, form: QTextCharFormat) -> Selection:
    """A run that the document draws in another form."""
    made = Selection()
    made.cursor = QTextCursor(document)
    made.cursor.setPosition(begin)
    made.cursor.setPosition(end, QTextCursor.MoveMode.KeepAnchor)
    made.format = form
    return made


def boxes(document: QTextDocument, begin: int, end: int) -> list[QRectF]:
    """Where a run from left to right stands, a box for each of its lines, in the document's coordinates."""
    found = []
    block = document.findBlock(begin)
    while block.isValid() and block.position() < end:
        found += _boxes_in(document, block, begin - block.position(), end - block.position())
        block = block.next()
    return found


def _boxes_in(document: QTextDocument, block: QTextBlock, begin: int, end: int) -> list[QRectF]:
    layout = block.layout()
    origin = document.documentLayout().blockBoundingRect(block).topLeft()
    found = []
    at, end = max(0, begin), min(end, block.length() - 1)  # without the mark at its end
    while at < end:
        line = layout.lineForTextPosition(at)
        if not line.isValid():
            break
        after = line.textStart() + line.textLength()
        left, right = _x_of(line, at), _x_of(line, min(end, after))
        found.append(QRectF(left, line.y(), right - left, line.height()).translated(origin))
        if after <= at:
            break
        at = after
    return found


def _x_of(line: QTextLine, position: int) -> float:
    # PySide6 gives back the position, too: Qt moves it to the nearest one that a cursor can take.
    found: Any = line.cursorToX(position)
    return float(found[0] if isinstance(found, (tuple, list)) else found)


def _can_be_a_box(document: QTextDocument, run: Run, backwards: dict[int, bool]) -> bool:
    cursor = QTextCursor(document)
    cursor.setPosition(run[1])
    forms = [cursor.charFormat(), cursor.blockFormat()]
    table = cursor.currentTable()
    if table is not None:
        forms.append(table.cellAt(cursor).format())
    if any(form.background().style() != Qt.BrushStyle.NoBrush for form in forms):
        return False
    block = cursor.block()
    number = block.blockNumber()
    if number not in backwards:
        backwards[number] = _BACKWARDS.search(block.text()) is not None
    return not backwards[number]
