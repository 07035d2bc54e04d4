"""Keep the vector index in step with library.db: opened, compared, caught up, rebuilt.

Written by the indexing thread; the request thread asks for the index and searches exactly without it.
"""

import logging
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

from rag.index.chroma import ChromaIndex, IndexFailed, erase
from rag.store.values import Change, PassageVector
from rag.store.writer import LibraryWriter

_PASSAGES_PER_READ = 500

log = logging.getLogger(__name__)


class IndexKeeper:
    """The state of the index stands in library.db: fact "index" is "behind" while a change is under way."""

    def __init__(self, folder: Path, open_index: Callable[[Path, str], ChromaIndex] = ChromaIndex) -> None:
        self._folder = folder
        self._open_index = open_index
        self._index: ChromaIndex | None = None
        self._lock = threading.Lock()
        self._in_step = False

    def attach(self, writer: LibraryWriter) -> None:
        """Begin: `writer` belongs to the thread that calls this and `catch_up`."""
        self._writer = writer

    def current(self, fingerprint: str) -> ChromaIndex | None:
        """The index of this model when it holds everything; None: compare exactly. Any thread."""
        with self._lock:
            if self._index is None or not self._in_step or self._index.fingerprint != fingerprint:
                return None
            return self._index

    def distrust(self) -> None:
        """It failed to answer: build it anew before it is asked again. Any thread."""
        with self._lock:
            self._in_step = False
            self._index = None

    def follow(self, change: Change) -> None:
        """Bring one change into an index that held everything before it; else compare it all."""
        fingerprint = self._writer.fact("fingerprint")
        index = self.current(fingerprint)
        model = self._writer.known_model(fingerprint)
        if index is None or model is None:
            self.catch_up()
            return
        try:
            index.delete(change.hidden)
            index.add(self._vectors(model, change.shown))
        except IndexFailed:
            self.distrust()
            self.catch_up()
        else:
            self._writer.set_fact("index", "in step")

    def catch_up(self) -> None:
        """Bring the index to what library.db holds; never raises IndexFailed, for the search does without."""
        fingerprint = self._writer.fact("fingerprint")
        if not fingerprint:
            return
        try:
            self._catch_up(fingerprint)
        except IndexFailed:
            log.warning("the vector index is rebuilt from the library")
            self.distrust()
            try:
                erase(self._folder)
                self._catch_up(fingerprint)
            except IndexFailed:
                log.exception("the vector index cannot be built; searching without it")
                self.distrust()

    def _catch_up(self, fingerprint: str) -> None:
        index = self._index
        fresh = index is None or index.fingerprint != fingerprint
        if index is None or fresh:
            index = self._open_index(self._folder, fingerprint)
        model = self._writer.known_model(fingerprint)
        behind = self._writer.fact("index") != "in step"
        if model is not None and (behind or (fresh and index.count() != self._writer.seen_count(model))):
            self._writer.set_fact("index", "behind")
            with self._lock:
                self._in_step = False
            wanted, held = self._writer.seen_passages(model), index.ids()
            index.delete(held - wanted)
            index.add(self._vectors(model, sorted(wanted - held)))
            self._writer.set_fact("index", "in step")
        with self._lock:
            self._index = index
            self._in_step = True

    def _vectors(self, model: int, passages: list[int]) -> Iterator[PassageVector]:
        for first in range(0, len(passages), _PASSAGES_PER_READ):
            yield from self._writer.vectors_of(model, passages[first : first + _PASSAGES_PER_READ])
