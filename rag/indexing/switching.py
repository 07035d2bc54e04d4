"""Another embedding model takes over: its vectors are made beside those in use, which go on answering.

The change is one transaction, when every text has its new vector and the new index holds them all. A kill
before it costs one call's vectors; one after it leaves old vectors, which the next start drops.
"""

import logging
from collections.abc import Callable
from pathlib import Path

from rag.errors import Cancelled, ErrorInfo, RagError
from rag.indexing.embedding import TEXTS_PER_CALL, PassageEmbedder, vectors_of
from rag.indexing.keeper import IndexKeeper
from rag.indexing.port import Answer, EmbedderPort
from rag.indexing.space import check_space
from rag.protocol import ModelsInUse
from rag.sqlite import sqlite3
from rag.store.opening import problem_of
from rag.store.values import DocumentRow
from rag.store.writer import LibraryWriter

# what a text takes besides its vector, which stands in library.db, its log, and the index
_BYTES_PER_TEXT = 1000
_COPIES = 3

log = logging.getLogger(__name__)


class ModelSwitch:
    """Belongs to the indexing thread. `tell` takes the state as it changes."""

    def __init__(
        self,
        folder: Path,
        writer: LibraryWriter,
        port: EmbedderPort,
        embedder: PassageEmbedder,
        keeper: IndexKeeper,
        tell: Callable[[ModelsInUse], None],
    ) -> None:
        self._folder = folder
        self._writer = writer
        self._port = port
        self._embedder = embedder
        self._keeper = keeper
        self._tell = tell
        self._after = 0  # the document that was embedded last
        self._counted: tuple[int, int] | None = None  # texts with a vector of the next model, and all texts

    @property
    def coming(self) -> str:
        """Where the model is that is to take over; "": none is."""
        return self._writer.fact("next_source")

    def state(self, problem: ErrorInfo | None = None) -> ModelsInUse:
        if not self._writer.fact("next"):
            return ModelsInUse(self._embedder.source, problem=problem)
        if self._counted is None:
            model = self._writer.known_model(self._writer.fact("next"))
            self._counted = self._writer.texts(model if model is not None else -1), self._writer.texts()
        done, total = self._counted
        return ModelsInUse(self._embedder.source, self.coming, min(done, total), total, problem)

    def choose(self, source: str, cancelled: Callable[[], bool]) -> ModelsInUse:
        """The person wants the model at `source`.

        Raises, and leaves everything as it is: DiskFull, the embedder's error, Cancelled.
        """
        if self.coming != source or not source:
            if source == self._embedder.source and self._embedder.fingerprint:
                self._give_up()
            else:
                self._take(vectors_of(self._port, ["a"], cancelled, source), source)
        state = self.state()
        self._tell(state)
        return state

    def _take(self, answer: Answer, source: str) -> None:
        """A model that has just shown that it works."""
        dimensions = answer.vectors.shape[1]
        if not self._embedder.fingerprint:
            self._embedder.use(answer.fingerprint, dimensions, source)
        elif answer.fingerprint == self._embedder.fingerprint:  # the same model, elsewhere
            self._give_up()
            self._writer.take_over(answer.fingerprint, source)
        else:
            check_space(self._folder, self._writer.texts() * (_COPIES * 4 * dimensions + _BYTES_PER_TEXT))
            self._give_up()
            self._writer.model(answer.fingerprint, dimensions)
            self._writer.set_coming(answer.fingerprint, source)
            self._after, self._counted = 0, None

    def _give_up(self) -> None:
        """Whatever was to take over does not, and leaves nothing."""
        if self._writer.fact("next"):
            self._writer.set_coming("", "")
            self._keeper.unstage()
            self._counted = None
        self.tidy()

    def tidy(self) -> None:
        """Drop what models left that neither answer nor are to take over."""
        kept = filter(None, (self._embedder.fingerprint, self._writer.fact("next")))
        self._writer.drop_models_but(*kept)
        self._keeper.drop_others()

    def step(self, cancelled: Callable[[], bool], let_in: Callable[[], object]) -> bool:
        """Some of the work; False when there is none. `let_in` lets short writes in, which may choose
        another model. Raises what keeps it from going on, after having told it, and Cancelled."""
        coming = self._writer.fact("next")
        if not coming:
            return False
        try:
            self._step(coming, cancelled, let_in)
        except Cancelled:
            raise
        except (RagError, sqlite3.Error) as error:
            problem = problem_of(error, self._folder) if isinstance(error, sqlite3.Error) else error
            self._tell(self.state(problem.info()))
            raise
        return True

    def _step(self, coming: str, cancelled: Callable[[], bool], let_in: Callable[[], object]) -> None:
        model = self._writer.known_model(coming)
        if model is None:  # not by our hand: begin anew when it is chosen again
            self._give_up()
            return
        document = self._writer.incomplete(model, self._after) or self._writer.incomplete(model)
        if document is not None:
            check_space(self._folder)
            if self._embedded(document, coming, model, cancelled, let_in):
                self._after = document.id
        elif self._keeper.stage(coming, model):
            self._writer.take_over(coming, self.coming)
            self._writer.set_fact("complete", str(model))
            self._keeper.taken_over(coming)
            self._counted = None
            self._tell(self.state())
            self.tidy()

    def _embedded(
        self,
        document: DocumentRow,
        coming: str,
        model: int,
        cancelled: Callable[[], bool],
        let_in: Callable[[], object],
    ) -> bool:
        """Whether all of the document has vectors of the model; False: another one is wanted by now."""
        waiting = self._writer.unembedded(model, document.id, document.generation)
        for first in range(0, len(waiting), TEXTS_PER_CALL):
            batch = waiting[first : first + TEXTS_PER_CALL]
            source = self.coming
            answer = vectors_of(self._port, [item.text for item in batch], cancelled, source)
            if answer.fingerprint != coming:  # its file was replaced meanwhile
                self._take(answer, source)
                return False
            rows = zip(batch, answer.vectors, strict=True)
            self._writer.store_vectors(model, [(item.digest, vector.tobytes()) for item, vector in rows])
            done, total = self._counted or (0, 0)
            self._counted = (done + len(batch), total) if self._counted else None
            self._tell(self.state())
            self._embedder.heard(answer)
            let_in()
            if self._writer.fact("next") != coming:
                return False
        return True
