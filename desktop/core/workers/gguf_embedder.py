"""A GGUF embedding model in an engine worker of its own, asked as the library's embedders are.

A second engine process: a library that is read never waits for a reply, and a bad file ends this one alone.
Which words the model wants in front of texts is known here, not to the engine.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from desktop.core.errors import Cancelled, Reported, Unexpected
from desktop.core.workers.supervisor import Launch, Terms, Worker
from desktop.core.workers.wires import engine_wire
from engine import protocol as engine
from engine.errors import ModelMissing, NoEmbedderLoaded
from rag.embedding.fingerprint import fingerprint_of
from rag.embedding.prefixes import Prefixes, beside, prefixes_of
from rag.errors import EmbedderMissing, RagError
from rag.protocol import Embed, Vectors

# Asked for so few at a time, because a question waits for those under way; a batch of the engine's is about
# two passages, so that smaller calls cost nothing
TEXTS_PER_CALL = 4


class GgufEmbedder:
    """Blocks its thread. Loaded by the first request, and again after its process ended for any reason."""

    def __init__(
        self,
        path: Path,
        terms: Callable[[Callable[[], Launch]], Terms],
        launch: Callable[[], Launch],
        load: Callable[[str], engine.LoadEmbedder],
    ) -> None:
        """`terms` makes the supervisor's terms of a launch; `load` says how the model is placed."""
        self._path = path
        self._load = load
        self._order = _QuestionsFirst()
        self._lock = threading.Lock()  # for what is known of the loaded model
        self._known: tuple[str, Prefixes] | None = None
        self._worker: Worker[engine.Request, engine.Event] = Worker(engine_wire(), terms(launch))

    @property
    def pid(self) -> int | None:
        return self._worker.pid

    def embed(self, request: Embed, cancelled: Callable[[], bool] = lambda: False) -> Vectors:
        """Raises, reported, what keeps the model from loading or embedding; Cancelled."""
        while True:
            parts: list[bytes] = []
            dimensions = 0
            named = ""
            for first in range(0, max(1, len(request.texts)), TEXTS_PER_CALL):
                if cancelled():
                    raise Cancelled
                texts = request.texts[first : first + TEXTS_PER_CALL]
                with self._order.turn(request.kind == "query"):
                    fingerprint, embedded = self._part(request, texts)
                if named and fingerprint != named:
                    break  # the file was replaced meanwhile: vectors of two models never mix
                named, dimensions = fingerprint, embedded.dimensions
                parts.append(embedded.vectors)
            else:
                return Vectors(dimensions, b"".join(parts), named)

    def stop(self) -> None:
        self._worker.stop()

    def close(self) -> None:
        self._worker.close()

    def _part(self, request: Embed, texts: tuple[str, ...]) -> tuple[str, engine.Embedded]:
        with self._lock:
            known = self._known
        fingerprint, prefixes = known or self._loaded()
        try:
            return fingerprint, self._embedded(prefixes[request.kind], texts)
        except Reported as refusal:
            if refusal.problem().code != NoEmbedderLoaded.code:
                raise
        # another process than the one that loaded it: it had stood idle, or died
        fingerprint, prefixes = self._loaded()
        return fingerprint, self._embedded(prefixes[request.kind], texts)

    def _embedded(self, prefix: str, texts: tuple[str, ...]) -> engine.Embedded:
        for event in self._worker.run(engine.Embed(tuple(prefix + text for text in texts))):
            match event:
                case engine.Embedded():
                    return event
                case engine.Failed(error=error):
                    raise Reported.of(error)
        raise Unexpected("the engine ended without vectors")

    def _loaded(self) -> tuple[str, Prefixes]:
        """Fingerprint and prefixes of the model, which is loaded now."""
        path = str(self._path)
        try:
            says = beside(self._path)
        except RagError as error:
            raise Reported.of(error) from error
        request = self._load(path)
        if says is not None:
            request = engine.LoadEmbedder(
                path=request.path,
                pooling=says.pooling,
                devices=request.devices,
                memory_limit_bytes=request.memory_limit_bytes,
            )
        for event in self._worker.run(request):
            match event:
                case engine.EmbedderLoaded(model=model):
                    prefixes = says.prefixes if says is not None else prefixes_of(self._path.stem, model.name)
                    digest = model.fingerprint.rsplit("/", 1)[-1]
                    fingerprint = fingerprint_of("gguf", digest, model.pooling, prefixes, model.dimensions)
                    with self._lock:
                        self._known = fingerprint, prefixes
                    return fingerprint, prefixes
                case engine.Failed(error=refusal):
                    if refusal.code == ModelMissing.code:
                        raise Reported.of(EmbedderMissing(refusal.detail, path=path))
                    raise Reported.of(refusal)
        raise Unexpected("the engine ended a load without a model")


class _QuestionsFirst:
    """Turns one after the other; a question goes before passages that wait."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._busy = False
        self._questions = 0

    @contextmanager
    def turn(self, question: bool) -> Iterator[None]:
        with self._changed:
            self._questions += question
            while self._busy or (self._questions and not question):
                self._changed.wait()
            self._questions -= question
            self._busy = True
        try:
            yield
        finally:
            with self._changed:
                self._busy = False
                self._changed.notify_all()
