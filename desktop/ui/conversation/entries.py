"""The entries of a conversation: those that are looked at are there, the others made when they are wanted.

Of a message far from what is seen only its height stays, those of its blocks, and how long its text is, from
which its height is guessed at another width. Lays nothing out and knows no widget.
"""

from array import array
from collections.abc import Iterator
from struct import Struct
from typing import Final

from desktop.ui.conversation.entry import Entry, plain_heights
from desktop.ui.conversation.measures import guessed_text_px
from desktop.ui.conversation.style import INSET_PX, Style
from desktop.view_models.turn_list import OPEN, Extent, TurnList
from desktop.view_models.turns import Turn

_MADE: Final = 64  # entries; with more, those far off are let go
_AROUND: Final = 16  # entries beside those in sight, and at the end, that stay
_HEIGHT = Struct("d")


class Entries:
    """One for each turn. `entries[at]` makes it where it is not there."""

    def __init__(self, style: Style, width: int) -> None:
        self.style = style
        self.width = width
        self._turns = TurnList()
        self._made: dict[int, Entry] = {}
        self._extents = array("I")  # `Extent` of each text, one after the other
        self._blocks: list[bytes | None] = []  # heights of the blocks of those that were seen and let go

    def __len__(self) -> int:
        return len(self._blocks)

    def __getitem__(self, at: int) -> Entry:
        place = at + len(self) if at < 0 else at
        entry = self._made.get(place)
        if entry is None:
            if not 0 <= place < len(self):
                raise IndexError(at)
            entry = self._made[place] = Entry(self._turns[place], self.style, self.width)
            entry.is_last = place == len(self) - 1
            blocks = self._blocks[place]
            if blocks is not None:
                entry.pieces.recall(_HEIGHT.unpack_from(blocks)[0], array("f", blocks[_HEIGHT.size :]))
        return entry

    def __iter__(self) -> Iterator[Entry]:
        return (self[at] for at in range(len(self)))

    @property
    def made(self) -> list[tuple[int, Entry]]:
        """Those that are there, with their places, from the first."""
        return sorted(self._made.items())

    def index_of(self, key: int) -> int | None:
        """The place of the message with this key."""
        place = self._turns.index_of(key)
        return place if place is not None and place < len(self) else None

    # ── other turns ──

    def put_from(self, index: int, turns: TurnList) -> list[int]:
        """From `index` on the entries are those of `turns`; those that only grew stay. Gives the heights."""
        old = {place: entry for place, entry in self.made if place >= index}
        for place in old:
            del self._made[place]
        del self._blocks[index:], self._extents[3 * index :]
        self._turns = turns
        self._extents.extend(turns.extents_from(index))
        self._blocks.extend([None] * (len(turns) - index))
        for place, entry in old.items():
            if place < len(turns) and entry.continues(turns[place]):
                entry.update(turns[place])
                self._made[place] = entry
        for place in turns.with_mark(OPEN):
            if place >= index:
                _ = self[place]  # made now, for what it says beside its text
        for place, entry in self._made.items():
            entry.is_last = place == len(self) - 1
        return self._heights(index)

    def update(self, index: int, turn: Turn) -> None:
        """Its turn has another state."""
        here, extent = slice(3 * index, 3 * index + 3), array("I", Extent.of(turn.text))
        if extent != self._extents[here]:
            self._extents[here], self._blocks[index] = extent, None
        self[index].update(turn)

    def restyle(self, style: Style, width: int) -> list[int]:
        """Another theme, text size or width. Gives the heights."""
        self.style, self.width = style, width
        self._blocks = [None] * len(self)
        for entry in self._made.values():
            entry.restyle(style, width)
        return self._heights(0)

    def let_go(self, seen: range) -> None:
        """Keep those near what is seen; of the others that nobody changed their heights alone."""
        if len(self._made) <= _MADE:
            return
        near = range(seen.start - _AROUND, seen.stop + _AROUND)
        for place, entry in self.made:
            if place in near or place >= len(self) - _AROUND or not (entry.idle and entry.turn.settled):
                continue
            height, blocks = entry.pieces.remembered
            self._blocks[place] = _HEIGHT.pack(height) + blocks.tobytes() if blocks else None
            del self._made[place]

    def _heights(self, first: int) -> list[int]:
        texts_px = guessed_text_px(self._extents[3 * first :], self.style, self.width - 2 * INSET_PX)
        heights = plain_heights(texts_px, self._turns.replies[first : len(self)], self.style)
        for place, entry in self._made.items():
            if place >= first:
                heights[place - first] = entry.height
        return heights
