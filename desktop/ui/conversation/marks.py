"""Where the words that are looked for stand in what is shown. Paints nothing."""

from collections.abc import Callable
from weakref import WeakKeyDictionary

from PySide6.QtGui import QAbstractTextDocumentLayout, QTextCharFormat, QTextCursor, QTextDocument

from desktop.core.found_words import Term, marks_in
from desktop.ui.conversation.piece import Piece
from desktop.ui.conversation.style import Style

Behind = Callable[[int, Piece, Style], list[QAbstractTextDocumentLayout.Selection]]
Spans = tuple[tuple[int, int], ...]


class FoundMarks:
    """Of the pieces that are painted: each is looked through once for the same words."""

    def __init__(self) -> None:
        self._terms: tuple[Term, ...] = ()
        self._known: WeakKeyDictionary[QTextDocument, tuple[int, Spans]] = WeakKeyDictionary()

    def look_for(self, terms: tuple[Term, ...]) -> bool:
        """True where these are others than before."""
        if terms == self._terms:
            return False
        self._terms = terms
        self._known.clear()
        return True

    def beside(self, others: Behind) -> Behind:
        """What `others` paints behind the words of a piece, with the found words before it."""

        def behind(key: int, piece: Piece, style: Style) -> list[QAbstractTextDocumentLayout.Selection]:
            return [*others(key, piece, style), *self._painted(piece, style)]

        return behind

    def _painted(self, piece: Piece, style: Style) -> list[QAbstractTextDocumentLayout.Selection]:
        marks: list[QAbstractTextDocumentLayout.Selection] = []
        if piece.document is None:
            return marks
        for begin, end in self.spans(piece):
            mark = QAbstractTextDocumentLayout.Selection()
            cursor = QTextCursor(piece.document)
            cursor.setPosition(begin)
            cursor.setPosition(end, QTextCursor.MoveMode.KeepAnchor)
            mark.cursor = cursor
            form = QTextCharFormat()
            form.setBackground(style.found_background)
            mark.format = form
            marks.append(mark)
        return marks

    def spans(self, piece: Piece) -> Spans:
        """From and to of each found word, as positions in the piece's document."""
        document = piece.document
        if not self._terms or document is None:
            return ()
        revision, spans = self._known.get(document, (-1, ()))
        if revision != document.revision():
            text = document.toPlainText()
            spans = _in_utf16(text, marks_in(text, self._terms))
            self._known[document] = (document.revision(), spans)
        return spans


def _in_utf16(text: str, spans: Spans) -> Spans:
    """Positions in a QTextDocument: a character beyond the first 65,536 counts twice."""
    if not spans or max(map(ord, text)) < 0x10000:
        return spans

    def at(position: int) -> int:
        return len(text[:position].encode("utf-16-le", "surrogatepass")) // 2

    return tuple((at(begin), at(end)) for begin, end in spans)
