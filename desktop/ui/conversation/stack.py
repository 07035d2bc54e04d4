"""Messages one above the other: heights, what is in sight, and the place that holds still.

Heights out of sight are guesses. While they become exact, an anchor in sight keeps its place, so that
nothing jumps. Knows no widget.
"""

from array import array
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from itertools import accumulate

from desktop.ui.conversation.entries import Entries
from desktop.ui.conversation.style import GAP_PX, Style
from desktop.ui.theme import space
from desktop.view_models.turn_list import TurnList
from desktop.view_models.turns import Turn

MARGIN_PX = space.l  # above the first message and below the last


@dataclass(frozen=True)
class Anchor:
    """`offset` px below the top of a message's piece (-1: of the message) stands the window's top edge."""

    entry: int = 0
    piece: int = -1
    offset: float = 0.0


class Stack:
    """The entries of a conversation at one style and width. Positions count from the stack's top."""

    def __init__(self, style: Style, width: int) -> None:
        self.style = style
        self.width = width
        self.entries = Entries(style, width)
        self._heights = array("i")
        self._tops = array("q", [MARGIN_PX])

    # ── what it holds ──

    def fill(self, turns: TurnList) -> None:
        self.entries = Entries(self.style, self.width)
        self.replace_from(0, turns)

    def replace_from(self, index: int, turns: TurnList) -> None:
        """From `index` on the turns are those of `turns`; entries that only grew stay."""
        self._heights[index:] = array("i", self.entries.put_from(index, turns))
        if index:
            self._measure_one(index - 1)  # it was the last one, or is now
        self._pile()

    def update(self, index: int, turn: Turn) -> None:
        self.entries.update(index, turn)
        self._measure_one(index)
        self._pile()

    def let_go(self, seen: range) -> None:
        """Entries far from those that are seen need not be there."""
        self.entries.let_go(seen)

    def restyle(self, style: Style, width: int) -> None:
        if style == self.style and width == self.width:
            return
        self.style, self.width = style, width
        self._heights = array("i", self.entries.restyle(style, width))
        self._pile()

    def measure(self, index: int) -> None:
        """A message is as high as it says now."""
        self._measure_one(index)
        self._pile()

    def _measure_one(self, index: int) -> None:
        self._heights[index] = self.entries[index].height

    def _pile(self) -> None:
        self._tops = array("q", accumulate(self._heights, initial=MARGIN_PX))

    # ── where things are ──

    @property
    def height(self) -> int:
        return self._tops[-1] + MARGIN_PX

    def top(self, index: int) -> int:
        return self._tops[index]

    def height_of(self, index: int) -> int:
        return self._heights[index]

    def index_at(self, y: float) -> int:
        """The message at height `y`, the nearest one where there is none."""
        return max(0, min(len(self.entries) - 1, bisect_right(self._tops, y) - 1))

    def between(self, top: float, bottom: float) -> range:
        """The messages that show between two heights."""
        if not self.entries:
            return range(0)
        return range(
            max(0, bisect_right(self._tops, top) - 1), min(len(self.entries), bisect_left(self._tops, bottom))
        )

    def ensure(self, top: float, bottom: float) -> bool:
        """Lay out what shows between two heights; True when something came out other than guessed."""
        moved = False
        for index in self.between(top, bottom):
            entry = self.entries[index]
            if entry.ensure(top - self._tops[index], bottom - self._tops[index]):
                self._measure_one(index)
                moved = True
        if moved:
            self._pile()
        return moved

    # ── holding still ──

    def anchor_at(self, top: float, height: float) -> Anchor:
        """What is to hold still while `top` is the window's edge: something in sight that is exact."""
        for index in self.between(top, top + height):
            entry = self.entries[index]
            start = self._tops[index] + entry.text_top
            known = entry.pieces.known
            for number in entry.pieces.between(top - GAP_PX - start, top + height - start):
                piece, here = known[number], start + known[number].top
                if piece.exact and here + piece.height + GAP_PX > top and here < top + height:
                    return Anchor(index, number, top - here)
        index = self.index_at(top)
        return Anchor(index, -1, top - self._tops[index]) if self.entries else Anchor()

    def height_at(self, anchor: Anchor) -> float:
        """Where the window's edge stands for an anchor."""
        if anchor.entry >= len(self.entries):
            return float(self.height)
        entry, top = self.entries[anchor.entry], self._tops[anchor.entry]
        known = entry.pieces.all if anchor.piece >= 0 else []
        if 0 <= anchor.piece < len(known):
            return top + entry.text_top + known[anchor.piece].top + anchor.offset
        return top + anchor.offset
