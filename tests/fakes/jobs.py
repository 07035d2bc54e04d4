"""Loading a model and indexing files in the fake core: step by step, or played on a thread."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import PurePath

from desktop.core.errors import Cancelled, Reported
from desktop.core.events import CoreEvent, EngineStatus, LoadingModel
from desktop.core.operations import Operation
from desktop.core.passwords import Unlock
from desktop.core.types import Problem
from engine.protocol import LoadedModel
from rag.errors import ErrorInfo
from rag.protocol import DocumentInfo, IndexDone, IndexedDocument, IndexProgress, Stage

STEP_S = 0.002
PAGES = 12
PASSWORD = "open sesame"  # noqa: S105 - of what is locked
READABLE = (".pdf", ".txt", ".md")


@dataclass
class FakeLoading:
    """One load on its way. Cancelling goes back to `before`."""

    path: str
    tell: Callable[[CoreEvent], None]
    before: EngineStatus
    model: LoadedModel | None = None
    operation: Operation[LoadedModel] = field(default_factory=Operation)

    def __post_init__(self) -> None:
        self._lock = threading.RLock()
        self.tell(EngineStatus("loading", path=self.path))
        self.operation.on_cancel(self._cancel)

    def progress(self, done: float) -> None:
        with self._lock:
            if not self.operation.done:
                self.operation.emit(LoadingModel(done))
                self.tell(EngineStatus("loading", path=self.path, done=done))

    def finish(self) -> None:
        with self._lock:
            if not self.operation.done and self.model is not None:
                self.tell(EngineStatus("ready", self.model, self.path))
                self.operation.finish(self.model)

    def fail(self, problem: Problem) -> None:
        with self._lock:
            if not self.operation.done:
                self.tell(EngineStatus("failed", path=self.path, problem=problem))
                self.operation.fail(Reported(problem))

    def _cancel(self) -> None:
        with self._lock:
            if not self.operation.done:
                self.tell(EngineStatus("no_model"))
                self.operation.fail(Cancelled())


def play_loading(loading: FakeLoading, step_s: float = STEP_S) -> None:
    def run() -> None:
        for step in range(5):
            loading.progress(step / 4)
            time.sleep(step_s)
        loading.finish()

    threading.Thread(target=run, name="fake loading", daemon=True).start()


@dataclass
class FakeIndexing:
    """One batch of files on its way: `progress` at will, then `end_file` for each, then `finish`.

    Files with a name that holds "scan", "locked" or "broken" fail as such files do.
    """

    paths: tuple[str, ...]
    collection: str
    number: Callable[[], int]
    on_end: Callable[[tuple[DocumentInfo, ...]], None]
    operation: Operation[IndexDone] = field(default_factory=Operation)
    unlock: Unlock | None = None

    def __post_init__(self) -> None:
        self._lock = threading.RLock()
        self._outcomes: list[IndexedDocument] = []
        self._added: list[DocumentInfo] = []
        self.operation.on_cancel(lambda: self.finish(cancelled=True))

    def progress(self, file: str, stage: Stage = "reading", done: int = 0, total: int = PAGES) -> None:
        with self._lock:
            if not self.operation.done:
                at = self.paths.index(file) + 1
                self.operation.emit(IndexProgress(file, at, len(self.paths), stage, done, total))

    def end_file(self, file: str, error: ErrorInfo | None = None) -> None:
        with self._lock:
            if self.operation.done:
                return
            document = self.number()
            pages, passages = (0, 0) if error else (PAGES, PAGES * 4)
            outcome = IndexedDocument(
                file, "failed" if error else "indexed", pages, passages, document, error
            )
            info = DocumentInfo(
                document=document,
                collection=self.collection,
                file=file,
                title="",
                state="failed" if error else "indexed",
                pages=pages,
                passages=passages,
                size_bytes=240_000,
                added_at=time.time(),
                error=error,
            )
            self._outcomes.append(outcome)
            self._added.append(info)
            self.operation.emit(outcome)

    def finish(self, *, cancelled: bool = False) -> None:
        with self._lock:
            if not self.operation.done:
                self.on_end(tuple(self._added))
                self.operation.finish(IndexDone(tuple(self._outcomes), cancelled))

    def fail(self, problem: Problem) -> None:
        """What stops the whole batch, as a full disk does."""
        with self._lock:
            if not self.operation.done:
                self.on_end(tuple(self._added))
                self.operation.fail(Reported(problem))


def play_indexing(indexing: FakeIndexing, step_s: float = STEP_S) -> None:
    def run() -> None:
        for file in indexing.paths:
            for done in (0, PAGES // 2, PAGES):
                indexing.progress(file, "reading", done)
                time.sleep(step_s)
            indexing.progress(file, "embedding", 24, 48)
            time.sleep(step_s)
            indexing.end_file(file, trouble_of(file, indexing.unlock))
        indexing.finish()

    threading.Thread(target=run, name="fake indexing", daemon=True).start()


def trouble_of(file: str, unlock: Unlock | None = None) -> ErrorInfo | None:
    name = PurePath(file).name
    if PurePath(file).suffix not in READABLE:
        return ErrorInfo("document_unknown_format", {"file": file, "suffix": PurePath(file).suffix})
    if "scan" in name:
        return ErrorInfo("document_no_text", {"file": file, "pages": PAGES})
    if "locked" in name:
        if unlock is None:
            return ErrorInfo("document_encrypted", {"file": file})
        if unlock.password != PASSWORD:
            return ErrorInfo("document_wrong_password", {"file": file})
    if "broken" in name:
        return ErrorInfo("document_damaged", {"file": file})
    return None
