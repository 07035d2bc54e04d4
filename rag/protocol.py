"""Frames between the core, the library worker, the embedder worker and the reader worker. Values only.

A frame is one msgpack message on a worker's own pipe. The first frame a worker sends is `Ready`; one that
cannot start sends `Failed` in its place, with id 0, and leaves. Every request is answered by any number
of events with the request's id, the last of which is terminal. Pages count from 1. Spans are character
offsets into the stored text of one page, end exclusive. Boxes are fractions of the page (0..1) from its
top left corner, as it is shown (rotation applied).
"""

from typing import Literal

import msgspec

from rag.document_values import DocumentInfo as DocumentInfo
from rag.document_values import DocumentState as DocumentState
from rag.document_values import IndexedDocument as IndexedDocument
from rag.document_values import IndexingState as IndexingState
from rag.document_values import Order as Order
from rag.document_values import PageInfo as PageInfo
from rag.document_values import PageSource as PageSource
from rag.document_values import RemovedCollection as RemovedCollection
from rag.document_values import Stage as Stage
from rag.document_values import WatchedFolder as WatchedFolder
from rag.errors import ErrorInfo
from rag.found_values import Box as Box
from rag.found_values import CollectionInfo as CollectionInfo
from rag.found_values import Hit as Hit
from rag.keeping_frames import KEEPING_TERMINAL, KeepingChange, KeepingEvent, KeepingQuestion
from rag.question_frames import (
    QUESTIONS_TERMINAL,
    QuestionsChange,
    QuestionsEvent,
    QuestionsQuestion,
)
from rag.reader_protocol import PAGED as PAGED
from rag.reader_protocol import READER_TERMINAL as READER_TERMINAL
from rag.reader_protocol import DocumentOpened as DocumentOpened
from rag.reader_protocol import DocumentRead as DocumentRead
from rag.reader_protocol import Heading as Heading
from rag.reader_protocol import PageBitmap as PageBitmap
from rag.reader_protocol import PageRead as PageRead
from rag.reader_protocol import ReadDocument as ReadDocument
from rag.reader_protocol import ReaderEvent as ReaderEvent
from rag.reader_protocol import ReaderEventFrame as ReaderEventFrame
from rag.reader_protocol import ReaderRequest as ReaderRequest
from rag.reader_protocol import ReaderRequestFrame as ReaderRequestFrame
from rag.reader_protocol import Recognizing as Recognizing
from rag.reader_protocol import RenderPage as RenderPage
from rag.search_tuning import Reranked as Reranked
from rag.search_tuning import RerankTexts as RerankTexts
from rag.search_tuning import Tuning as Tuning
from rag.search_values import Filters as Filters
from rag.search_values import SearchTrace as SearchTrace
from rag.server_values import ServerNow as ServerNow
from rag.server_values import ServerWanted as ServerWanted
from rag.server_values import UseServer as UseServer
from rag.upkeep_values import Checked as Checked
from rag.upkeep_values import CheckLibrary as CheckLibrary
from rag.upkeep_values import Fault as Fault
from rag.upkeep_values import RebuildIndex as RebuildIndex
from rag.upkeep_values import Rebuilt as Rebuilt
from rag.upkeep_values import UpkeepProgress as UpkeepProgress
from rag.whole_values import ReadWhole, WholeRead
from rag.worker_values import PROTOCOL as PROTOCOL
from rag.worker_values import Cancel as Cancel
from rag.worker_values import Failed as Failed
from rag.worker_values import Ready as Ready
from rag.worker_values import Shutdown as Shutdown

DEFAULT_COLLECTION = "default"
ANY_FILE = ""  # among passwords: the one to try on files that have none of their own

TextKind = Literal["query", "passage"]


# ── library worker: requests ──────────────────────────────────────────────────────────────────────


class IndexPaths(msgspec.Struct, frozen=True, tag=True):
    """Read, cut, embed and store files, and all documents below folders.

    Events: IndexProgress*, DocumentIndexed (one per file), IndexDone | Failed (only for what stops the
    whole batch, as a full disk does). A file that fails is a DocumentIndexed with a reason.
    """

    paths: tuple[str, ...]
    collection: str = DEFAULT_COLLECTION
    passwords: dict[str, str] = {}  # by file; they stay in the worker's memory


class Search(msgspec.Struct, frozen=True, tag=True):
    """The `k` passages nearest to the question. Empty filters mean everything. Events: Found | Failed.

    With `trace` the answer tells how it came about; `about` is a passage to explain in it, found or not.
    """

    query: str
    k: int = 5
    collections: tuple[str, ...] = ()
    documents: tuple[int, ...] = ()
    filters: Filters = Filters()
    trace: bool = False
    about: int = 0
    tuning: Tuning = Tuning()


class ListDocuments(msgspec.Struct, frozen=True, tag=True):
    """Events: Documents."""

    collection: str | None = None


class ListCollections(msgspec.Struct, frozen=True, tag=True):
    """Events: Collections."""


class RemoveDocuments(msgspec.Struct, frozen=True, tag=True):
    """Put documents into the trash; the files stay where they are. Events: Removed."""

    documents: tuple[int, ...]


class LocatePassage(msgspec.Struct, frozen=True, tag=True):
    """Where a span stands on its page. Events: Located | Failed."""

    document: int
    page: int
    start: int
    end: int


class OpenWith(msgspec.Struct, frozen=True, tag=True):
    """The very first frame to a worker that was started with --sealed: the library's key. No answer."""

    key: bytes

    def __repr__(self) -> str:
        return "OpenWith(...)"


