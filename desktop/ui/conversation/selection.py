"""What is selected across messages, and its text for the clipboard. Paints nothing."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QMimeData
from PySide6.QtGui import QTextBlockFormat, QTextCharFormat, QTextCursor, QTextDocument, QTextDocumentFragment

from desktop.ui.conversation import wording
from desktop.ui.conversation.entry import Entry
from desktop.ui.conversation.render import QuietDocument
from desktop.ui.conversation.style import Style
from desktop.ui.theme import LIGHT
from desktop.view_models.turns import Turn

LAST = 1 << 30  # a position behind any character


@dataclass(frozen=True, order=True)
class Spot:
    """A place in the conversation: message, piece, and position in the piece's document."""

    entry: int
    piece: int
    position: int


class Selection:
    """From an anchor to a head, in either direction. Empty while they are the same."""

    def __init__(self) -> None:
        self.anchor: Spot | None = None
        self.head: Spot | None = None

    def clear(self) -> None:
        self.anchor = self.head = None

    def start_at(self, spot: Spot) -> None:
        self.anchor = self.head = spot

    def between(self, first: Spot, last: Spot) -> None:
        self.anchor, self.head = first, last

    def extend_to(self, spot: Spot) -> None:
        if self.anchor is not None:
            self.head = spot

    @property
    def span(self) -> tuple[Spot, Spot] | None:
        """First and last place, in the order of the text; None when nothing is selected."""
        if self.anchor is None or self.head is None or self.anchor == self.head:
            return None
        return min(self.anchor, self.head), max(self.anchor, self.head)

    def within(self, entry: int, piece: int) -> tuple[int, int] | None:
        """What is selected of a piece: from and to, `LAST` standing for its end."""
        if self.span is None:
            return None
        first, last = self.span
        here = (entry, piece)
        if here < (first.entry, first.piece) or here > (last.entry, last.piece):
            return None
        begin = first.position if here == (first.entry, first.piece) else 0
        end = last.position if here == (last.entry, last.piece) else LAST
        return (begin, end) if begin < end else None

    def forget_from(self, entry: int) -> None:
        """The messages from here on are others now."""
        if self.span is not None and self.span[1].entry >= entry:
            self.clear()


def cursor_in(document: QTextDocument, begin: int, end: int) -> QTextCursor:
    """A cursor that selects from `begin` to `end`, as far as the document goes."""
    last = max(0, document.characterCount() - 1)
    cursor = QTextCursor(document)
    cursor.setPosition(min(begin, last))
    cursor.setPosition(min(end, last), QTextCursor.MoveMode.KeepAnchor)
    return cursor


def copied(selection: Selection, entries: Sequence[Entry]) -> QMimeData | None:
    """Plain text and HTML of the selection, with authors where it spans several messages."""
    if selection.span is None:
        return None
    first, last = selection.span
    several = first.entry != last.entry
    sheet = _Sheet()
    for at in range(first.entry, last.entry + 1):
        chosen = list(_chosen(selection, entries[at], at))
        if several and chosen:
            sheet.author(entries[at].turn)
        sheet.add(chosen)
    return sheet.mime()


def _chosen(selection: Selection, entry: Entry, at: int) -> Iterator[QTextDocumentFragment]:
    neutral = Style(LIGHT, colored=False)
    for index, piece in enumerate(entry.pieces.all):
        within = selection.within(at, index)
        if within is not None:
            document = entry.pieces.draw(piece, neutral)
            yield cursor_in(document, *within).selection()  # which, unlike the cursor, outlives it


def whole(entry: Entry) -> QMimeData:
    """A message for the clipboard: its Markdown as plain text, its look as HTML."""
    neutral = Style(LIGHT, colored=False)
    sheet = _Sheet()
    sheet.add(
        QTextDocumentFragment(entry.pieces.draw(piece, neutral))
        for piece in entry.pieces.all
        if piece.block.kind != "sources"
    )
    mime = sheet.mime()
    mime.setText(entry.turn.text)
    return mime


class _Sheet:
    """One document that gathers what is copied."""

    def __init__(self) -> None:
        self._document = QuietDocument()
        self._cursor = QTextCursor(self._document)
        self._begun = False
        self._plain: list[str] = []

    def _next(self) -> None:
        if self._begun:
            self._cursor.insertBlock(QTextBlockFormat(), QTextCharFormat())
        self._begun = True

    def author(self, turn: Turn) -> None:
        self._next()
        bold = QTextCharFormat()
        bold.setFontWeight(600)
        name = wording.author(turn) + ":"
        self._cursor.insertText(name, bold)
        self._plain.append(name)

    def add(self, fragments: Iterable[QTextDocumentFragment]) -> None:
        for fragment in fragments:
            self._next()
            self._cursor.insertFragment(fragment)
            self._cursor.movePosition(QTextCursor.MoveOperation.End)
            self._plain.append(fragment.toPlainText())

    def mime(self) -> QMimeData:
        mime = QMimeData()
        mime.setText("\n\n".join(self._plain).replace(":\n\n", ":\n"))
        mime.setHtml(self._document.toHtml())
        return mime
