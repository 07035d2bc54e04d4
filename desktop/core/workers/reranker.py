"""The reranker worker as the core sees it: one process, for the folder that is chosen. Knows no search."""

import threading
from collections.abc import Callable
from pathlib import Path

from desktop.core.errors import CoreError, Reported, Unexpected
from desktop.core.workers.supervisor import Launch, Terms, Worker
from desktop.core.workers.wires import reranker_wire
from rag.errors import RerankerKills, RerankerMissing, WorkerDied, WorkerStartFailed
from rag.protocol import Failed
from rag.reranker_protocol import Rerank, RerankerEvent, RerankerRequest, Scores

IDLE_S = 300.0
MOST_DEATHS = 3  # one after the other, without a score between
TRIED = ("What does a ticket cost?", ("A ticket costs seven euros.", "Dogs stay outside."))


class Reranker:
    """All methods from any thread; they block it until the worker has answered."""

    def __init__(
        self,
        launch: Callable[[Path], Launch],
        chosen: Callable[[], str],
        idle_s: float = IDLE_S,
    ) -> None:
        """`chosen`: the folder of the settings, asked at every call; "": there is none."""
        self._launch = launch
        self._chosen = chosen
        self._lock = threading.Lock()
        self._deaths = 0
        self._folder: Path | None = None  # which the process was started for
        self._worker: Worker[RerankerRequest, RerankerEvent] = Worker(
            reranker_wire(),
            Terms(
                launch=self._launched,
                died=lambda how, detail: Reported.of(WorkerDied(detail, worker="reranker", how=how)),
                not_started=lambda how, detail: Reported.of(
                    WorkerStartFailed(detail, worker="reranker", how=how)
                ),
                on_death=self._died,
                idle_s=idle_s,
            ),
        )

    @property
    def pid(self) -> int | None:
        return self._worker.pid

    def scores(self, query: str, texts: tuple[str, ...]) -> tuple[tuple[float, ...], str]:
        """One for each text, and the name of the folder. Raises, reported, what keeps it from scoring."""
        folder = self._wanted()
        with self._lock:
            another = self._folder is not None and folder != self._folder
            if another:
                self._folder, self._deaths = None, 0
            if self._deaths >= MOST_DEATHS:
                raise Reported.of(RerankerKills(path=str(folder)))
        if another:
            self._worker.stop()
        found = self._asked(Rerank(query, texts))
        with self._lock:
            self._deaths = 0
        return found, folder.name

    def try_out(self) -> None:
        """A person has chosen a folder. Raises what keeps it from being used."""
        with self._lock:
            self._deaths = 0
        self.scores(*TRIED)

    def stop(self) -> None:
        """Nobody asks any more; it is started again when somebody does."""
        self._worker.stop()

    def close(self) -> None:
        self._worker.close()

    def _asked(self, request: Rerank) -> tuple[float, ...]:
        for event in self._worker.run(request):
            if isinstance(event, Scores):
                return event.scores
            if isinstance(event, Failed):
                raise Reported.of(event.error)
        raise Unexpected("the reranker ended without scores")

    def _launched(self) -> Launch:
        folder = self._wanted()
        with self._lock:
            self._folder = folder
        return self._launch(folder)

    def _wanted(self) -> Path:
        chosen = self._chosen()
        if not chosen:
            raise Reported.of(RerankerMissing(path=""))
        return Path(chosen)

    def _died(self, _error: CoreError, was_working: bool) -> None:
        if was_working:  # one that was ended from outside deserves another try
            with self._lock:
                self._deaths += 1
