"""What is selected across messages, and its text for the clipboard. Paints nothing."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from PySide6.QtCore import QMimeData
from PySide6.QtGui import (
    QFont,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextDocumentFragment,
)

from desktop.ui.conversation import wording
from desktop.ui.conversation.copying import spell_formulas, spelt, text_between
from desktop.ui.conversation.entries import Entries
from desktop.ui.conversation.entry import Entry
from desktop.ui.conversation.found_marks import FoundMarks
from desktop.ui.conversation.piece import Piece
from desktop.ui.conversation.quiet_document import QuietDocument
from desktop.ui.conversation.style import Style
from desktop.ui.conversation.thoughts import KINDS
from desktop.ui.theme import LIGHT
from desktop.view_models.turns import Turn

LAST = 1 << 30  # a position behind any character
MOST_DRAWN = 4_000  # characters: drawing 1,000 for the clipboard takes about 10 ms


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
        self.found = FoundMarks()  # what is looked for, beside what is chosen

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


def copied(selection: Selection, entries: Entries) -> QMimeData | None:
    """Plain text and HTML of the selection, with authors where it spans several messages.

    Of very much text only the Markdown as it was written: drawing it all would hold the window up.
    """
    if selection.span is None:
        return None
    first, last = selection.span
    sheet = _Sheet(with_html=_size(selection, entries) <= MOST_DRAWN)
    for at in range(first.entry, last.entry + 1):
        if first.entry != last.entry:
            sheet.author(entries[at].turn)
        if sheet.with_html:
            sheet.add(_chosen(selection, entries[at], at))
        else:
            for text in _as_written(selection, entries[at], at):
                sheet.plain(text)
    return sheet.mime()


def _size(selection: Selection, entries: Entries) -> int:
    """About how many characters are selected."""
    if selection.span is None:
        return 0
    size = 0
    for at in range(selection.span[0].entry, selection.span[1].entry + 1):
        begin, end, _first, _last = _stretch(selection, entries[at], at)
        size += end - begin
        if size > MOST_DRAWN:
            break
    return size


def _stretch(
    selection: Selection, entry: Entry, at: int
) -> tuple[int, int, tuple[int, Piece] | None, tuple[int, Piece] | None]:
    """(from, to) of a message's text that is selected, in whole pieces, and those that are cut."""
    ends: list[tuple[int, Piece] | None] = [None, None]
    if selection.span is not None:
        for place, spot in enumerate(selection.span):
            if spot.entry == at and (0 < spot.position < LAST or place) and spot.piece != LAST:
                ends[place] = (spot.piece, entry.pieces.all[spot.piece])
    first, last = ends
    begin, end = 0, len(entry.turn.text)
    if selection.span is not None and selection.span[0].entry == at and entry.pieces.all:
        begin = _place(entry, entry.pieces.all[min(selection.span[0].piece, len(entry.pieces.all) - 1)])
    if first is not None:
        begin += len(first[1].block.source)
    if last is not None:
        end = _place(entry, last[1])
    return begin, max(begin, end), first, last


def _place(entry: Entry, piece: Piece) -> int:
    """Where a piece begins in the message's text; thoughts stand before it, files and sources behind."""
    if piece.block.kind in KINDS:
        return 0
    return len(entry.turn.text) if piece.block.kind in ("sources", "files") else piece.block.start


def _as_written(selection: Selection, entry: Entry, at: int) -> Iterator[str]:
    """The text of a message between the ends of the selection, and of pieces that are cut what is chosen."""
    begin, end, first, last = _stretch(selection, entry, at)
    neutral = _neutral(entry)
    for cut in (first, None, last):
        if cut is None:
            if begin < end:
                yield entry.turn.text[begin:end].strip("\n")
            begin = end
        elif first is None or last is None or cut is first or last[0] != first[0]:
            within = selection.within(at, cut[0])
            if within is not None:
                document = entry.pieces.draw(cut[1], neutral)
                cursor = cursor_in(document, *within)
                spell_formulas(cursor)
                yield text_between(document, cursor.selectionStart(), cursor.selectionEnd())


def _chosen(
    selection: Selection, entry: Entry, at: int
) -> Iterator[tuple[Piece, str, QTextDocumentFragment]]:
    neutral = _neutral(entry)
    for index, piece in enumerate(entry.pieces.all):
        within = selection.within(at, index)
        if within is not None and not _left_out(selection, entry, at, piece):
            document = entry.pieces.draw(piece, neutral)
            cursor = cursor_in(document, *within)
            spell_formulas(cursor)
            text = text_between(document, cursor.selectionStart(), cursor.selectionEnd())
            yield piece, text, cursor.selection()  # which, unlike the cursor, outlives the document


def _neutral(entry: Entry) -> Style:
    """Formulas are one character in it, as in the window: places in one are places in the other."""
    return Style(LIGHT, colored=False, formulas=entry.style.formulas)


def _left_out(selection: Selection, entry: Entry, at: int, piece: Piece) -> bool:
    """Thoughts are copied only by who begins or ends a selection in them."""
    if piece.block.kind not in KINDS or selection.span is None:
        return False
    ends = [
        entry.pieces.all[spot.piece] for spot in selection.span if spot.entry == at and spot.piece != LAST
    ]
    return piece.block.kind == "thoughts" or all(end.block.kind != "thought" for end in ends)


def whole(entry: Entry) -> QMimeData:
    """A message for the clipboard: its Markdown as plain text, its look as HTML where it is not too long."""
    if len(entry.turn.text) > MOST_DRAWN:
        mime = QMimeData()
        mime.setText(entry.turn.text)
        return mime
    neutral = _neutral(entry)
    sheet = _Sheet()
    sheet.add(
        (piece, "", spelt(entry.pieces.draw(piece, neutral)))
        for piece in entry.pieces.all
        if piece.block.kind not in ("sources", "files", *KINDS)
    )
    mime = sheet.mime()
    mime.setText(entry.turn.text)
    return mime


class _Sheet:
    """One document, and one text, that gather what is copied."""

    def __init__(self, *, with_html: bool = True) -> None:
        self.with_html = with_html
        self._document = QuietDocument()
        self._cursor = QTextCursor(self._document)
        self._begun = False
        self._text = ""

    def _next(self) -> None:
        if self._begun:
            self._cursor.insertBlock(QTextBlockFormat(), QTextCharFormat())
        self._begun = True

    def author(self, turn: Turn) -> None:
        name = wording.author(turn) + ":"
        self.plain(name)
        if self.with_html:
            self._next()
            bold = QTextCharFormat()
            bold.setFontWeight(QFont.Weight.DemiBold)
            self._cursor.insertText(name, bold)

    def plain(self, text: str, between: str = "\n\n") -> None:
        self._text += (between if self._text else "") + text

    def add(self, chosen: Iterable[tuple[Piece, str, QTextDocumentFragment]]) -> None:
        for piece, text, fragment in chosen:
            block = piece.block
            together = block.joined or (block.kind == "plain" and block.start > 0)
            self.plain(text, "" if block.glued else "\n" if together else "\n\n")
            if self.with_html:
                self._next()
                self._cursor.insertFragment(fragment)
                self._cursor.movePosition(QTextCursor.MoveOperation.End)

    def mime(self) -> QMimeData:
        mime = QMimeData()
        mime.setText(self._text)
        if self.with_html:
            mime.setHtml(self._document.toHtml())
        return mime
