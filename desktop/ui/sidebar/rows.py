"""The rows of the list of chats: the model behind them and how they are painted."""

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QRectF,
    QSize,
    Qt,
)
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QLineEdit,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from desktop.core.types import ChatInfo
from desktop.i18n import _
from desktop.ui.row_ground import paint_row_ground
from desktop.ui.theme import current_theme, interface_font, paint_icon, space, type_size
from desktop.view_models.chats import Group, GroupName

Index = QModelIndex | QPersistentModelIndex
Row = ChatInfo | GroupName
ROW_ROLE = Qt.ItemDataRole.UserRole
OPEN_ROLE = Qt.ItemDataRole.UserRole + 1  # whether this chat is in front

_BUTTON = 24
_HEADING_TOP = 12


def title_of(chat: ChatInfo) -> str:
    """A chat's title; without a turn it has none yet."""
    return chat.title or _("New chat")


def heading_of(name: GroupName) -> str:
    match name:
        case "temporary":
            return _("Temporary")
        case "pinned":
            return _("Pinned")
        case "today":
            return _("Today")
        case "yesterday":
            return _("Yesterday")
        case "earlier":
            return _("Earlier")
        case "found":
            return _("Found")


class ChatListModel(QAbstractListModel):
    """Headings and chats, one after the other."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._rows: tuple[Row, ...] = ()
        self._open: int | None = None

    def show(self, groups: tuple[Group, ...], in_front: int | None) -> bool:
        """Take new groups. True when the rows are others than before: then the view lost its place."""
        rows: tuple[Row, ...] = tuple(row for group in groups for row in (group.name, *group.chats))
        same = [_key(row) for row in rows] == [_key(row) for row in self._rows]
        self._open = in_front
        if same:
            self._rows = rows
            if rows:
                self.dataChanged.emit(self.index(0), self.index(len(rows) - 1))
            return False
        self.beginResetModel()
        self._rows = rows
        self.endResetModel()
        return True

    def row_of(self, chat: int | None) -> int:
        """Where a chat stands, or -1."""
        wanted = (
            row for row, held in enumerate(self._rows) if isinstance(held, ChatInfo) and held.id == chat
        )
        return next(wanted, -1)

    def chat_at(self, index: Index) -> ChatInfo | None:
        row = self._rows[index.row()] if index.isValid() and index.row() < len(self._rows) else None
        return row if isinstance(row, ChatInfo) else None

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._rows)

    def flags(self, index: Index) -> Qt.ItemFlag:
        if self.chat_at(index) is None:
            return Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsEditable

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid() or index.row() >= len(self._rows):
            return None
        row = self._rows[index.row()]
        if role == ROW_ROLE:
            return row
        text = title_of(row) if isinstance(row, ChatInfo) else heading_of(row)
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return text
        if isinstance(row, ChatInfo):
            if role == OPEN_ROLE:
                return row.id == self._open
            if role == Qt.ItemDataRole.EditRole:
                return row.title
        return None


def _key(row: Row) -> object:
    return row.id if isinstance(row, ChatInfo) else row


class ChatDelegate(QStyledItemDelegate):
    """Paints rows from the tokens; says where a row's button is; edits titles."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: ARG002
        if isinstance(index.data(ROW_ROLE), ChatInfo):
            return QSize(0, QFontMetrics(interface_font()).height() + 2 * space.s - 2)
        top = _HEADING_TOP if index.row() else space.xs
        return QSize(0, QFontMetrics(_heading_font()).height() + top + space.xs)

    def more_box(self, box: QRect) -> QRect:
        """Where the button that opens the menu stands in a row."""
        more = QRect(0, 0, _BUTTON, _BUTTON)
        more.moveCenter(QPoint(box.right() - space.xs - _BUTTON // 2, box.center().y()))
        return more

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        row = index.data(ROW_ROLE)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if isinstance(row, ChatInfo):
            self._paint_chat(painter, option, index, title_of(row))
        elif row is not None:
            self._paint_heading(painter, option.rect, heading_of(row))
        painter.restore()

    def _paint_heading(self, painter: QPainter, box: QRect, text: str) -> None:
        painter.setFont(_heading_font())
        painter.setPen(QColor(current_theme().muted))
        inner = box.adjusted(space.s, 0, -space.s, -space.xs)
        painter.drawText(inner, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignBottom, text)

    def _paint_chat(self, painter: QPainter, option: QStyleOptionViewItem, index: Index, title: str) -> None:
        theme = current_theme()
        box = QRectF(option.rect).adjusted(0, 1, 0, -1)
        in_front = bool(index.data(OPEN_ROLE))
        hovered = bool(option.state & QStyle.StateFlag.State_MouseOver)
        focused = bool(option.state & QStyle.StateFlag.State_HasFocus)
        paint_row_ground(painter, box, chosen=in_front, hovered=hovered, focused=focused)
        right = -space.s
        if hovered or focused:
            more = self.more_box(option.rect)
            paint_icon(painter, "more", QRectF(more).adjusted(3, 3, -3, -3), QColor(theme.muted))
            right = more.left() - option.rect.right() - space.xs
        inner = option.rect.adjusted(space.s, 0, right, 0)
        font = interface_font()
        painter.setFont(font)
        painter.setPen(QColor(theme.text))
        shown = QFontMetrics(font).elidedText(title, Qt.TextElideMode.ElideRight, inner.width())
        painter.drawText(inner, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, shown)

    # ── renaming in place ──

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:  # noqa: ARG002
        editor = QLineEdit(parent)
        editor.setMaxLength(200)
        editor.setAccessibleName(_("Title of the chat"))
        return editor

    def setEditorData(self, editor: QWidget, index: Index) -> None:
        if isinstance(editor, QLineEdit):
            editor.setText(str(index.data(Qt.ItemDataRole.EditRole)))
            editor.selectAll()

    def updateEditorGeometry(self, editor: QWidget, option: QStyleOptionViewItem, index: Index) -> None:  # noqa: ARG002
        editor.setGeometry(option.rect)


def _heading_font() -> QFont:
    font = interface_font(type_size.caption)
    font.setWeight(QFont.Weight.DemiBold)
    return font


def view_of(option: QStyleOptionViewItem) -> QAbstractItemView | None:
    widget = option.widget
    return widget if isinstance(widget, QAbstractItemView) else None
