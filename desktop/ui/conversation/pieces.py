"""The pieces of one message from top to bottom, laid out where they are in sight and guessed elsewhere.

Knows no widget and no scroll position: whoever shows a message says which part of it is wanted.
"""

import re
from array import array
from collections.abc import Callable, Iterable, Sequence
from itertools import takewhile
from typing import Final

from desktop.core.answers.grounding import Doubt
from desktop.ui.conversation import attached, wording
from desktop.ui.conversation.blocks import GAP, Block, plain_blocks
from desktop.ui.conversation.coloring import begin, runs_of
from desktop.ui.conversation.growing import SLICE_CHARACTERS, GrowingMarkdown
from desktop.ui.conversation.markdown import parse
from desktop.ui.conversation.measures import guessed_px, measured_px
from desktop.ui.conversation.piece import Piece, between, nearest
from desktop.ui.conversation.quiet_document import QuietDocument
from desktop.ui.conversation.render import document_of
from desktop.ui.conversation.sources import sources_block, sources_document
from desktop.ui.conversation.style import Style
from desktop.ui.conversation.thoughts import KINDS, thought_blocks, thought_document
from desktop.ui.theme import space
from desktop.view_models.turns import Turn

_FIRST_SLICES: Final = 3  # of a text are taken in when it is first seen
_END_CHARACTERS: Final = 3_000  # of a very long text are read before what stands above them
_FENCES: Final = re.compile(r"^ {0,3}(?:```|~~~)", re.MULTILINE)
_MANY: Final = 2_000  # pieces
_KEPT_PX: Final = 1500  # documents stay this far out of sight, so that a little scrolling lays out nothing


