"""The parent's side of the reader worker: starts it, keeps its time, survives its death."""

import contextlib
import logging
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from rag.errors import Cancelled, DocumentError, Forwarded, ReaderDied, WorkerStartFailed
from rag.frames import Frames
from rag.process import Child, how_it_ended, last_lines, spawn
from rag.protocol import (
    DocumentOpened,
    DocumentRead,
    Failed,
    PageRead,
    ReadDocument,
    ReaderEventFrame,
    ReaderRequestFrame,
    Ready,
    Recognizing,
)

PAGE_LIMIT_S = 60.0
DOCUMENTS_PER_PROCESS = 100  # what a parser leaks ends with its process
_LOOK_UP_S = 0.1

log = logging.getLogger(__name__)


class Refused(Forwarded, DocumentError):
    """The reader's own reason."""


class Asked(NamedTuple):
    """What is read: the file, what opens it, and where its scans are kept: a folder named after what is in
    the file."""

    path: Path
    password: str | None
    scans: str


class ReaderClient:
    """Reads documents one after the other in a child process, replaced when it dies. The next one may be
    asked for early, while nobody reads."""

    def __init__(self, log_path: Path, page_limit_s: float = PAGE_LIMIT_S) -> None:
        self.page_limit_s = page_limit_s  # without a sign of life
        self._log_path = log_path
        self._child: Child | None = None
        self._frames: Frames[ReaderEventFrame, ReaderRequestFrame] | None = None
        self._served = 0
        self._ahead: Asked | None = None

    def read(
        self,
        path: Path,
        cancelled: Callable[[], bool],
        password: str | None = None,
        scans: str = "",
        idle: Callable[[], None] = lambda: None,
    ) -> Iterator[DocumentOpened | PageRead | Recognizing]:
        """The document's beginning and its pages. `idle` is called while none comes.

        Raises the reader's error, ReaderDied when it ended or went past its time, or Cancelled.
        """
        done = False
        try:
            asked = Asked(path, password, scans)
            if self._ahead not in (None, asked):
                self.close()  # it reads what is not wanted next after all
            frames = self._started(path)
            if self._ahead is None:
                self._ask(frames, asked)
            request, self._ahead = self._served, None
            while not done:
                body = self._receive(frames, request, path, cancelled, idle).body
                match body:
                    case DocumentOpened() | PageRead() | Recognizing():
                        yield body
                    case DocumentRead():
                        done = True
                    case Failed():
                        done = True
                        raise Refused(body.error)
                    case _:
                        raise ReaderDied(f"unexpected {type(body).__name__}", file=str(path))
        finally:
            # a document left in the middle, or one too many: a new process is the clean state
            if not done or self._served >= DOCUMENTS_PER_PROCESS:
                self.close()

    def read_ahead(self, path: Path, password: str | None = None, scans: str = "") -> None:
        """Begin with what is read next, if a reader runs; its pages wait for `read` with the same."""
        if self._frames is None or self._ahead is not None:
            return
        try:
            self._ask(self._frames, Asked(path, password, scans))
        except ReaderDied:
            self.close()  # `read` starts another one

    @property
    def reads_ahead(self) -> bool:
        return self._ahead is not None

    @property
    def running(self) -> bool:
        return self._child is not None

    def close(self) -> None:
        """End the reader, in whatever it is doing."""
        child, self._child, self._frames, self._served, self._ahead = self._child, None, None, 0, None
        if child is not None:
            child.channel.close()
            child.process.kill()
            child.process.wait()

    def _started(self, path: Path) -> Frames[ReaderEventFrame, ReaderRequestFrame]:
        if self._child is not None and self._child.process.poll() is not None:
            self.close()
        if self._frames is None:
            try:
                self._child = spawn("rag.reader_worker", (), self._log_path)
            except OSError as error:
                raise WorkerStartFailed(str(error), worker="reader") from error
            self._frames = Frames(self._child.channel, ReaderEventFrame)
            first = self._receive(self._frames, 0, path, lambda: False, lambda: None).body
            if not isinstance(first, Ready):
                raise WorkerStartFailed(repr(first), worker="reader")
        return self._frames

    def _ask(self, frames: Frames[ReaderEventFrame, ReaderRequestFrame], asked: Asked) -> None:
        self._served += 1
        body = ReadDocument(str(asked.path), asked.password, scans=asked.scans)
        try:
            frames.send(ReaderRequestFrame(self._served, body))
        except EOFError as error:
            raise self._died(asked.path) from error
        self._ahead = asked

    def _receive(
        self,
        frames: Frames[ReaderEventFrame, ReaderRequestFrame],
        request: int,
        path: Path,
        cancelled: Callable[[], bool],
        idle: Callable[[], None],
    ) -> ReaderEventFrame:
        latest = time.monotonic() + self.page_limit_s
        while True:
            if cancelled():
                raise Cancelled
            if frames.waiting(_LOOK_UP_S):
                try:
                    frame = frames.receive()
                except EOFError as error:
                    raise self._died(path) from error
                if frame.id == request:
                    return frame
            elif time.monotonic() > latest:
                raise ReaderDied(f"no page within {self.page_limit_s:.0f} s", file=str(path))
            else:
                idle()

    def _died(self, path: Path) -> ReaderDied:
        how = "gone"
        if self._child is not None:
            with contextlib.suppress(Exception):
                self._child.process.wait(timeout=2)
            how = how_it_ended(self._child.process.returncode)
        return ReaderDied(f"{how}\n{last_lines(self._log_path)}", file=str(path), how=how)
