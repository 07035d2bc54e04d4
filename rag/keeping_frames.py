"""Frames about collections, the trash, watched folders and the queue. Part of `rag.protocol`.

Where nothing else is said a request ends in `Changed`, or in Failed.
"""

import msgspec

from rag.document_values import (
    DocumentInfo,
    IndexingState,
    Order,
    PageInfo,
    RemovedCollection,
    WatchedFolder,
)

# ── collections and the trash ──────────────────────────────────────────────────────────────────────


class CreateCollection(msgspec.Struct, frozen=True, tag=True):
    """Fails with BadCollectionName, or CollectionExists."""

    name: str


class RenameCollection(msgspec.Struct, frozen=True, tag=True):
    """Fails with UnknownCollection, DefaultCollection, BadCollectionName or CollectionExists."""

    name: str
    new_name: str


class RemoveCollection(msgspec.Struct, frozen=True, tag=True):
    """Put a collection with all its documents into the trash. `number` of Changed brings it back."""

    name: str


class RestoreCollection(msgspec.Struct, frozen=True, tag=True):
    """Out of the trash; `name` of Changed says how it is called where its name was taken meanwhile."""

    number: int


class RestoreDocuments(msgspec.Struct, frozen=True, tag=True):
    """Out of the trash, with their passages and vectors: nothing is read or embedded again."""

    documents: tuple[int, ...]


class EraseRemoved(msgspec.Struct, frozen=True, tag=True):
    """Delete for good what lies in the trash for longer than `older_than_s`; 0: all of it."""

    older_than_s: float = 0.0


class ListRemoved(msgspec.Struct, frozen=True, tag=True):
    """Events: RemovedThings."""


class ListPages(msgspec.Struct, frozen=True, tag=True):
    """Events: PagesOf | Failed."""

    document: int


# ── folders that are watched ───────────────────────────────────────────────────────────────────────


class WatchFolder(msgspec.Struct, frozen=True, tag=True):
    """Index what is below a folder, and follow what becomes of it from now on. `number`: the folder's.
    With `watched` False a folder that is known is kept as it is and not followed any more."""

    path: str
    collection: str
    watched: bool = True


class ForgetFolder(msgspec.Struct, frozen=True, tag=True):
    """Do not follow it any more; `remove`: and put its documents into the trash. `count`: how many."""

    folder: int
    remove: bool = False


class ListFolders(msgspec.Struct, frozen=True, tag=True):
    """Events: Folders."""


class LookThrough(msgspec.Struct, frozen=True, tag=True):
    """Look through watched folders now; none named: all of them."""

    folders: tuple[int, ...] = ()


# ── the queue ──────────────────────────────────────────────────────────────────────────────────────


class PauseIndexing(msgspec.Struct, frozen=True, tag=True):
    """Stop at the next batch of passages, or go on. It stays so when the program is started anew."""

    paused: bool


class OrderQueue(msgspec.Struct, frozen=True, tag=True):
    """In which order files that wait are indexed; `first`: files that come before all others."""

    order: Order | None = None
    first: tuple[str, ...] = ()


KeepingQuestion = ListRemoved | ListPages | ListFolders
KeepingChange = (
    CreateCollection
    | RenameCollection
    | RemoveCollection
    | RestoreCollection
    | RestoreDocuments
    | EraseRemoved
    | WatchFolder
    | ForgetFolder
    | LookThrough
    | PauseIndexing
    | OrderQueue
)


# ── events ─────────────────────────────────────────────────────────────────────────────────────────


class Changed(msgspec.Struct, frozen=True, tag=True):
    """It is done. What the fields mean stands at the request."""

    count: int = 0
    number: int = 0
    name: str = ""


class RemovedThings(msgspec.Struct, frozen=True, tag=True):
    """The trash. Documents of a collection that lies there are not told one by one."""

    collections: tuple[RemovedCollection, ...]
    documents: tuple[DocumentInfo, ...]


class PagesOf(msgspec.Struct, frozen=True, tag=True):
    pages: tuple[PageInfo, ...]


class Folders(msgspec.Struct, frozen=True, tag=True):
    folders: tuple[WatchedFolder, ...]


class IndexingNow(msgspec.Struct, frozen=True, tag=True):
    """Told with id 0 whenever it changes, at most a few times a second."""

    state: IndexingState


class LibraryChanged(msgspec.Struct, frozen=True, tag=True):
    """Told with id 0: documents or folders have changed without anybody's request."""


KeepingEvent = Changed | RemovedThings | PagesOf | Folders | IndexingNow | LibraryChanged
KEEPING_TERMINAL = (Changed, RemovedThings, PagesOf, Folders)
