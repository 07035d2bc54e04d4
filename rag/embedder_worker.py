"""The embedder process: one embedding model behind a pipe.

    python -m rag.embedder_worker --channel N --model FOLDER [--threads N]

The model is loaded by the first request. Questions overtake passages between two batches, so that a
search does not wait for an indexing run.
"""

import logging
import sys
import threading
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rag.embedding.embedder import Embedder
from rag.embedding.loading import load_embedder
from rag.errors import Cancelled, EmbedderError, RagError
from rag.frames import Frames
from rag.model_process import serve
from rag.protocol import (
    Cancel,
    Embed,
    EmbedderEvent,
    EmbedderEventFrame,
    EmbedderRequestFrame,
    Failed,
    Shutdown,
    Vectors,
)

log = logging.getLogger(__name__)


class Requests:
    """What waits to be embedded: filled by the receiving thread, emptied by the embedding thread."""

    def __init__(self) -> None:
        self._queries: deque[tuple[int, Embed]] = deque()
        self._passages: deque[tuple[int, Embed]] = deque()
        self._cancelled: set[int] = set()
        self._changed = threading.Condition()
        self._closed = False

    def add(self, request: int, body: Embed) -> None:
        with self._changed:
            (self._queries if body.kind == "query" else self._passages).append((request, body))
            self._changed.notify()

    def cancel(self, request: int) -> None:
        with self._changed:
            self._cancelled.add(request)

    def close(self) -> None:
        with self._changed:
            self._closed = True
            self._changed.notify()

    def next(self) -> tuple[int, Embed] | None:
        """The next request, questions first; waits for one. None after `close`."""
        with self._changed:
            while not (self._closed or self._queries or self._passages):
                self._changed.wait()
            if self._closed:
                return None
            return (self._queries or self._passages).popleft()

    def next_query(self) -> tuple[int, Embed] | None:
        """A waiting question, without waiting for one."""
        with self._changed:
            return self._queries.popleft() if self._queries else None

    def is_cancelled(self, request: int) -> bool:
        with self._changed:
            return self._closed or request in self._cancelled


class EmbedderWorker:
    """Embeds on a thread of its own. `load` gives the model, or raises an EmbedderError."""

    def __init__(
        self,
        frames: Frames[EmbedderRequestFrame, EmbedderEventFrame],
        load: Callable[[], Embedder],
    ) -> None:
        self._frames = frames
        self._load = load
        self._model: Embedder | None = None
        self._requests = Requests()

    def run(self) -> None:
        """Until told to leave or the pipe closes."""
        thread = threading.Thread(target=self._embed_all, name="embedding", daemon=True)
        thread.start()
        try:
            while True:
                frame = self._frames.receive()
                match frame.body:
                    case Embed():
                        self._requests.add(frame.id, frame.body)
                    case Cancel():
                        self._requests.cancel(frame.body.target)
                    case Shutdown():
                        return
        except EOFError:
            return
        finally:
            self._requests.close()

    def _embed_all(self) -> None:
        while (waiting := self._requests.next()) is not None:
            try:
                self._serve(*waiting)
            except EOFError:
                return

    def _serve(self, request: int, body: Embed) -> None:
        try:
            answer: EmbedderEvent = self._vectors(request, body)
        except RagError as error:
            answer = Failed(error.info())
        except EOFError:
            raise
        except Exception as error:
            log.exception("could not embed")
            answer = Failed(EmbedderError(repr(error)).info())
        self._frames.send(EmbedderEventFrame(request, answer))

    def _vectors(self, request: int, body: Embed) -> Vectors:
        if self._model is None:
            self._model = self._load()
        model = self._model

        def between() -> None:
            if self._requests.is_cancelled(request):
                raise Cancelled
            while body.kind == "passage" and (query := self._requests.next_query()) is not None:
                self._serve(*query)

        between()
        vectors = model.embed(body.texts, body.kind, between)
        return Vectors(model.dimensions, vectors.astype("<f4").tobytes(), model.fingerprint)


def main() -> int:
    def run(frames: Frames[Any, Any], model: Path, threads: int) -> None:
        EmbedderWorker(frames, lambda: load_embedder(model, threads=threads)).run()

    return serve(EmbedderRequestFrame, EmbedderEventFrame, run)


if __name__ == "__main__":
    sys.exit(main())
