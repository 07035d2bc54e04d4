"""The local files of what is dragged over the window, and an area that takes them."""

from PySide6.QtCore import QMimeData, Signal
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent
from PySide6.QtWidgets import QAbstractScrollArea, QWidget

from desktop.view_models.model_imports import looks_like_model


def files_of(mime: QMimeData) -> list[str]:
    """Paths of the local files, in order; empty for anything else."""
    return [url.toLocalFile() for url in mime.urls() if url.isLocalFile()]


def holds_documents(mime: QMimeData) -> bool:
    """Whether a file among them may be a document: models alone are for the window behind."""
    return any(not looks_like_model(path) for path in files_of(mime))


class DropArea(QAbstractScrollArea):
    """A scroll area that documents can be dropped on."""

    files_dropped = Signal(list)  # paths

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAcceptDrops(True)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if holds_documents(event.mimeData()):
            event.acceptProposedAction()

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        self.files_dropped.emit(files_of(event.mimeData()))
        event.acceptProposedAction()
