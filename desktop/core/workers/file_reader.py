"""Files on their way into a question, in a reader worker of their own: the viewer need not wait for them.

One file is read at a time; the others wait for their turn. Keeps nothing.
"""

import threading
import time
from collections.abc import Callable
from pathlib import Path

from desktop.core.errors import Cancelled, FolderNotAttached, Reported, Unexpected
from desktop.core.operations import Operation
from desktop.core.types import FilePart
from desktop.core.types.composing import ReadingFile
from desktop.core.workers.supervisor import Launch, Patience, Stream, Terms, Worker
from desktop.core.workers.wires import reader_wire
from rag.errors import DocumentNameUnreadable, DocumentTooLong, ReaderDied, WorkerDied, WorkerStartFailed
from rag.protocol import (
    PAGED,
    DocumentOpened,
    DocumentRead,
    Failed,
    PageRead,
    ReadDocument,
    ReaderEvent,
    ReaderRequest,
    Recognizing,
)
from rag.reading.plain import LONGEST_CHARACTERS

IDLE_S = 60.0
WAKE_S = 0.1
PAGE_LIMIT_S = 60.0  # without a sign of life
CANCEL_LIMIT_S = 2.0  # a page that cannot be left in the middle
TELL_S = 0.1


class FileReader:
    """Blocks its thread, which is one of the core's, until a file is read."""

    def __init__(
        self,
        launch: Callable[[], Launch],
        page_limit_s: float = PAGE_LIMIT_S,
        password_of: Callable[[str], str | None] = lambda _: None,
    ) -> None:
        terms = Terms(
            launch=launch,
            died=lambda how, detail: Reported.of(WorkerDied(detail, worker="reader", how=how)),
            not_started=lambda how, detail: Reported.of(WorkerStartFailed(detail, worker="reader", how=how)),
            idle_s=IDLE_S,
        )
        self._page_limit_s = page_limit_s
        self._password_of = password_of
        self._turn = threading.Lock()
        self._worker: Worker[ReaderRequest, ReaderEvent] = Worker(reader_wire(), terms)

    @property
    def pid(self) -> int | None:
        return self._worker.pid

    def read(self, path: str, operation: Operation[FilePart]) -> FilePart:
        """Emits ReadingFile. Raises, reported, what the reader says of the file; Cancelled."""
        absolute = str(Path(path).expanduser().absolute())
        try:
            absolute.encode()
        except UnicodeEncodeError:
            shown = absolute.encode("utf-8", "replace").decode()
            raise Reported.of(DocumentNameUnreadable(file=shown)) from None
        if Path(absolute).is_dir():
            raise FolderNotAttached(file=absolute)
        operation.emit(ReadingFile(0, 0))
        while not self._turn.acquire(timeout=WAKE_S):
            if operation.cancelled:
                raise Cancelled
        try:
            if operation.cancelled:
                raise Cancelled
            stream = self._worker.run(ReadDocument(absolute, self._password_of(absolute), exact=True))
            operation.on_cancel(stream.cancel)
            return self._follow(absolute, stream, operation)
        finally:
            self._turn.release()

    def _follow(  # noqa: C901 - one arm for each kind of event
        self, path: str, stream: Stream[ReaderEvent], operation: Operation[FilePart]
    ) -> FilePart:
        texts: list[str] = []
        total = length = 0
        plain = False
        told_at = 0.0
        patience = Patience(self._page_limit_s, self._worker.kill)
        leaving = Patience(CANCEL_LIMIT_S, self._worker.kill)
        while True:
            try:
                event = stream.next(WAKE_S)
            except Reported as died:
                if operation.cancelled:
                    raise Cancelled from died
                raise Reported.of(ReaderDied(died.detail, file=path)) from died
            if event is not None:
                patience = Patience(self._page_limit_s, self._worker.kill)
            patience.check(overdue=True)
            leaving.check(overdue=operation.cancelled)
            match event:
                case DocumentOpened(pages=pages):
                    total = pages
                case PageRead(text=text, source=source):
                    plain = source not in PAGED
                    texts.append(text)
                    length += len(text) + 1
                    if length > LONGEST_CHARACTERS + 1:
                        stream.cancel()
                        self._drain(stream)
                        long = DocumentTooLong(file=path, limit=LONGEST_CHARACTERS)
                        raise Reported.of(long)
                    if time.monotonic() - told_at >= TELL_S:
                        told_at = time.monotonic()
                        operation.emit(ReadingFile(len(texts), total))
                case Recognizing(page=page, pages=pages):
                    operation.emit(ReadingFile(page - 1, pages))
                case DocumentRead():
                    pages = 0 if plain else total
                    return FilePart(Path(path).name, "\f".join(texts), path, pages)
                case Failed(error=error):
                    raise Cancelled if error.code == Cancelled.code else Reported.of(error)
                case None:
                    pass
                case _:
                    raise Unexpected(f"the reader answered a file with {type(event).__name__}")

    def _drain(self, stream: Stream[ReaderEvent]) -> None:
        """Wait until the worker has heard that this file is not wanted any more."""
        patience = Patience(CANCEL_LIMIT_S, self._worker.kill)
        while True:
            patience.check(overdue=True)
            try:
                event = stream.next(WAKE_S)
            except (Reported, Cancelled):
                return
            if event is not None and stream.ends_with(event):
                return

    def close(self) -> None:
        self._worker.close()
