"""Give passages their vectors, batch by batch, each batch stored as it comes."""

from collections.abc import Callable, Iterator
from itertools import zip_longest

from rag.errors import EmbedderDamaged, EmbedderError, EmbedderKills, EmbedderMissing, Forwarded, WorkerDied
from rag.indexing.ahead import Ahead
from rag.indexing.port import Answer, Call, EmbedderPort
from rag.store.values import Unembedded
from rag.store.writer import LibraryWriter

# One call to the embedder: short, because a question waits for the one under way, and because a kill costs
# that one and the one that waits behind it
TEXTS_PER_CALL = 8
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
        self.meanwhile: Callable[[], None] = lambda: None  # called whenever the model has begun to work

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

    def ahead(self, document: int, generation: int, cancelled: Callable[[], bool]) -> Ahead:
        """Embeds it while it is read; `embed` does the rest."""
        return Ahead(self._writer, self._port, self, document, generation, TEXTS_PER_CALL, cancelled)

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
            done = 0
            for batch, answer in self._answers(waiting, model is not None, cancelled):
                known = self.use(answer.fingerprint, answer.vectors.shape[1], answer.source)
                self._writer.store_vectors(
                    known,
                    [
                        (item.digest, vector.tobytes())
                        for item, vector in zip(batch, answer.vectors, strict=True)
                    ],
                )
                done += len(batch)
                progress(done, total)
                if known != model:
                    model = known
                    break
            else:
                if model is None:  # a document without passages, before any model was seen
                    return -1

    def _answers(
        self, waiting: list[Unembedded], ahead: bool, cancelled: Callable[[], bool]
    ) -> Iterator[tuple[list[Unembedded], Answer]]:
        """Each batch with its vectors. With `ahead` the next one is asked for before that: the model works
        while vectors are stored."""
        batches = [waiting[n : n + TEXTS_PER_CALL] for n in range(0, len(waiting), TEXTS_PER_CALL)]
        now: Call | None = None
        under_way: Call | None = None
        try:
            for batch, following in zip_longest(batches, batches[1:]):
                now = under_way or self._asked(batch)
                under_way = self._asked(following) if ahead and following else None
                self.meanwhile()
                yield batch, self._vectors(now, [item.text for item in batch], cancelled)
        finally:
            for call in filter(None, (now, under_way)):
                call.drop()

    def _asked(self, batch: list[Unembedded]) -> Call:
        return self._port.ask("passage", [item.text for item in batch], self.source)

    def _vectors(self, call: Call, texts: list[str], cancelled: Callable[[], bool]) -> Answer:
        try:
            answer = answer_of(call, self._port, texts, cancelled, self.source)
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
    return answer_of(port.ask("passage", texts, source), port, texts, cancelled, source)


def answer_of(
    call: Call, port: EmbedderPort, texts: list[str], cancelled: Callable[[], bool], source: str
) -> Answer:
    """Of passages that were asked for; once more where the embedder died. Raises as `vectors_of` does."""
    try:
        return call.answer(cancelled)
    except Forwarded as error:
        if error.info().code != WorkerDied.code:
            raise
        # the core starts it anew; a second death is no accident
        return port.embed("passage", texts, cancelled, source)
