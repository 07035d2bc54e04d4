"""How fast passages are embedded, and how long the rest may take. Reads no clock but the one it is given."""

import time
from collections import deque
from collections.abc import Callable
from pathlib import PurePath

from rag.reading.kinds import PDF_SUFFIXES, RICH_SUFFIXES, suffix

WINDOW_S = 30.0
_LEAST_S = 2.0  # of work, before anybody is told of a speed
# bytes of a file for each of its passages, until files of its kind have said better
_BYTES_PER_PASSAGE = {"pdf": 12_000.0, "rich": 3_000.0, "plain": 750.0}
_MEMORY = 20.0  # a file counts as much as this many before it, at most


class Pace:
    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._embedded: deque[tuple[float, int]] = deque()  # when, and how many
        self._began_at: float | None = None
        self._bytes: dict[str, float] = {}
        self._passages: dict[str, float] = {}

    def began(self) -> None:
        """Work begins, or goes on after a pause."""
        if self._began_at is None:
            self._began_at = self._clock()
            self._embedded.clear()

    def rests(self) -> None:
        self._began_at = None

    def embedded(self, passages: int) -> None:
        self._embedded.append((self._clock(), passages))

    def passages_per_s(self) -> float:
        """Of the last half minute, reading included; 0 while nobody knows."""
        if self._began_at is None:
            return 0.0
        now = self._clock()
        while self._embedded and now - self._embedded[0][0] > WINDOW_S:
            self._embedded.popleft()
        span = min(WINDOW_S, now - self._began_at)
        return sum(count for _, count in self._embedded) / span if span >= _LEAST_S else 0.0

    def remaining_s(self, passages: float) -> float | None:
        speed = self.passages_per_s()
        return passages / speed if speed > 0 else None

    def expected(self, path: PurePath, size_bytes: int) -> float:
        """How many passages a file may give."""
        kind = suffix(path)
        if self._passages.get(kind):
            return size_bytes * self._passages[kind] / self._bytes[kind]
        return size_bytes / _BYTES_PER_PASSAGE[_sort_of(kind)]

    def came(self, path: PurePath, size_bytes: int, passages: int) -> None:
        """A file has given its passages."""
        kind = suffix(path)
        kept = 1 - 1 / _MEMORY
        self._bytes[kind] = self._bytes.get(kind, 0.0) * kept + size_bytes
        self._passages[kind] = self._passages.get(kind, 0.0) * kept + passages


def _sort_of(kind: str) -> str:
    if kind in PDF_SUFFIXES:
        return "pdf"
    return "rich" if kind in RICH_SUFFIXES else "plain"
