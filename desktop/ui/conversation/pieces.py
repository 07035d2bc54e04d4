"""The pieces of one message from top to bottom, laid out where they are in sight and guessed elsewhere.

Knows no widget and no scroll position: whoever shows a message says which part of it is wanted.
"""

from dataclasses import dataclass
from itertools import takewhile
from typing import Final

from PySide6.QtGui import QTextDocument

from desktop.ui.conversation import attached, wording
from desktop.ui.conversation.inline import CITE
from desktop.ui.conversation.markdown import Block, GrowingMarkdown, plain_blocks
from desktop.ui.conversation.render import document_of
from desktop.ui.conversation.sources import sources_document
from desktop.ui.conversation.style import GAP_PX, Style
from desktop.ui.conversation.thoughts import KINDS, thought_blocks, thought_document
from desktop.ui.theme import space
from desktop.view_models.turns import Sources, Turn

BOX_PX: Final = space.m  # padding in a code block
BAR_PX: Final = 16.0  # room for the slim bar below what is too wide
CELL_PX: Final = 140.0  # the least for a column, on the average, of a table that is too wide
SCROLLED: Final = ("code", "table", "formula")  # kinds that scroll to the side inside their block
QUOTE_PX: Final = space.l  # indent of a quotation
_KEPT_PX: Final = 1500  # documents stay this far out of sight, so that a little scrolling lays out nothing


@dataclass(eq=False)
class Piece:
    """A block and where it stands: `top` from the message's text, both in pixels."""

    block: Block
    height: float
    exact: bool = False
    top: float = 0.0
    document: QTextDocument | None = None
    natural_px: float = 0.0  # the document's own width, where it scrolls inside its block
    scroll_x: float = 0.0
    head_px: float = 0.0  # of a code block's head
    wide: bool = False  # there is a bar below
    dragged: bool = False  # by its bar
    hovered: bool = False  # its button
    copied: bool = False  # a moment ago

    @property
    def extra_px(self) -> float:
        """More room above, where something new begins."""
        if self.block.kind == "heading":
            return float(space.m if self.block.level < 3 else space.s)
        return 0.0

    @property
    def padding(self) -> tuple[float, float, float]:
        """(left and right, above, below) around the document."""
        bar = BAR_PX if self.wide else 0.0
        if self.block.kind == "code":
            return BOX_PX, self.head_px, max(BOX_PX - 2.0, bar)
        return (QUOTE_PX if self.block.kind in ("quote", "thought") else 0.0), 0.0, bar


