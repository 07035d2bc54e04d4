"""Headings of a page: from the outline, from Markdown's marks, or from lines in larger letters.

Gives offsets into the stored text and the path of headings above each. Cuts nothing.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from rag.protocol import Heading
from rag.reading.cleaning import clean_word
from rag.reading.layout import OutlineEntry, RawPage

LONGEST_HEADING = 120
_LARGER = 1.15  # letters of a heading, against the page's most common size
_MARKDOWN = re.compile(r"(?m)^(#{1,6})[ \t]+(.+?)[ \t]*#*$")
_FENCE = re.compile(r"(?m)^[ \t]*(?:```|~~~)")
_ENDS_LIKE_A_SENTENCE = (".", ",", ";", ":", "-")


class Path:
    """The headings in force, by level."""

    def __init__(self) -> None:
        self._levels: list[tuple[int, str]] = []

    def enter(self, level: int, title: str) -> tuple[str, ...]:
        """Begin a section and give its path, outermost heading first."""
        while self._levels and self._levels[-1][0] >= level:
            self._levels.pop()
        self._levels.append((level, title[:LONGEST_HEADING]))
        return tuple(title for _, title in self._levels)


class FromOutline:
    """Finds the outline's titles in the text of their pages."""

    def __init__(self, outline: Sequence[OutlineEntry]) -> None:
        path = Path()
        self._by_page: dict[int, list[tuple[str, tuple[str, ...]]]] = {}
        for level, title, page in outline:
            clean = " ".join(clean_word(word) for word in title.split())
            self._by_page.setdefault(page, []).append((clean, path.enter(level, clean)))

    def on_page(self, number: int, text: str) -> tuple[Heading, ...]:
        """In order of their offsets; a title that does not stand in the text counts from where it is due."""
        found: list[Heading] = []
        position = 0
        for title, path in self._by_page.get(number, ()):
            position = _locate(title, text, position)
            found.append(Heading(position, path))
        return tuple(found)


def from_markdown(text: str) -> tuple[Heading, ...]:
    """Lines that begin with `#`, outside fenced code."""
    path = Path()
    fences = [match.start() for match in _FENCE.finditer(text)]
    return tuple(
        Heading(match.start(), path.enter(len(match.group(1)), match.group(2)))
        for match in _MARKDOWN.finditer(text)
        if sum(fence < match.start() for fence in fences) % 2 == 0
    )


def from_sizes(page: RawPage, text: str) -> tuple[Heading, ...]:
    """Short lines in letters clearly larger than most of the page's; larger ones stand above smaller."""
    letters: Counter[float] = Counter()
    for line in page.lines:
        letters[round(line.size, 1)] += len(line.text)
    if not letters or len(page.lines) < 3:
        return ()
    usual = letters.most_common(1)[0][0]
    path = Path()
    headings = []
    position = 0
    for line in page.lines:
        if usual <= 0 or line.size < _LARGER * usual:
            continue
        title = " ".join(filter(None, (clean_word(word.text) for word in line.words)))
        if not _looks_like_a_heading(title):
            continue
        position = _locate(title, text, position)
        headings.append(Heading(position, path.enter(-round(line.size * 2), title)))
    return tuple(headings)


def _looks_like_a_heading(title: str) -> bool:
    return (
        2 < len(title) <= LONGEST_HEADING
        and any(c.isalpha() for c in title)
        and not title.endswith(_ENDS_LIKE_A_SENTENCE)
    )


def _locate(title: str, text: str, position: int) -> int:
    """Where the title stands at or after `position`: best on a line of its own, else at a line's start."""
    words = r"\s+".join(re.escape(word) for word in title.split())
    if not words:
        return position
    for pattern in _patterns(words):
        match = re.compile(pattern, re.IGNORECASE | re.MULTILINE).search(text, position)
        if match:
            return match.start()
    return position


def _patterns(words: str) -> Iterator[str]:
    numbered = r"^[ \t]*(?:[\dA-Z]{1,3}(?:\.\d+)*\.?\s+)?"
    yield numbered + words + r"[ \t]*$"
    yield numbered + words + r"\b"
