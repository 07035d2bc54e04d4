"""What may be asked of the core about the library: collections, documents, trash, folders, the queue."""

from typing import Protocol

from desktop.core.operations import Operation
from desktop.core.passwords import Unlock
from desktop.core.workers.search_models import SearchModelFile
from rag.keeping_frames import RemovedThings
from rag.protocol import (
    CollectionInfo,
    DocumentInfo,
    IndexDone,
    Located,
    Order,
    PageBitmap,
    PageInfo,
    WatchedFolder,
)


class LibraryCore(Protocol):
    """The part of `desktop.core.contract.Core` that keeps documents.

    What changes is told with DocumentsChanged; what is being indexed, with IndexingNow.
    """

    # ── documents ──

    def index(
        self, paths: tuple[str, ...], collection: str, unlock: Unlock | None = None
    ) -> Operation[IndexDone]:
        """Emits IndexProgress and IndexedDocument. `unlock`: the password of those that ask for one.

        Several run beside one another: the files of all of them are in one queue.
        """
        ...

    def can_keep_passwords(self) -> Operation[bool]:
        """Whether this machine has a keyring that could keep them."""
        ...

    def list_documents(self, collection: str | None = None) -> Operation[tuple[DocumentInfo, ...]]: ...

    def list_pages(self, document: int) -> Operation[tuple[PageInfo, ...]]:
        """Ends in UnknownDocument where the library has none of its pages."""
        ...

    def locate(self, document: int, page: int, start: int, end: int) -> Operation[Located]:
        """The boxes of a span on its page, and the page's text."""
        ...

    def list_search_models(self) -> Operation[tuple[SearchModelFile, ...]]:
        """The embedding models on this machine, for the setting `embedder_path`."""
        ...

    def render_page(self, file: str, page: int, width_px: int) -> Operation[PageBitmap]: ...

    # ── collections ──

    def list_collections(self) -> Operation[tuple[CollectionInfo, ...]]: ...

    def create_collection(self, name: str) -> Operation[None]:
        """Ends in BadCollectionName, CollectionExists."""
        ...

    def rename_collection(self, name: str, new_name: str) -> Operation[None]:
        """Chats that draw from it go on doing so. Ends in DefaultCollection, and as `create_collection`."""
        ...

    def remove_collection(self, name: str) -> Operation[int]:
        """Into the trash, with its documents. Gives the number that `restore_collection` takes."""
        ...

    # ── the trash: what lies there for `trash_days` goes for good ──

    def remove_documents(self, documents: tuple[int, ...]) -> Operation[int]:
        """Into the trash. Gives how many; the files themselves stay where they are."""
        ...

    def restore_documents(self, documents: tuple[int, ...]) -> Operation[int]:
        """Out of the trash, at once: nothing is read or embedded again."""
        ...

    def restore_collection(self, number: int) -> Operation[str]:
        """Gives its name: another one where a new collection has taken it."""
        ...

    def list_removed(self) -> Operation[RemovedThings]: ...

    def erase_removed(self) -> Operation[int]:
        """Delete for good all that is in the trash. Gives the number of documents."""
        ...

    # ── folders that are watched ──

    def list_watched(self) -> Operation[tuple[WatchedFolder, ...]]: ...

    def watch_folder(self, path: str, collection: str, *, watched: bool = True) -> Operation[int]:
        """Index what is below it, and follow what becomes of it. Gives the folder's number.

        `watched` False: its documents stay, and nobody looks at it any more.
        """
        ...

    def forget_folder(self, folder: int, *, remove: bool = False) -> Operation[int]:
        """`remove`: its documents go into the trash. Gives how many. Ends in FolderNotWatched."""
        ...

    def look_through(self, folders: tuple[int, ...] = ()) -> Operation[None]:
        """Look now whether something has changed; no numbers: in all of them."""
        ...

    # ── the queue ──

    def pause_indexing(self, paused: bool) -> Operation[None]:
        """It stays so when the program is started anew."""
        ...

    def order_indexing(self, order: Order | None = None, first: tuple[str, ...] = ()) -> Operation[None]:
        """In which order files that wait are indexed; `first`: files that come before all others."""
        ...
