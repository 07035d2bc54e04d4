"""What the library's client asks about collections, the trash, watched folders and the queue."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from desktop.core.errors import DataUnwritable
from desktop.core.events import DocumentsChanged
from desktop.core.workers.supervisor import Worker
from rag.keeping_frames import (
    Changed,
    CreateCollection,
    EraseRemoved,
    Folders,
    ForgetFolder,
    KeepingChange,
    ListFolders,
    ListPages,
    ListRemoved,
    LookThrough,
    OrderQueue,
    PagesOf,
    PauseIndexing,
    RemoveCollection,
    RemovedThings,
    RenameCollection,
    RestoreCollection,
    RestoreDocuments,
    WatchFolder,
)
from rag.protocol import (
    Documents,
    LibraryEvent,
    LibraryRequest,
    ListDocuments,
    Order,
    PageInfo,
    Removed,
    RemoveDocuments,
    WatchedFolder,
)
from rag.store import rescue

T = TypeVar("T")


class LibraryKeeping:
    """What `LibraryClient` inherits. All methods block until the worker has answered."""

    _publish: Callable[[Any], None]
    _ask: Callable[[LibraryRequest, type[Any]], Any]
    _worker: Worker[LibraryRequest, LibraryEvent]

    def rescue(self, file: Path) -> int:
        """Begin anew with what can be read of this file, which is damaged: the documents are then read again.

        Gives how many it lists. Raises DataUnwritable where the folder cannot be written.
        """
        try:
            rescue.ask(file)
        except OSError as error:
            raise DataUnwritable(str(error), folder=str(file.parent)) from error
        self._worker.stop()
        listed: Documents = self._ask(ListDocuments(None), Documents)
        self._publish(DocumentsChanged())
        return len(listed.documents)

    def create_collection(self, name: str) -> None:
        self._change(CreateCollection(name))

    def rename_collection(self, name: str, new_name: str) -> str:
        """Gives the new name as it is stored."""
        return self._change(RenameCollection(name, new_name)).name

    def remove_collection(self, name: str) -> int:
        return self._change(RemoveCollection(name)).number

    def restore_collection(self, number: int) -> str:
        return self._change(RestoreCollection(number)).name

    def remove(self, documents: tuple[int, ...]) -> int:
        removed: Removed = self._ask(RemoveDocuments(documents), Removed)
        self._publish(DocumentsChanged())
        return removed.count

    def restore(self, documents: tuple[int, ...]) -> int:
        return self._change(RestoreDocuments(documents)).count

    def removed(self) -> RemovedThings:
        things: RemovedThings = self._ask(ListRemoved(), RemovedThings)
        return things

    def erase_removed(self, older_than_s: float = 0.0) -> int:
        return self._change(EraseRemoved(older_than_s)).count

    def pages(self, document: int) -> tuple[PageInfo, ...]:
        found: PagesOf = self._ask(ListPages(document), PagesOf)
        return found.pages

    def watched(self) -> tuple[WatchedFolder, ...]:
        found: Folders = self._ask(ListFolders(), Folders)
        return found.folders

    def watch(self, path: str, collection: str, watched: bool) -> int:
        return self._change(WatchFolder(path, collection, watched)).number

    def forget_folder(self, folder: int, remove: bool) -> int:
        return self._change(ForgetFolder(folder, remove)).count

    def look_through(self, folders: tuple[int, ...]) -> None:
        self._change(LookThrough(folders))

    def pause(self, paused: bool) -> None:
        self._change(PauseIndexing(paused))

    def order(self, order: Order | None, first: tuple[str, ...]) -> None:
        self._change(OrderQueue(order, first))

    def _change(self, request: KeepingChange) -> Changed:
        changed: Changed = self._ask(request, Changed)
        self._publish(DocumentsChanged())
        return changed
