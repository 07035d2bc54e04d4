"""Who is next: the files that wait to be indexed, of all that was asked for. Reads and stores nothing."""

import heapq
import itertools
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from rag.errors import DocumentError
from rag.protocol import IndexedDocument, Order


class Waiting(NamedTuple):
    """A file that waits. `problem`: why it cannot come in, where that is known; `passages` it may give."""

    path: Path
    problem: DocumentError | None
    size_bytes: int
    passages: float


@dataclass(eq=False)
class Run:
    """Files that belong together. `request` None: nobody waits for them."""

    request: int | None
    collection: int
    name: str  # of the collection
    files: int = 0
    begun: int = 0
    passwords: dict[str, str] = field(default_factory=dict)
    done: list[IndexedDocument] = field(default_factory=list)
    paths: set[str] = field(default_factory=set)  # those that were given a row in the library


Key = tuple[int, int, int, int]


class Line:
    """A queue over all runs: files that were put first, then what a person waits for, then the rest."""

    def __init__(self) -> None:
        self.order: Order = "added"
        self.runs: list[Run] = []
        self._heap: list[tuple[Key, Run, Waiting]] = []
        self._numbers = itertools.count()
        self._first: dict[str, int] = {}
        self.passages = 0.0  # that may still come, by what such files have given so far

    def __len__(self) -> int:
        return len(self._heap)

    def add(self, run: Run, items: Iterable[Waiting]) -> None:
        self.runs.append(run)
        for item in items:
            self._push(run, item, next(self._numbers))

    def put_back(self, run: Run, item: Waiting) -> None:
        """It gave way to another one."""
        self._push(run, item, -next(self._numbers))

    def _push(self, run: Run, item: Waiting, number: int) -> None:
        heapq.heappush(self._heap, (self._key(run, item, number), run, item))
        self.passages += item.passages

    def next(self) -> tuple[Run, Waiting] | None:
        if not self._heap:
            return None
        _, run, item = heapq.heappop(self._heap)
        self.passages -= item.passages
        return run, item

    def first(self) -> tuple[Run, Waiting] | None:
        """What `next` would give, as far as it is known now; it goes on waiting."""
        return self._heap[0][1:] if self._heap else None

    def end(self, run: Run) -> None:
        """Whatever of it waits does not any more."""
        self.runs.remove(run)
        self._heap = [entry for entry in self._heap if entry[1] is not run]
        heapq.heapify(self._heap)
        self.passages = sum(item.passages for _, _, item in self._heap)

    def holds(self, collection: int) -> set[str]:
        """The files of a collection that wait."""
        return {str(item.path) for _, run, item in self._heap if run.collection == collection}

    def put_first(self, files: Iterable[str]) -> None:
        for file in files:
            self._first[file] = len(self._first)
        self.arrange(self.order)

    def arrange(self, order: Order) -> None:
        self.order = order
        self._heap = [(self._key(run, item, key[-1]), run, item) for key, run, item in self._heap]
        heapq.heapify(self._heap)

    def is_first(self, path: Path) -> bool:
        return str(path) in self._first

    def first_waits(self) -> bool:
        """Whether a file that was put first waits."""
        return bool(self._heap) and self.is_first(self._heap[0][2].path)

    def _key(self, run: Run, item: Waiting, number: int) -> Key:
        first = self._first.get(str(item.path), 1 << 30)
        size = item.size_bytes if self.order == "small_first" else 0
        return first, int(run.request is None), size, number
