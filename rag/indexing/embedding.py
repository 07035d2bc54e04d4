"""Give passages their vectors, batch by batch, each batch stored as it comes."""

from collections.abc import Callable

from rag.errors import EmbedderDamaged, EmbedderError, EmbedderKills, EmbedderMissing, Forwarded, WorkerDied
from rag.indexing.port import Answer, EmbedderPort
from rag.store.writer import LibraryWriter

# One call to the embedder: short, because a question waits for the one under way
TEXTS_PER_CALL = 16
# how an embedder says that a model is no longer where it was
GONE = frozenset((EmbedderError.code, EmbedderMissing.code, EmbedderDamaged.code, EmbedderKills.code))


class PassageEmbedder:
    """Knows which model is in use: the one whose vectors came last."""

    def __init__(
        self, writer: LibraryWriter, port: EmbedderPort, heard: Callable[[Answer], None] = lambda _: None
    ) -> None:
        """`heard` is given every answer: it says which model the person wants."""
        self._writer = writer
        self._port = port
        self.heard = heard

    @property
    def fingerprint(self) -> str:
        """Of the model in use; empty before the first vectors of this library."""
        return self._writer.fact("fingerprint")

    @property
    def source(self) -> str:
        """Where the core finds the model in use; "" asks it for the chosen one."""
        return self._writer.fact("source")

    @property
    def model(self) -> int | None:
        """The number of the model in use."""
        fingerprint = self.fingerprint
        return self._writer.known_model(fingerprint) if fingerprint else None

    def complete(self, document: int, generation: int) -> bool:
        """Whether every passage has a vector of the model in use."""
        model = self.model
        return model is not None and not self._writer.unembedded(model, document, generation)

    def embed(
        self,
        document: int,
        generation: int,
        cancelled: Callable[[], bool],
        progress: Callable[[int, int], None],
    ) -> int:
        """Embed what has no vector yet and give the model's number; `progress` takes done and total.

        When the core has changed the model meanwhile, all of the document is embedded by the new one.
        Raises the embedder's error or Cancelled.
        """
        model = self.model
        while True:
            waiting = self._writer.unembedded(model if model is not None else -1, document, generation)
            total = len(waiting)
            if model is not None and not waiting:
                return model
            for first in range(0, total, TEXTS_PER_CALL):
                batch = waiting[first : first + TEXTS_PER_CALL]
                answer = self._vectors([item.text for item in batch], cancelled)
                known = self.use(answer.fingerprint, answer.vectors.shape[1], answer.source)
                self._writer.store_vectors(
                    known,
                    [
                        (item.digest, vector.tobytes())
                        for item, vector in zip(batch, answer.vectors, strict=True)
                    ],
                )
                progress(min(first + len(batch), total), total)
                if known != model:
                    model = known
                    break
            else:
                if model is None:  # a document without passages, before any model was seen
                    return -1

    def _vectors(self, texts: list[str], cancelled: Callable[[], bool]) -> Answer:
        try:
            answer = vectors_of(self._port, texts, cancelled, self.source)
        except Forwarded as error:
            if not self._writer.fact("next_source") or error.info().code not in GONE:
                raise
            # it was to be replaced anyway: its successor embeds what is new
            answer = vectors_of(self._port, texts, cancelled, self._writer.fact("next_source"))
        self.heard(answer)
        return answer

    def use(self, fingerprint: str, dimensions: int, source: str) -> int:
        """Take this model for the one in use, at once, and give its number.

        For what is found at the source of the model in use: the model that was there before is gone.
        """
        model = self._writer.model(fingerprint, dimensions)
        if (fingerprint, source) != (self.fingerprint, self.source):
            self._writer.take_over(fingerprint, source)
        return model


def vectors_of(port: EmbedderPort, texts: list[str], cancelled: Callable[[], bool], source: str) -> Answer:
    """Of passages. Raises the embedder's error or Cancelled."""
    try:
        return port.embed("passage", texts, cancelled, source)
    except Forwarded as error:
        if error.info().code != WorkerDied.code:
            raise
        # the core starts it anew; a second death is no accident
        return port.embed("passage", texts, cancelled, source)
