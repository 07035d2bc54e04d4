"""The question for a document's password: of which document, and whether the keyring can keep it.

Holds no password: what is typed goes to the core at once.
"""

from PySide6.QtCore import QObject, Signal

from desktop.core.contract import Core
from desktop.core.passwords import Unlock
from desktop.view_models.bridge import follow
from desktop.view_models.document_rows import DocumentRow
from desktop.view_models.documents import DocumentsViewModel


class PasswordQuestion(QObject):
    """One for the documents view."""

    changed = Signal()  # `row`, `can_keep`

    def __init__(self, core: Core, documents: DocumentsViewModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._core = core
        self._documents = documents
        self.row: DocumentRow | None = None  # the document that is asked about
        self.can_keep = False
        self.known: frozenset[str] = frozenset()  # files whose passwords are known, as last looked

    def look(self) -> None:
        """Find out whose passwords are known: `known` and `changed` when that is told."""
        follow(self._core.kept_passwords(), self, on_result=self._take_known, on_error=lambda _: None)

    def forget(self, file: str) -> None:
        """Neither the keyring nor the program knows it any more; what is indexed of the file stays."""
        follow(self._core.forget_passwords((file,)), self, on_result=lambda _: self.look())

    def forget_all(self) -> None:
        follow(self._core.forget_passwords(), self, on_result=lambda _: self.look())

    def ask(self, row: DocumentRow) -> None:
        """Begin to ask about a document that wants a password."""
        self.row = row
        self.changed.emit()
        follow(self._core.can_keep_passwords(), self, on_result=self._take_keeping)

    def answer(self, password: str, *, keep: bool) -> None:
        """Try it: the row says how that ended. Nothing happens without a password."""
        row = self.row
        if row is not None and password:
            self.row = None
            self._documents.retry(row, Unlock(password, keep and self.can_keep))
            self.changed.emit()

    def give_up(self) -> None:
        self.row = None
        self.changed.emit()

    def _take_known(self, files: tuple[str, ...]) -> None:
        if frozenset(files) != self.known:
            self.known = frozenset(files)
            self.changed.emit()

    def _take_keeping(self, can_keep: bool) -> None:
        self.can_keep = can_keep
        self.changed.emit()
