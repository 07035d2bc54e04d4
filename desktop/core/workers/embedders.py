"""Whoever embeds for the library: rag's worker for a model's folder, an engine worker for a GGUF file.

Knows no index. At most one process for each model; what stands idle ends by itself.
"""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from desktop.core.errors import CoreError, Reported, Unexpected
from desktop.core.workers.gguf_embedder import GgufEmbedder
from desktop.core.workers.killers import Killers
from desktop.core.workers.supervisor import Launch, Terms, Worker
from desktop.core.workers.wires import embedder_wire
from engine.protocol import LoadEmbedder
from rag.errors import Cancelled as CancelledError
from rag.errors import EmbedderKills, WorkerDied, WorkerStartFailed
from rag.protocol import Embed, EmbedderEvent, EmbedderRequest, Failed, Vectors

IDLE_S = 300.0
MOST_DEATHS = 3  # one after the other, without a vector between
GGUF_SUFFIX = ".gguf"


class Embedder(Protocol):
    """One model behind a process."""

    @property
    def pid(self) -> int | None: ...

    def embed(self, request: Embed) -> Vectors: ...

    def stop(self) -> None: ...

    def close(self) -> None: ...


class FolderEmbedder:
    """A model folder in rag's embedder worker."""

    def __init__(self, launch: Callable[[], Launch], terms: Callable[[Callable[[], Launch]], Terms]) -> None:
        self._worker: Worker[EmbedderRequest, EmbedderEvent] = Worker(embedder_wire(), terms(launch))

    @property
    def pid(self) -> int | None:
        return self._worker.pid

    def embed(self, request: Embed) -> Vectors:
        """Raises, reported, what keeps the model from loading or embedding."""
        for event in self._worker.run(request):
            if isinstance(event, Vectors):
                return event
            if isinstance(event, Failed):
                raise Reported.of(event.error)
        raise Unexpected("the embedder ended without vectors")

    def stop(self) -> None:
        self._worker.stop()

    def close(self) -> None:
        self._worker.close()


class Embedders:
    """The models that are in use, by their paths. All methods from any thread."""

    def __init__(
        self,
        folder: Callable[[Path], Launch],
        gguf: Callable[[], Launch],
        chosen: Callable[[], Path],
        load: Callable[[str], LoadEmbedder] = LoadEmbedder,
        idle_s: float = IDLE_S,
        killers: Killers | None = None,
    ) -> None:
        """`chosen` is the model of the settings, asked at every call; `load`: how a GGUF file is placed.
        `killers`: where it is noted which models end their process; None: only in this run."""
        self._folder = folder
        self._gguf = gguf
        self._chosen = chosen
        self._load = load
        self._idle_s = idle_s
        self._lock = threading.Lock()
        self._open: dict[Path, Embedder] = {}
        self._killers = killers or Killers()
        self._deaths: dict[Path, int] = {}  # since the last vectors
        self._closed = False

    @property
    def chosen(self) -> Path:
        return self._chosen()

    @property
    def pids(self) -> tuple[int, ...]:
        with self._lock:
            return tuple(pid for embedder in self._open.values() if (pid := embedder.pid) is not None)

    def embed(self, request: Embed, path: Path) -> Vectors:
        """By the model at `path`. Raises, reported, what keeps it from loading or embedding."""
        killed = self._killers.of(str(path))
        if killed is not None:
            raise Reported(killed)
        made = self._of(path).embed(request)
        with self._lock:
            self._deaths.pop(path, None)
        return made

    def forgive(self, path: Path) -> None:
        """A person asks for this model again, whatever it did before."""
        self._killers.forgive(str(path))
        with self._lock:
            self._deaths.pop(path, None)

    def keep(self, *paths: Path) -> None:
        """Stop all others: nobody asks them any more."""
        with self._lock:
            leaving = [self._open.pop(path) for path in list(self._open) if path not in paths]
        for embedder in leaving:
            embedder.stop()

    def close(self) -> None:
        with self._lock:
            self._closed = True
            leaving = list(self._open.values())
        for embedder in leaving:
            embedder.close()

    def _of(self, path: Path) -> Embedder:
        with self._lock:
            if self._closed:
                raise Reported.of(CancelledError())
            if path not in self._open:
                self._open[path] = self._new(path)
            return self._open[path]

    def _new(self, path: Path) -> Embedder:
        if path.suffix.lower() == GGUF_SUFFIX:
            return GgufEmbedder(path, lambda launch: self._terms(path, launch), self._gguf, self._load)
        return FolderEmbedder(lambda: self._folder(path), lambda launch: self._terms(path, launch))

    def _died(self, path: Path, error: CoreError, *, was_working: bool) -> None:
        """One that was ended from outside deserves another try; one that ends at every try does not."""
        if not was_working:
            return
        with self._lock:
            self._deaths[path] = deaths = self._deaths.get(path, 0) + 1
        if deaths >= MOST_DEATHS:
            problem = error.problem()
            kills = EmbedderKills(problem.detail, path=str(path), how=problem.params.get("how", ""))
            self._killers.note(str(path), Reported.of(kills).problem())

    def _terms(self, path: Path, launch: Callable[[], Launch]) -> Terms:
        return Terms(
            launch=launch,
            died=lambda how, detail: Reported.of(WorkerDied(detail, worker="embedder", how=how)),
            not_started=lambda how, detail: Reported.of(
                WorkerStartFailed(detail, worker="embedder", how=how)
            ),
            on_death=lambda error, was_working: self._died(path, error, was_working=was_working),
            idle_s=self._idle_s,
        )