class Pieces:
    """A message's text as pieces at a given width. Parses when first asked for a piece."""

    def __init__(self, turn: Turn, style: Style, width: float) -> None:
        self._style = style
        self._width = width
        self._text = turn.text
        self._is_reply = turn.is_reply
        self._excerpts = turn.excerpts
        self._sources = turn.sources
        self._files = turn.files
        self._turn = turn
        self.unfolded = False  # the thoughts are shown
        self._markdown: GrowingMarkdown | None = None
        self._pieces: list[Piece] | None = None
        self._guess = self._guessed(turn.text, "text")

    # ── the text changes ──

    def update(self, turn: Turn) -> None:
        """Follow a turn: text at its end is laid out alone, anything else anew."""
        grown = turn.text[len(self._text) :] if turn.text.startswith(self._text) else None
        same_look = turn.excerpts == self._excerpts and turn.is_reply == self._is_reply
        other_tail = turn.sources != self._sources or turn.files != self._files
        other_thoughts = turn.thoughts != self._turn.thoughts or (
            turn.thoughts is not None and wording.thoughts(turn) != wording.thoughts(self._turn)
        )
        self._turn = turn
        self._excerpts, self._sources, self._is_reply = turn.excerpts, turn.sources, turn.is_reply
        self._files = turn.files
        if grown is None or not same_look or (grown and not turn.is_reply):
            self._text = turn.text
            self._forget()
        elif grown:
            self._text = turn.text
            self._grow(grown)
        if other_thoughts:
            self._put_thoughts()
        if other_tail:
            self._put_tail()

    def unfold(self, unfolded: bool) -> None:
        """Show the thoughts, or only how long they took."""
        self.unfolded = unfolded
        self._put_thoughts()
        self._stack()

    @property
    def lead(self) -> int:
        """How many pieces the thoughts take, before those of the text."""
        return sum(1 for _ in takewhile(lambda piece: piece.block.kind in KINDS, self._pieces or ()))

    def _put_thoughts(self) -> None:
        """Those pieces that draw the same stay."""
        if self._pieces is None:
            return
        lead = self.lead
        blocks: list[Block] = []
        if self._turn.thoughts is not None:
            label = wording.thoughts(self._turn)
            blocks = thought_blocks(label, self._turn.thoughts.text, unfolded=self.unfolded)
        before = self._pieces[:lead]
        fresh = [self._piece(block) for block in blocks]
        for place, (old, new) in enumerate(zip(before, fresh, strict=False)):
            fresh[place] = old if old.block == new.block else new
        self._pieces[:lead] = fresh
        self._stack()

    def _forget(self) -> None:
        self._markdown = self._pieces = None
        self._guess = self._guessed(self._text, "text")

    def _grow(self, text: str) -> None:
        if self._markdown is None or self._pieces is None:
            self._guess = self._guessed(self._text, "text")
            return
        keep = self._markdown.append(text)
        fresh = [self._piece(block) for block in self._markdown.blocks[keep:]]
        for old, new in zip(self._pieces[self.lead + keep :], fresh, strict=False):
            if old.block.kind == new.block.kind:
                new.scroll_x = old.scroll_x  # a block that grows stays where it was scrolled to
        self._pieces[self.lead + keep :] = fresh
        self._put_tail()

    def _put_tail(self) -> None:
        """The files of a question, the sources of a reply."""
        if self._pieces is None:
            return
        while self._pieces and self._pieces[-1].block.kind in ("sources", attached.KIND):
            self._pieces.pop()
        if self._files:
            self._pieces.append(self._piece(attached.files_block(self._files)))
        if self._sources is not None:
            self._pieces.append(self._piece(_block_of(self._sources)))
        self._stack()

    def restyle(self, style: Style, width: float) -> None:
        """Another theme, text size or width: everything is laid out anew when it is wanted."""
        if style == self._style and width == self._width:
            return
        self._style, self._width = style, width
        self._guess = self._guessed(self._text, "text")
        for piece in self._pieces or ():
            piece.document, piece.exact = None, False
            piece.head_px = style.head_px if piece.block.kind == "code" else 0.0
            piece.height = self._guessed(piece.block.source, piece.block.kind)
        self._stack()

    def set_formulas(self) -> None:
        """Formulas came: what may hold some is laid out anew."""
        for piece in self._pieces or ():
            if piece.document is not None and any(sign in piece.block.source for sign in ("$", "\\(", "\\[")):
                piece.document, piece.exact = None, False

    # ── where things are ──

    @property
    def height(self) -> float:
        if self._pieces is None:
            return self._guess
        return self._pieces[-1].top + self._pieces[-1].height if self._pieces else 0.0

    @property
    def all(self) -> list[Piece]:
        """Every piece, parsed, not necessarily laid out."""
        if self._pieces is None:
            self._pieces = [self._piece(block) for block in self._blocks()]
            self._put_thoughts()
            self._put_tail()
            self._stack()
        return self._pieces

    @property
    def known(self) -> list[Piece]:
        """The pieces, if they were ever asked for; else none."""
        return self._pieces or []

    def _blocks(self) -> list[Block]:
        if not self._is_reply:
            return plain_blocks(self._text)
        self._markdown = GrowingMarkdown(self._text)
        return self._markdown.blocks

    def _piece(self, block: Block) -> Piece:
        head = self._style.head_px if block.kind == "code" else 0.0
        return Piece(block, self._guessed(block.source, block.kind), head_px=head)

    def _guessed(self, text: str, kind: str) -> float:
        if kind == "rule":
            return float(space.l)
        char_px, line_px = self._style.code_px if kind == "code" else self._style.body_px
        if kind == "code":
            return (text.count("\n") - 1) * line_px + self._style.head_px + BOX_PX
        lines = text.count("\n") + 1 + int(len(text) * char_px / max(1.0, self._width)) if text else 0
        return lines * line_px + (text.count("\n\n") * (GAP_PX - line_px) if kind == "text" else 0)

    def _stack(self) -> None:
        pieces = self._pieces or []
        top = 0.0
        for place, piece in enumerate(pieces):
            piece.top = top + (piece.extra_px if place else 0)
            top = piece.top + piece.height + (GAP_PX if piece.block.kind != "note" else GAP_PX / 3)

    # ── laying out ──

    def ensure(self, top: float, bottom: float) -> bool:
        """Lay out what lies between, drop what lies far off; True when the height is another now."""
        guessed = self.height
        for piece in self.all:
            if piece.top + piece.height >= top and piece.top <= bottom:
                before = piece.height
                self.lay_out(piece)
                if piece.height != before:
                    self._stack()
            elif piece.top + piece.height < top - _KEPT_PX or piece.top > bottom + _KEPT_PX:
                piece.document = None
        return self.height != guessed

    def lay_out(self, piece: Piece) -> QTextDocument:
        """The piece's document at the present width."""
        if piece.document is None:
            piece.document = self.draw(piece, self._style)
            height = self._measured(piece, piece.document)
            piece.height = float(space.l) if piece.block.kind == "rule" else height
            piece.exact = True
        return piece.document

    def _measured(self, piece: Piece, document: QTextDocument) -> float:
        """Lay a document out and give the height of its piece."""
        room = self._width - 2 * piece.padding[0]
        if piece.block.kind in SCROLLED:
            document.setTextWidth(-1)
            if piece.block.kind == "table" and document.size().width() > room:
                # Cells break their lines, but not into ribbons: a table of many columns is wide.
                document.setTextWidth(max(room, min(document.idealWidth(), piece.block.columns * CELL_PX)))
            elif piece.block.kind == "formula":
                document.setTextWidth(max(room, document.idealWidth()))
            piece.natural_px = document.size().width()
            piece.wide = piece.natural_px > room
            piece.scroll_x = min(piece.scroll_x, max(0.0, piece.natural_px - room))
        else:
            document.setTextWidth(room)
        _across, above, below = piece.padding
        return document.size().height() + above + below

    def draw(self, piece: Piece, style: Style) -> QTextDocument:
        """A document of the piece in another style, for the clipboard."""
        if piece.block.kind == "sources" and self._sources is not None:
            return sources_document(self._sources, style)
        if piece.block.kind == attached.KIND:
            return attached.files_document(self._files, style)
        if piece.block.kind in KINDS:
            return thought_document(piece.block, style)
        return document_of(piece.block, style, self._excerpts)

    def release(self) -> None:
        """Out of sight: keep heights, drop documents."""
        for piece in self._pieces or ():
            piece.document = None

    def at(self, y: float) -> int:
        """The index of the piece at height `y`, the nearest one where there is none."""
        pieces = self.all
        for index, piece in enumerate(pieces):
            if y < piece.top + piece.height + GAP_PX / 2:
                return index
        return len(pieces) - 1


def _block_of(sources: Sources) -> Block:
    """What tells two lots of sources apart; the lines themselves are made when they are drawn."""
    return Block("sources", "\n".join([sources.kind, *(f"{CITE}{c.n}" for c in sources.citations)]))
