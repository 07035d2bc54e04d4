"""What every download from the hub has in common: whether it is allowed, its room on the disk, its bytes.

Knows no kind of model.
"""

import contextlib
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from desktop.core.errors import NoRoomForModel
from desktop.core.events import DownloadingModel
from desktop.core.hub.addresses import Wanted, host_of, wanted_of
from desktop.core.hub.client import HubClient, HubProcess
from desktop.core.hub.errors import Offline
from desktop.core.hub.protocol import Fetching, FileAt
from desktop.core.hub.staging import Plan, Slot, Staging
from desktop.core.models.drafts import MARGIN_BYTES, free_bytes
from desktop.core.operations import Operation
from desktop.core.settings import Settings

RATE_S = 8.0


class Bringing:
    """One for all downloads of a models folder, as they share its disk."""

    def __init__(self, models: Path, settings: Settings, client: HubClient) -> None:
        self.staging = Staging(models)
        self._models = models
        self._settings = settings
        self._client = client
        self._lock = threading.Lock()
        self._running: dict[Operation[Any], int] = {}  # what each still needs on the disk, bytes

    def pause_all(self) -> None:
        """The person takes the network back."""
        with self._lock:
            running = list(self._running)
        for operation in running:
            operation.cancel()

    @contextlib.contextmanager
    def noted(self, operation: Operation[Any]) -> Iterator[None]:
        """As one that asks the network, while it does."""
        with self._lock:
            self._running[operation] = 0
        try:
            yield
        finally:
            with self._lock:
                del self._running[operation]

    @property
    def address(self) -> str:
        return self._settings.text("hub_address")

    @property
    def host(self) -> str:
        return host_of(self.address)

    def wanted(self, text: str, online: bool) -> Wanted:
        if self._settings.flag("offline") and not online:
            raise Offline
        return wanted_of(text, self.address)

    def process(
        self, operation: Operation[Any], log: Path | None = None
    ) -> contextlib.AbstractContextManager[HubProcess]:
        """A worker for one wish."""
        return self._client.process(operation, self.address, log)

    def fetched(self, slot: Slot, plan: Plan, operation: Operation[Any]) -> list[str]:
        """Bring each part; gives their SHA-256."""
        progress = _Progress(plan.size_bytes, operation, lambda left: self._note(operation, left))
        digests = []
        with self.process(operation, slot.log) as process:
            for part in plan.parts:
                file = FileAt(plan.repository, plan.revision, part)
                digests.append(process.fetch(file, slot.path(plan, part), progress))
                progress.next(part.size_bytes)
        return digests

    def _note(self, operation: Operation[Any], left_bytes: int) -> None:
        with self._lock:
            self._running[operation] = left_bytes

    def check_room(self, slot: Slot, plan: Plan, operation: Operation[Any]) -> None:
        """Raises NoRoomForModel. What other downloads here still need is not free."""
        left_bytes = plan.size_bytes - slot.kept_bytes()
        with self._lock:
            promised = sum(left for other, left in self._running.items() if other is not operation)
            free = max(0, free_bytes(self._models) - promised)
            needed_bytes = left_bytes + MARGIN_BYTES
            if left_bytes and free < needed_bytes:
                raise NoRoomForModel(
                    path=plan.file, folder=str(self._models), needed_bytes=needed_bytes, free_bytes=free
                )
            self._running[operation] = left_bytes


class _Progress:
    """From a worker's words on one part to what the person is told of the whole."""

    def __init__(self, total_bytes: int, operation: Operation[Any], note: Callable[[int], None]) -> None:
        self._total_bytes = total_bytes
        self._operation = operation
        self._note = note
        self._before = 0  # of the parts that are done
        self._seen: deque[tuple[float, int]] = deque()

    def __call__(self, event: Fetching) -> None:
        done = self._before + event.done_bytes
        rate = 0.0 if event.checking else self._rate(done)
        if not event.checking:
            self._note(self._total_bytes - done)
        self._operation.emit(DownloadingModel(done, self._total_bytes, rate, event.checking))

    def next(self, size_bytes: int) -> None:
        self._before += size_bytes

    def _rate(self, done: int) -> float:
        """Bytes a second of late; 0 before anything can be said."""
        now = time.monotonic()
        if self._seen and done < self._seen[-1][1]:  # the server began anew
            self._seen.clear()
        self._seen.append((now, done))
        while now - self._seen[0][0] > RATE_S:
            self._seen.popleft()
        since, before = self._seen[0]
        return (done - before) / (now - since) if now - since >= 1 else 0.0
