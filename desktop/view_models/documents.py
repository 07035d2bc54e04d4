"""Documents and collections as the window shows them: lists, indexing, the switch per chat, undo.

Holds what is chosen and what is under way. Reads no files, knows no widgets, chooses no words.
"""

from collections import deque
from collections.abc import Iterable
from pathlib import PurePath

import msgspec
from PySide6.QtCore import QObject, QTimer, Signal

from desktop.core.contract import Core
from desktop.core.events import CoreEvent, DocumentsChanged, IndexingNow, LibraryStatus
from desktop.core.operations import Operation
from desktop.core.passwords import Unlock
from desktop.core.types import Problem
from desktop.view_models.bridge import follow, listen
from desktop.view_models.document_queue import DocumentQueue
from desktop.view_models.document_rows import (
    Batch,
    DocumentRow,
    Indexing,
    Outcome,
    Removal,
    problem_of,
    row_of,
)
from rag.protocol import (
    DEFAULT_COLLECTION,
    CollectionInfo,
    DocumentInfo,
    IndexDone,
    IndexedDocument,
    IndexProgress,
)

MOST_MS = 2000  # between two looks at the list, one for each document up to that


class DocumentsViewModel(DocumentQueue):
    """One for the window."""

    collections_changed = Signal()  # names, counts, which is chosen
    documents_changed = Signal()  # the rows of the chosen collection
    status_changed = Signal()  # `status`
    removal_changed = Signal()  # `removal`
    problem_changed = Signal()  # `problem`
    open_requested = Signal(object)  # a DocumentRow to show at its first page

    def __init__(self, core: Core, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._core = core
        self._collections: tuple[CollectionInfo, ...] = ()
        self._making: set[str] = set()  # collections that are being made
        self._current = DEFAULT_COLLECTION
        self._documents: tuple[DocumentInfo, ...] = ()
        self._refused: dict[str, dict[str, DocumentRow]] = {}  # collection -> file -> row
        self._loaded = False
        self._refreshing = False
        self._refresh_again = False
        self._waiting: deque[Batch] = deque()
        self._running: Operation[IndexDone] | None = None
        self._begin_switches()
        self._begin_queue()
        self.progress: Indexing | None = None
        self.outcome: Outcome | None = None
        self.removal: Removal | None = None
        self.problem: Problem | None = None
        self.status = LibraryStatus("starting")
        self._soon = QTimer(self, singleShot=True)
        self._soon.timeout.connect(self.refresh)
        listen(core, self, self._on_core_event)
        self.refresh()

    @property
    def core(self) -> Core:
        return self._core

    # ── what there is ──

    @property
    def collections(self) -> tuple[CollectionInfo, ...]:
        """All collections by name, the default one first and always there."""
        known = {info.name: info for info in self._collections}
        for name in (DEFAULT_COLLECTION, self._current, *self._making):
            known.setdefault(name, CollectionInfo(name, 0, 0))
        default = known.pop(DEFAULT_COLLECTION)
        return (default, *sorted(known.values(), key=lambda info: info.name.casefold()))

    @property
    def current(self) -> str:
        """The collection whose documents are listed and to which files are added."""
        return self._current

    @property
    def loaded(self) -> bool:
        """Whether the library has answered for the chosen collection yet."""
        return self._loaded

    @property
    def rows(self) -> tuple[DocumentRow, ...]:
        """What did not come in first, then the documents by name."""
        known = {document.file for document in self._documents}
        refused = [row for row in self._refused.get(self._current, {}).values() if row.file not in known]
        documents = sorted(self._documents, key=lambda document: PurePath(document.file).name.casefold())
        return (*refused, *(row_of(document) for document in documents))

    def refresh(self) -> None:
        """Ask the library again; requests that come while one is under way become one more."""
        if self._refreshing:
            self._refresh_again = True
            return
        self._refreshing = True
        asked = self._current

        def collections(found: tuple[CollectionInfo, ...]) -> None:
            self._collections = found
            self.collections_changed.emit()

        def documents(found: tuple[DocumentInfo, ...]) -> None:
            if asked == self._current:
                self._documents = found
                self._loaded = True
                for document in found:  # what the library lists it also explains
                    self._refused.get(asked, {}).pop(document.file, None)
                self.documents_changed.emit()
            self._end_refresh()

        def failed(problem: Problem) -> None:
            # A collection without a document is not known to the library: that is no error here.
            if problem.code == "unknown_collection":
                documents(())
            else:
                self._loaded = True
                self._set_problem(problem)
                self.documents_changed.emit()
                self._end_refresh()

        follow(self._core.list_collections(), self, on_result=collections, on_error=self._set_problem)
        follow(self._core.list_documents(asked), self, on_result=documents, on_error=failed)

    def choose(self, name: str) -> None:
        """Show another collection."""
        if name == self._current:
            return
        self._current = name
        self._documents = ()
        self._loaded = False
        self.collections_changed.emit()
        self.documents_changed.emit()
        self.refresh()

    def create_collection(self, name: str) -> bool:
        """Make a collection and choose it, or the one that is called so."""
        name = " ".join(name.split())
        if not name:
            return False
        same = next((c.name for c in self.collections if c.name.casefold() == name.casefold()), None)
        if same is None:

            def failed(problem: Problem) -> None:
                self._making.discard(name)
                self.choose(DEFAULT_COLLECTION)
                self._set_problem(problem)

            def made(_: None) -> None:
                self._making.discard(name)
                self.refresh()

            self._making.add(name)
            follow(self._core.create_collection(name), self, on_result=made, on_error=failed)
        self.choose(same or name)
        return True

    def rename_collection(self, name: str, new_name: str) -> None:
        new_name = " ".join(new_name.split())
        if not new_name or new_name == name:
            return

        def renamed(_: None) -> None:
            self._renamed(name, new_name)
            if self._current == name:
                self.choose(new_name)
            self.refresh()

        operation = self._core.rename_collection(name, new_name)
        follow(operation, self, on_result=renamed, on_error=self._set_problem)

    def remove_collection(self, name: str) -> None:
        """Into the trash, with its documents; `undo_removal` brings it back."""

        def removed(number: int) -> None:
            if self._current == name:
                self.choose(DEFAULT_COLLECTION)
            self.removal = Removal(name, (), whole=number)
            self.removal_changed.emit()
            self.refresh()

        follow(self._core.remove_collection(name), self, on_result=removed, on_error=self._set_problem)

    def open(self, row: DocumentRow) -> None:
        """Ask for a document's first page."""
        if row.document is not None and row.state != "failed":
            self.open_requested.emit(row)

    # ── adding ──

    def add(self, paths: Iterable[str], collection: str | None = None, unlock: Unlock | None = None) -> None:
        """Index files and folders, one batch after the other, and switch their collection on.

        A person who adds a paper beside a chat means to ask about it there; a collection they switched
        off in this chat stays off.
        """
        wanted = tuple(paths)
        if not wanted:
            return
        self._waiting.append(Batch(wanted, collection or self._current, self._chat, unlock))
        self.dismiss_problem()
        if self._running is None:
            self._start_next()

    def cancel(self) -> None:
        """Stop at the next safe point, also what waits; what is in the library stays."""
        self._waiting.clear()
        if self._running is not None and self.progress is not None:
            self.progress = msgspec.structs.replace(self.progress, cancelling=True)
            self.progress_changed.emit()
            self._running.cancel()

    def retry(self, row: DocumentRow, unlock: Unlock | None = None) -> None:
        """Index a file again that failed, with its password where it asked for one."""
        self.dismiss(row)
        self.add((row.file,), unlock=unlock)

    def dismiss(self, row: DocumentRow) -> None:
        """Take a file that never came in off the list."""
        if self._refused.get(self._current, {}).pop(row.file, None) is not None:
            self.documents_changed.emit()

    def _start_next(self) -> None:
        if not self._waiting:
            self.progress = None
            self.progress_changed.emit()
            return
        batch = self._waiting.popleft()
        self.progress = Indexing(batch.collection)
        self.outcome = None
        self.progress_changed.emit()
        self._running = self._core.index(batch.paths, batch.collection, batch.unlock)

        def ended(done: IndexDone) -> None:
            self._running = None
            self._take_outcome(batch, done)
            self._start_next()
            self.refresh()

        def failed(problem: Problem) -> None:
            self._running = None
            if problem.code != "cancelled":
                self._set_problem(problem)
            self._start_next()
            self.refresh()

        def event(event: IndexProgress | IndexedDocument) -> None:
            self._on_index_event(batch, event)

        follow(self._running, self, on_event=event, on_result=ended, on_error=failed)

    def _on_index_event(self, batch: Batch, event: IndexProgress | IndexedDocument) -> None:
        if isinstance(event, IndexedDocument):
            self._take_document(batch.collection, event)
            return
        cancelling = self.progress is not None and self.progress.cancelling
        self.progress = Indexing(
            batch.collection,
            event.file,
            event.number,
            event.files,
            event.stage,
            event.done,
            event.total,
            cancelling,
            event.passages_per_s,
            event.remaining_s,
        )
        self.progress_changed.emit()

    def _take_document(self, collection: str, document: IndexedDocument) -> None:
        refused = self._refused.setdefault(collection, {})
        refused.pop(document.file, None)
        if document.state == "failed":
            refused[document.file] = DocumentRow(
                document.file, "failed", document.document, problem=problem_of(document.error)
            )
            if collection == self._current:
                self.documents_changed.emit()

    def _take_outcome(self, batch: Batch, done: IndexDone) -> None:
        states = [document.state for document in done.documents]
        self.outcome = Outcome(
            batch.collection,
            added=states.count("indexed"),
            unchanged=states.count("unchanged"),
            failed=states.count("failed"),
            cancelled=done.cancelled,
        )
        usable = self.outcome.added + self.outcome.unchanged
        chat = batch.chat if batch.chat is not None else self._chat
        if usable and chat is not None and (chat, batch.collection) not in self._left_off:
            self._switch(chat, batch.collection, True)

    # ── removing ──

    def remove(self, rows: Iterable[DocumentRow]) -> None:
        """Take documents out of the library; the files stay where they are."""
        rows = tuple(rows)
        collection = self._current
        for row in rows:
            self.dismiss(row)
        inside = [row for row in rows if row.document is not None]
        if not inside:
            return

        def removed(_count: int) -> None:
            self.removal = Removal(collection, tuple(row.file for row in inside), documents)
            self.removal_changed.emit()
            self.refresh()

        documents = tuple(row.document for row in inside if row.document is not None)
        follow(self._core.remove_documents(documents), self, on_result=removed, on_error=self._set_problem)

    def undo_removal(self) -> None:
        """Put back what was removed last: out of the trash, as it was."""
        if self.removal is None:
            return
        removal, self.removal = self.removal, None
        self.removal_changed.emit()
        if removal.whole:
            follow(
                self._core.restore_collection(removal.whole),
                self,
                on_result=self.choose,
                on_error=self._set_problem,
            )
        else:
            back = self._core.restore_documents(removal.documents)
            follow(back, self, on_result=lambda _: self.refresh(), on_error=self._set_problem)

    def forget_removal(self) -> None:
        """The offer to undo has been declined."""
        if self.removal is not None:
            self.removal = None
            self.removal_changed.emit()

    # ── problems ──

    def dismiss_problem(self) -> None:
        if self.problem is not None:
            self.problem = None
            self.problem_changed.emit()

    def tell_problem(self, problem: Problem) -> None:
        self._set_problem(problem)

    def _set_problem(self, problem: Problem) -> None:
        if problem != self.problem:
            self.problem = problem
            self.problem_changed.emit()

    # ── the core ──

    def _on_core_event(self, event: CoreEvent) -> None:
        if isinstance(event, DocumentsChanged):
            # many come while files are indexed, and a long list takes its time
            if not self._soon.isActive():
                self._soon.start(min(MOST_MS, len(self._documents)))
        elif isinstance(event, IndexingNow):
            self._take_queue(event)
        elif isinstance(event, LibraryStatus) and event != self.status:
            came_back = event.state == "ready" and self.status.state in ("starting", "unavailable")
            self.status = event
            self.status_changed.emit()
            if came_back:
                self.dismiss_problem()
                self.refresh()

    def _end_refresh(self) -> None:
        self._refreshing = False
        if self._refresh_again:
            self._refresh_again = False
            self.refresh()
