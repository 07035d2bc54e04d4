"""Watched folders and the trash of the library, as the documents page shows them. No widgets."""

from pathlib import PurePath
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from desktop.core.contract import Core
from desktop.core.events import CoreEvent, DocumentsChanged
from desktop.core.operations import Operation
from desktop.core.types import Problem
from desktop.view_models.bridge import follow, listen
from rag.keeping_frames import RemovedThings
from rag.protocol import WatchedFolder

AGAIN_MS = 700  # changes come in swarms while files are indexed


class LibraryKeepingViewModel(QObject):
    """One for the window."""

    folders_changed = Signal()
    removed_changed = Signal()
    failed = Signal(object)  # a Problem

    def __init__(self, core: Core, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._core = core
        self.folders: tuple[WatchedFolder, ...] = ()
        self.removed = RemovedThings((), ())
        self._wanted = False  # somebody looks at folders and trash
        self._again = QTimer(self, singleShot=True, interval=AGAIN_MS)
        self._again.timeout.connect(self._refresh)
        listen(core, self, self._on_core_event)

    def refresh(self) -> None:
        """Ask now, and again whenever something changes from now on."""
        self._wanted = True
        self._refresh()

    def _refresh(self) -> None:
        follow(self._core.list_watched(), self, on_result=self._take_folders, on_error=self.failed.emit)
        follow(self._core.list_removed(), self, on_result=self._take_removed, on_error=self._ignore)

    def folders_of(self, collection: str) -> tuple[WatchedFolder, ...]:
        return tuple(folder for folder in self.folders if folder.collection == collection)

    # ── folders ──

    def watch(self, path: str, collection: str, *, watched: bool = True) -> None:
        """Follow a folder from now on, or not any more; its documents stay."""
        self._do(self._core.watch_folder(path, collection, watched=watched))

    def forget(self, folder: WatchedFolder, *, remove: bool) -> None:
        self._do(self._core.forget_folder(folder.folder, remove=remove))

    def look_through(self) -> None:
        self._do(self._core.look_through())

    # ── the trash ──

    @property
    def trashed(self) -> int:
        inside = sum(collection.documents for collection in self.removed.collections)
        return inside + len(self.removed.documents)

    def restore(self, document: int) -> None:
        self._do(self._core.restore_documents((document,)))

    def restore_collection(self, number: int) -> None:
        self._do(self._core.restore_collection(number))

    def empty_trash(self) -> None:
        self._do(self._core.erase_removed())

    # ── the core ──

    def _do(self, operation: Operation[Any]) -> None:
        follow(operation, self, on_result=lambda _: self._again.start(), on_error=self.failed.emit)

    def _take_folders(self, folders: tuple[WatchedFolder, ...]) -> None:
        if folders != self.folders:
            self.folders = folders
            self.folders_changed.emit()

    def _take_removed(self, removed: RemovedThings) -> None:
        if removed != self.removed:
            self.removed = removed
            self.removed_changed.emit()

    def _ignore(self, _: Problem) -> None:
        """The list of folders, asked for at the same time, says what is wrong."""

    def _on_core_event(self, event: CoreEvent) -> None:
        if isinstance(event, DocumentsChanged) and self._wanted and not self._again.isActive():
            self._again.start()


def folder_name(folder: WatchedFolder) -> str:
    return PurePath(folder.path).name or folder.path
