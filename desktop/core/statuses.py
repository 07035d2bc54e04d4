"""What holds at the moment, told to everyone who listens. Decides nothing."""

import logging
import threading
from collections.abc import Callable

from desktop.core.events import (
    ChatsChanged,
    CoreEvent,
    EngineStatus,
    IndexingNow,
    LibraryStatus,
    SearchModel,
    ServerStatus,
    StorageProblem,
)

# told again to those who come late
_HELD = (EngineStatus, LibraryStatus, SearchModel, ServerStatus, IndexingNow, ChatsChanged)

log = logging.getLogger(__name__)


class Hub:
    """Listeners, and the present state for those who come late. All methods from any thread."""

    def __init__(self) -> None:
        # reentrant: a listener may subscribe or publish in its turn
        self._lock = threading.RLock()
        self._listeners: list[Callable[[CoreEvent], None]] = []
        self._present: dict[type, CoreEvent] = {}

    def subscribe(self, listener: Callable[[CoreEvent], None]) -> Callable[[], None]:
        """The present state comes first, on this thread. Gives the function that ends the following."""
        with self._lock:
            for event in list(self._present.values()):
                _tell(listener, event)
            self._listeners.append(listener)

        def unsubscribe() -> None:
            with self._lock:
                if listener in self._listeners:
                    self._listeners.remove(listener)

        return unsubscribe

    def publish(self, event: CoreEvent) -> None:
        with self._lock:
            if isinstance(event, _HELD):
                self._present[type(event)] = event
            elif isinstance(event, StorageProblem):
                if event.problem is None:
                    self._present.pop(StorageProblem, None)
                else:
                    self._present[StorageProblem] = event
            for listener in list(self._listeners):
                _tell(listener, event)


def _tell(listener: Callable[[CoreEvent], None], event: CoreEvent) -> None:
    try:
        listener(event)
    except Exception:  # a listener's defect must not stop the worker that published
        log.exception("a listener failed on %s", type(event).__name__)
