"""Cut page text into passages. Reads no files, stores nothing.

A passage is a span of one page: it never crosses a page, begins and ends at a sentence where it can, and
overlaps the one before, so that no statement is only found in halves. A heading begins a new passage.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from rag.protocol import Heading

MOST_CHARACTERS = 900
OVERLAP = 150
_SHORTEST_SECTION = 200  # a heading cuts only after this much, so that lists of headings stay together
_SHORTEST_TAIL = 150  # a shorter rest of a page stays with the passage before it
_SENTENCE_END = re.compile(r"(?:[.!?…]+[\"'”’»)\]]*\s+|[。！？]|\n\s*)")


class Span(NamedTuple):
    """Characters [start:end) of a page, and the headings above them."""

    start: int
    end: int
    heading: tuple[str, ...]


def cut(
    text: str, headings: Sequence[Heading] = (), above: tuple[str, ...] = (), most: int = MOST_CHARACTERS
) -> Iterator[Span]:
    """The passages of one page, in order. `above` is the heading in force where the page begins.

    Spans hold no white space at either end, and every other character of the page is in one of them.
    """
    sentences = [match.end() for match in _SENTENCE_END.finditer(text)]
    sections = sorted({heading.start for heading in headings})
    start, text_end = _trimmed(text, 0, len(text))
    while start < text_end:
        end, section = _end(text, start, text_end, sentences, sections, most)
        _, last = _trimmed(text, start, end)
        yield Span(start, last, _heading_at(headings, start, above))
        if end >= text_end:
            return
        if not section:
            end = _overlapping(text, max(start + 1, end - min(OVERLAP, most // 6)), end, sentences)
        start, _ = _trimmed(text, end, text_end)


def heading_after(headings: Sequence[Heading], above: tuple[str, ...]) -> tuple[str, ...]:
    """The heading in force where the next page begins."""
    return headings[-1].path if headings else above


def _end(
    text: str, start: int, text_end: int, sentences: Sequence[int], sections: Sequence[int], most: int
) -> tuple[int, bool]:
    """Where the passage that begins at `start` ends, and whether a heading ends it."""
    limit = start + most
    section = bisect_left(sections, start + _SHORTEST_SECTION)
    if section < len(sections) and sections[section] <= min(limit, text_end):
        return sections[section], True
    if text_end <= limit + min(_SHORTEST_TAIL, most // 6):
        return text_end, False
    earliest = start + most // 2
    sentence = bisect_right(sentences, limit) - 1
    if sentence >= 0 and sentences[sentence] > earliest:
        return sentences[sentence], False
    for position in range(limit, earliest, -1):
        if text[position - 1].isspace():
            return position, False
    return limit, False


def _overlapping(text: str, earliest: int, end: int, sentences: Sequence[int]) -> int:
    """Where the next passage begins: the first sentence, or else word, from `earliest` on before `end`."""
    sentence = bisect_left(sentences, earliest)
    if sentence < len(sentences) and sentences[sentence] < end:
        return sentences[sentence]
    for position in range(earliest, end):
        if text[position - 1].isspace() and not text[position].isspace():
            return position
    return end


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end


def _heading_at(headings: Sequence[Heading], position: int, above: tuple[str, ...]) -> tuple[str, ...]:
    index = bisect_right(headings, position, key=lambda heading: heading.start)
    return headings[index - 1].path if index else above
