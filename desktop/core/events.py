"""What the core tells while it works. Closed unions: match them exhaustively.

Listeners are called on the core's threads; a view model hands events over to the window's thread.
"""

from typing import Literal

import msgspec

from desktop.core.replies.repeats import Repetition
from desktop.core.types import (
    Answer,
    ChatInfo,
    ContextPlan,
    Excerpt,
    ExcerptsPart,
    Problem,
    StoredMessage,
    Way,
)
from desktop.core.types.chats import Folder
from engine.protocol import LoadedModel, TokenDetail
from rag.keeping_frames import IndexingNow
from rag.protocol import IndexDone, IndexedDocument, IndexProgress

# ── while a reply comes into being ────────────────────────────────────────────────────────────────


class TurnSaved(msgspec.Struct, frozen=True, tag=True):
    """The person's message and an empty reply are in the store."""

    question: StoredMessage
    reply: StoredMessage


class SearchingDocuments(msgspec.Struct, frozen=True, tag=True):
    pass


class ExcerptsFound(msgspec.Struct, frozen=True, tag=True):
    """What the reply may cite. Told again where fewer fit; then without the rest, which counts as before.

    `way`, `query`, `read`, `documents`, `indexing`: as in `ExcerptsPart`.
    """

    excerpts: tuple[Excerpt, ...]
    way: Way = "passages"
    query: str = ""
    read: int = 0
    documents: int = 0
    indexing: int = 0

    @classmethod
    def of(cls, part: ExcerptsPart) -> "ExcerptsFound":
        """All that is kept with the question."""
        return cls(part.excerpts, part.way, part.query, part.read, part.documents, part.indexing)


class Summarizing(msgspec.Struct, frozen=True, tag=True):
    """Turns left the context window; a summary of them is being written."""


class QuestionRewritten(msgspec.Struct, frozen=True, tag=True):
    """What is searched for in place of a question that leans on the chat."""

    query: str


class VisitingDocument(msgspec.Struct, frozen=True, tag=True):
    """Every document is visited in turn; this is number `number` of `documents`."""

    title: str
    number: int
    documents: int


class Planned(msgspec.Struct, frozen=True, tag=True):
    plan: ContextPlan


class LoadingModel(msgspec.Struct, frozen=True, tag=True):
    """The reply waits for its model. 0..1."""

    done: float


class ReadingPrompt(msgspec.Struct, frozen=True, tag=True):
    """0..1 of the prompt evaluated."""

    done: float


class TextAdded(msgspec.Struct, frozen=True, tag=True):
    text: str


class ThoughtAdded(msgspec.Struct, frozen=True, tag=True):
    """More of what the model thinks before it answers."""

    text: str


class TokensDrawn(msgspec.Struct, frozen=True, tag=True):
    """What the tokens that came last were drawn from, when alternatives are asked for."""

    details: tuple[TokenDetail, ...]


class Repeated(msgspec.Struct, frozen=True, tag=True):
    """What came of a reply that was to be repeated: last of its events."""

    repetition: Repetition


ReplyEvent = (
    TurnSaved
    | SearchingDocuments
    | ExcerptsFound
    | Summarizing
    | QuestionRewritten
    | VisitingDocument
    | Planned
    | LoadingModel
    | ReadingPrompt
    | TextAdded
    | ThoughtAdded
    | TokensDrawn
    | Repeated
)


class CopyingModel(msgspec.Struct, frozen=True, tag=True):
    """A model on its way into the models folder."""

    done_bytes: int
    total_bytes: int


class CheckingModel(msgspec.Struct, frozen=True, tag=True):
    """How much of a model's files was read for their checksums."""

    done_bytes: int
    total_bytes: int


class DownloadingModel(msgspec.Struct, frozen=True, tag=True):
    """`bytes_per_s` of the last seconds; 0 while nobody knows. `checking`: its checksum is compared."""

    done_bytes: int
    total_bytes: int
    bytes_per_s: float = 0.0
    checking: bool = False


