"""The reader process: one document at a time, within limits, and page bitmaps for the viewer.

    python -m rag.reader_worker --channel N

pdfium aborts its process on some files, which is why it runs here. The parent keeps the time; this
process limits its own memory and leaves when the pipe closes.
"""

import argparse
import logging
import os
import sys
from collections import deque
from pathlib import Path

from rag.errors import Cancelled, DocumentError, RagError, ReaderDied, UnknownFormat
from rag.frames import Frames
from rag.process import open_channel
from rag.protocol import (
    PROTOCOL,
    Cancel,
    Failed,
    PageBitmap,
    ReadDocument,
    ReaderEvent,
    ReaderEventFrame,
    ReaderRequestFrame,
    Ready,
    Recognizing,
    RenderPage,
    Shutdown,
)
from rag.quiet_logs import log_to_stderr
from rag.reading.files import check_file
from rag.reading.kinds import PDF_SUFFIXES, suffix
from rag.reading.pdfium import PdfiumFile
from rag.reading.reader import read, read_as_text

MOST_MEMORY_BYTES = 2 << 30

log = logging.getLogger(__name__)


class ReaderWorker:
    """Serves one pipe. A cancel is heard between two pages."""

    def __init__(self, frames: Frames[ReaderRequestFrame, ReaderEventFrame]) -> None:
        self._frames = frames
        self._waiting: deque[ReaderRequestFrame] = deque()
        self._rendered: tuple[tuple[str, float, str | None], PdfiumFile] | None = None
        self._leaving = False

    def run(self) -> None:
        """Until told to leave. Raises EOFError when the pipe closes."""
        while not self._leaving:
            frame = self._waiting.popleft() if self._waiting else self._frames.receive()
            match frame.body:
                case ReadDocument() | RenderPage():
                    self._serve(frame.id, frame.body)
                case Shutdown():
                    return
                case Cancel():
                    pass  # it came after its target had ended

    def _serve(self, request: int, body: ReadDocument | RenderPage) -> None:
        try:
            if isinstance(body, RenderPage):
                self._send(request, self._render(body))
            else:
                self._read(request, body)
        except RagError as error:
            self._send(request, Failed(error.info()))
        except (MemoryError, RecursionError) as error:
            self._send(request, Failed(ReaderDied(repr(error), file=body.file).info()))
        except EOFError:
            raise
        except Exception as error:
            log.exception("could not serve a request")
            self._send(request, Failed(DocumentError(repr(error), file=body.file).info()))

    def _read(self, request: int, body: ReadDocument) -> None:
        path = Path(body.file)
        check_file(path, any_kind=body.exact)

        def recognizing(page: int, pages: int) -> None:
            self._send(request, Recognizing(page, pages))
            if self._cancelled(request):
                raise Cancelled

        scans = Path(body.scans) if body.scans else None
        for event in (read_as_text if body.exact else read)(path, body.password, recognizing, scans):
            self._send(request, event)
            if self._cancelled(request):
                raise Cancelled

    def _render(self, body: RenderPage) -> PageBitmap:
        path = Path(body.file)
        if suffix(path) not in PDF_SUFFIXES:
            raise UnknownFormat(file=body.file, suffix=suffix(path))
        key = (body.file, _modified_at(path), body.password)
        if self._rendered is None or self._rendered[0] != key:
            if self._rendered is not None:
                self._rendered[1].close()
                self._rendered = None
            check_file(path)
            self._rendered = (key, PdfiumFile(path, body.password))
        return self._rendered[1].render(body.page, body.width_px)

    def _cancelled(self, request: int) -> bool:
        """Hear what has arrived meanwhile; requests wait for their turn."""
        cancelled = False
        while self._frames.waiting():
            frame = self._frames.receive()
            if isinstance(frame.body, Cancel):
                cancelled = cancelled or frame.body.target == request
            elif isinstance(frame.body, Shutdown):
                self._leaving = cancelled = True
            else:
                self._waiting.append(frame)
        return cancelled

    def _send(self, request: int, event: ReaderEvent) -> None:
        self._frames.send(ReaderEventFrame(request, event))


def _modified_at(path: Path) -> float:
    """0 for a file that cannot be looked at: `check_file` says why."""
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


def limit_memory(most_bytes: int = MOST_MEMORY_BYTES) -> None:
    """Let allocations fail rather than fill the machine. Windows keeps no such limit here."""
    if sys.platform != "win32":
        import resource

        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        most = most_bytes if hard == resource.RLIM_INFINITY else min(most_bytes, hard)
        resource.setrlimit(resource.RLIMIT_AS, (most, hard))


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--channel", type=int, required=True)
    options = parser.parse_args()
    log_to_stderr(logging.WARNING)
    limit_memory()
    frames: Frames[ReaderRequestFrame, ReaderEventFrame] = Frames(
        open_channel(options.channel), ReaderRequestFrame
    )
    try:
        frames.send(ReaderEventFrame(0, Ready(PROTOCOL, os.getpid())))
        ReaderWorker(frames).run()
    except EOFError:
        pass  # the parent is gone
    return 0


if __name__ == "__main__":
    sys.exit(main())
