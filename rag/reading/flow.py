"""Running text that grows block by block, with its headings and pages. For kinds of files without layout.

Every block is cleaned as it comes, so that the headings' offsets are those of the stored text.
"""

import re
import unicodedata
from dataclasses import dataclass, field
from typing import Literal

from rag.protocol import Heading
from rag.reading.cleaning import clean_plain
from rag.reading.headings import LONGEST_HEADING, Path
from rag.reading.plain import sheets

CELL = " | "
_SPACE = re.compile(r"[ \t\n\r\f\v]+")

Kind = Literal["paragraph", "line", "exact"]


@dataclass
class Sheet:
    """A page of running text."""

    text: str = ""
    headings: list[Heading] = field(default_factory=list)


class Flow:
    """Takes blocks in order. `pages` gives what came of them."""

    def __init__(self) -> None:
        self._path = Path()
        self._pages: list[Sheet] = []
        self._parts: list[str] = []
        self._headings: list[Heading] = []
        self._length = 0
        self._kind: Kind | None = None
        self.characters = 0

    def add(self, text: str, kind: Kind = "paragraph") -> int | None:
        """Put a block below what is there; where it begins, or None when nothing of it can be read.

        "line": a row or an item, close to those around it; "exact": its white space is kept.
        """
        clean = clean_plain(text) if kind == "exact" else clean_plain(_lines(text))
        if not clean:
            return None
        if self._parts:
            close = kind == "line" and self._kind == "line"
            self._append("\n" if close else "\n\n")
        start = self._length
        self._append(clean)
        self._kind = kind
        return start

    def heading(self, level: int, text: str) -> None:
        """A block that is a heading; `level` 1 stands highest."""
        start = self.add(text)
        title = self._parts[-1].replace("\n", " ") if start is not None else ""
        if start is not None and len(title) <= 2 * LONGEST_HEADING:
            self._headings.append(Heading(start, self._path.enter(level, title)))

    def section(self, level: int, title: str) -> None:
        """A heading that stands nowhere in the text: it counts from here on."""
        title = " ".join(clean_plain(title).split())
        if title:
            self._headings.append(Heading(self._length, self._path.enter(level, title)))

    def end_page(self) -> None:
        """What comes is on another page, even when nothing was on this one."""
        self._pages.append(Sheet("".join(self._parts), self._headings))
        self._parts, self._headings, self._length, self._kind = [], [], 0, None

    def pages(self) -> list[Sheet]:
        """All pages, long ones cut into sheets. Empty pages at the end are left out."""
        self.end_page()
        while self._pages and not self._pages[-1].text:
            self._pages.pop()
        return [part for page in self._pages for part in _cut(page)]

    def _append(self, text: str) -> None:
        self._parts.append(text)
        self._length += len(text)
        self.characters += len(text)


def same_words(a: str, b: str) -> bool:
    """Whether two headings say the same, case, marks and white space apart."""
    return _letters(a) == _letters(b)


def _letters(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKC", text).casefold() if c.isalnum())


def _lines(text: str) -> str:
    """White space as a reader sees it: U+2028 is a break that is meant."""
    lines = (_SPACE.sub(" ", line).strip() for line in text.split("\u2028"))
    return "\n".join(line for line in lines if line)


def _cut(page: Sheet) -> list[Sheet]:
    cut = []
    for start, end in sheets(page.text):
        last = end == len(page.text)
        inside = [
            Heading(h.start - start, h.path)
            for h in page.headings
            if start <= h.start < end or (last and h.start >= end)
        ]
        cut.append(Sheet(page.text[start:end], inside))
    return cut
