"""Bring what the core's threads tell to the window's thread. Holds no state of the program.

A core thread only appends to a queue and emits one queued signal; it never waits for the window. It
holds a number, never a widget or a view model: the last reference to one of those must not be dropped
on a core thread. The receiver may be destroyed at any time: what arrives for it later is dropped.
"""

import itertools
import logging
from collections import deque
from collections.abc import Callable
from typing import Any, TypeVar, overload

from PySide6.QtCore import QCoreApplication, QObject, Qt, Signal
from shiboken6 import isValid

from desktop.core.contract import Core, Unsubscribe
from desktop.core.errors import Unexpected
from desktop.core.events import CoreEvent
from desktop.core.operations import Operation
from desktop.core.types import Problem

R = TypeVar("R")
M = TypeVar("M")
Deliver = Callable[[Any], None]

log = logging.getLogger(__name__)


class _Hub(QObject):
    """One queue per application, filled by any thread and emptied by the window's.

    It lives as long as the application, so no thread can catch it half destroyed.
    """

    _wake = Signal()

    def __init__(self, application: QCoreApplication) -> None:
        super().__init__(application)
        self.setObjectName("bridge")
        self._numbers = itertools.count(1)
        self._receivers: dict[int, tuple[QObject, Deliver]] = {}
        self._queue: deque[tuple[int, object]] = deque()
        self._wake.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    def register(self, receiver: QObject, deliver: Deliver) -> int:
        number = next(self._numbers)
        self._receivers[number] = (receiver, deliver)
        return number

    def forget(self, number: int) -> None:
        self._receivers.pop(number, None)

    def post(self, number: int, item: object) -> None:
        """Called on any thread."""
        self._queue.append((number, item))
        try:
            self._wake.emit()
        except RuntimeError:  # the application is gone
            self._queue.clear()

    def _deliver(self) -> None:
        # One item per signal: an item that raises does not hold up the next.
        number, item = self._queue.popleft()
        receiver, deliver = self._receivers.get(number, (None, None))
        if receiver is None or deliver is None:
            return
        if isinstance(item, _End):
            self.forget(number)
        if isValid(receiver):
            deliver(item)
        else:
            self.forget(number)


class _End:
    """The operation is over: with an error, or with a result, made into what was asked for."""

    def __init__(self, operation: Operation[Any], made: Callable[[Any], Any] | None) -> None:
        self.error = operation.error()
        self.result: Any = None
        if self.error is not None:
            return
        try:
            self.result = operation.result() if made is None else made(operation.result())
        except Exception as error:
            log.exception("what an operation gave could not be made into what the window shows")
            self.error = Unexpected(repr(error))


def _hub() -> _Hub:
    application = QCoreApplication.instance()
    if application is None:
        raise RuntimeError("the bridge needs an application")
    found = application.findChild(_Hub, "bridge", Qt.FindChildOption.FindDirectChildrenOnly)
    return found if found is not None else _Hub(application)


@overload
def follow(
    operation: Operation[R],
    parent: QObject,
    on_event: Callable[[Any], None] | None = None,
    on_result: Callable[[R], None] | None = None,
    on_error: Callable[[Problem], None] | None = None,
) -> None: ...


@overload
def follow(
    operation: Operation[R],
    parent: QObject,
    on_event: Callable[[Any], None] | None = None,
    *,
    on_result: Callable[[M], None],
    on_error: Callable[[Problem], None] | None = None,
    made: Callable[[R], M],
) -> None: ...


def follow(
    operation: Operation[Any],
    parent: QObject,
    on_event: Callable[[Any], None] | None = None,
    on_result: Callable[[Any], None] | None = None,
    on_error: Callable[[Problem], None] | None = None,
    made: Callable[[Any], Any] | None = None,
) -> None:
    """Have the callbacks called on the window's thread: events in order, then the result or the error.

    Call it on the window's thread. No callback runs before this returns, even for an operation that is
    over already. After `parent` is destroyed none runs at all; the operation itself goes on. An
    operation that was cancelled ends in `on_error` with the code "cancelled", or in a result where its
    contract says so. An error that nobody asked for is logged.

    `made` is for results that take long to make into what is shown: it is called with the result where the
    work is done, off the window's thread unless it is over already, and `on_result` gets what it gives. It
    may hold neither a widget nor a view model.
    """

    def deliver(item: object) -> None:
        if not isinstance(item, _End):
            if on_event is not None:
                on_event(item)
            return
        if item.error is None:
            if on_result is not None:
                on_result(item.result)
        elif on_error is not None:
            on_error(item.error.problem())
        else:
            log.warning("an operation failed and nobody listened: %s", item.error)

    hub = _hub()
    number = hub.register(parent, deliver)
    if on_event is not None:
        operation.subscribe(lambda event: hub.post(number, event))
    operation.when_done(lambda finished: hub.post(number, _End(finished, made)))


def listen(core: Core, parent: QObject, on_event: Callable[[CoreEvent], None]) -> Unsubscribe:
    """Follow the core's own events on the window's thread until `parent` is destroyed or this is undone.

    As with `follow`, nothing arrives before this returns.
    """
    hub = _hub()
    number = hub.register(parent, on_event)
    leave_core = core.subscribe(lambda event: hub.post(number, event))

    left = False

    def unsubscribe() -> None:
        nonlocal left
        if not left:
            left = True
            hub.forget(number)
            leave_core()

    parent.destroyed.connect(unsubscribe)
    return unsubscribe
