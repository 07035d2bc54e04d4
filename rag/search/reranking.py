"""The library's Reranker port, and what it makes of an order. Knows no model.

The core answers; without it, or after too long, a search goes on in its own order and says why.
"""

import itertools
import queue
import threading
import time
from collections.abc import Callable, Sequence

from rag.errors import Cancelled, Forwarded, RagError, RerankerError, RerankerSlow
from rag.search.candidates import Weighed
from rag.search_tuning import Reranked, RerankTexts

FIRST = 30  # of an order, that are read again: each costs some milliseconds
LONGEST_WAIT_S = 30.0  # one that has to be started first takes its time
_LOOK_UP_S = 0.1


class RerankerPort:
    """Any thread may ask; the receiving thread hands answers in."""

    def __init__(self, send: Callable[[RerankTexts], None]) -> None:
        self._send = send
        self._numbers = itertools.count(1)
        self._waiting: dict[int, queue.SimpleQueue[Reranked]] = {}
        self._lock = threading.Lock()

    def answer(self, reranked: Reranked) -> None:
        """Hand in an answer; one that nobody waits for any more is dropped."""
        with self._lock:
            waiting = self._waiting.get(reranked.call)
        if waiting is not None:
            waiting.put(reranked)

    def scores(
        self, query: str, texts: Sequence[str], cancelled: Callable[[], bool] = lambda: False
    ) -> tuple[list[float], str]:
        """A score for each text, and the reranker's name.

        Raises the core's error, RerankerSlow, or Cancelled.
        """
        answers: queue.SimpleQueue[Reranked] = queue.SimpleQueue()
        with self._lock:
            call = next(self._numbers)
            self._waiting[call] = answers
        try:
            self._send(RerankTexts(call, query, tuple(texts)))
            answer = self._wait(answers, cancelled)
        finally:
            with self._lock:
                self._waiting.pop(call, None)
        if answer.error is not None:
            raise Forwarded(answer.error)
        if len(answer.scores) != len(texts):
            raise RerankerError(f"{len(answer.scores)} scores for {len(texts)} texts")
        return list(answer.scores), answer.name

    def _wait(self, answers: "queue.SimpleQueue[Reranked]", cancelled: Callable[[], bool]) -> Reranked:
        until = time.monotonic() + LONGEST_WAIT_S
        while time.monotonic() < until:
            if cancelled():
                raise Cancelled
            try:
                return answers.get(timeout=_LOOK_UP_S)
            except queue.Empty:
                continue
        raise RerankerSlow


Scores = Callable[[str, Sequence[str]], tuple[list[float], str]]


class Reordering:
    """For one search: each passage is read again once, however often an order is made."""

    def __init__(self, question: str, scores: Scores) -> None:
        self._question = question
        self._scores = scores
        self._known: dict[int, float] = {}
        self.name = ""
        self.problem: RagError | None = None

    def reorder(self, ranked: Sequence[Weighed]) -> list[Weighed]:
        """The first ones by the reranker, the others behind them as they were. Raises Cancelled."""
        first, rest = list(ranked[:FIRST]), list(ranked[FIRST:])
        fresh = [item for item in first if item.row.id not in self._known]
        if fresh and self.problem is None:
            try:
                # as passages are embedded: a heading says what its text is about
                texts = [f"{item.row.heading}\n{item.row.text}".strip() for item in fresh]
                found, self.name = self._scores(self._question, texts)
            except Cancelled:
                raise
            except RagError as error:
                if error.info().code == Cancelled.code:
                    raise
                self.problem = error
            else:
                self._known.update(zip((item.row.id for item in fresh), found, strict=True))
        if self.problem is not None:
            return list(ranked)
        for item in first:
            item.reranked = self._known[item.row.id]
        first.sort(key=lambda item: -(item.reranked or 0.0))
        return [*first, *rest]
