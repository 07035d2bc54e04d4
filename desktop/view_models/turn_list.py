"""The turns of a chat in their order. Those far from its end are packed, until they are looked at.

An open chat of 1,000 turns would take 3 KB a turn as objects, beside its texts; packed it takes a tenth. Asks
the core for nothing: what is here was read once, so that whoever goes through a chat need not wait.
"""

import zlib
from array import array
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple, overload

import msgspec

from desktop.view_models.turns import Turn

PACK: Final = 32  # turns; fewer are packed worse, more are unpacked for one that is looked at
NEAR: Final = 64  # turns at the end that stay as they are
LARGEST_BYTES: Final = 256 * 1024  # of a pack before it is compressed: so much is done in a few milliseconds
OPEN_PACKS: Final = 3  # those looked at last

REPLY: Final = 1  # marks of turns, which are known without unpacking any
CITES: Final = 2
SEARCHED: Final = 4
PINNED: Final = 8
OPEN: Final = 16  # it is not settled

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(tuple[Turn, ...]).decode


class Extent(NamedTuple):
    """How long a text is: from this its height is guessed where it is not looked at."""

    characters: int
    lines: int  # ends of lines
    gaps: int  # empty lines between paragraphs

    @classmethod
    def of(cls, text: str) -> "Extent":
        return cls(len(text), text.count("\n"), text.count("\n\n"))


class TurnList(Sequence[Turn]):
    """As a list of turns. `pack_one` is for whoever has time."""

    def __init__(self, turns: Iterable[Turn] = ()) -> None:
        self._turns: list[Turn | None] = []  # None: in a pack
        self._keys = array("q")
        self._marks = bytearray()
        self._extents = array("I")  # `Extent` of each text, one after the other
        self._packs: dict[int, bytes] = {}  # by their place: turns PACK * place and following
        self._too_large: set[int] = set()
        self._open: OrderedDict[int, tuple[Turn, ...]] = OrderedDict()
        self._replace_from(0, turns)

    # ── as a sequence ──

    def __len__(self) -> int:
        return len(self._turns)

    @overload
    def __getitem__(self, at: int) -> Turn: ...

    @overload
    def __getitem__(self, at: slice) -> list[Turn]: ...

    def __getitem__(self, at: int | slice) -> Turn | list[Turn]:
        if isinstance(at, slice):
            return [self._at(place) for place in range(*at.indices(len(self)))]
        place = at + len(self) if at < 0 else at
        if not 0 <= place < len(self):
            raise IndexError(at)
        return self._at(place)

    def __iter__(self) -> Iterator[Turn]:
        place = 0
        while place < len(self):  # it may grow meanwhile, as a list does
            yield self._at(place)
            place += 1

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Sequence):
            return NotImplemented
        return len(self) == len(other) and all(a == b for a, b in zip(self, other, strict=True))

    __hash__ = None  # type: ignore[assignment]  # it changes

    def __setitem__(self, at: int, turn: Turn) -> None:
        place = at + len(self) if at < 0 else at
        if self._turns[place] is None:
            self._unpack(place // PACK)
        self._too_large.discard(place // PACK)
        self._turns[place] = turn
        self._keys[place], self._marks[place] = turn.key, _marks(turn)
        self._extents[3 * place : 3 * place + 3] = array("I", Extent.of(turn.text))

    def put_from(self, at: int, turns: Sequence[Turn]) -> int:
        """From this place on the turns are these. Gives the first place where they are others now."""
        before = self[at:]
        self._replace_from(at, turns)
        return at + _first_other(before, turns)

    def first_other(self, before: Sequence[Turn]) -> int:
        """The first place where these turns are others than those before."""
        return _first_other(before, self)

    def _replace_from(self, at: int, turns: Iterable[Turn]) -> None:
        if at < len(self) and self._turns[at] is None:
            self._unpack(at // PACK)
        for gone in [place for place in self._packs if place * PACK >= at]:
            del self._packs[gone]
        self._open.clear()
        self._too_large = {place for place in self._too_large if (place + 1) * PACK <= at}
        del self._turns[at:], self._keys[at:], self._marks[at:], self._extents[3 * at :]
        for turn in turns:
            self._turns.append(turn)
            self._keys.append(turn.key)
            self._marks.append(_marks(turn))
            self._extents.extend(Extent.of(turn.text))

    # ── without unpacking ──

    def index_of(self, key: int) -> int | None:
        """The place of the turn with this key."""
        for place in range(len(self) - 1, max(-1, len(self) - 5), -1):  # most are asked for at the end
            if self._keys[place] == key:
                return place
        return self._keys.index(key) if key in self._keys else None

    @property
    def keys(self) -> Sequence[int]:
        """Of all turns, in their order."""
        return self._keys

    @property
    def replies(self) -> list[bool]:
        """Of all turns, in their order, whether a model wrote them."""
        return [bool(marks & REPLY) for marks in self._marks]

    def extents_from(self, at: int) -> "array[int]":
        """`Extent` of the texts from this place on, one after the other."""
        return self._extents[3 * at :]

    def has(self, mark: int) -> bool:
        """Whether any turn has it."""
        return any(marks & mark for marks in self._marks)

    def with_mark(self, mark: int) -> list[int]:
        """The places of the turns that have it."""
        return [place for place, marks in enumerate(self._marks) if marks & mark]

    def keys_with(self, mark: int) -> list[int]:
        """The keys of the turns that have it."""
        return [self._keys[place] for place in self.with_mark(mark)]

    # ── packing ──

    def pack_one(self) -> bool:
        """Pack some turns that are far from the end; False where all are. Takes a few milliseconds."""
        for pack in range((len(self) - NEAR) // PACK):
            if pack not in self._packs and pack not in self._too_large:
                self._pack(pack)
                return True
        return False

    @property
    def packed(self) -> int:
        """How many turns are."""
        return PACK * len(self._packs)

    def _pack(self, pack: int) -> None:
        begin, end = PACK * pack, PACK * (pack + 1)
        turns = self._turns[begin:end]
        try:
            data = _encode(turns)
        except UnicodeEncodeError:  # half of a surrogate pair, which no file holds either
            data = b""
        there = all(turn is not None and turn.stored and turn.state != "streaming" for turn in turns)
        if not data or not there or len(data) > LARGEST_BYTES:
            self._too_large.add(pack)
            return
        self._packs[pack] = zlib.compress(data)
        self._turns[begin:end] = [None] * PACK

    def _unpack(self, pack: int) -> None:
        """For good: something in it changes."""
        self._turns[PACK * pack : PACK * (pack + 1)] = self._opened(pack)
        del self._packs[pack]
        self._open.pop(pack, None)

    def _at(self, place: int) -> Turn:
        turn = self._turns[place]
        return turn if turn is not None else self._opened(place // PACK)[place % PACK]

    def _opened(self, pack: int) -> tuple[Turn, ...]:
        turns = self._open.pop(pack, None)
        if turns is None:
            turns = _decode(zlib.decompress(self._packs[pack]))
        self._open[pack] = turns
        while len(self._open) > OPEN_PACKS:
            self._open.popitem(last=False)
        return turns


def _first_other(before: Sequence[Turn], after: Sequence[Turn]) -> int:
    both = zip(before, after, strict=False)
    return next((i for i, (a, b) in enumerate(both) if a != b), min(len(before), len(after)))


def _marks(turn: Turn) -> int:
    return (
        (REPLY if turn.is_reply else 0)
        | (CITES if turn.citations else 0)
        | (SEARCHED if turn.searched else 0)
        | (PINNED if turn.pinned else 0)
        | (0 if turn.settled else OPEN)
    )
