"""What the library indexes at this moment, whoever asked for it, and in which order. Part of
`DocumentsViewModel`."""

from PySide6.QtCore import Signal

from desktop.core.events import IndexingNow
from desktop.view_models.bridge import follow
from desktop.view_models.document_rows import DocumentRow, Indexing
from desktop.view_models.document_switches import DocumentSwitches
from rag.protocol import IndexingState, Order


class DocumentQueue(DocumentSwitches):
    progress_changed = Signal()  # `progress`, `outcome`, `queue`
    progress: Indexing | None  # of what was asked for here

    def _begin_queue(self) -> None:
        self.queue = IndexingState()
        self._most = 0  # files that waited at once since there were none

    @property
    def work(self) -> Indexing | None:
        """What is being indexed: what was asked for here, else what a watched folder or a command brings."""
        queue = self.queue
        if self.progress is not None:
            return self.progress
        if not queue.waiting or (not queue.file and not queue.paused):
            return None
        return Indexing(
            queue.collection,
            queue.file,
            self._most - queue.waiting + 1,
            self._most,
            queue.stage,
            queue.done,
            queue.total,
            passages_per_s=queue.passages_per_s,
            remaining_s=queue.remaining_s,
            ours=False,
        )

    def pause(self, paused: bool) -> None:
        """It stays so until it is taken back, also when the program is started anew."""
        follow(self._core.pause_indexing(paused), self, on_error=self._set_problem)

    def set_order(self, order: Order) -> None:
        follow(self._core.order_indexing(order), self, on_error=self._set_problem)

    def put_first(self, row: DocumentRow) -> None:
        """Index this one before all others that wait."""
        follow(self._core.order_indexing(None, (row.file,)), self, on_error=self._set_problem)

    def _take_queue(self, event: IndexingNow) -> None:
        if event.state != self.queue:
            self.queue = event.state
            self._most = max(self._most, event.state.waiting) if event.state.waiting else 0
            self.progress_changed.emit()
