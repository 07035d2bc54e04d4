"""The library's page, in the place of the conversation: collections, their documents, a look into one."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QActionGroup, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QToolButton, QVBoxLayout, QWidget

from desktop.i18n import _
from desktop.ui.documents.collection_list import CollectionList
from desktop.ui.documents.folder_rows import FolderRows
from desktop.ui.documents.panel import DocumentsPanel
from desktop.ui.documents.preview import Preview
from desktop.ui.documents.trash_list import TrashList
from desktop.ui.file_dialogs import Mode, ask_for_files
from desktop.ui.pieces import icon_button, label, line, put_icon, text_button
from desktop.ui.stack import Stack
from desktop.ui.theme import grow, grown, icon, space
from desktop.view_models.session import Session

LIST_PX = 210
LIST_FITS_PX = 560  # narrower: the collections stand as a list to choose from above the documents
PREVIEW_FITS_PX = 880


class DocumentsPage(QWidget):
    """`closed` asks for the conversation back, `page_wanted` for another page."""

    closed = Signal()
    page_wanted = Signal(str)

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._documents = session.documents
        self._keeping = session.library_keeping
        self.setAccessibleName(_("Documents"))
        self._build()
        self._connect()
        self._keeping.refresh()
        self._documents.refresh()
        self.panel.password.look()
        self._show_collection()
        self._show_trash_count()

    # ── building ──

    def _build(self) -> None:
        self.collections = CollectionList(self._documents)
        self.new_button = text_button(_("New collection"), "quiet", self.collections.ask_for_new)
        put_icon(self.new_button, "plus", "muted")
        self._left = QWidget()
        grow(self._left, width=LIST_PX)
        left = QVBoxLayout(self._left)
        left.setContentsMargins(space.l, 0, space.s, space.m)
        left.addWidget(self.collections, 1)
        left.addWidget(self.new_button)
        self.panel = DocumentsPanel(self._documents, titled=False)
        self.panel.models_dropped.connect(self._session.model_imports.add)
        self.panel.folder_chosen.connect(self._watch)
        self.folders = FolderRows(self._keeping)
        self.panel.put_above(self.folders)
        self.trash = TrashList(self._keeping)
        self._middle = Stack()
        self._middle.addWidget(self.panel)
        self._middle.addWidget(self.trash)
        self.preview = Preview(self._session.core)
        self._borders = line("line_v"), line("line_v")
        body = QHBoxLayout()
        body.setSpacing(0)
        body.addWidget(self._left)
        body.addWidget(self._borders[0])
        body.addWidget(self._middle, 1)
        body.addWidget(self._borders[1])
        body.addWidget(self.preview, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(self._head())
        column.addLayout(body, 1)
        self._arrange()

    def _head(self) -> QHBoxLayout:
        self.back = icon_button("chevron_left", _("Back to the chat"), self.closed.emit)
        self.more = icon_button("more", _("More"))
        self.more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(self.more)
        menu.aboutToShow.connect(lambda: self.fill_menu(menu))
        self.more.setMenu(menu)
        head = QHBoxLayout()
        head.setContentsMargins(space.l, space.s, space.l, space.m)
        head.setSpacing(space.s)
        head.addWidget(self.back)
        head.addWidget(label(_("Documents"), "heading"))
        head.addStretch(1)
        head.addWidget(self.more)
        return head

    def _connect(self) -> None:
        documents = self._documents
        documents.collections_changed.connect(self._show_collection)
        self._keeping.removed_changed.connect(self._show_trash_count)
        self.collections.trash_wanted.connect(self._show_trash)
        self.panel.list.selectionModel().selectionChanged.connect(lambda *_: self._look_into())
        self.panel.list.rows_model.modelReset.connect(self._look_into)
        self.preview.shown_changed.connect(self._arrange)

    # ── what the menu offers ──

    def fill_menu(self, menu: QMenu) -> None:
        menu.clear()
        queue = self._documents.queue
        pausing = menu.addAction(_("Resume indexing") if queue.paused else _("Pause indexing"))
        pausing.triggered.connect(lambda: self._documents.pause(not queue.paused))
        menu.addSeparator()
        orders = QActionGroup(menu)
        for order, words in (
            ("added", _("In the order they were added")),
            ("small_first", _("Small files first")),
        ):
            action = menu.addAction(words)
            action.setCheckable(True)
            action.setChecked(queue.order == order)
            action.triggered.connect(lambda _on, order=order: self._documents.set_order(order))
            orders.addAction(action)
        menu.addSeparator()
        menu.addAction(icon("folder"), _("Watch a folder"), self.ask_for_folder)
        menu.addAction(icon("regenerate"), _("Look for changes now"), self._keeping.look_through)
        forgetting = menu.addAction(icon("blanks"), _("Forget all passwords of documents"))
        forgetting.setEnabled(bool(self.panel.password.known))
        forgetting.triggered.connect(self.panel.password.forget_all)
        menu.addSeparator()
        menu.addAction(icon("search"), _("How well they are found"), lambda: self.page_wanted.emit("score"))

    def ask_for_folder(self) -> None:
        """Have a person choose a folder that is followed from now on."""
        ask_for_files(self, _("Watch a folder"), self._watch_all, Mode.Directory)

    def _watch_all(self, paths: list[str]) -> None:
        for path in paths:
            self._watch(path)

    def _watch(self, path: str) -> None:
        self._keeping.watch(path, self._documents.current)

    # ── showing ──

    def focus_first(self) -> None:
        self.collections.setFocus(Qt.FocusReason.OtherFocusReason)

    def _show_collection(self) -> None:
        self.folders.show_of(self._documents.current)

    def _show_trash_count(self) -> None:
        self.collections.show_trash(self._keeping.trashed)

    def _show_trash(self, on: bool) -> None:
        self._middle.setCurrentWidget(self.trash if on else self.panel)
        if on:
            self.preview.show_row(None)

    def _look_into(self) -> None:
        rows = self.panel.list.selected_rows()
        self.preview.show_row(rows[0] if len(rows) == 1 else None)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        wide = self.width() >= grown(LIST_FITS_PX)
        self._left.setVisible(wide)
        self._borders[0].setVisible(wide)
        self.panel.hide_chooser(wide)
        room = self.width() >= grown(PREVIEW_FITS_PX)
        shown = room and self.preview.row is not None
        self.preview.setVisible(shown)
        self._borders[1].setVisible(shown)
