"""What an engine gives of a page before cleaning: lines of words with boxes. No PDF library here."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from typing import Literal, NamedTuple

from rag.protocol import Box

_WIDE_GAP = 2.5  # in line heights, width and height counted in the same fractions


class Word(NamedTuple):
    """A word as the engine spells it, and what stood between it and the word before.

    "hyphen": a hyphen at the line's end cut it off; "nothing": they touch, in scripts without spaces.
    """

    text: str
    box: Box | None
    before: Literal["space", "hyphen", "nothing"] = "space"


def around(boxes: Iterable[Box | None]) -> Box | None:
    """The rectangle around those boxes that are known; None when none is."""
    known = [box for box in boxes if box is not None]
    if not known:
        return None
    return Box(
        min([box.left for box in known]),
        min([box.top for box in known]),
        max([box.right for box in known]),
        max([box.bottom for box in known]),
    )


@dataclass
class Line:
    """Words that stand side by side. `size` is the height of its letters, in points; 0 if unknown."""

    words: list[Word]
    size: float = 0.0

    @cached_property
    def text(self) -> str:
        return " ".join(word.text for word in self.words)

    @cached_property
    def box(self) -> Box | None:
        """The rectangle around the line's words."""
        return around(word.box for word in self.words)

    @cached_property
    def is_row(self) -> bool:
        """Whether wide gaps stand between the words, as in the row of a table."""
        boxes = [word.box for word in self.words if word.box is not None]
        return any(
            abs(after.left - before.right) > _WIDE_GAP * (before.bottom - before.top)
            for before, after in pairwise(boxes)
        )


@dataclass
class RawPage:
    """A page as read. `number` counts from 1."""

    number: int
    lines: list[Line] = field(default_factory=list)


class OutlineEntry(NamedTuple):
    """A bookmark: its depth from 0, its words, and the page (from 1) it points to."""

    level: int
    title: str
    page: int
