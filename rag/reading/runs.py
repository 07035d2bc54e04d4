"""The map from text offsets to boxes on a page, packed. Knows nothing of PDFs.

A page's `runs` are records of 16 bytes, little-endian, in the order of the text: uint32 start, uint32 end
(character offsets into the page's cleaned text, end exclusive), then left, top, right and bottom as
uint16, fractions of the page as it is shown times 65,535. One record is one word, or the part of a
hyphenated word that stands on one line. No bytes at all: the page has no layout.
"""

import struct
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from rag.protocol import Box

RECORD = struct.Struct("<IIHHHH")
_UNIT = 65_535

# Words of one line overlap by at least this share of the lower one's height
_SAME_LINE = 0.5
# and stand at most this many line heights apart; a wider gap is another column
_LARGEST_GAP = 3.0


class Run(NamedTuple):
    """Characters [start:end) of the text stand at `box`."""

    start: int
    end: int
    box: Box


def pack(runs: Iterable[Run]) -> bytes:
    """The stored form. Boxes are clipped to the page."""
    record = RECORD.pack
    parts = []
    for start, end, box in runs:
        left, top, right, bottom = box.left, box.top, box.right, box.bottom
        if not (0 <= left <= right <= 1 and 0 <= top <= bottom <= 1):
            left, top, right, bottom = (min(1.0, max(0.0, side)) for side in (left, top, right, bottom))
        parts.append(
            record(
                start,
                end,
                round(left * _UNIT),
                round(top * _UNIT),
                round(right * _UNIT),
                round(bottom * _UNIT),
            )
        )
    return b"".join(parts)


def unpack(packed: bytes) -> Iterator[Run]:
    """The runs of a page. Raises ValueError when the bytes are not whole records."""
    if len(packed) % RECORD.size:
        raise ValueError(f"{len(packed)} bytes are not whole records")
    for start, end, left, top, right, bottom in RECORD.iter_unpack(packed):
        yield Run(start, end, Box(left / _UNIT, top / _UNIT, right / _UNIT, bottom / _UNIT))


def boxes_for(packed: bytes, start: int, end: int) -> tuple[Box, ...]:
    """One rectangle per line for the words that [start:end) touches, in reading order."""
    boxes: list[Box] = []
    for run in unpack(packed):
        if run.end <= start or run.start >= end:
            continue
        if boxes and _continues(boxes[-1], run.box):
            boxes[-1] = _union(boxes[-1], run.box)
        else:
            boxes.append(run.box)
    return tuple(boxes)


def _continues(line: Box, word: Box) -> bool:
    """Whether the word stands beside what is gathered of a line (on either side: scripts differ)."""
    shared = min(line.bottom, word.bottom) - max(line.top, word.top)
    height = min(line.bottom - line.top, word.bottom - word.top)
    if height <= 0 or shared < _SAME_LINE * height:
        return False
    gap = max(word.left - line.right, line.left - word.right)
    return gap <= _LARGEST_GAP * height


def _union(a: Box, b: Box) -> Box:
    return Box(min(a.left, b.left), min(a.top, b.top), max(a.right, b.right), max(a.bottom, b.bottom))
