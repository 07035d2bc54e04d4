"""The rows that are learnt from, as a table of any length: read, or written where the person wants to. Asks
nobody for anything."""

from typing import Any, Final

from PySide6.QtCore import QAbstractTableModel, QEvent, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QPlainTextEdit,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from desktop.i18n import _
from desktop.ui.theme import grown

TABLE_PX: Final = 190
EDITOR_PX: Final = 76  # lines of an answer that are seen while it is written
TIP_CHARACTERS: Final = 800
Index = QModelIndex | QPersistentModelIndex
NOWHERE: Final = QModelIndex()


class RowsModel(QAbstractTableModel):
    """Two columns of text. Only what is looked at costs anything."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: list[tuple[str, str]] = []
        self._heads = ("", "")
        self.editable = False

    def put(self, rows: list[tuple[str, str]], heads: tuple[str, str]) -> None:
        self.beginResetModel()
        self._rows, self._heads = list(rows), heads
        self.endResetModel()

    @property
    def rows(self) -> tuple[tuple[str, str], ...]:
        return tuple(self._rows)

    def add(self) -> int:
        """An empty row at the end; its number."""
        at = len(self._rows)
        self.beginInsertRows(QModelIndex(), at, at)
        self._rows.append(("", ""))
        self.endInsertRows()
        return at

    def remove(self, numbers: set[int]) -> None:
        for at in sorted(numbers, reverse=True):
            self.beginRemoveRows(QModelIndex(), at, at)
            del self._rows[at]
            self.endRemoveRows()

    # ── as Qt asks for it ──

    def rowCount(self, parent: Index = NOWHERE) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = NOWHERE) -> int:
        return 0 if parent.isValid() else 2

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        words = self._rows[index.row()][index.column()]
        if role == Qt.ItemDataRole.EditRole:
            return words
        if role == Qt.ItemDataRole.DisplayRole:
            return " ".join(words[: 4 * TIP_CHARACTERS].split())
        if role == Qt.ItemDataRole.ToolTipRole:
            return words if len(words) <= TIP_CHARACTERS else words[:TIP_CHARACTERS] + "…"
        return None

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        if role != Qt.ItemDataRole.EditRole or not index.isValid():
            return False
        row = list(self._rows[index.row()])
        row[index.column()] = str(value)
        self._rows[index.row()] = (row[0], row[1])
        self.dataChanged.emit(index, index)
        return True

    def flags(self, index: Index) -> Qt.ItemFlag:
        found = super().flags(index)
        return found | Qt.ItemFlag.ItemIsEditable if self.editable else found

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return self._heads[section]
        return super().headerData(section, orientation, role)


class RowsTable(QTableView):
    """Delete takes the chosen rows away while it is edited."""

    def __init__(self) -> None:
        super().__init__()
        self.rows_model = RowsModel(self)
        self.setModel(self.rows_model)
        self.setItemDelegate(_Writing(self))
        self.setAccessibleName(_("Rows"))
        self.verticalHeader().setVisible(False)
        self.setWordWrap(False)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setFixedHeight(grown(TABLE_PX))
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.set_editable(False)

    def set_editable(self, editable: bool) -> None:
        self.rows_model.editable = editable
        triggers = QAbstractItemView.EditTrigger
        some = triggers.DoubleClicked | triggers.EditKeyPressed | triggers.AnyKeyPressed
        self.setEditTriggers(some if editable else triggers.NoEditTriggers)

    def show_rows(self, rows: list[tuple[str, str]], kind: str) -> None:
        self.set_editable(False)
        heads = {
            "text": (_("Paragraph"), ""),
            "pairs": (_("Question"), _("Answer")),
            "labels": (_("Text"), _("Label")),
        }[kind]
        self.rows_model.put(rows, heads)
        self.setColumnHidden(1, kind == "text")
        head = self.horizontalHeader()
        head.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        head.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        # a label is a word: what is seen of the column says how wide it is to be
        mode = QHeaderView.ResizeMode.Stretch if kind == "pairs" else QHeaderView.ResizeMode.ResizeToContents
        head.setResizeContentsPrecision(0)
        head.setSectionResizeMode(1, mode)

    def add_row(self) -> None:
        at = self.rows_model.index(self.rows_model.add(), 0)
        self.setCurrentIndex(at)
        self.scrollTo(at)
        self.edit(at)

    def remove_chosen(self) -> None:
        chosen = {index.row() for index in self.selectionModel().selectedRows()}
        if self.currentIndex().isValid() and not chosen:
            chosen = {self.currentIndex().row()}
        self.rows_model.remove(chosen)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self.rows_model.editable and event.key() == Qt.Key.Key_Delete:
            self.remove_chosen()
            return
        if self.rows_model.editable and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.edit(self.currentIndex())
            return
        super().keyPressEvent(event)


class _Writing(QStyledItemDelegate):
    """A field of several lines: Enter keeps it, Shift+Enter begins a new line."""

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:  # noqa: ARG002
        made = QPlainTextEdit(parent)
        made.setTabChangesFocus(True)
        made.setAccessibleName(str(index.model().headerData(index.column(), Qt.Orientation.Horizontal)))
        return made

    def setEditorData(self, editor: QWidget, index: Index) -> None:
        if isinstance(editor, QPlainTextEdit) and not editor.document().isModified():
            editor.setPlainText(index.data(Qt.ItemDataRole.EditRole))
            editor.selectAll()

    def setModelData(self, editor: QWidget, model: Any, index: Index) -> None:
        if isinstance(editor, QPlainTextEdit):
            model.setData(index, editor.toPlainText())

    def updateEditorGeometry(self, editor: QWidget, option: QStyleOptionViewItem, index: Index) -> None:  # noqa: ARG002
        place = option.rect
        parent = editor.parentWidget()
        tall = max(place.height(), grown(EDITOR_PX))
        top = max(0, min(place.top(), parent.height() - tall)) if parent is not None else place.top()
        editor.setGeometry(place.left(), top, place.width(), tall)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if (
            isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.KeyPress
            and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
            and not event.modifiers() & Qt.KeyboardModifier.ShiftModifier
            and isinstance(watched, QWidget)
        ):
            self.commitData.emit(watched)
            self.closeEditor.emit(watched, QStyledItemDelegate.EndEditHint.NoHint)
            return True
        return super().eventFilter(watched, event)
