"""What is told of documents, collections and watched folders, as values that cross the library's pipe."""

from typing import Literal

import msgspec

from rag.errors import ErrorInfo
from rag.reader_protocol import PageSource as PageSource

DocumentState = Literal["indexed", "unchanged", "failed"]
Stage = Literal["reading", "recognizing", "embedding", "storing"]
Order = Literal["added", "small_first"]  # in which what waits is indexed


class IndexedDocument(msgspec.Struct, frozen=True):
    """How one file ended. `error` is set exactly when `state` is "failed"."""

    file: str
    state: DocumentState
    pages: int = 0
    passages: int = 0
    document: int | None = None
    error: ErrorInfo | None = None


class DocumentInfo(msgspec.Struct, frozen=True):
    """A document of the library. `error` says why it has no passages."""

    document: int
    collection: str
    file: str
    title: str
    state: Literal["indexed", "indexing", "failed"]
    pages: int
    passages: int
    size_bytes: int
    added_at: float  # seconds since the epoch
    recognized: int = 0  # pages whose text was recognized in a picture
    unread: int = 0  # pages that are pictures and were not read
    unread_why: str = ""  # for the first of them
    error: ErrorInfo | None = None
    language: str = ""  # of people ("es") or of a source file ("python"); "": not known
    removed_at: float = 0.0  # of one in the trash; 0: it is not there


class PageInfo(msgspec.Struct, frozen=True):
    """One page of a document: who read it (see `PageSource`), and for a "scan" that was not read, why."""

    page: int
    source: PageSource
    characters: int
    passages: int
    unread: str = ""


class RemovedCollection(msgspec.Struct, frozen=True):
    """A collection in the trash."""

    number: int
    name: str
    documents: int
    removed_at: float


class WatchedFolder(msgspec.Struct, frozen=True):
    """A folder whose documents belong to a collection. `problem`: why it cannot be followed at the moment;
    what was indexed of it stays."""

    folder: int
    collection: str
    path: str
    watched: bool = True
    documents: int = 0
    checked_at: float = 0.0  # when it was last looked through; 0: never
    problem: ErrorInfo | None = None


class IndexingState(msgspec.Struct, frozen=True):
    """What the library is doing at this moment, whoever asked for it.

    `waiting`: files still to come, with the one under way, which is `file` ("": none is). `done` of `total`
    in `stage` of it. `remaining_s` is an estimate; None: nobody knows yet.
    """

    waiting: int = 0
    paused: bool = False
    order: Order = "added"
    file: str = ""
    collection: str = ""
    stage: Stage | None = None
    done: int = 0
    total: int = 0
    passages_per_s: float = 0.0
    remaining_s: float | None = None
