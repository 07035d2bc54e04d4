"""How the rows of the list of chats are painted, and how their titles are edited where they stand.

All rows are of one height, so that ten thousand of them need no layout of their own.
"""

from typing import Final

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPen
from PySide6.QtWidgets import QLineEdit, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from desktop.core.types import ChatInfo
from desktop.i18n import _, number
from desktop.ui.kept_text import draw_line
from desktop.ui.row_ground import paint_row_ground
from desktop.ui.sidebar.rows import DEPTH_ROLE, OPEN_ROLE, ROW_ROLE, UNSEEN_ROLE, Index, heading_of, title_of
from desktop.ui.theme import current_theme, grown, interface_font, paint_icon, radius, space, type_size
from desktop.view_models.chat_rows import FolderRow

INDENT_PX: Final = 14  # of each folder that a row lies in
ICON_PX: Final = 16
DOT_PX: Final = 8
_BUTTON: Final = 24
_DEEPEST: Final = 6  # folders in folders beyond this are indented no more


class ChatDelegate(QStyledItemDelegate):
    """Paints rows from the tokens; says where a row's button is; edits titles."""

    target = -1  # the row that what is dragged would go to
    marked: frozenset[int] = frozenset()  # rows that are chosen together

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: ARG002
        return QSize(0, QFontMetrics(interface_font()).height() + 2 * space.s - 2)

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
            inner = self._ground(painter, option, index, bool(index.data(OPEN_ROLE)))
            _text(painter, self._paint_dot(painter, inner, index), title_of(row))
        elif isinstance(row, FolderRow):
            self._paint_folder(painter, option, index, row)
        elif row is not None:
            self._paint_heading(painter, option.rect, heading_of(row))
        painter.restore()

    def _paint_heading(self, painter: QPainter, box: QRect, text: str) -> None:
        painter.setFont(_heading_font())
        painter.setPen(QColor(current_theme().muted))
        inner = box.adjusted(space.s, 0, -space.s, -space.xs)
        draw_line(painter, inner, text, down="bottom")

    def _paint_dot(self, painter: QPainter, inner: QRect, index: Index) -> QRect:
        """The mark of a reply that nobody saw. Gives the room for the title."""
        if not index.data(UNSEEN_ROLE):
            return inner
        px = grown(DOT_PX)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(current_theme().accent))
        painter.drawEllipse(QRectF(inner.right() - px, inner.center().y() - px / 2 + 0.5, px, px))
        return inner.adjusted(0, 0, -px - space.s, 0)

    def _paint_folder(
        self, painter: QPainter, option: QStyleOptionViewItem, index: Index, row: FolderRow
    ) -> None:
        theme = current_theme()
        inner = self._ground(painter, option, index, False)
        side = grown(ICON_PX)
        arrow = QRectF(inner.left() - 3, inner.center().y() - side / 2 + 0.5, side, side)
        paint_icon(painter, "chevron_down" if row.open else "chevron_right", arrow, QColor(theme.muted))
        sheet = arrow.translated(side, 0)
        paint_icon(painter, "folder", sheet, QColor(theme.muted))
        inner.setLeft(round(sheet.right()) + space.s - 2)
        if row.chats and not _lively(option):
            painter.setFont(_heading_font())
            painter.setPen(QColor(theme.muted))
            taken = draw_line(painter, inner, number(row.chats), "right")
            inner.setRight(inner.right() - round(taken) - space.s)
        _text(painter, inner, row.folder.name)

    def _ground(self, painter: QPainter, option: QStyleOptionViewItem, index: Index, in_front: bool) -> QRect:
        """The row without its content. Gives the room for it."""
        theme = current_theme()
        box = QRectF(option.rect).adjusted(0, 1, 0, -1)
        hovered = bool(option.state & QStyle.StateFlag.State_MouseOver)
        focused = bool(option.state & QStyle.StateFlag.State_HasFocus)
        # while several are chosen, what is in front looks like none of them
        chosen = index.row() in self.marked if self.marked else in_front
        paint_row_ground(painter, box, chosen=chosen, hovered=hovered, focused=focused)
        if index.row() == self.target:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(theme.accent), 2))
            painter.drawRoundedRect(box.adjusted(1, 1, -1, -1), radius.field, radius.field)
        right = -space.s
        if hovered or focused:
            more = self.more_box(option.rect)
            paint_icon(painter, "more", QRectF(more).adjusted(3, 3, -3, -3), QColor(theme.muted))
            right = more.left() - option.rect.right() - space.xs
        depth = min(int(index.data(DEPTH_ROLE) or 0), _DEEPEST)
        return option.rect.adjusted(space.s + depth * grown(INDENT_PX), 0, right, 0)

    # ── renaming in place ──

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:  # noqa: ARG002
        editor = QLineEdit(parent)
        editor.setMaxLength(200)
        of_chat = isinstance(index.data(ROW_ROLE), ChatInfo)
        editor.setAccessibleName(_("Title of the chat") if of_chat else _("Name of the folder"))
        return editor

    def setEditorData(self, editor: QWidget, index: Index) -> None:
        if isinstance(editor, QLineEdit):
            editor.setText(str(index.data(Qt.ItemDataRole.EditRole)))
            editor.selectAll()

    def updateEditorGeometry(self, editor: QWidget, option: QStyleOptionViewItem, index: Index) -> None:
        depth = min(int(index.data(DEPTH_ROLE) or 0), _DEEPEST)
        editor.setGeometry(option.rect.adjusted(depth * grown(INDENT_PX), 0, 0, 0))


def _lively(option: QStyleOptionViewItem) -> bool:
    return bool(option.state & (QStyle.StateFlag.State_MouseOver | QStyle.StateFlag.State_HasFocus))


def _text(painter: QPainter, box: QRect, text: str) -> None:
    painter.setFont(interface_font())
    painter.setPen(QColor(current_theme().text))
    draw_line(painter, box, text)


def _heading_font() -> QFont:
    font = interface_font(type_size.caption)
    font.setWeight(QFont.Weight.DemiBold)
    return font
