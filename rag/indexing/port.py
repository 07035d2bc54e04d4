"""The library's Embedder port: asks the core for vectors and waits for its answer. Knows no model."""

import itertools
import queue
import threading
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from rag.embedding.embedder import Floats
from rag.errors import Cancelled, EmbedderError, Forwarded
from rag.protocol import Embedded, EmbedTexts, TextKind

_LOOK_UP_S = 0.1  # how often a waiting call looks whether it is still wanted


class Answer(NamedTuple):
    """vectors: (texts, dimensions), unit length, of the model at `source`; `chosen` is the one wanted now."""

    fingerprint: str
    vectors: Floats
    source: str = ""
    chosen: str = ""


class EmbedderPort:
    """Any thread may ask; the receiving thread hands answers in."""

    def __init__(self, send: Callable[[EmbedTexts], None]) -> None:
        self._send = send
        self._numbers = itertools.count(1)
        self._waiting: dict[int, queue.SimpleQueue[Embedded | None]] = {}
        self._lock = threading.Lock()
        self._closed = False

    def embed(
        self,
        kind: TextKind,
        texts: Sequence[str],
        cancelled: Callable[[], bool] = lambda: False,
        source: str = "",
    ) -> Answer:
        """By the model at `source`; "": the chosen one.

        Raises the core's error, EmbedderError for an answer that does not fit, or Cancelled.
        """
        return self.ask(kind, texts, source).answer(cancelled)

    def ask(self, kind: TextKind, texts: Sequence[str], source: str = "") -> "Call":
        """`embed` without waiting. Its `answer` or `drop` has to follow. Raises Cancelled at the end."""
        answers: queue.SimpleQueue[Embedded | None] = queue.SimpleQueue()
        with self._lock:
            if self._closed:
                raise Cancelled
            call = next(self._numbers)
            self._waiting[call] = answers
        asked = Call(answers, len(texts), lambda: self._forget(call))
        try:
            self._send(EmbedTexts(call, kind, tuple(texts), source))
        except BaseException:
            asked.drop()
            raise
        return asked

    def _forget(self, call: int) -> None:
        with self._lock:
            self._waiting.pop(call, None)

    def answer(self, embedded: Embedded) -> None:
        """Hand in an answer; one that nobody waits for any more is dropped."""
        with self._lock:
            waiting = self._waiting.get(embedded.call)
        if waiting is not None:
            waiting.put(embedded)

    def close(self) -> None:
        """Nobody will answer any more."""
        with self._lock:
            self._closed = True
            for waiting in self._waiting.values():
                waiting.put(None)


class Call:
    """Texts on their way to the embedder."""

    def __init__(
        self, answers: "queue.SimpleQueue[Embedded | None]", texts: int, forget: Callable[[], None]
    ) -> None:
        self._answers = answers
        self._texts = texts
        self._forget = forget

    def answer(self, cancelled: Callable[[], bool] = lambda: False) -> Answer:
        """Wait for it. Raises what `EmbedderPort.embed` raises."""
        try:
            return _checked(self._wait(cancelled), self._texts)
        finally:
            self.drop()

    @property
    def ready(self) -> bool:
        """`answer` will not wait."""
        return not self._answers.empty()

    def drop(self) -> None:
        """Nobody waits for it any more."""
        self._forget()

    def _wait(self, cancelled: Callable[[], bool]) -> Embedded:
        while not cancelled():
            try:
                answer = self._answers.get(timeout=_LOOK_UP_S)
            except queue.Empty:
                continue
            if answer is None:
                break
            return answer
        raise Cancelled


def _checked(answer: Embedded, texts: int) -> Answer:
    if answer.error is not None:
        raise Forwarded(answer.error)
    if (
        answer.dimensions < 1
        or len(answer.vectors) != texts * answer.dimensions * 4
        or not answer.fingerprint
    ):
        raise EmbedderError(f"{len(answer.vectors)} bytes for {texts} texts of {answer.dimensions}")
    vectors = np.frombuffer(answer.vectors, dtype="<f4").reshape(texts, answer.dimensions)
    if not np.isfinite(vectors).all():
        raise EmbedderError("vectors that are no numbers")
    return Answer(answer.fingerprint, vectors, answer.source, answer.chosen)
