"""The hub's worker seen from the core: a process for each wish of a person, so that any of them can be ended.

Knows the worker's messages; decides nothing about models and files.
"""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

from desktop.core.errors import Cancelled, CoreError, Reported, Unexpected
from desktop.core.hub import protocol
from desktop.core.hub.addresses import host_of
from desktop.core.hub.errors import HubBroke, HubUnreachable
from desktop.core.hub.protocol import (
    Failed,
    Fetched,
    Fetching,
    FetchPart,
    FileAt,
    HeaderRead,
    HubEvent,
    HubRequest,
    Listed,
    ListFiles,
    ReadHeader,
)
from desktop.core.operations import Operation
from desktop.core.workers.supervisor import Launch, Patience, Terms, Worker
from desktop.core.workers.wires import wire_of
from engine.gguf_header import ModelHeader
from rag.errors import WorkerDied, WorkerStartFailed

WAKE_S = 0.1
CANCEL_S = 1.0  # a request that was taken back and goes on: it waits for the network
LIST_LIMIT_S = 25.0
FETCH_SILENCE_S = 90.0  # the worker tells of each of its tries, and gives one up after half of that
T = TypeVar("T")


class HubProcess:
    """One worker, for one operation."""

    def __init__(self, worker: Worker[HubRequest, HubEvent], operation: Operation[Any], host: str) -> None:
        self._worker = worker
        self._operation = operation
        self._host = host

    def listed(self, repository: str, revision: str, *, folder: bool = False) -> Listed:
        """Raises what the worker says of the hub, Cancelled, and HubUnreachable."""
        return self._ask(
            ListFiles(repository, revision, folder), Listed, LIST_LIMIT_S, HubUnreachable(host=self._host)
        )

    def header(self, file: FileAt, limit_s: float) -> ModelHeader | None:
        """None also when it cannot be had in time; the process may be gone then. Raises Cancelled."""
        try:
            return self._ask(ReadHeader(file), HeaderRead, limit_s, HubBroke(host=self._host)).header
        except Cancelled:
            raise
        except CoreError:
            return None

    def fetch(self, file: FileAt, path: Path, tell: Callable[[Fetching], None]) -> str:
        """Bring a file; gives its SHA-256. Raises what the worker says, Cancelled, and HubBroke."""
        broke = HubBroke(host=self._host)
        return self._ask(FetchPart(file, str(path)), Fetched, FETCH_SILENCE_S, broke, tell).sha256

    def _ask(
        self,
        request: HubRequest,
        kind: type[T],
        silence_s: float,
        hung: CoreError,
        tell: Callable[[Fetching], None] = lambda _event: None,
    ) -> T:
        """`hung`: what a worker is ended with that says nothing for `silence_s`."""
        if self._operation.cancelled:
            raise Cancelled
        stream = self._worker.run(request)
        self._operation.on_cancel(stream.cancel)
        patience = Patience(CANCEL_S, self._worker.kill)
        heard_at = time.monotonic()
        while True:
            overdue = time.monotonic() - heard_at > silence_s
            if overdue:
                self._worker.kill()
            try:
                event = stream.next(WAKE_S)
            except CoreError as died:
                if self._operation.cancelled:
                    raise Cancelled from died
                raise (hung if overdue else died) from died
            patience.check(overdue=self._operation.cancelled)
            if event is not None:
                heard_at = time.monotonic()
            match event:
                case None:
                    continue
                case Fetching():
                    tell(event)
                case Failed(error=error):
                    raise Cancelled if error.code == Cancelled.code else Reported(error)
                case _ if isinstance(event, kind):
                    return event
                case _:
                    raise Unexpected(f"the hub's worker answered with {type(event).__name__}")


class HubClient:
    """Starts workers and ends them all when the program closes."""

    def __init__(self, launch: Callable[[str, Path | None], Launch]) -> None:
        """`launch` is given the hub's address and the worker's log; None: the program's own one."""
        self._launch = launch
        self._lock = threading.Lock()
        self._workers: set[Worker[HubRequest, HubEvent]] = set()
        self._closed = False

    @contextlib.contextmanager
    def process(
        self, operation: Operation[Any], address: str, log: Path | None = None
    ) -> Iterator[HubProcess]:
        """A worker, started with its first request and ended with the block. Raises Cancelled once closed."""
        worker: Worker[HubRequest, HubEvent] = Worker(
            wire_of(protocol, protocol.HubRequestFrame, protocol.HubEventFrame, protocol.TERMINAL),
            _terms(lambda: self._launch(address, log)),
        )
        with self._lock:
            if self._closed:
                raise Cancelled
            self._workers.add(worker)
        try:
            yield HubProcess(worker, operation, host_of(address))
        finally:
            worker.close()
            with self._lock:
                self._workers.discard(worker)

    @property
    def pids(self) -> tuple[int, ...]:
        with self._lock:
            workers = list(self._workers)
        return tuple(worker.pid for worker in workers if worker.pid is not None)

    def close(self) -> None:
        """What is on its way stops; what came of it stays."""
        with self._lock:
            self._closed = True
            workers = list(self._workers)
        # at once: one that waits for a silent server is given its time to leave before it is killed
        stops = [threading.Thread(target=worker.close, name="stop-hub", daemon=True) for worker in workers]
        for stop in stops:
            stop.start()
        for stop in stops:
            stop.join()


def _terms(launch: Callable[[], Launch]) -> Terms:
    return Terms(
        launch=launch,
        died=lambda how, detail: Reported.of(WorkerDied(detail, worker="hub", how=how)),
        not_started=lambda how, detail: Reported.of(WorkerStartFailed(detail, worker="hub", how=how)),
    )
