"""A person's action while it runs: progress, cancel, result. Starts threads; knows no Qt."""

import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, Generic, TypeVar
from weakref import ref

from desktop.core.errors import CoreError, Unexpected

R = TypeVar("R")
Listener = Callable[[Any], None]

log = logging.getLogger(__name__)


class Operation(Generic[R]):
    """What every action of the core returns. All methods may be called from any thread.

    Events reach listeners in order, on the thread that does the work; a listener that subscribes late
    gets what it missed first. An operation ends once: with a result or with a `CoreError`.
    """

    def __init__(self) -> None:
        self._future: Future[R] = Future()
        self._cancelled = threading.Event()
        self._lock = threading.RLock()
        self._events: list[Any] = []
        self._listeners: list[Listener] = []
        self._on_cancel: list[Callable[[], None]] = []

    # ── for who asked ──

    def subscribe(self, listener: Listener) -> None:
        with self._lock:
            for event in self._events:
                listener(event)
            self._listeners.append(listener)

    def cancel(self) -> None:
        """Ask the work to stop at its next safe point. What is finished stays."""
        self._cancelled.set()
        with self._lock:
            callbacks, self._on_cancel = self._on_cancel, []
        for callback in callbacks:
            callback()

    def result(self, timeout: float | None = None) -> R:
        """Wait for the end. Raises the operation's CoreError, or TimeoutError after `timeout` seconds."""
        return self._future.result(timeout)

    def error(self) -> CoreError | None:
        """After the end: what went wrong, or None."""
        error = self._future.exception()
        return error if error is None or isinstance(error, CoreError) else Unexpected(repr(error))

    @property
    def done(self) -> bool:
        return self._future.done()

    def when_done(self, callback: Callable[["Operation[R]"], None]) -> None:
        """Call back on the working thread at the end; at once if it is over."""
        # else each would hold itself, with all that it told, until Python looks for such rings
        own = ref(self)

        def done(_: object) -> None:
            operation = own()
            if operation is not None:  # whoever ends it has it
                callback(operation)

        self._future.add_done_callback(done)

    # ── for who does the work ──

    @property
    def cancelled(self) -> bool:
        return self._cancelled.is_set()

    def on_cancel(self, callback: Callable[[], None]) -> None:
        """Have `callback` called when the person cancels; at once if they did already."""
        with self._lock:
            if not self._cancelled.is_set():
                self._on_cancel.append(callback)
                return
        callback()

    def emit(self, event: object) -> None:
        with self._lock:
            self._events.append(event)
            for listener in self._listeners:
                listener(event)

    def finish(self, result: R) -> None:
        self._let_go()
        self._future.set_result(result)

    def fail(self, error: CoreError) -> None:
        self._let_go()
        self._future.set_exception(error)

    def _let_go(self) -> None:
        """It tells nothing more, and cannot be cancelled."""
        with self._lock:
            self._listeners, self._on_cancel = [], []


def start(work: Callable[[Operation[R]], R], name: str) -> Operation[R]:
    """Run `work` on a thread of its own and return its operation."""
    operation: Operation[R] = Operation()
    threading.Thread(target=carry_out, args=(operation, work, name), name=name, daemon=True).start()
    return operation


def carry_out(operation: Operation[R], work: Callable[[Operation[R]], R], name: str) -> None:
    """Do the work on this thread and end the operation with what came of it. Raises nothing."""
    try:
        result = work(operation)
    except CoreError as error:
        operation.fail(error)
    except Exception as error:
        log.exception("operation %s failed", name)
        operation.fail(Unexpected(repr(error)))
    else:
        operation.finish(result)
