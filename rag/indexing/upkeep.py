"""Check the library, and make anew what is derived from it. Belongs to the indexing thread."""

from collections.abc import Callable
from pathlib import Path

import numpy as np

from rag.errors import Cancelled, IndexUnbuildable
from rag.index.chroma import ChromaIndex, IndexFailed
from rag.indexing.keeper import IndexKeeper
from rag.indexing.space import check_space, index_bytes
from rag.indexing.staged import vectors_of
from rag.sealing import Key
from rag.sqlite import sqlite3
from rag.store.opening import DATABASE
from rag.store.soundness import Soundness
from rag.store.writer import LibraryWriter
from rag.upkeep_values import Checked, Fault, FaultKind, Rebuilt, UpkeepProgress, UpkeepStage

_SEARCHED = 200  # vectors that a check has the index find
_SEARCHED_THOROUGHLY = 2000
_PER_STEP = 1000
_SAME = 1e-4

Emit = Callable[[UpkeepProgress], None]


class Upkeep:
    """`between` lets short writes in; each may change the library."""

    def __init__(
        self,
        folder: Path,
        writer: LibraryWriter,
        keeper: IndexKeeper,
        between: Callable[[], object],
        key: Key | None = None,
    ) -> None:
        self._key = key
        self._folder = folder
        self._writer = writer
        self._keeper = keeper
        self._between = between

    def check(self, thorough: bool, emit: Emit, cancelled: Callable[[], bool]) -> Checked:
        """Changes nothing. Raises Cancelled, or a database's error where not even that can be told."""
        sound = Soundness(self._folder / DATABASE, self._key)
        try:
            return _Check(sound, self._writer, self._keeper, thorough, emit, cancelled).result()
        finally:
            sound.close()

    def rebuild(self, emit: Emit, cancelled: Callable[[], bool]) -> Rebuilt:
        """Raises DiskFull, IndexUnbuildable or Cancelled; the old index stays in all these cases."""
        sound = Soundness(self._folder / DATABASE, self._key)
        try:
            passages = self._words(sound, emit)
        finally:
            sound.close()
        try:
            return self._index(passages, emit, cancelled)
        except IndexFailed as error:
            self._keeper.leave_rebuild()
            raise IndexUnbuildable(str(error), folder=str(self._folder)) from error
        except BaseException:
            self._keeper.leave_rebuild()
            raise

    def _index(self, passages: int, emit: Emit, cancelled: Callable[[], bool]) -> Rebuilt:
        # another model may take over meanwhile: then it is begun again
        while (staged := self._keeper.begin_rebuild()) is not None:
            while not staged.step():
                emit(UpkeepProgress("building", *staged.progress))
                self._between()
                if cancelled():
                    raise Cancelled
            if self._keeper.swap():
                emit(UpkeepProgress("building", *staged.progress))
                return Rebuilt(staged.index.count())
        return Rebuilt(passages)

    def _words(self, sound: Soundness, emit: Emit) -> int:
        model = self._writer.known_model(self._writer.fact("fingerprint"))
        _, _, passages = sound.counts()
        size = sound.vector_bytes(model) if model is not None else 0
        check_space(self._folder, index_bytes(passages, size))
        emit(UpkeepProgress("words", 0, passages))
        passages = sound.rebuild_words()
        emit(UpkeepProgress("words", passages, passages))
        if model is not None:
            sound.drop_wrong_vectors(model)
            self._writer.set_fact("complete", "")  # what has no vector is embedded anew, in the background
        return passages


class _Check:
    def __init__(
        self,
        sound: Soundness,
        writer: LibraryWriter,
        keeper: IndexKeeper,
        thorough: bool,
        emit: Emit,
        cancelled: Callable[[], bool],
    ) -> None:
        self._sound = sound
        self._writer = writer
        self._keeper = keeper
        self._thorough = thorough
        self._emit = emit
        self._cancelled = cancelled
        self._faults: list[Fault] = []

    def result(self) -> Checked:
        fingerprint = self._writer.fact("fingerprint")
        model = self._writer.known_model(fingerprint) if fingerprint else None
        self._step("database", lambda: self._sound.database(self._thorough))
        if self._faults:  # what a damaged file says of itself is worth nothing
            return Checked(0, 0, 0, 0, -1, fingerprint, self._thorough, tuple(self._faults))
        self._step("texts", lambda: [*self._sound.pages(), *self._sound.spans()])
        self._step("words", self._sound.words)
        if model is not None:
            number = model
            self._step("vectors", lambda: self._vectors(number))
        indexed = self._index(fingerprint, model) if model is not None else 0
        return Checked(
            *self._sound.counts(),
            self._sound.vectors(model),
            indexed,
            fingerprint,
            self._thorough,
            tuple(self._faults),
        )

    def _step(self, stage: UpkeepStage, look: Callable[[], list[Fault]]) -> None:
        self._tell(stage, 0, 1)
        try:
            self._faults += look()
        except sqlite3.DatabaseError as error:
            if stage != "database":
                raise
            self._faults.append(Fault("database_damaged", 1, str(error)))
        self._tell(stage, 1, 1)

    def _tell(self, stage: UpkeepStage, done: int, total: int) -> None:
        if self._cancelled():
            raise Cancelled
        self._emit(UpkeepProgress(stage, done, total))

    def _vectors(self, model: int) -> list[Fault]:
        faults = self._sound.missing_vectors(model)
        if self._thorough:
            faults += self._sound.wrong_vectors(model, lambda done, all_: self._tell("vectors", done, all_))
        return faults

    def _index(self, fingerprint: str, model: int) -> int:
        """Vectors in the index; -1 where it cannot be asked."""
        self._tell("index", 0, 1)
        if not self._keeper.wanted:
            self._tell("index", 1, 1)
            return 0
        index = self._keeper.current(fingerprint)
        if index is None or not index.is_there():
            self._add("index_closed", 1)
            return -1
        try:
            wanted, held = self._writer.seen_passages(model), index.ids()
            self._add("index_missing", len(wanted - held))
            self._add("index_extra", len(held - wanted))
            self._compare(index, model, sorted(wanted & held))
        except IndexFailed as error:
            self._add("index_closed", 1, str(error))
            return -1
        self._tell("index", 1, 1)
        return len(held)

    def _compare(self, index: ChromaIndex, model: int, both: list[int]) -> None:
        most = _SEARCHED_THOROUGHLY if self._thorough else _SEARCHED
        tried = both[:: max(1, len(both) // most)][:most]
        compared = both if self._thorough else tried
        wrong = 0
        for first in range(0, len(compared), _PER_STEP):
            some = compared[first : first + _PER_STEP]
            here = {passage.id: passage.vector for passage in vectors_of(self._writer, model, some)}
            there = index.vectors(some)
            wrong += sum(not _same(vector, there.get(passage, b"")) for passage, vector in here.items())
            self._tell("index", min(first + _PER_STEP, len(compared)), len(compared) + 1)
        self._add("index_wrong", wrong)
        blind = 0
        for first in range(0, len(tried), _PER_STEP):
            blind += not index.finds(list(vectors_of(self._writer, model, tried[first : first + _PER_STEP])))
        self._add("index_blind", blind)

    def _add(self, kind: FaultKind, count: int, detail: str = "") -> None:
        if count:
            self._faults.append(Fault(kind, count, detail))


def _same(a: bytes, b: bytes) -> bool:
    """Chroma gives vectors back as it stored them, but for rounding."""
    if len(a) != len(b):
        return False
    return bool(np.allclose(np.frombuffer(a, "<f4"), np.frombuffer(b, "<f4"), atol=_SAME))
