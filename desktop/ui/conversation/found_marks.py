"""Where the words that are looked for stand in what is shown. Paints nothing."""

from typing import Final
from weakref import WeakKeyDictionary

from PySide6.QtGui import QTextDocument

from desktop.core.found_words import Term, marks_in
from desktop.ui.conversation.grounds import Behind, Grounds, Marks
from desktop.ui.conversation.piece import Piece
from desktop.ui.conversation.style import Style

_KEPT: Final = 200
Spans = tuple[tuple[int, int], ...]


class FoundMarks:
    """Of the pieces that are painted: each is looked through once for the same words."""

    def __init__(self) -> None:
        self._terms: tuple[Term, ...] = ()
        self._known: WeakKeyDictionary[QTextDocument, tuple[int, Spans]] = WeakKeyDictionary()
        self._made: dict[int, tuple[object, Grounds]] = {}  # by piece

    def look_for(self, terms: tuple[Term, ...]) -> bool:
        """True where these are others than before."""
        if terms == self._terms:
            return False
        self._terms = terms
        self._known.clear()
        self._made.clear()
        return True

    def beside(self, others: Behind) -> Behind:
        """What `others` paints behind the words of a piece, with the found words before it."""

        def behind(key: int, piece: Piece, style: Style) -> Marks:
            before = others(key, piece, style)
            found = self._ground(piece, style)
            return before if found is None else before.with_ground(found)

        return behind

    def _ground(self, piece: Piece, style: Style) -> Grounds | None:
        spans = self.spans(piece)
        document = piece.document
        if document is None or not spans:
            return None
        state = (document, spans, style.theme)
        kept = self._made.get(id(piece))
        if kept is None or kept[0] != state:
            if len(self._made) > _KEPT:
                self._made.clear()
            runs = [(begin, end, style.found_background) for begin, end in spans]
            kept = self._made[id(piece)] = (state, Grounds(document, runs))
        return kept[1]

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
