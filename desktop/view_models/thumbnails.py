"""Small pictures of a document's pages, drawn by the reader worker for those in sight. Paints nothing."""

from collections import OrderedDict
from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal

from desktop.core.operations import Operation
from desktop.view_models.bridge import follow
from desktop.view_models.viewer import ViewerViewModel
from rag.protocol import PageBitmap

WIDTH_PX: Final = 220  # of a bitmap; shown smaller, sharp on dense screens too
KEPT: Final = 120  # bitmaps: about 27 MB of A4 pages
PAUSE_MS: Final = 60  # the page itself goes first


class Thumbnails(QObject):
    """`changed(page)` when the picture of one came; `reset` when another document is shown."""

    changed = Signal(int)
    reset = Signal()

    def __init__(self, viewer: ViewerViewModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._viewer = viewer
        self._file = ""
        self.pages = 0
        self._drawn: OrderedDict[int, PageBitmap] = OrderedDict()
        self._refused: set[int] = set()
        self._wanted: list[int] = []  # in sight, in the order in which they are drawn
        self._running: Operation[PageBitmap] | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(PAUSE_MS)
        self._timer.timeout.connect(self._next)
        viewer.changed.connect(self._look)
        viewer.closed.connect(self._look)

    @property
    def page(self) -> int:
        return self._viewer.page

    def picture(self, page: int) -> PageBitmap | None:
        return self._drawn.get(page)

    def go_to(self, page: int) -> None:
        self._viewer.go_to(page)

    def show(self, pages: list[int]) -> None:
        """These are in sight now: what is not drawn yet is, the first ones first; nothing else."""
        self._wanted = [page for page in pages if page not in self._drawn and page not in self._refused]
        for page in pages:
            if page in self._drawn:
                self._drawn.move_to_end(page)
        self._timer.start()

    def _look(self) -> None:
        file, pages = (self._viewer.file, self._viewer.pages) if self._viewer.is_open else ("", 0)
        if file != self._file:
            self._forget()
        if (file, pages) != (self._file, self.pages):
            self._file, self.pages = file, pages
            self.reset.emit()

    def _forget(self) -> None:
        if self._running is not None:
            self._running.cancel()
            self._running = None
        self._wanted.clear()
        self._refused.clear()
        self._drawn.clear()

    def _next(self) -> None:
        if self._running is not None or not self._file:
            return
        if self._viewer.waiting:  # one reader draws all pages
            self._timer.start()
            return
        while self._wanted and self._wanted[0] in self._drawn:
            self._wanted.pop(0)
        if self._wanted:
            self._draw(self._wanted.pop(0))

    def _draw(self, page: int) -> None:
        file = self._file
        operation = self._viewer.core.render_page(file, page, WIDTH_PX)
        self._running = operation

        def over() -> None:
            if self._running is operation:
                self._running = None
            self._timer.start()

        def came(bitmap: PageBitmap) -> None:
            over()
            if file != self._file:
                return
            self._drawn[page] = bitmap
            while len(self._drawn) > KEPT:
                self._drawn.popitem(last=False)
            self.changed.emit(page)

        def failed(_problem: object) -> None:
            over()
            if file == self._file:
                self._refused.add(page)  # its number is still there to choose

        follow(operation, self, on_result=came, on_error=failed)
