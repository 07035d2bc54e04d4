"""While a document is read, what was read of it is embedded already: a call at a time, never waited for."""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, Self

from rag.errors import EmbedderError, Forwarded
from rag.indexing.port import Answer, Call, EmbedderPort
from rag.store.values import Unembedded
from rag.store.writer import LibraryWriter

if TYPE_CHECKING:
    from rag.indexing.embedding import PassageEmbedder


class Ahead:
    """Of one document. Where it meets anything but vectors of the model in use it stops: what embeds the
    rest of the document meets the same, and says so."""

    def __init__(
        self,
        writer: LibraryWriter,
        port: EmbedderPort,
        embedder: PassageEmbedder,
        document: int,
        generation: int,
        most: int,
        cancelled: Callable[[], bool],
    ) -> None:
        """`most`: texts in a call."""
        self._cancelled = cancelled
        self._writer, self._port, self._embedder = writer, port, embedder
        self._document, self._generation, self._most = document, generation, most
        self._model = embedder.model
        self._source = embedder.source
        self._waiting: list[Unembedded] = []
        self._batch: list[Unembedded] = []
        self._call: Call | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """What is under way is waited for where the document was read to its end: it is nearly there."""
        call, self._call = self._call, None
        if call is None:
            return
        if error is not None:
            call.drop()
            return
        self._take(call)

    def more(self) -> None:
        """There are more passages of it than there were. Those that have been asked for come first."""
        if self._model is None or self._waiting:
            return
        asked = {item.digest for item in self._batch} if self._call else set()
        found = self._writer.unembedded(self._model, self._document, self._generation)
        self._waiting = [item for item in found if item.digest not in asked]
        self.turn()

    def turn(self) -> None:
        """Store what came, ask for the next texts. Called often while the document is read."""
        if self._call is not None and self._call.ready:
            call, self._call = self._call, None
            self._take(call)
        if self._call is None and self._waiting and self._model is not None:
            self._batch, self._waiting = self._waiting[: self._most], self._waiting[self._most :]
            self._call = self._port.ask("passage", [item.text for item in self._batch], self._source)
            self._embedder.meanwhile()

    def _take(self, call: Call) -> None:
        try:
            answer = call.answer(self._cancelled)
        except (Forwarded, EmbedderError):
            self._stop()
            return
        self._embedder.heard(answer)
        if self._model is None or not self._of_the_model(answer):
            self._stop()
            return
        pairs = zip(self._batch, answer.vectors, strict=True)
        self._writer.store_vectors(self._model, [(item.digest, vector.tobytes()) for item, vector in pairs])

    def _of_the_model(self, answer: Answer) -> bool:
        return (answer.fingerprint, answer.source) == (self._embedder.fingerprint, self._embedder.source)

    def _stop(self) -> None:
        self._model, self._waiting = None, []
