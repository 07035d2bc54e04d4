"""Cut page text into passages. Reads no files, stores nothing.

A passage is a span of one page: it never crosses a page, begins and ends at a sentence where it can, and
overlaps the one before, so that no statement is only found in halves. A heading begins a new passage.
"""

import re
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
    start = 0
    while start < len(text):
        end, section = _end(text, start, sentences, sections, most)
        first, last = _trimmed(text, start, end)
        if first < last:
            yield Span(first, last, _heading_at(headings, first, above))
        if end >= len(text):
            return
        start = end if section else _overlapping(text, start, end, sentences)


def heading_after(headings: Sequence[Heading], above: tuple[str, ...]) -> tuple[str, ...]:
    """The heading in force where the next page begins."""
    return headings[-1].path if headings else above


def _end(
    text: str, start: int, sentences: Sequence[int], sections: Sequence[int], most: int
) -> tuple[int, bool]:
    """Where the passage that begins at `start` ends, and whether a heading ends it."""
    limit = start + most
    for section in sections:
        if start + _SHORTEST_SECTION <= section <= limit:
            return section, True
    if len(text) <= limit + min(_SHORTEST_TAIL, most // 6):
        return len(text), False
    earliest = start + most // 2
    at_sentence = [end for end in sentences if earliest < end <= limit]
    if at_sentence:
        return at_sentence[-1], False
    for position in range(limit, earliest, -1):
        if text[position - 1].isspace():
            return position, False
    return limit, False


def _overlapping(text: str, start: int, end: int, sentences: Sequence[int]) -> int:
    """Where the next passage begins: a sentence, or else a word, within the overlap before `end`."""
    earliest = max(end - OVERLAP, start + 1)
    for sentence in sentences:
        if earliest <= sentence < end:
            return sentence
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
    path = above
    for heading in headings:
        if heading.start > position:
            break
        path = heading.path
    return path
