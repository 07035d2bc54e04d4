"""The viewer's reader worker: page bitmaps. Restarted when a page kills it, stopped when idle."""

from collections.abc import Callable
from typing import Any

from desktop.core.errors import Cancelled, Reported, Unexpected
from desktop.core.operations import Operation
from desktop.core.supervisor import Launch, Terms, Worker
from desktop.core.wires import reader_wire
from rag.errors import WorkerDied, WorkerStartFailed
from rag.protocol import Failed, PageBitmap, ReaderEvent, ReaderRequest, RenderPage

READER_IDLE_S = 60.0


class ReaderClient:
    """Blocks its thread, which is one of the core's, until the page is there."""

    def __init__(self, launch: Callable[[], Launch], idle_s: float = READER_IDLE_S) -> None:
        terms = Terms(
            launch=launch,
            died=lambda how, detail: Reported.of(WorkerDied(detail, worker="reader", how=how)),
            not_started=lambda how, detail: Reported.of(WorkerStartFailed(detail, worker="reader", how=how)),
            idle_s=idle_s,
        )
        self._worker: Worker[ReaderRequest, ReaderEvent] = Worker(reader_wire(), terms)

    @property
    def pid(self) -> int | None:
        return self._worker.pid

    def render(self, file: str, page: int, width_px: int, operation: Operation[Any]) -> PageBitmap:
        if operation.cancelled:  # the viewer has scrolled past it
            raise Cancelled
        stream = self._worker.run(RenderPage(file, page, width_px))
        operation.on_cancel(stream.cancel)
        for event in stream:
            if isinstance(event, PageBitmap):
                return event
            if isinstance(event, Failed):
                raise Reported.of(event.error)
        raise Unexpected("the reader ended without a page")

    def close(self) -> None:
        self._worker.stop()
