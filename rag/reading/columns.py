"""Columns that a file writes line by line across the page, put in reading order. Changes no word.

Most files write one column after the other, and theirs stays as it is. Tables are read across: only text
that fills its columns like prose is taken apart. Scripts that are written from right to left are left alone.
"""

import unicodedata
from collections.abc import Sequence
from itertools import pairwise
from statistics import median
from typing import NamedTuple

from rag.reading.layout import Line, RawPage, Word

_STEPS = 200  # places across the page at which a gutter is looked for
_NARROWEST_GUTTER = 2  # of those steps
_FEWEST_ROWS = 6  # with words on both sides
_WORDS_A_LINE = 3.5  # of prose, on the average; cells of tables have fewer
_FILLED = 0.7  # of its column's width, by the middle line of prose
_MOST_ACROSS = 0.3  # of all lines: titles and figures, at most


class _Place(NamedTuple):
    """A line without words from the gutter, where it stands."""

    line: Line
    left: float
    right: float
    top: float
    bottom: float


def in_reading_order(page: RawPage, depth: int = 2) -> RawPage:
    """The page with its columns one after the other; the same page when they are, or when it has none."""
    lines = _ordered(page.lines, depth)
    return page if lines is None else RawPage(page.number, lines)


def _ordered(lines: Sequence[Line], depth: int) -> list[Line] | None:
    """None: there is nothing to put in order."""
    if len(lines) < _FEWEST_ROWS or any(line.box is None for line in lines) or _is_right_to_left(lines):
        return None
    gutter = _gutter(lines)
    if gutter is None or not _is_written_across(lines, gutter):
        return None
    result: list[Line] = []
    left: list[_Place] = []
    right: list[_Place] = []

    def leave_block() -> None:
        for side in (left, right):
            ordered = [place.line for place in side]
            result.extend((_ordered(ordered, depth - 1) if depth > 1 else None) or ordered)
            side.clear()

    for place in sorted(_split(lines, gutter), key=lambda place: place.top):
        if place.left < gutter < place.right:
            leave_block()
            result.append(place.line)
        else:
            (left if place.right <= gutter else right).append(place)
    leave_block()
    return result


def _gutter(lines: Sequence[Line]) -> float | None:
    """The middle of the widest strip that the fewest words cross; None where too many do."""
    crossings = [0] * _STEPS
    for line in lines:
        for first, last in _inked(line):
            for step in range(max(0, round(first * _STEPS)), min(_STEPS, round(last * _STEPS) + 1)):
                crossings[step] += 1
    begin = min(line.box.left for line in lines if line.box is not None)
    end = max(line.box.right for line in lines if line.box is not None)
    # a column is at least a sixth of what stands there: the margins are no gutter
    first, last = begin + (end - begin) / 6, end - (end - begin) / 6
    inner = range(max(0, round(first * _STEPS)), min(_STEPS, round(last * _STEPS)))
    if not inner:
        return None
    fewest = min(crossings[step] for step in inner)
    if fewest > _MOST_ACROSS * len(lines):
        return None
    runs: list[list[int]] = [[]]
    for step in inner:
        if crossings[step] == fewest:
            runs[-1].append(step)
        elif runs[-1]:
            runs.append([])
    widest = max(runs, key=len)
    if len(widest) < _NARROWEST_GUTTER:
        return None
    return (widest[0] + widest[-1]) / 2 / _STEPS


def _inked(line: Line) -> list[tuple[float, float]]:
    """What a line covers from left to right; a gap wider than its letters are high is no part of it."""
    spans: list[tuple[float, float]] = []
    for word in line.words:
        if word.box is None:
            continue
        height = word.box.bottom - word.box.top
        if spans and -height <= word.box.left - spans[-1][1] <= height:
            spans[-1] = (spans[-1][0], word.box.right)
        else:
            spans.append((word.box.left, word.box.right))
    return spans


def _split(lines: Sequence[Line], gutter: float) -> list[_Place]:
    """Lines cut at the gutter where no ink crosses it."""
    places = []
    for line in lines:
        crossed = any(first < gutter < last for first, last in _inked(line))
        for words in [line.words] if crossed else _sides(line.words, gutter):
            part = line if len(words) == len(line.words) else Line(words, line.size)
            if part.box is not None:
                box = part.box
                places.append(_Place(part, box.left, box.right, box.top, box.bottom))
    return places


def _sides(words: Sequence[Word], gutter: float) -> list[list[Word]]:
    left = [word for word in words if word.box is not None and word.box.left < gutter]
    right = [word for word in words if word.box is not None and word.box.left >= gutter]
    if left and right:
        # the first word across the gutter continues no word before it in this line
        right[0] = right[0]._replace(before="space") if right[0].before == "nothing" else right[0]
    return [side for side in (left, right) if side]


def _is_written_across(lines: Sequence[Line], gutter: float) -> bool:
    """Whether prose on both sides of the gutter comes by turns."""
    sides: list[list[_Place]] = [[], []]
    order: list[int] = []
    for place in _split(lines, gutter):
        if not place.left < gutter < place.right:
            side = int(place.left >= gutter)
            sides[side].append(place)
            order.append(side)
    turns = sum(a != b for a, b in pairwise(order))
    rows = min(len(side) for side in sides)
    return rows >= _FEWEST_ROWS and turns >= rows and all(_is_prose(side) for side in sides)


def _is_prose(side: Sequence[_Place]) -> bool:
    words = [len(place.line.words) for place in side]
    column = max(place.right for place in side) - min(place.left for place in side)
    return (
        sum(words) / len(words) >= _WORDS_A_LINE
        and median(place.right - place.left for place in side) >= _FILLED * column
        and sum(c.isalpha() for place in side for c in place.line.text)
        >= 0.6 * sum(len(place.line.text) for place in side)
    )


def _is_right_to_left(lines: Sequence[Line]) -> bool:
    texts = (line.text for line in lines if not line.text.isascii())
    letters = [unicodedata.bidirectional(c) for text in texts for c in text if not c.isascii()]
    return sum(kind in ("R", "AL") for kind in letters) > sum(kind == "L" for kind in letters) and any(
        letters
    )
