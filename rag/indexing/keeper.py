"""Keep the vector index in step with library.db: opened, compared, caught up, renewed, rebuilt and swapped.

Written by the indexing thread; the request thread asks for the index and searches exactly without it. An
index lives in a home, a folder with a number: what takes its place is built in the next one.
"""

import logging
import threading
from collections.abc import Callable
from pathlib import Path

from rag.errors import DiskFull
from rag.index.chroma import ChromaIndex, IndexFailed, drop_others
from rag.indexing.changes import together
from rag.indexing.courtesy import Courtesy
from rag.indexing.staged import StagedIndex, add_to, vectors_of
from rag.sqlite import sqlite3
from rag.store.values import Change
from rag.store.writer import LibraryWriter

_NOTHING = Change([], [])
_TRIED = 32  # passages that an opened index has to find, before it is trusted

Opener = Callable[[Path, str, int], ChromaIndex]

log = logging.getLogger(__name__)


class IndexKeeper:
    """The state of the index stands in library.db, in the fact "index": "in step", "behind" while a change is
    under way, "opening" until an opened index has proved that it works. "home FINGERPRINT" is the number of
    the home that counts."""

    wanted = True  # else everything is compared exactly, and no index is missed

    def __init__(self, folder: Path, open_index: Opener = ChromaIndex) -> None:
        self._folder = folder
        self._open_index = open_index
        self.courtesy = Courtesy()  # what is built lets questions go first
        self._index: ChromaIndex | None = None
        self._lock = threading.Lock()
        self._in_step = False
        self._coming: StagedIndex | None = None  # of the model that is to take over
        self.changed: Callable[[], None] = lambda: None  # told after every change of what can be seen
        self._rebuilt: StagedIndex | None = None  # to take the place of the one in use
        self._held: Change | None = None  # the fact says "behind" as long as there is one

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
        """Bring one change, and what was held, into an index that held everything before; else compare it
        all."""
        held, self._held = self._held, None
        try:
            self._follow(change if held is None else together(held, change))
        finally:
            self.changed()

    def hold(self, change: Change) -> None:
        """It can be found by its words already, and by meaning when it is settled."""
        self._held = change if self._held is None else together(self._held, change)

    def settle(self) -> None:
        """Bring in what was held, if anything was. Never raises: what could not come in is caught up."""
        if self._held is None:
            return
        try:
            self.follow(_NOTHING)
        except sqlite3.Error as error:
            log.warning("the vector index stays behind: %s", error)
            self.distrust(self._index)

    def _follow(self, change: Change) -> None:
        for staged in (self._coming, self._rebuilt):
            if staged is not None:
                staged.changed()
        fingerprint = self._writer.fact("fingerprint")
        index = self.current(fingerprint)
        model = self._writer.known_model(fingerprint)
        if index is None or model is None or not index.is_there():
            self.distrust(index)
            self.catch_up()
            return
        try:
            index.delete(change.hidden)
            add_to(index, self._writer, model, change.shown, self._folder, self.courtesy.give_way)
        except IndexFailed:
            self.distrust(index)
            self.catch_up()
        except DiskFull as full:
            log.warning("the vector index stays behind: %s", full)
            self.distrust(index)
        except BaseException:  # it holds a part of it, and the next change would call that in step
            self.distrust(index)
            raise
        else:
            self._writer.set_fact("index", "in step")

    def catch_up(self) -> None:
        """Bring the index to what library.db holds; never raises IndexFailed, for the search does without."""
        self._held = None  # all is compared, as long as it is not in step
        fingerprint = self._writer.fact("fingerprint")
        if not fingerprint:
            return
        try:
            try:
                self._catch_up(fingerprint)
            except IndexFailed:
                log.warning("the vector index is built anew from the library")
                self.distrust(self._index)
                self._move(fingerprint)
                self._catch_up(fingerprint)
        except IndexFailed:
            log.exception("the vector index cannot be built; searching without it")
            self.distrust(self._index)
        except DiskFull as full:
            log.warning("no room for the vector index; searching without it: %s", full)
            self.distrust(self._index)

    def stage(self, fingerprint: str, model: int) -> bool:
        """Bring some passages into the index of a model that is to take over, beside the one in use.

        True: it holds them all, or cannot be built now; taking over builds it then. Raises DiskFull.
        """
        self.settle()
        try:
            if self._coming is None or self._coming.index.fingerprint != fingerprint:
                index = self._open_index(self._folder, fingerprint, self._home(fingerprint))
                self._coming = StagedIndex(index, self._writer, model, self._folder, self.courtesy.give_way)
            return self._coming.step()
        except IndexFailed:
            log.warning("the vector index of the next model is built when it takes over")
            self.unstage()
            return True

    def unstage(self) -> None:
        """No model is to take over any more."""
        self._coming = None

    def taken_over(self, fingerprint: str) -> None:
        """`stage` said True, and the library answers with this model from now on."""
        self.settle()
        coming = self._coming if self._coming and self._coming.index.fingerprint == fingerprint else None
        self.unstage()
        self._rebuilt = None
        if coming is not None and coming.complete:
            self._use(coming.index)
        else:
            self.catch_up()
        self.changed()

    def begin_rebuild(self) -> StagedIndex | None:
        """An index to fill beside the one in use, for `swap`; None: nothing was embedded yet.

        Raises IndexFailed.
        """
        self.settle()
        fingerprint = self._writer.fact("fingerprint")
        model = self._writer.known_model(fingerprint)
        if model is None:
            return None
        self.leave_rebuild()
        index = self._open_index(self._folder, fingerprint, self._home(fingerprint) + 1)
        self._rebuilt = StagedIndex(index, self._writer, model, self._folder, self.courtesy.give_way)
        return self._rebuilt

    def swap(self) -> bool:
        """The rebuilt index takes the place of the one in use, which goes; False: it cannot any
        more, because something was changed or another model answers."""
        self.settle()
        rebuilt = self._rebuilt
        fingerprint = self._writer.fact("fingerprint")
        if rebuilt is None or not rebuilt.complete or rebuilt.index.fingerprint != fingerprint:
            return False
        self._set_home(fingerprint, self._home(fingerprint) + 1)
        self._rebuilt = None
        self._use(rebuilt.index)
        self.drop_others()
        return True

    def leave_rebuild(self) -> None:
        """What was rebuilt of it goes; the one in use stays."""
        self._rebuilt = None
        self.drop_others()

    def drop_others(self) -> None:
        """Delete the indexes of models that neither answer nor are to take over, and homes that were left."""
        kept = filter(None, (self._writer.fact("fingerprint"), self._writer.fact("next")))
        try:
            drop_others(self._folder, *((fingerprint, self._home(fingerprint)) for fingerprint in kept))
        except IndexFailed:
            log.warning("old vector indexes stay on the disk for now")

    def _home(self, fingerprint: str) -> int:
        number = self._writer.fact(f"home {fingerprint}")
        return int(number) if number.isdecimal() else 0

    def _set_home(self, fingerprint: str, number: int) -> None:
        self._writer.set_fact(f"home {fingerprint}", str(number))

    def _move(self, fingerprint: str) -> None:
        """Begin in a new home: what is in this one cannot be used, and goes."""
        self._writer.set_fact("index", "behind")
        self._set_home(fingerprint, self._home(fingerprint) + 1)
        self.unstage()
        self.drop_others()

    def _use(self, index: ChromaIndex) -> None:
        with self._lock:
            self._index, self._in_step = index, True
        self._writer.set_fact("index", "in step")

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
            missing = sorted(wanted - held)
            add_to(index, self._writer, model, missing, self._folder, self.courtesy.give_way)
        self._use(index)

    def _opened(self, fingerprint: str) -> ChromaIndex:
        """Open the index and try it; leaves the fact at "in step" or "behind".

        Damaged files can end the process inside Chroma. The fact is "opening" meanwhile, so that the next
        start sees it and takes a new home. Raises IndexFailed.
        """
        before = self._writer.fact("index")
        if before == "opening":
            log.warning("an earlier start ended while the vector index was opened")
            self._move(fingerprint)
        self._writer.set_fact("index", "opening")
        index = self._open_index(self._folder, fingerprint, self._home(fingerprint))
        model = self._writer.known_model(fingerprint)
        if model is not None:
            wanted, held = self._writer.seen_passages(model), index.ids()
            before = "in step" if before == "in step" and wanted == held else "behind"
            if not index.finds(list(vectors_of(self._writer, model, _sample(wanted & held)))):
                raise IndexFailed("vectors that it holds are not found")
        self._writer.set_fact("index", "in step" if before == "in step" else "behind")
        return index


def _sample(passages: set[int], most: int = _TRIED) -> list[int]:
    """At most `most` of them, spread over all."""
    ordered = sorted(passages)
    return ordered[:: max(1, len(ordered) // most)][:most]
