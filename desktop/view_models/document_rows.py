"""What the documents view shows, as values: a line of the list, a running batch, how the last one ended."""

from pathlib import PurePath
from typing import Literal

import msgspec

from desktop.core.errors import Reported
from desktop.core.passwords import Unlock
from desktop.core.types import Problem
from rag.errors import ErrorInfo
from rag.protocol import DocumentInfo, Stage

ASKS_FOR_PASSWORD = frozenset({"document_encrypted", "document_wrong_password"})

RowState = Literal["indexed", "indexing", "failed"]

# Embedding takes nearly all of a file's time: the bar should move as the clock does.
_STAGE_SPAN: dict[Stage, tuple[float, float]] = {
    "reading": (0.0, 0.1),
    "recognizing": (0.0, 0.1),
    "embedding": (0.1, 0.97),
    "storing": (0.97, 1.0),
}


class DocumentRow(msgspec.Struct, frozen=True):
    """A line of the list. `document` is None for a file that never came into the library."""

    file: str
    state: RowState
    document: int | None = None
    title: str = ""
    pages: int = 0
    passages: int = 0
    problem: Problem | None = None
    recognized: int = 0  # pages whose text was recognized in a picture
    unread: int = 0  # pages that are pictures and were not read
    unread_why: str = ""
    language: str = ""
    size_bytes: int = 0

    @property
    def name(self) -> str:
        return PurePath(self.file).name or self.file

    @property
    def asks_for_password(self) -> bool:
        return self.problem is not None and self.problem.code in ASKS_FOR_PASSWORD


class Indexing(msgspec.Struct, frozen=True):
    """How far the running batch is. `stage` is None until the library has begun with a file."""

    collection: str
    file: str = ""
    number: int = 0
    files: int = 0
    stage: Stage | None = None
    done: int = 0
    total: int = 0
    cancelling: bool = False
    passages_per_s: float = 0.0
    remaining_s: float | None = None
    ours: bool = True  # asked for here: it can be cancelled

    @property
    def name(self) -> str:
        return PurePath(self.file).name or self.file

    @property
    def fraction_of_file(self) -> float:
        """0..1 of the present file."""
        if self.stage is None:
            return 0.0
        start, end = _STAGE_SPAN[self.stage]
        return start + (end - start) * (min(1.0, self.done / self.total) if self.total else 0.0)

    @property
    def fraction(self) -> float:
        """0..1 of the whole batch, each file counting the same."""
        if not self.files:
            return 0.0
        return min(1.0, (self.number - 1 + self.fraction_of_file) / self.files)


class Batch(msgspec.Struct, frozen=True):
    """Files and folders that wait for their turn, and the chat that they were added beside."""

    paths: tuple[str, ...]
    collection: str
    chat: int | None
    unlock: Unlock | None = None


class Outcome(msgspec.Struct, frozen=True):
    """How the last batch ended, in numbers of files."""

    collection: str
    added: int = 0
    unchanged: int = 0
    failed: int = 0
    cancelled: bool = False


class Removal(msgspec.Struct, frozen=True):
    """What was taken out last and can be put back; `whole`: the number of a collection that was."""

    collection: str
    files: tuple[str, ...]
    documents: tuple[int, ...] = ()
    whole: int = 0


def problem_of(error: ErrorInfo | None) -> Problem | None:
    return None if error is None else Reported.of(error).problem()


def row_of(document: DocumentInfo) -> DocumentRow:
    return DocumentRow(
        document.file,
        document.state,
        document.document,
        document.title,
        document.pages,
        document.passages,
        problem_of(document.error),
        document.recognized,
        document.unread,
        document.unread_why,
        document.language,
        document.size_bytes,
    )
