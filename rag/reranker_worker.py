"""The reranker process: one cross-encoder behind a pipe.

    python -m rag.reranker_worker --channel N --model FOLDER [--threads N]

The model is loaded by the first request. Scores are made on a thread of their own, so that one that nobody
wants any more ends between two batches.
"""

import logging
import math
import queue
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rag.errors import Cancelled, RagError, RerankerError
from rag.frames import Frames
from rag.model_process import serve
from rag.reranker_protocol import Rerank, RerankerEvent, RerankerEventFrame, RerankerRequestFrame, Scores
from rag.reranking.loading import load_reranker
from rag.reranking.reranker import Reranker
from rag.worker_values import Cancel, Failed, Shutdown

log = logging.getLogger(__name__)


class RerankerWorker:
    """`load` gives the model, or raises a RerankerError."""

    def __init__(
        self, frames: Frames[RerankerRequestFrame, RerankerEventFrame], load: Callable[[], Reranker]
    ) -> None:
        self._frames = frames
        self._load = load
        self._model: Reranker | None = None
        self._requests: queue.SimpleQueue[tuple[int, Rerank] | None] = queue.SimpleQueue()
        self._cancelled: set[int] = set()

    def run(self) -> None:
        """Until told to leave or the pipe closes."""
        threading.Thread(target=self._score_all, name="reranking", daemon=True).start()
        try:
            while True:
                frame = self._frames.receive()
                match frame.body:
                    case Rerank():
                        self._requests.put((frame.id, frame.body))
                    case Cancel():
                        self._cancelled.add(frame.body.target)
                    case Shutdown():
                        return
        except EOFError:
            return
        finally:
            self._requests.put(None)

    def _score_all(self) -> None:
        while (waiting := self._requests.get()) is not None:
            try:
                self._frames.send(RerankerEventFrame(waiting[0], self._answer(*waiting)))
            except EOFError:
                return

    def _answer(self, request: int, body: Rerank) -> RerankerEvent:
        def between() -> None:
            if request in self._cancelled:
                raise Cancelled

        try:
            if self._model is None:
                self._model = self._load()
            between()
            scores = self._model.scores(body.query, body.texts, between)
        except RagError as error:
            return Failed(error.info())
        except Exception as error:
            log.exception("could not rerank")
            return Failed(RerankerError(repr(error)).info())
        if not all(math.isfinite(score) for score in scores):
            return Failed(RerankerError("scores that are no numbers").info())
        return Scores(tuple(scores))


def main() -> int:
    def run(frames: Frames[Any, Any], model: Path, threads: int) -> None:
        RerankerWorker(frames, lambda: load_reranker(model, threads=threads)).run()

    return serve(RerankerRequestFrame, RerankerEventFrame, run)


if __name__ == "__main__":
    sys.exit(main())
