"""A look into the document that is chosen: its pages as they look or as they were read, and who read them."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop.core.contract import Core
from desktop.i18n import _
from desktop.ui.documents import texts
from desktop.ui.pieces import label
from desktop.ui.theme import set_kind, space
from desktop.ui.viewer import PageViewer
from desktop.view_models.bridge import follow
from desktop.view_models.document_rows import DocumentRow
from desktop.view_models.viewer import Target, ViewerViewModel
from rag.protocol import PageInfo


class Preview(QWidget):
    """`row` is the document that is shown; None: there is nothing to show."""

    shown_changed = Signal()

    def __init__(self, core: Core, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._core = core
        self.row: DocumentRow | None = None
        self._pages: tuple[PageInfo, ...] = ()
        self.model = ViewerViewModel(core, self)
        self.viewer = PageViewer(self.model)
        self.facts = label("", "caption", wrap=True)
        self.facts.setContentsMargins(space.l, space.s, space.l, space.s)
        set_kind(self, "panel")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.viewer, 1)
        column.addWidget(self.facts)
        self.model.changed.connect(self._tell)
        self.model.closed.connect(lambda: self.show_row(None))

    def show_row(self, row: DocumentRow | None) -> None:
        if row is not None and (row.document is None or row.state == "failed" or not row.pages):
            row = None
        same = (row.document if row else None) == (self.row.document if self.row else None)
        self.row = row
        if same:
            return
        self._pages = ()
        if row is not None and row.document is not None:
            asked = row.document
            self.model.show(Target(asked, row.file, row.title))
            follow(
                self._core.list_pages(asked),
                self,
                on_result=lambda pages: self._take(asked, pages),
                on_error=lambda _: None,
            )
        self.shown_changed.emit()

    def _take(self, document: int, pages: tuple[PageInfo, ...]) -> None:
        if self.row is not None and self.row.document == document:
            self._pages = pages
            self._tell()

    def _tell(self) -> None:
        """How the page that stands there was read."""
        page = next((page for page in self._pages if page.page == self.model.page), None)
        self.facts.setText(texts.page_facts(page) if page is not None else _("Reading"))