class Pieces:
    """A message's text as pieces at a given width. Parses when first asked for a piece."""

    # an open chat has many
    __slots__ = (
        *("_coming", "_drawn", "_excerpts", "_files", "_guess", "_heights", "_is_reply", "_markdown"),
        *("_pieces", "_sources", "_style", "_text", "_turn", "_width", "doubts", "unfolded"),
    )

    def __init__(self, turn: Turn, style: Style, width: float) -> None:
        self._style = style
        self._width = width
        self._text = turn.text
        self._is_reply = turn.is_reply
        self._excerpts = turn.excerpts
        self._sources = turn.sources
        self.doubts: tuple[Doubt, ...] = ()
        self._files = turn.files
        self._turn = turn
        self.unfolded = False  # the thoughts are shown
        self._markdown: GrowingMarkdown | None = None
        self._coming: list[Piece] | None = None  # of a text that is not taken in yet: what will stand there
        self._drawn: list[Piece] = []  # those with documents
        self._pieces: list[Piece] | None = None
        self._heights = array("f")  # as they were when the message went out of sight
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
        self._text = turn.text  # the turn's own: an equal one would be kept beside it
        if grown is None or not same_look or (grown and not turn.is_reply):
            self._forget()
        elif grown:
            self._grow(grown)
        if other_thoughts:
            self._put_thoughts()
        if other_tail:
            self._put_tail()

    def doubt(self, doubts: tuple[Doubt, ...]) -> bool:
        """Say under the message what in it to look at twice; True where this is another than before."""
        if doubts == self.doubts:
            return False
        self.doubts = doubts
        self._put_tail()
        return True

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
        self._heights = array("f")
        self._markdown = self._pieces = None
        self._coming, self._drawn = None, []
        self._guess = self._guessed(self._text, "text")

    def _grow(self, text: str) -> None:
        if self._markdown is None or self._pieces is None:
            self._guess, self._heights = self._guessed(self._text, "text"), array("f")
            return
        idle = not self._markdown.behind
        self._markdown.text += text
        if idle:
            self._replace_from(self._markdown.step())

    def _replace_from(self, keep: int) -> None:
        """From block `keep` on, the pieces are those of the blocks that there are now."""
        if self._markdown is None or self._pieces is None:
            return
        at = self.lead + keep
        self._pieces[at:] = self._made(
            self._markdown.blocks[keep:], self._pieces[at - 1] if keep else None, self._pieces[at:]
        )
        self._put_tail(at)

    # ── a text too long to be taken in at once ──

    @property
    def behind(self) -> bool:
        """There is text that has no pieces yet."""
        return self._markdown is not None and self._markdown.behind

    @property
    def partial(self) -> bool:
        """Only the text's beginning and its end have pieces yet."""
        return self._coming is not None

    def take_more(self, enough: Callable[[], bool]) -> bool:
        """Take in slices of the text until `enough`; True when the pieces are others now."""
        markdown = self._markdown
        if markdown is None or self._pieces is None or not markdown.behind:
            return False
        keep = len(markdown.blocks)
        while markdown.behind:
            keep = min(keep, markdown.step())
            if self._coming is not None:
                before = self._coming[keep - 1] if keep else None
                self._coming[keep:] = self._made(markdown.blocks[keep:], before)
            if enough():
                break
        if self._coming is None:
            self._replace_from(keep)
        elif not markdown.behind:
            self._put_coming()
        return self._coming is None

    def _show_both_ends(self) -> None:
        """The text's beginning is there; its end is read by itself, and between them is a gap until then."""
        if self._markdown is None or self._pieces is None:
            return
        self._coming = list(self._pieces)
        taken, text = self._markdown.taken, self._text
        begin = max(taken, len(text) - _END_CHARACTERS)
        found = text.find("\n\n", begin)
        begin = found + 2 if found >= 0 else begin
        fenced = len(_FENCES.findall(text, 0, begin)) % 2 or found < 0
        end = plain_blocks(text[begin:], offset=begin) if fenced else parse(text[begin:], begin)
        gap = Piece(Block(GAP, "", taken), self._guessed(text[taken:begin], "text"))
        self._pieces += [gap, *self._made(end, None)]

    def _put_coming(self) -> None:
        """All of the text has pieces now. Those that draw the same stay."""
        known = {piece.block.start: piece for piece in self.known}
        pieces = []
        for piece in self._coming or ():
            old = known.get(piece.block.start)
            if old is not None and old.block == piece.block:
                piece.frame.like(old.frame)
                old.frame, piece = piece.frame, old
            pieces.append(piece)
        self._pieces, self._coming = pieces, None
        self._put_thoughts()
        self._put_tail()

    def _put_tail(self, changed: int = 0) -> None:
        """The files of a question, the sources of a reply. `changed`: the first piece that is another."""
        if self._pieces is None:
            return
        while self._pieces and self._pieces[-1].block.kind in ("sources", attached.KIND):
            self._pieces.pop()
        if self._files:
            self._pieces.append(self._piece(attached.files_block(self._files)))
        if self._sources is not None:
            self._pieces.append(self._piece(sources_block(self._sources, self.doubts)))
        self._stack(changed)

    def restyle(self, style: Style, width: float) -> None:
        """Another theme, text size or width: everything is laid out anew when it is wanted."""
        if style == self._style and width == self._width:
            return
        self._style, self._width, self._heights = style, width, array("f")
        self._guess = self._guessed(self._text, "text")
        every = [*(self._pieces or ()), *(self._coming or ())]
        guessed_anew = len(every) <= _MANY  # of very many the old guesses do
        for piece in every:
            piece.document, piece.exact, piece.step_px = None, False, style.step_px
            piece.frame.natural_px, piece.frame.wide = 0.0, False
            if piece.block.kind == "code":
                self._measure_code(piece)
            elif guessed_anew and piece.block.kind != GAP:
                piece.height = self._guessed(piece.block.source, piece.block.kind)
        self._drawn = []
        self._stack()

    def redraw(self, holds: Callable[[Block], bool]) -> None:
        """What came meanwhile changes how these blocks look: they are laid out anew."""
        for piece in self._drawn:
            if holds(piece.block):
                piece.document, piece.exact = None, False
        self._drawn = [piece for piece in self._drawn if piece.document is not None]

    # ── where things are ──

    @property
    def height(self) -> float:
        if self._pieces is None:
            return self._guess
        return self._pieces[-1].top + self._pieces[-1].height if self._pieces else 0.0

    @property
    def all(self) -> list[Piece]:
        """The pieces that there are: of a very long text its beginning and its end, while it is taken in."""
        if self._pieces is None:
            self._pieces = self._made(self._blocks(), None)
            if self.behind:
                self._show_both_ends()
            self._put_thoughts()
            self._put_tail()
            if len(self._heights) == len(self._pieces):
                for piece, height in zip(self._pieces, self._heights, strict=True):
                    piece.height = height
                self._stack()
        return self._pieces

    @property
    def known(self) -> list[Piece]:
        """The pieces, if they were ever asked for; else none."""
        return self._pieces or []

    def between(self, top: float, bottom: float) -> range:
        """Indices of the pieces that show between two heights."""
        return between(self.known, top, bottom)

    def _blocks(self) -> list[Block]:
        if not self._is_reply:
            return plain_blocks(self._text)
        self._markdown = GrowingMarkdown.begun(self._text)
        for _slice in range(_FIRST_SLICES):
            if self._markdown.behind:
                self._markdown.step()
        return self._markdown.blocks

    def _made(self, blocks: Iterable[Block], before: Piece | None, old: Sequence[Piece] = ()) -> list[Piece]:
        """Pieces of blocks that follow each other. `old`: what stood in their place, and grew."""
        made: list[Piece] = []
        for place, block in enumerate(blocks):
            piece, was = self._piece(block), old[place].block if place < len(old) else None
            if piece.continues and before is not None and before.block.goes_on:
                piece.frame = before.frame
            elif was is not None and (was.kind, was.start) == (block.kind, block.start):
                piece.frame = old[place].frame  # a block that grows stays where it was scrolled to
            elif block.fence:
                begin(block, piece.frame.colours)
            made.append(piece)
            before = piece
        return made

    def _piece(self, block: Block) -> Piece:
        piece = Piece(block, self._guessed(block.source, block.kind), step_px=self._style.step_px)
        if block.kind == "code":
            self._measure_code(piece)
        return piece

    def _measure_code(self, piece: Piece) -> None:
        piece.head_px = 0.0 if piece.continues else self._style.head_px
        piece.height = self._guessed(piece.block.source, "code") + piece.padding[1] + piece.padding[2]

    def _guessed(self, text: str, kind: str) -> float:
        return guessed_px(text, kind, self._style, self._width)

    def _stack(self, first: int = 0) -> None:
        """Put the pieces from `first` on below each other."""
        pieces = self.known
        before = pieces[first - 1] if first else None
        for piece in pieces[first:] if first else pieces:
            piece.top = piece.below(before) if before is not None else 0.0
            before = piece

    # ── laying out ──

    def ensure(self, top: float, bottom: float) -> bool:
        """Lay out what lies between, drop what lies far off; True when the height is another now."""
        guessed, pieces = self.height, self.all
        at = self.between(top, bottom).start
        moved = False
        while at < len(pieces) and pieces[at].top <= bottom:
            before = pieces[at].height
            self.lay_out(pieces[at])
            moved = moved or pieces[at].height != before
            at += 1
            if moved and at < len(pieces):
                pieces[at].top = pieces[at].below(pieces[at - 1])
        if moved:
            self._stack(at)
        self._drop(top - _KEPT_PX, bottom + _KEPT_PX)
        return self.height != guessed

    def _drop(self, top: float, bottom: float) -> None:
        """Documents are kept for what lies between alone."""
        kept = []
        for piece in self._drawn:
            if piece.top + piece.height < top or piece.top > bottom:
                piece.document = None
            elif piece.document is not None:
                kept.append(piece)
        self._drawn = kept

    def lay_out(self, piece: Piece) -> QuietDocument:
        """The piece's document at the present width."""
        if piece.document is None and piece.block.kind == GAP:
            piece.document = QuietDocument()
        elif piece.document is None:
            piece.document = self.draw(piece, self._style)
            self._drawn.append(piece)
            height = measured_px(piece, piece.document, self._width)
            piece.height = float(space.l) if piece.block.kind == "rule" else height
            piece.exact = True
        return piece.document

    def draw(self, piece: Piece, style: Style) -> QuietDocument:
        """A document of the piece in another style, for the clipboard."""
        if piece.block.kind == "sources" and self._sources is not None:
            return sources_document(self._sources, style, self.doubts)
        if piece.block.kind == attached.KIND:
            return attached.files_document(self._files, style)
        if piece.block.kind in KINDS:
            return thought_document(piece.block, style)
        runs = runs_of(piece, self._text, style) if style.colored else None
        return document_of(piece.block, style, self._excerpts, runs)

    def release(self) -> None:
        """Out of sight: keep heights, drop documents, and pieces that are made again in no time."""
        for piece in self._drawn:
            piece.document = None
        self._drawn = []
        pieces = self._pieces
        if pieces is None or len(self._text) > SLICE_CHARACTERS or any(p.frame.scroll_x for p in pieces):
            return
        self._heights = array("f", (piece.height for piece in pieces))
        self._guess = self.height
        self._markdown = self._pieces = None

    @property
    def idle(self) -> bool:
        """Out of sight, with nothing that a person did to it."""
        return self._pieces is None and not self.unfolded

    @property
    def remembered(self) -> tuple[float, "array[float]"]:
        """How high it was when it went out of sight, and its pieces; none of one that was never in sight."""
        return self._guess, self._heights

    def recall(self, height: float, heights: "array[float]") -> None:
        """It was so high when it was in sight, at this style and width."""
        self._guess, self._heights = height, heights

    def at(self, y: float) -> int:
        """The index of the piece at height `y`, the nearest one where there is none."""
        return nearest(self.all, y)
