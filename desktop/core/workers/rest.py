"""Notice that nothing was asked for a while. Knows no engine, wakes up only when there is something to do."""

import threading
import time
from collections.abc import Callable


class Rest:
    """Calls `act` once, so long after the last `used`. All methods from any thread."""

    def __init__(self, wait_s: Callable[[], float], act: Callable[[], None]) -> None:
        """`wait_s` is asked anew at every use; 0: never. `act` runs on a thread of its own."""
        self._wait_s = wait_s
        self._act = act
        self._condition = threading.Condition()
        self._since: float | None = None  # None: nothing to wait for
        self._closed = False
        self._thread: threading.Thread | None = None

    def used(self) -> None:
        """The time begins anew."""
        with self._condition:
            self._since = time.monotonic()
            if self._thread is None and not self._closed and self._wait_s() > 0:
                self._thread = threading.Thread(target=self._watch, name="rest", daemon=True)
                self._thread.start()
            self._condition.notify_all()

    def changed(self) -> None:
        """`wait_s` says something else now; the time since the last use goes on."""
        with self._condition:
            waiting = self._since is not None
            if waiting and self._thread is None and not self._closed and self._wait_s() > 0:
                self._thread = threading.Thread(target=self._watch, name="rest", daemon=True)
                self._thread.start()
            self._condition.notify_all()

    def close(self) -> None:
        with self._condition:
            self._closed = True
            self._condition.notify_all()

    def _watch(self) -> None:
        while self._due():
            self._act()

    def _due(self) -> bool:
        """Wait until the time is over. False: there is nothing more to wait for."""
        with self._condition:
            while not self._closed:
                wait_s = self._wait_s()
                if self._since is None or wait_s <= 0:
                    break
                left_s = self._since + wait_s - time.monotonic()
                if left_s <= 0:
                    self._since = None
                    return True
                self._condition.wait(left_s)
            self._thread = None
            return False
