"""The trainer's processes that run now: one for each wish, all of them ended when the program is."""

import threading
from collections.abc import Callable
from typing import Any, TypeVar

from desktop.core.errors import Cancelled
from desktop.core.operations import Operation
from desktop.core.workers.supervisor import Launch
from desktop.core.workers.trainer import Tell, TrainerClient
from engine.train.protocol import TrainerEvent, Work

E = TypeVar("E")


class Trainers:
    """Asks, and waits. May be used by several threads at a time."""

    def __init__(self, launch: Callable[[], Launch]) -> None:
        self._launch = launch
        self._lock = threading.Lock()
        self._clients: set[TrainerClient] = set()
        self._closed = False

    @property
    def pids(self) -> tuple[int, ...]:
        with self._lock:
            return tuple(client.pid for client in self._clients if client.pid is not None)

    @property
    def closed(self) -> bool:
        return self._closed

    def ask(self, request: Work, kind: type[E], operation: Operation[Any], tell: Tell = lambda _: None) -> E:
        """The event of that `kind` that ends the request. Raises what `TrainerClient.ask` raises."""
        client = TrainerClient(self._launch())
        with self._lock:
            if self._closed:
                raise Cancelled
            self._clients.add(client)
        try:
            answer: TrainerEvent = client.ask(request, tell, lambda: operation.cancelled or self._closed)
        finally:
            with self._lock:
                self._clients.discard(client)
            client.close()
        if not isinstance(answer, kind):
            raise TypeError(f"{answer} is no {kind.__name__}")
        return answer

    def close(self, wait_s: float = 4.0) -> None:
        """A run that learns is asked to save; who does not listen is killed."""
        with self._lock:
            self._closed = True
            clients = list(self._clients)
        stops = [
            threading.Thread(target=client.close, name="stop-trainer", daemon=True) for client in clients
        ]
        for thread in stops:
            thread.start()
        for thread in stops:
            thread.join(wait_s)
