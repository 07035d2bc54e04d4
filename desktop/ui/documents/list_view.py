"""The list of documents: keys, clicks on a row's buttons, and its menu. Asks; decides nothing."""

from PySide6.QtCore import QPoint, QRect, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QListView, QMenu, QWidget

from desktop.i18n import _
from desktop.ui.commands import with_keys
from desktop.ui.documents.rows import ROW_ROLE, DocumentDelegate, DocumentListModel
from desktop.ui.documents.texts import remedy
from desktop.ui.theme import icon
from desktop.view_models.document_rows import DocumentRow


class DocumentList(QListView):
    """Enter opens, Delete removes, the menu key or a right click shows what else there is."""

    open_requested = Signal(object)  # a DocumentRow
    retry_requested = Signal(object)  # a DocumentRow
    remove_requested = Signal(object)  # a tuple of DocumentRow
    first_wanted = Signal(object)  # a DocumentRow that waits
    forget_wanted = Signal(object)  # a DocumentRow whose password is known

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows_model = DocumentListModel(self)
        self.rows_delegate = DocumentDelegate(self)
        self.unlocked: frozenset[str] = frozenset()  # files whose passwords are known
        self.setModel(self.rows_model)
        self.setItemDelegate(self.rows_delegate)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setMouseTracking(True)
        self.setFrameShape(QListView.Shape.NoFrame)
        self.viewport().setAutoFillBackground(False)
        self.retranslate()

    def retranslate(self) -> None:
        self.setAccessibleName(_("Documents"))
        self.scheduleDelayedItemsLayout()

    def show_rows(self, rows: tuple[DocumentRow, ...]) -> None:
        """Take new rows; what was selected and where the list stood stays, as far as it is still there."""
        selected = {row.file for row in self.selected_rows()}
        current = self.currentIndex().data(ROW_ROLE)
        place = self.verticalScrollBar().value()
        heights_may_differ = rows != self.rows_model.rows
        if self.rows_model.set_rows(rows):
            selection = self.selectionModel()
            for number, row in enumerate(rows):
                index = self.rows_model.index(number)
                if row.file in selected:
                    selection.select(index, selection.SelectionFlag.Select)
                if current is not None and row.file == current.file:
                    selection.setCurrentIndex(index, selection.SelectionFlag.NoUpdate)
            self.doItemsLayout()
            self.verticalScrollBar().setValue(place)
        elif heights_may_differ:
            self.scheduleDelayedItemsLayout()

    def selected_rows(self) -> tuple[DocumentRow, ...]:
        indexes = sorted(self.selectionModel().selectedIndexes(), key=lambda index: index.row())
        return tuple(index.data(ROW_ROLE) for index in indexes)

    def menu_for(self, rows: tuple[DocumentRow, ...]) -> QMenu:
        """What can be done with these rows."""
        menu = QMenu(self)
        if len(rows) == 1 and rows[0].state == "failed":
            again = menu.addAction(icon("regenerate"), remedy(rows[0]))
            again.triggered.connect(lambda: self.retry_requested.emit(rows[0]))
        elif len(rows) == 1 and rows[0].state == "indexing":
            first = menu.addAction(icon("chevron_up"), _("Index this one first"))
            first.triggered.connect(lambda: self.first_wanted.emit(rows[0]))
        elif len(rows) == 1:
            opening = menu.addAction(icon("page"), with_keys(_("Open"), "Return"))
            opening.triggered.connect(lambda: self.open_requested.emit(rows[0]))
        if len(rows) == 1 and rows[0].file in self.unlocked:
            forgetting = menu.addAction(icon("blanks"), _("Forget its password"))
            forgetting.triggered.connect(lambda: self.forget_wanted.emit(rows[0]))
        removing = menu.addAction(icon("delete"), with_keys(_("Remove from the library"), "Del"))
        removing.triggered.connect(lambda: self.remove_requested.emit(rows))
        return menu

    def _show_menu(self, rows: tuple[DocumentRow, ...], where: QPoint) -> None:
        if rows:
            menu = self.menu_for(rows)
            menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            menu.popup(self.viewport().mapToGlobal(where))

    # ── keys and clicks ──

    def keyPressEvent(self, event: QKeyEvent) -> None:
        rows = self.selected_rows()
        if event.key() == Qt.Key.Key_Delete and rows:
            self.remove_requested.emit(rows)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and len(rows) == 1:
            self._open_or_retry(rows[0])
        elif event.key() == Qt.Key.Key_Menu or (
            event.key() == Qt.Key.Key_F10 and event.modifiers() & Qt.KeyboardModifier.ShiftModifier
        ):
            self._show_menu(rows, self.visualRect(self.currentIndex()).center())
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        super().mousePressEvent(event)
        if event.button() == Qt.MouseButton.RightButton:
            self._show_menu(self.selected_rows(), event.position().toPoint())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        where = event.position().toPoint()
        row, button = self._button_at(where)
        if event.button() != Qt.MouseButton.LeftButton or row is None:
            return
        if button == "retry":
            self.retry_requested.emit(row)
        elif button == "more":
            self._show_menu((row,), where)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        row, button = self._button_at(event.position().toPoint())
        if row is not None and not button:
            self._open_or_retry(row)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        over_button = bool(self._button_at(event.position().toPoint())[1])
        shape = Qt.CursorShape.PointingHandCursor if over_button else Qt.CursorShape.ArrowCursor
        self.viewport().setCursor(shape)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.scheduleDelayedItemsLayout()  # words wrap to the width

    def _open_or_retry(self, row: DocumentRow) -> None:
        (self.retry_requested if row.state == "failed" else self.open_requested).emit(row)

    def _button_at(self, where: QPoint) -> tuple[DocumentRow | None, str]:
        index = self.indexAt(where)
        if not index.isValid():
            return None, ""
        row: DocumentRow = index.data(ROW_ROLE)
        box: QRect = self.visualRect(index)
        return row, self.rows_delegate.button_at(row, box, where)
