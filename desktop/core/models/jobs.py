"""An engine worker for work on model files, beside the one that chats: one request at a time, then it ends.

Native code that works on a file hears no wish to stop: cancelling ends the process.
"""

from collections.abc import Callable

from desktop.core.errors import Cancelled, CoreError, Reported
from desktop.core.models.walking import Cancel
from desktop.core.workers.supervisor import Launch, Stream, Terms, Worker
from desktop.core.workers.wires import engine_wire
from engine.errors import EngineDied, EngineStartFailed
from engine.protocol import Event, Failed, Progress, Request

WAKE_S = 0.02  # how soon a wish to stop is noticed


class ModelJobs:
    """Its process is started by the first request and stays until `end`."""

    def __init__(self, launch: Callable[[], Launch]) -> None:
        self._closed = False
        terms = Terms(
            launch=launch,
            died=lambda how, detail: Reported.of(EngineDied(detail, how=how)),
            not_started=lambda how, detail: Reported.of(EngineStartFailed(detail, how=how)),
        )
        self._worker: Worker[Request, Event] = Worker(engine_wire(), terms)

    @property
    def pid(self) -> int | None:
        return self._worker.pid

    def ask(self, request: Request, on_progress: Callable[[Progress], None], cancelled: Cancel) -> Event:
        """The event that ends the request. Raises Cancelled, and (reported) what it failed or died with."""
        if cancelled() or self._closed:
            raise Cancelled
        stream = self._worker.run(request)
        while True:
            event = self._next(stream, cancelled)
            if isinstance(event, Progress):
                on_progress(event)
            elif isinstance(event, Failed):
                raise Reported.of(event.error)
            elif event is not None:
                return event

    def end(self) -> None:
        """Let the process go at once, whatever it is doing."""
        self._worker.kill()
        self._worker.stop()  # waits until it is gone

    def close(self) -> None:
        self._closed = True
        self._worker.kill()
        self._worker.close()

    def _next(self, stream: Stream[Event], cancelled: Cancel) -> Event | None:
        try:
            event = stream.next(WAKE_S)
        except CoreError as error:
            if cancelled() or self._closed:
                raise Cancelled from error
            raise
        if cancelled() or self._closed:
            self.end()
            raise Cancelled
        return event
