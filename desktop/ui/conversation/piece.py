"""A piece of a message: a block, where it stands, and what of it is scrolled. Draws nothing."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from desktop.ui.conversation.blocks import Block
from desktop.ui.conversation.highlight import State
from desktop.ui.conversation.quiet_document import QuietDocument
from desktop.ui.conversation.style import GAP_PX
from desktop.ui.theme import space

BOX_PX: Final = space.m  # padding in a code block
BAR_PX: Final = 16.0  # room for the slim bar below what is too wide
QUOTE_PX: Final = space.l  # indent of a quotation
QUOTE_LINE_PX: Final = 3.0  # the line beside it
SCROLLED: Final = ("code", "table", "formula")  # kinds that scroll to the side inside their block
SET_IN: Final = (*SCROLLED, "quote")  # kinds whose whole piece stands where the items of its list do


@dataclass(eq=False, slots=True)
class Frame:
    """What the parts of a block share, or what a block of one part has for itself."""

    natural_px: float = 0.0  # the documents' own width, where they scroll inside their block
    scroll_x: float = 0.0
    wide: bool = False  # there is a bar below
    dragged: bool = False  # by its bar
    hovered: bool = False  # its button
    copied: bool = False  # a moment ago
    colours: dict[int, State] = field(default_factory=dict)  # of code: at the places where parts begin

    def like(self, other: "Frame") -> None:
        """Take over how another one stands."""
        self.natural_px, self.wide, self.scroll_x = other.natural_px, other.wide, other.scroll_x
        self.hovered, self.copied, self.dragged = other.hovered, other.copied, other.dragged

    def fit(self, natural_px: float, room_px: float, *, parts: bool) -> None:
        """A document of it is so wide. `parts`: there are others, which may be wider."""
        self.natural_px = max(natural_px, self.natural_px) if parts else natural_px
        self.wide = self.natural_px > room_px
        self.scroll_x = min(self.scroll_x, max(0.0, self.natural_px - room_px))


@dataclass(eq=False, slots=True)
class Piece:
    """A block and where it stands: `top` from the message's text, both in pixels."""

    block: Block
    height: float
    exact: bool = False
    top: float = 0.0
    document: QuietDocument | None = None
    head_px: float = 0.0  # of a code block's head
    step_px: float = float(space.xl)  # from a list to what stands in its items
    frame: Frame = field(default_factory=Frame)

    @property
    def is_framed(self) -> bool:
        """It scrolls to the side inside its block."""
        return self.block.kind in SCROLLED

    @property
    def continues(self) -> bool:
        """It is code that began in the piece before."""
        return self.block.kind == "code" and self.block.joined

    @property
    def left_px(self) -> float:
        """How far it stands from the message's edge, with its frame where it has one: it belongs to a list's
        item or to a quotation."""
        deeper = max(0, len(self.block.quoted) - 1) * self.step_px
        quoted = QUOTE_PX + deeper if self.block.quoted else 0.0
        return quoted + (self.step_px * self.block.inset if self.block.kind in SET_IN else 0)

    @property
    def quotation_px(self) -> float:
        """Where the line of the outermost quotation around it stands, from the message's edge."""
        return self.step_px * self.block.quoted[0] if self.block.quoted else 0.0

    @property
    def extra_px(self) -> float:
        """More room above, where something new begins."""
        if self.block.kind == "heading":
            return float(space.m if self.block.level < 3 else space.s)
        return 0.0

    @property
    def padding(self) -> tuple[float, float, float]:
        """(left and right, above, below) around the document."""
        bar = BAR_PX if self.frame.wide else 0.0
        if self.block.kind == "code":
            # Of several parts the last has the bar, and room for it before it is known whether there is one.
            ends = BAR_PX if self.block.joined else max(BOX_PX - 2.0, bar)
            return BOX_PX, self.head_px, 0.0 if self.block.goes_on else ends
        return (QUOTE_PX if self.block.kind in ("quote", "thought") else 0.0), 0.0, bar

    def below(self, before: "Piece") -> float:
        """Where it begins when it stands below another one."""
        if self.continues:
            return before.top + before.height
        gap = GAP_PX / 3 if before.block.kind == "note" else GAP_PX
        if self.block.joined:
            gap = space.s if before.is_framed else space.xs
        elif self.block.inner:
            gap = space.s
        return before.top + before.height + gap + self.extra_px


def between(pieces: Sequence[Piece], top: float, bottom: float) -> range:
    """Indices of those that show between two heights."""
    first = bisect_left(pieces, top, key=lambda piece: piece.top + piece.height)
    return range(first, max(first, bisect_right(pieces, bottom, key=lambda piece: piece.top)))


def nearest(pieces: Sequence[Piece], y: float) -> int:
    """The index of the one at height `y`, the nearest one where there is none."""
    found = bisect_right(pieces, y, key=lambda piece: piece.top + piece.height + GAP_PX / 2)
    return min(found, len(pieces) - 1)


def code_from(pieces: Sequence[Piece], index: int) -> str:
    """The code of the block that begins with this piece."""
    code = pieces[index].block.code
    while pieces[index].block.goes_on:
        index += 1
        block = pieces[index].block
        code += ("" if block.glued else "\n") + block.code
    return code
