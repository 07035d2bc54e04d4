"""What the indexing thread has to do: filled by the receiving thread. Short writes overtake batches."""

import threading
from collections import deque
from typing import NamedTuple

from rag.indexing.watching import Looked
from rag.keeping_frames import KeepingChange
from rag.protocol import CheckLibrary, IndexPaths, RebuildIndex, RemoveDocuments, UseModel
from rag.question_frames import QuestionsChange


class Batch(NamedTuple):
    request: int
    body: IndexPaths


class Care(NamedTuple):
    """A look at the library's soundness, or its indexes made anew; waits its turn with the batches."""

    request: int
    body: CheckLibrary | RebuildIndex


class Removal(NamedTuple):
    request: int
    body: RemoveDocuments


class NewModel(NamedTuple):
    """A question was embedded by this model, found at `source`; the person wants the one at `chosen`."""

    fingerprint: str
    dimensions: int
    source: str = ""
    chosen: str = ""


class Choice(NamedTuple):
    """The person wants another model; `request` None: an answer of the embedder said so."""

    request: int | None
    body: UseModel


class CatchUp(NamedTuple):
    """The vector index failed to answer."""


class Keeping(NamedTuple):
    """Something about collections, folders, the trash, the queue or a person's own questions."""

    request: int
    body: KeepingChange | QuestionsChange


Short = Removal | NewModel | Choice | CatchUp | Keeping | Looked


class Jobs:
    """A queue with two lanes, and the requests that were taken back."""

    def __init__(self) -> None:
        self._batches: deque[Batch | Care] = deque()
        self._short: deque[Short] = deque()
        self._cancelled: set[int] = set()
        self._changed = threading.Condition()
        self._closed = False

    def add(self, job: Batch | Care | Short) -> None:
        with self._changed:
            if isinstance(job, Batch | Care):
                self._batches.append(job)
            else:
                self._short.append(job)
            self._changed.notify()

    def cancel(self, request: int) -> None:
        with self._changed:
            self._cancelled.add(request)
            self._changed.notify()

    def is_cancelled(self, request: int) -> bool:
        return self._closed or request in self._cancelled

    def close(self) -> None:
        with self._changed:
            self._closed = True
            self._changed.notify()

    @property
    def closed(self) -> bool:
        return self._closed

    def batch_waits(self) -> bool:
        """Whether somebody waits for a batch: what nobody asked for gives way."""
        return self._closed or bool(self._batches)

    def choice_waits(self) -> bool:
        """Whether somebody waits for a batch, or wants another embedding model."""
        with self._changed:
            return self.batch_waits() or any(isinstance(job, Choice) for job in self._short)

    def next_short(self) -> Short | None:
        """A short write, without waiting."""
        with self._changed:
            return self._short.popleft() if self._short else None

    def wait(self, most_s: float) -> None:
        """Until there is a job, and no longer than that."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._short or self._is_batch(), most_s)

    def next_batch(self) -> Batch | None:
        """Files that somebody wants indexed, where they are next, without waiting."""
        with self._changed:
            first = self._batches.popleft() if self._is_batch() else None
            return first if isinstance(first, Batch) else None

    def _is_batch(self) -> bool:
        return bool(self._batches) and isinstance(self._batches[0], Batch)

    def next(self, wait_s: float | None) -> Batch | Care | Short | None:
        """The next job, short ones first. None after `close`, or when there is none within `wait_s`; None
        waits for one."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._short or self._batches, wait_s)
            if self._closed:
                return None
            if self._short:
                return self._short.popleft()
            return self._batches.popleft() if self._batches else None