class UseModel(msgspec.Struct, frozen=True, tag=True):
    """Embed all by the model at `source`, while the one before answers; that one, chosen again, ends it.
    Events: ModelsInUse | Failed: it cannot be used, and nothing has changed."""

    source: str


class Embedded(msgspec.Struct, frozen=True, tag=True):
    """The core's answer to the library's `EmbedTexts` number `call`.

    `vectors`: float32, little-endian, (texts, dimensions), unit length, by the model at `source`; none where
    `error` is set. `chosen`: the model that the person wants at this moment.
    """

    call: int
    dimensions: int = 0
    vectors: bytes = b""
    fingerprint: str = ""
    error: ErrorInfo | None = None
    source: str = ""
    chosen: str = ""


LibraryRequest = (
    OpenWith
    | IndexPaths
    | Search
    | ListDocuments
    | ListCollections
    | RemoveDocuments
    | LocatePassage
    | UseModel
    | KeepingQuestion
    | ReadWhole
    | KeepingChange
    | QuestionsQuestion
    | QuestionsChange
    | Reranked
    | CheckLibrary
    | RebuildIndex
    | UseServer
    | Embedded
    | Cancel
    | Shutdown
)


# ── library worker: events ────────────────────────────────────────────────────────────────────────


class IndexProgress(msgspec.Struct, frozen=True, tag=True):
    """`done` of `total` in `stage` of `file` (pages while reading, passages while embedding);
    file `number` of `files`. `remaining_s`: of all that waits, roughly; None: nobody knows."""

    file: str
    number: int
    files: int
    stage: Stage
    done: int
    total: int
    passages_per_s: float = 0.0
    remaining_s: float | None = None


class DocumentIndexed(msgspec.Struct, frozen=True, tag=True):
    document: IndexedDocument


class IndexDone(msgspec.Struct, frozen=True, tag=True):
    documents: tuple[IndexedDocument, ...]
    cancelled: bool = False


class Found(msgspec.Struct, frozen=True, tag=True):
    """`trace` is there where it was asked for."""

    hits: tuple[Hit, ...]
    trace: SearchTrace | None = None


class Documents(msgspec.Struct, frozen=True, tag=True):
    documents: tuple[DocumentInfo, ...]


class Collections(msgspec.Struct, frozen=True, tag=True):
    collections: tuple[CollectionInfo, ...]


class Removed(msgspec.Struct, frozen=True, tag=True):
    count: int


class Located(msgspec.Struct, frozen=True, tag=True):
    """`boxes` is empty for formats without pages of their own (TXT, Markdown); `page_text` is whole."""

    file: str
    title: str
    pages: int
    page: int
    page_text: str
    boxes: tuple[Box, ...]


class EmbedTexts(msgspec.Struct, frozen=True, tag=True):
    """The library asks for vectors, with id 0: its Embedder port, which the core wires to a worker."""

    call: int
    kind: TextKind
    texts: tuple[str, ...]
    source: str = ""  # which model, as an earlier `Embedded` named it; "": the chosen one


class ModelsInUse(msgspec.Struct, frozen=True, tag=True):
    """The models' sources; also told with id 0. `coming`, where set, takes over when `done` of `total` texts
    have its vectors; `problem`: why that stands still."""

    answering: str
    coming: str = ""
    done: int = 0
    total: int = 0
    problem: ErrorInfo | None = None


LibraryEvent = (
    Ready
    | IndexProgress
    | DocumentIndexed
    | IndexDone
    | Found
    | Documents
    | Collections
    | Removed
    | Located
    | ModelsInUse
    | UpkeepProgress
    | Checked
    | Rebuilt
    | ServerNow
    | ServerWanted
    | WholeRead
    | QuestionsEvent
    | EmbedTexts
    | RerankTexts
    | KeepingEvent
    | Failed
)
LIBRARY_TERMINAL = (
    IndexDone,
    Found,
    Documents,
    Collections,
    Removed,
    Located,
    ModelsInUse,
    *KEEPING_TERMINAL,
    *QUESTIONS_TERMINAL,
    Checked,
    Rebuilt,
    ServerNow,
    WholeRead,
    Failed,
)


# ── embedder worker ───────────────────────────────────────────────────────────────────────────────


class Embed(msgspec.Struct, frozen=True, tag=True):
    """Events: Vectors | Failed. The model's prefixes are the worker's business."""

    kind: TextKind
    texts: tuple[str, ...]


EmbedderRequest = Embed | Cancel | Shutdown


class Vectors(msgspec.Struct, frozen=True, tag=True):
    """float32, little-endian, (texts, dimensions), unit length. `fingerprint` names model and form."""

    dimensions: int
    vectors: bytes
    fingerprint: str


EmbedderEvent = Ready | Vectors | Failed
EMBEDDER_TERMINAL = (Vectors, Failed)


# ── envelopes ─────────────────────────────────────────────────────────────────────────────────────


class LibraryRequestFrame(msgspec.Struct, frozen=True):
    id: int
    body: LibraryRequest


class LibraryEventFrame(msgspec.Struct, frozen=True):
    id: int
    body: LibraryEvent


class EmbedderRequestFrame(msgspec.Struct, frozen=True):
    id: int
    body: EmbedderRequest


class EmbedderEventFrame(msgspec.Struct, frozen=True):
    id: int
    body: EmbedderEvent
