"""What a person filled into a PDF's form, put where it stands among the page's lines. Reads no form.

pdfium's text of a page leaves form fields out: their values belong to the form, not to the page.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from rag.protocol import Box
from rag.reading.layout import Line, RawPage, Word


class Field(NamedTuple):
    """What a field shows, and where."""

    value: str
    box: Box


def with_fields(page: RawPage, fields: Sequence[Field]) -> RawPage:
    """The page with each value beside what stands on its height to the left, else below what is above."""
    lines = list(page.lines)
    for field in sorted(fields, key=lambda field: (field.box.top, field.box.left)):
        rows = [row.split() for row in field.value.splitlines() if row.split()]
        label = _label(lines, field.box) if len(rows) == 1 else None
        if label is not None:
            words = lines[label].words
            at = sum(word.box is not None and word.box.left < field.box.left for word in words)
            new = [Word(word, field.box) for word in rows[0]]
            lines[label] = Line([*words[:at], *new, *words[at:]], lines[label].size)
        else:
            at = _place(lines, field.box)
            lines[at:at] = list(_rows(rows, field.box))
    return RawPage(page.number, lines)


def _label(lines: Sequence[Line], box: Box) -> int | None:
    """The line on the field's height whose words come nearest from the left."""
    best: tuple[float, int] | None = None
    for index, line in enumerate(lines):
        for word in line.words:
            if word.box is None or not _beside(word.box, box) or word.box.left > box.left:
                continue
            gap = max(0.0, box.left - word.box.right)
            if best is None or gap < best[0]:
                best = (gap, index)
    return None if best is None else best[1]


def _beside(a: Box, b: Box) -> bool:
    shared = min(a.bottom, b.bottom) - max(a.top, b.top)
    return shared > 0.5 * min(a.bottom - a.top, b.bottom - b.top)


def _place(lines: Sequence[Line], box: Box) -> int:
    """Before the first line that begins below the field's top."""
    for index, line in enumerate(lines):
        if line.box is not None and line.box.top > box.top:
            return index
    return len(lines)


def _rows(rows: Sequence[Sequence[str]], box: Box) -> Iterator[Line]:
    """Each row of a larger field at its share of the field's height."""
    step = (box.bottom - box.top) / max(1, len(rows))
    for number, words in enumerate(rows):
        part = Box(box.left, box.top + number * step, box.right, box.top + (number + 1) * step)
        yield Line([Word(word, part) for word in words], 0.0)
