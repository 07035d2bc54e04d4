"""Keep the vector index in step with library.db: opened, compared, caught up, rebuilt.

Written by the indexing thread; the request thread asks for the index and searches exactly without it.
"""

import logging
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

from rag.index.chroma import ChromaIndex, IndexFailed, drop_others, erase
from rag.store.values import Change, PassageVector
from rag.store.writer import LibraryWriter

_PASSAGES_PER_READ = 500
_PASSAGES_PER_STAGE = 1000
_TRIED = 32  # passages that an opened index has to find, before it is trusted

log = logging.getLogger(__name__)


class IndexKeeper:
    """The state of the index stands in library.db, in the fact "index": "in step", "behind" while a change is
    under way, "opening" until an opened index has proved that it works."""

    def __init__(self, folder: Path, open_index: Callable[[Path, str], ChromaIndex] = ChromaIndex) -> None:
        self._folder = folder
        self._open_index = open_index
        self._index: ChromaIndex | None = None
        self._lock = threading.Lock()
        self._in_step = False
        self._coming: ChromaIndex | None = None  # of the model that is to take over
        self._missing: list[int] | None = None  # passages that it does not hold yet; None: to be compared

    def attach(self, writer: LibraryWriter) -> None:
        """Begin: `writer` belongs to the thread that calls this and `catch_up`."""
        self._writer = writer

    def current(self, fingerprint: str) -> ChromaIndex | None:
        """The index of this model when it holds everything; None: compare exactly. Any thread."""
        with self._lock:
            if self._index is None or not self._in_step or self._index.fingerprint != fingerprint:
                return None
            return self._index

    def distrust(self, index: ChromaIndex | None) -> None:
        """It failed to answer: open it anew before it is asked again. Any thread."""
        with self._lock:
            if self._index is index:  # else it has been replaced meanwhile
                self._in_step = False
                self._index = None

    def follow(self, change: Change) -> None:
        """Bring one change into an index that held everything before it; else compare it all."""
        self._missing = None
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
            self.distrust(index)
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
            self.distrust(self._index)
            try:
                erase(self._folder)
                self.unstage()
                self._writer.set_fact("index", "behind")
                self._catch_up(fingerprint)
            except IndexFailed:
                log.exception("the vector index cannot be built; searching without it")
                self.distrust(self._index)

    def stage(self, fingerprint: str, model: int) -> bool:
        """Bring some passages into the index of a model that is to take over, beside the one in use.

        True: it holds them all, or cannot be built now; taking over builds it then.
        """
        try:
            if self._coming is None or self._coming.fingerprint != fingerprint:
                self._coming, self._missing = self._open_index(self._folder, fingerprint), None
            if self._missing is None:
                wanted, held = self._writer.seen_passages(model), self._coming.ids()
                self._coming.delete(held - wanted)
                self._missing = sorted(wanted - held)
            some, self._missing = self._missing[:_PASSAGES_PER_STAGE], self._missing[_PASSAGES_PER_STAGE:]
            self._coming.add(self._vectors(model, some))
        except IndexFailed:
            log.warning("the vector index of the next model is built when it takes over")
            self.unstage()
            return True
        return not self._missing

    def unstage(self) -> None:
        """No model is to take over any more."""
        self._coming, self._missing = None, None

    def taken_over(self, fingerprint: str) -> None:
        """`stage` said True, and the library answers with this model from now on."""
        coming = self._coming if self._coming and self._coming.fingerprint == fingerprint else None
        complete = coming is not None and self._missing == []
        self.unstage()
        if complete:
            with self._lock:
                self._index, self._in_step = coming, True
            self._writer.set_fact("index", "in step")
        else:
            self.catch_up()

    def drop_others(self) -> None:
        """Delete the indexes of models that neither answer nor are to take over."""
        kept = filter(None, (self._writer.fact("fingerprint"), self._writer.fact("next")))
        try:
            drop_others(self._folder, *kept)
        except IndexFailed:
            log.warning("old vector indexes stay on the disk for now")

    def _catch_up(self, fingerprint: str) -> None:
        index = self._index
        if index is None or index.fingerprint != fingerprint:
            index = self._opened(fingerprint)
        model = self._writer.known_model(fingerprint)
        if model is not None and self._writer.fact("index") != "in step":
            with self._lock:
                self._in_step = False
            wanted, held = self._writer.seen_passages(model), index.ids()
            index.delete(held - wanted)
            index.add(self._vectors(model, sorted(wanted - held)))
            self._writer.set_fact("index", "in step")
        with self._lock:
            self._index = index
            self._in_step = True

    def _opened(self, fingerprint: str) -> ChromaIndex:
        """Open the index and try it; leaves the fact at "in step" or "behind".

        Damaged files can end the process inside Chroma. The fact is "opening" meanwhile, so that the next
        start sees it and takes a new folder. Raises IndexFailed.
        """
        before = self._writer.fact("index")
        if before == "opening":
            log.warning("an earlier start ended while the vector index was opened: it is built anew")
            erase(self._folder)
        self._writer.set_fact("index", "opening")
        index = self._open_index(self._folder, fingerprint)
        model = self._writer.known_model(fingerprint)
        if model is not None:
            wanted = self._writer.seen_passages(model)
            if before != "in step" or index.count() != len(wanted):
                before = "behind"
                wanted &= index.ids()
            if not index.finds(list(self._vectors(model, _sample(wanted)))):
                raise IndexFailed("vectors that it holds are not found")
        self._writer.set_fact("index", "in step" if before == "in step" else "behind")
        return index

    def _vectors(self, model: int, passages: list[int]) -> Iterator[PassageVector]:
        for first in range(0, len(passages), _PASSAGES_PER_READ):
            yield from self._writer.vectors_of(model, passages[first : first + _PASSAGES_PER_READ])


def _sample(passages: set[int]) -> list[int]:
    """At most `_TRIED` of them, spread over all."""
    ordered = sorted(passages)
    return ordered[:: max(1, len(ordered) // _TRIED)][:_TRIED]
