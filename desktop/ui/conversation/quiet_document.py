"""The document that each piece of the conversation is drawn into. Fetches nothing."""

from PySide6.QtCore import QObject, QUrl
from PySide6.QtGui import QTextDocument

from desktop.ui.theme import space


class QuietDocument(QTextDocument):
    """A document that never fetches anything, whatever is put into it."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.setDocumentMargin(0)
        self.setUndoRedoEnabled(False)
        self.setIndentWidth(space.xl)  # until a style says otherwise
        self.has_tasks = False  # boxes are to be painted beside it

    def loadResource(self, kind: int, url: QUrl | str) -> object:  # noqa: ARG002
        return None
