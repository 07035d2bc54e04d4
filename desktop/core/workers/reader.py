"""The viewer's reader worker: page bitmaps. Restarted when a page kills it, stopped when idle."""

from collections.abc import Callable
from typing import Any

from desktop.core.errors import Cancelled, Reported, Unexpected
from desktop.core.operations import Operation
from desktop.core.workers.supervisor import Launch, Patience, Terms, Worker
from desktop.core.workers.wires import reader_wire
from rag.errors import ReaderDied, WorkerDied, WorkerStartFailed
from rag.protocol import Failed, PageBitmap, ReaderEvent, ReaderRequest, RenderPage

READER_IDLE_S = 60.0
WAKE_S = 0.2
PAGE_LIMIT_S = 30.0  # a page that takes longer is made to take forever


class ReaderClient:
    """Blocks its thread, which is one of the core's, until the page is there."""

    def __init__(
        self,
        launch: Callable[[], Launch],
        idle_s: float = READER_IDLE_S,
        page_limit_s: float = PAGE_LIMIT_S,
        password_of: Callable[[str], str | None] = lambda _: None,
    ) -> None:
        terms = Terms(
            launch=launch,
            died=lambda how, detail: Reported.of(WorkerDied(detail, worker="reader", how=how)),
            not_started=lambda how, detail: Reported.of(WorkerStartFailed(detail, worker="reader", how=how)),
            idle_s=idle_s,
        )
        self._password_of = password_of
        self._page_limit_s = page_limit_s
        self._worker: Worker[ReaderRequest, ReaderEvent] = Worker(reader_wire(), terms)

    @property
    def pid(self) -> int | None:
        return self._worker.pid

    def render(self, file: str, page: int, width_px: int, operation: Operation[Any]) -> PageBitmap:
        """Raises, reported, what the reader says of the file, or document_killed_reader."""
        if operation.cancelled:  # the viewer has scrolled past it
            raise Cancelled
        stream = self._worker.run(RenderPage(file, page, width_px, self._password_of(file)))
        operation.on_cancel(stream.cancel)
        patience = Patience(self._page_limit_s, self._worker.kill)
        while True:
            try:
                event = stream.next(WAKE_S)
            except Reported as died:
                raise Reported.of(ReaderDied(died.detail, file=file)) from died
            patience.check(overdue=True)
            match event:
                case PageBitmap():
                    return event
                case Failed(error=error):
                    raise Cancelled if error.code == Cancelled.code else Reported.of(error)
                case None:
                    pass
                case _:
                    raise Unexpected(f"the reader answered a page with {type(event).__name__}")

    def close(self) -> None:
        self._worker.close()