class QuantizingModel(msgspec.Struct, frozen=True, tag=True):
    """0..1 of a stage."""

    stage: Literal["measuring_before", "quantizing", "measuring_after"]
    done: float


IndexEvent = IndexProgress | IndexedDocument

# ── at any time ───────────────────────────────────────────────────────────────────────────────────


class EngineStatus(msgspec.Struct, frozen=True, tag=True):
    """`problem` is set in state "failed": the worker died or the model could not be loaded.

    "resting": it left the memory after the time that the person set, and the next question loads it again.
    """

    state: Literal["no_model", "loading", "ready", "busy", "failed", "resting"]
    model: LoadedModel | None = None
    path: str = ""  # of the model that is loading, failed or resting
    done: float = 0.0
    problem: Problem | None = None
    notice: Problem | None = None  # worth knowing of a model that is loaded, such as `ModelChanged`
    runtime_problem: Problem | None = None  # why not the llama.cpp that was wanted: the built-in one runs


class LibraryStatus(msgspec.Struct, frozen=True, tag=True):
    """ "unavailable": the library worker or its embedding model cannot be used; `problem` says why."""

    state: Literal["starting", "ready", "indexing", "unavailable"]
    problem: Problem | None = None


class SearchModel(msgspec.Struct, frozen=True, tag=True):
    """The embedding models of the library, by their paths. `coming` "": none is to take over; else `done` of
    `total` texts have its vectors, and the one that answers goes on answering. `problem`: why that stands
    still."""

    answering: str
    coming: str = ""
    done: int = 0
    total: int = 0
    problem: Problem | None = None


class ServerStatus(msgspec.Struct, frozen=True, tag=True):
    """How it stands with the Chroma server of the settings; never told where there is none.

    "offline": the person wants no network. "sharing": `done` of `total` passages are there. "failed":
    `problem` says why, and it is tried again; the library goes on. `collections`: how many others keep there.
    """

    state: Literal["off", "offline", "connecting", "sharing", "ready", "failed"]
    host: str = ""
    done: int = 0
    total: int = 0
    collections: int = 0
    problem: Problem | None = None


class ChatsChanged(msgspec.Struct, frozen=True, tag=True):
    """All chats, those in the archive too, but not the `trashed` ones in the trash."""

    chats: tuple[ChatInfo, ...]
    folders: tuple[Folder, ...] = ()
    trashed: int = 0


class DocumentsChanged(msgspec.Struct, frozen=True, tag=True):
    pass


class ModelsChanged(msgspec.Struct, frozen=True, tag=True):
    """A model came into the models folder or left it."""


class WindowRequested(msgspec.Struct, frozen=True, tag=True):
    """A second copy was started on the same data: show the window of this one."""


class StorageProblem(msgspec.Struct, frozen=True, tag=True):
    """Something could not be saved (a full disk). The text stays in memory and saving is tried again."""

    problem: Problem | None  # None: saving works again


CoreEvent = (
    EngineStatus
    | LibraryStatus
    | SearchModel
    | ServerStatus
    | ChatsChanged
    | DocumentsChanged
    | IndexingNow
    | ModelsChanged
    | WindowRequested
    | StorageProblem
)

__all__ = [
    "Answer",
    "ChatsChanged",
    "CheckingModel",
    "CopyingModel",
    "CoreEvent",
    "DocumentsChanged",
    "DownloadingModel",
    "EngineStatus",
    "ExcerptsFound",
    "IndexDone",
    "IndexEvent",
    "IndexProgress",
    "IndexedDocument",
    "IndexingNow",
    "LibraryStatus",
    "LoadingModel",
    "ModelsChanged",
    "Planned",
    "QuantizingModel",
    "QuestionRewritten",
    "ReadingPrompt",
    "Repeated",
    "ReplyEvent",
    "SearchModel",
    "SearchingDocuments",
    "ServerStatus",
    "StorageProblem",
    "Summarizing",
    "TextAdded",
    "ThoughtAdded",
    "TurnSaved",
    "VisitingDocument",
    "WindowRequested",
]
