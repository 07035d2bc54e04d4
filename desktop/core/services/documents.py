"""The core's methods about the library: each asks the library's or the reader's process."""

from collections.abc import Callable

from desktop.core.chats.store import ChatStore
from desktop.core.errors import CoreError
from desktop.core.operations import Operation
from desktop.core.operations import start as begin  # `locate` has a parameter of that name
from desktop.core.passwords import Passwords, Unlock
from desktop.core.places import Places
from desktop.core.settings import Settings
from desktop.core.workers.launches import default_search_model, search_model_folders
from desktop.core.workers.library import LibraryClient
from desktop.core.workers.reader import ReaderClient
from desktop.core.workers.search_models import SearchModelFile, search_models
from rag.keeping_frames import RemovedThings
from rag.protocol import (
    CollectionInfo,
    DocumentInfo,
    IndexDone,
    Located,
    LocatePassage,
    Order,
    PageBitmap,
    PageInfo,
    WatchedFolder,
)

LIBRARY_FILE = "library.db"  # made by the library worker when it first starts


class DocumentServices:
    """What `Services` inherits. Its methods are described in `desktop.core.contract.library`."""

    places: Places
    _library: LibraryClient
    _reader: ReaderClient
    _passwords: Passwords
    _settings: Settings
    _change: Callable[[Callable[[ChatStore], None], str], Operation[None]]

    def _use_search_model(self, before: object) -> None:
        """The setting names another embedding model now; one that cannot be used sets it back, and raises."""
        if not (self.places.library_dir / LIBRARY_FILE).exists():
            self._library.forget_models()
            return
        try:
            self._library.use_chosen_model()
        except CoreError:
            self._settings.set("embedder_path", before)
            raise

    @property
    def reranker_pid(self) -> int | None:
        """The reranker's process, while there is one."""
        return self._library.reranker_pid

    def _use_reranker(self, before: object) -> None:
        """The setting names another reranker now; one that cannot be used sets it back, and raises."""
        try:
            self._library.use_reranker(chosen=bool(self._settings.text("reranker_path")))
        except CoreError:
            self._settings.set("reranker_path", before)
            raise

    def index(
        self, paths: tuple[str, ...], collection: str, unlock: Unlock | None = None
    ) -> Operation[IndexDone]:
        return begin(lambda operation: self._library.index(paths, collection, operation, unlock), "index")

    def can_keep_passwords(self) -> Operation[bool]:
        return begin(lambda _: self._passwords.can_keep(), "look for a keyring")

    def list_documents(self, collection: str | None = None) -> Operation[tuple[DocumentInfo, ...]]:
        return begin(lambda _: self._library.documents(collection), "list documents")

    def list_collections(self) -> Operation[tuple[CollectionInfo, ...]]:
        return begin(lambda _: self._library.collections(), "list collections")

    def create_collection(self, name: str) -> Operation[None]:
        return begin(lambda _: self._library.create_collection(name), "create collection")

    def rename_collection(self, name: str, new_name: str) -> Operation[None]:
        def work(_: Operation[None]) -> None:
            called = self._library.rename_collection(name, new_name)
            self._change(lambda chats: chats.rename_collection(name, called), "rename in chats").result()

        return begin(work, "rename collection")

    def remove_collection(self, name: str) -> Operation[int]:
        return begin(lambda _: self._library.remove_collection(name), "remove collection")

    def restore_collection(self, number: int) -> Operation[str]:
        return begin(lambda _: self._library.restore_collection(number), "restore collection")

    def restore_documents(self, documents: tuple[int, ...]) -> Operation[int]:
        return begin(lambda _: self._library.restore(documents), "restore documents")

    def list_removed(self) -> Operation[RemovedThings]:
        return begin(lambda _: self._library.removed(), "list removed")

    def erase_removed(self) -> Operation[int]:
        return begin(lambda _: self._library.erase_removed(), "erase removed")

    def list_pages(self, document: int) -> Operation[tuple[PageInfo, ...]]:
        return begin(lambda _: self._library.pages(document), "list pages")

    def list_watched(self) -> Operation[tuple[WatchedFolder, ...]]:
        return begin(lambda _: self._library.watched(), "list watched folders")

    def watch_folder(self, path: str, collection: str, *, watched: bool = True) -> Operation[int]:
        return begin(lambda _: self._library.watch(path, collection, watched), "watch folder")

    def forget_folder(self, folder: int, *, remove: bool = False) -> Operation[int]:
        return begin(lambda _: self._library.forget_folder(folder, remove), "forget folder")

    def look_through(self, folders: tuple[int, ...] = ()) -> Operation[None]:
        return begin(lambda _: self._library.look_through(folders), "look through folders")

    def pause_indexing(self, paused: bool) -> Operation[None]:
        return begin(lambda _: self._library.pause(paused), "pause indexing")

    def order_indexing(self, order: Order | None = None, first: tuple[str, ...] = ()) -> Operation[None]:
        return begin(lambda _: self._library.order(order, first), "order what is indexed")

    def remove_documents(self, documents: tuple[int, ...]) -> Operation[int]:
        return begin(lambda _: self._library.remove(documents), "remove documents")

    def locate(self, document: int, page: int, start: int, end: int) -> Operation[Located]:
        request = LocatePassage(document, page, start, end)
        return begin(lambda _: self._library.locate(request), "locate")

    def list_search_models(self) -> Operation[tuple[SearchModelFile, ...]]:
        folders, default = search_model_folders(self.places), default_search_model(self.places)
        return begin(lambda _: search_models(folders, default), "list search models")

    def render_page(self, file: str, page: int, width_px: int) -> Operation[PageBitmap]:
        return begin(lambda operation: self._reader.render(file, page, width_px, operation), "render page")
