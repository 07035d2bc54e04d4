"""Running headers and footers: found by their return on neighbouring pages, and dropped. Reads no files."""

import re
from collections import Counter, deque
from collections.abc import Iterable, Iterator

from rag.reading.layout import Line, RawPage

MARGIN = 0.1  # the upper and lower share of a page in which running lines stand
NUMBER_MARGIN = 0.2  # page numbers alone also stand nearer to the text
NEIGHBOURS = 8  # pages looked at on either side
REPEATS = 3  # a line is running when it stands on this many pages of the neighbourhood
_NUMBER = re.compile(r"\d+|\b[ivxlc]+\b")

Key = tuple[str, str]


def without_running_lines(pages: Iterable[RawPage]) -> Iterator[RawPage]:
    """The pages in order, without lines that come back in the margins of neighbouring pages.

    Numbers count as equal, so page numbers go too. A page that would be left empty keeps its lines. Holds
    `NEIGHBOURS` pages back, no more, so that long documents stay out of memory.
    """
    window: deque[tuple[RawPage, frozenset[Key]]] = deque()
    counts: Counter[Key] = Counter()
    waiting: deque[tuple[RawPage, frozenset[Key]]] = deque()
    for page in pages:
        entry = (page, frozenset(key for line in page.lines if (key := _key(line)) is not None))
        window.append(entry)
        waiting.append(entry)
        counts.update(entry[1])
        if len(waiting) > NEIGHBOURS:
            yield _cleaned(waiting.popleft()[0], counts)
        if len(window) > 2 * NEIGHBOURS:
            counts.subtract(window.popleft()[1])
    while waiting:
        yield _cleaned(waiting.popleft()[0], counts)


def _key(line: Line) -> Key | None:
    """What a running line has in common with itself on other pages; None outside the margins."""
    box = line.box
    if box is None:
        return None
    middle = (box.top + box.bottom) / 2
    margin = NUMBER_MARGIN if len(line.words) == 1 and line.text.isdecimal() else MARGIN
    if margin < middle < 1 - margin:
        return None
    return ("top" if middle < 0.5 else "bottom", _NUMBER.sub("#", line.text.casefold()))


def _cleaned(page: RawPage, counts: Counter[Key]) -> RawPage:
    kept = [line for line in page.lines if (key := _key(line)) is None or counts[key] < REPEATS]
    return RawPage(page.number, kept) if kept else page
