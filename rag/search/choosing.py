"""From an order to hits: the floor, repetitions, neighbours, the number wanted. Sets each one's fate."""

import re
from collections.abc import Sequence

from rag.search.candidates import Weighed

JOINED_CHARACTERS = 2000  # a hit grows no longer than this
_GAP = 2  # characters between neighbours that touch
_ALIKE = 0.9  # share of words that two texts need in common to be one
_WORD = re.compile(r"\w+")


def choose(ranked: Sequence[Weighed], wanted: int, floor: float) -> list[Weighed]:
    """The hits, best first, at most `wanted`; every candidate has its fate afterwards."""
    kept: list[Weighed] = []
    seen: dict[int, frozenset[str]] = {}
    for item in ranked:
        if item.confidence < floor:
            item.fate = "floor"
        elif len(kept) == wanted:
            item.fate = "budget"
        elif (twin := _twin(item, kept, seen)) is not None:
            item.fate, item.because = "duplicate", twin.row.id
        elif (neighbour := _neighbour(item, kept)) is not None:
            item.fate, item.because = "joined", neighbour.row.id
            neighbour.start = min(neighbour.start, item.row.start)
            neighbour.end = max(neighbour.end, item.row.end)
        else:
            item.fate = "kept"
            kept.append(item)
    return kept


def _twin(item: Weighed, kept: Sequence[Weighed], seen: dict[int, frozenset[str]]) -> Weighed | None:
    """A hit that says the same: an edition of the same text, a page that stands in two files."""
    for other in kept:
        if other.row.digest == item.row.digest:
            return other
        if min(len(other.row.text), len(item.row.text)) < _ALIKE * max(
            len(other.row.text), len(item.row.text)
        ):
            continue
        mine, theirs = _words(item, seen), _words(other, seen)
        if len(mine & theirs) >= _ALIKE * len(mine | theirs) and _figures(mine) == _figures(theirs):
            return other
    return None


def _words(item: Weighed, seen: dict[int, frozenset[str]]) -> frozenset[str]:
    if item.row.id not in seen:
        seen[item.row.id] = frozenset(_WORD.findall(item.row.text.lower()))
    return seen[item.row.id]


def _figures(words: frozenset[str]) -> frozenset[str]:
    """Last year's price list is no copy of this year's."""
    return frozenset(word for word in words if any(c.isdigit() for c in word))


def touches(start: int, end: int, other_start: int, other_end: int) -> bool:
    """Whether two spans of a page overlap, or nothing but a gap lies between them."""
    return start <= other_end + _GAP and other_start <= end + _GAP


def _neighbour(item: Weighed, kept: Sequence[Weighed]) -> Weighed | None:
    """A hit of the same page and heading that it overlaps or touches, and that may still grow."""
    for other in kept:
        if (
            other.row.document == item.row.document
            and other.row.page == item.row.page
            and other.row.heading == item.row.heading
            and touches(item.row.start, item.row.end, other.start, other.end)
            and max(other.end, item.row.end) - min(other.start, item.row.start) <= JOINED_CHARACTERS
        ):
            return other
    return None
