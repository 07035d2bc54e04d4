"""Collections, the trash, watched folders and the queue, as the fake core offers them."""

from collections.abc import Callable, Iterator
from typing import Any

from msgspec.structs import replace

from desktop.core.errors import Reported
from desktop.core.events import CoreEvent, DocumentsChanged
from desktop.core.operations import Operation
from rag.errors import (
    BadCollectionName,
    CollectionExists,
    DefaultCollection,
    FolderNotWatched,
    UnknownCollection,
)
from rag.keeping_frames import IndexingNow, RemovedThings
from rag.protocol import (
    DEFAULT_COLLECTION,
    CollectionInfo,
    DocumentInfo,
    IndexingState,
    Order,
    PageInfo,
    RemovedCollection,
    WatchedFolder,
)
from tests.fakes.chats import FakeChats
from tests.fakes.jobs import PAGES

LONGEST_NAME = 60


class FakeCollections:
    """What FakeCore inherits; `documents` are those that can be seen."""

    chats: FakeChats
    documents: list[DocumentInfo]
    tell: Callable[[CoreEvent], None]
    _now: Callable[..., Operation[Any]]
    _numbers: "Iterator[int]"

    def _open_library(self) -> None:
        self.names = {DEFAULT_COLLECTION}
        self.removed_documents: list[DocumentInfo] = []
        self.removed_collections: dict[int, tuple[str, list[DocumentInfo]]] = {}
        self.watched: dict[int, WatchedFolder] = {}
        self.indexing_state = IndexingState()

    def tell_indexing(self, **changes: Any) -> None:
        """Announce another state of the queue."""
        self.indexing_state = replace(self.indexing_state, **changes)
        self.tell(IndexingNow(self.indexing_state))

    def _library_now(self, name: str, work: Callable[[], Any], *arguments: object) -> Operation[Any]:
        operation = self._now(name, work, *arguments)
        self.tell(DocumentsChanged())
        return operation

    def _known(self) -> set[str]:
        self.names |= {info.collection for info in self.documents}
        return self.names

    def list_collections(self) -> Operation[tuple[CollectionInfo, ...]]:
        def work() -> tuple[CollectionInfo, ...]:
            return tuple(self._collection(name) for name in sorted(self._known()))

        return self._now("list_collections", work)

    def _collection(self, name: str) -> CollectionInfo:
        inside = [info for info in self.documents if info.collection == name]
        return CollectionInfo(name, len(inside), sum(info.passages for info in inside))

    def _new_name(self, name: str) -> str:
        kept = " ".join(name.split())
        if not kept or len(kept) > LONGEST_NAME:
            raise Reported.of(BadCollectionName(name=name, limit=LONGEST_NAME))
        if kept.casefold() in {known.casefold() for known in self._known()}:
            raise Reported.of(CollectionExists(name=kept))
        return kept

    def _old_name(self, name: str) -> None:
        if name == DEFAULT_COLLECTION:
            raise Reported.of(DefaultCollection(name=name))
        if name not in self._known():
            raise Reported.of(UnknownCollection(name=name))

    def create_collection(self, name: str) -> Operation[None]:
        return self._library_now("create_collection", lambda: self.names.add(self._new_name(name)), name)

    def rename_collection(self, name: str, new_name: str) -> Operation[None]:
        def work() -> None:
            self._old_name(name)
            kept = self._new_name(new_name)
            self.names.discard(name)
            self.names.add(kept)
            self.documents = [
                replace(info, collection=kept) if info.collection == name else info for info in self.documents
            ]
            self.chats.rename_collection(name, kept)

        return self._library_now("rename_collection", work, name, new_name)

    def remove_collection(self, name: str) -> Operation[int]:
        def work() -> int:
            self._old_name(name)
            number = next(self._numbers)
            inside = [info for info in self.documents if info.collection == name]
            self.removed_collections[number] = (name, inside)
            self.documents = [info for info in self.documents if info.collection != name]
            self.names.discard(name)
            return number

        return self._library_now("remove_collection", work, name)

    def restore_collection(self, number: int) -> Operation[str]:
        def work() -> str:
            name, inside = self.removed_collections.pop(number)
            free = name if name not in self._known() else f"{name} (2)"
            self.names.add(free)
            self.documents += [replace(info, collection=free) for info in inside]
            return free

        return self._library_now("restore_collection", work, number)

    def remove_documents(self, documents: tuple[int, ...]) -> Operation[int]:
        def work() -> int:
            gone = [info for info in self.documents if info.document in documents]
            self.documents = [info for info in self.documents if info.document not in documents]
            self.removed_documents += [replace(info, removed_at=1.0) for info in gone]
            return len(gone)

        return self._library_now("remove_documents", work, documents)

    def restore_documents(self, documents: tuple[int, ...]) -> Operation[int]:
        def work() -> int:
            back = [info for info in self.removed_documents if info.document in documents]
            self.removed_documents = [i for i in self.removed_documents if i.document not in documents]
            self.documents += [replace(info, removed_at=0.0) for info in back]
            return len(back)

        return self._library_now("restore_documents", work, documents)

    def list_removed(self) -> Operation[RemovedThings]:
        def work() -> RemovedThings:
            collections = tuple(
                RemovedCollection(number, name, len(inside), 1.0)
                for number, (name, inside) in self.removed_collections.items()
            )
            return RemovedThings(collections, tuple(self.removed_documents))

        return self._now("list_removed", work)

    def erase_removed(self) -> Operation[int]:
        def work() -> int:
            inside = sum(len(documents) for _, documents in self.removed_collections.values())
            count = len(self.removed_documents) + inside
            self.removed_documents, self.removed_collections = [], {}
            return count

        return self._library_now("erase_removed", work)

    def list_pages(self, document: int) -> Operation[tuple[PageInfo, ...]]:
        def work() -> tuple[PageInfo, ...]:
            return tuple(PageInfo(page, "pdfium", 1200, 4) for page in range(1, PAGES + 1))

        return self._now("list_pages", work, document)

    # folders

    def list_watched(self) -> Operation[tuple[WatchedFolder, ...]]:
        return self._now("list_watched", lambda: tuple(self.watched.values()))

    def watch_folder(self, path: str, collection: str, *, watched: bool = True) -> Operation[int]:
        def work() -> int:
            same = [f for f in self.watched.values() if (f.path, f.collection) == (path, collection)]
            number = same[0].folder if same else next(self._numbers)
            self.names.add(collection)
            self.watched[number] = WatchedFolder(number, collection, path, watched)
            return number

        return self._library_now("watch_folder", work, path, collection, watched)

    def forget_folder(self, folder: int, *, remove: bool = False) -> Operation[int]:
        def work() -> int:
            if folder not in self.watched:
                raise Reported.of(FolderNotWatched(folder=folder))
            gone = self.watched.pop(folder)
            below = [
                info
                for info in self.documents
                if info.collection == gone.collection and info.file.startswith(gone.path + "/")
            ]
            if remove:
                self.documents = [info for info in self.documents if info not in below]
                self.removed_documents += [replace(info, removed_at=1.0) for info in below]
            return len(below) if remove else 0

        return self._library_now("forget_folder", work, folder, remove)

    def look_through(self, folders: tuple[int, ...] = ()) -> Operation[None]:
        return self._library_now("look_through", lambda: None, folders)

    # the queue

    def pause_indexing(self, paused: bool) -> Operation[None]:
        operation = self._now("pause_indexing", lambda: None, paused)
        self.tell_indexing(paused=paused)
        return operation

    def order_indexing(self, order: Order | None = None, first: tuple[str, ...] = ()) -> Operation[None]:
        operation = self._now("order_indexing", lambda: None, order, first)
        if order is not None:
            self.tell_indexing(order=order)
        return operation
