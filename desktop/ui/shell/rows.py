"""Rows of the command palette and of the list of shortcuts: the model and how they are painted."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    QRectF,
    QSize,
    Qt,
)
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter
from PySide6.QtWidgets import QAbstractItemView, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from desktop.ui.kept_text import draw_line
from desktop.ui.row_ground import paint_row_ground
from desktop.ui.theme import current_theme, grown, interface_font, paint_icon, space, type_size

Index = QModelIndex | QPersistentModelIndex
ROW_ROLE = Qt.ItemDataRole.UserRole

_ICON_PX: Final = 18
_MOST_SHARE: Final = 0.6  # of a row that what stands at its end may take


@dataclass(frozen=True)
class Row:
    """Something to choose. `detail` stands at the end of the line: keys, or what kind of thing it is.

    `act` None: a heading, or something that is only told.
    """

    words: str
    act: Callable[[], object] | None = None
    detail: str = ""
    icon: str = ""
    heading: bool = False
    more: str = ""  # other words to find it by


class Rows(QAbstractListModel):
    """Rows one after the other."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: tuple[Row, ...] = ()

    def show(self, rows: Sequence[Row]) -> None:
        self.beginResetModel()
        self.rows = tuple(rows)
        self.endResetModel()

    def row_at(self, index: Index) -> Row | None:
        return self.rows[index.row()] if index.isValid() and index.row() < len(self.rows) else None

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.rows)

    def flags(self, index: Index) -> Qt.ItemFlag:
        row = self.row_at(index)
        if row is None or row.heading:
            return Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        row = self.row_at(index)
        if row is None:
            return None
        if role == ROW_ROLE:
            return row
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return row.words
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{row.words}, {row.detail}" if row.detail else row.words
        return None


class RowDelegate(QStyledItemDelegate):
    """Paints rows from the tokens: icon, words, and at the end what they are.

    `folds`: what stands at the end goes below where it does not fit; else the words are cut.
    """

    def __init__(self, parent: QObject | None = None, *, folds: bool = False) -> None:
        super().__init__(parent)
        self._folds = folds

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        row = index.data(ROW_ROLE)
        if isinstance(row, Row) and row.heading:
            top = space.m if index.row() else space.xs
            return QSize(0, QFontMetrics(_heading_font()).height() + top + space.xs)
        height = QFontMetrics(interface_font()).height() + 2 * space.s - 2
        if isinstance(row, Row) and not self._beside(row, _width(option)):
            height += QFontMetrics(interface_font(type_size.small)).height()
        return QSize(0, height)

    def _beside(self, row: Row, width: int) -> bool:
        """Whether words and detail fit into one line; else the detail stands below, where it may."""
        if not self._folds or not row.detail:
            return True
        words = QFontMetrics(interface_font()).horizontalAdvance(row.words)
        detail = QFontMetrics(interface_font(type_size.small)).horizontalAdvance(row.detail)
        icon_px = grown(_ICON_PX) + space.s if row.icon else 0
        return words + space.m + detail + icon_px <= width - 2 * space.s

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        row = index.data(ROW_ROLE)
        if not isinstance(row, Row):
            return
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if row.heading:
            _paint_heading(painter, option.rect, row.words)
        else:
            chosen = bool(option.state & QStyle.StateFlag.State_Selected)
            hovered = bool(option.state & QStyle.StateFlag.State_MouseOver)
            focused = bool(option.state & QStyle.StateFlag.State_HasFocus)
            box = QRectF(option.rect).adjusted(0, 1, 0, -1)
            paint_row_ground(painter, box, chosen=chosen, hovered=hovered, focused=focused)
            inner = option.rect.adjusted(space.s, 0, -space.s, 0)
            _paint_row(painter, inner, row, beside=self._beside(row, option.rect.width()))
        painter.restore()


def _width(option: QStyleOptionViewItem) -> int:
    view = option.widget
    return view.viewport().width() if isinstance(view, QAbstractItemView) else option.rect.width()


def _paint_heading(painter: QPainter, box: QRect, words: str) -> None:
    painter.setFont(_heading_font())
    painter.setPen(QColor(current_theme().muted))
    inner = box.adjusted(space.s, 0, -space.s, -space.xs)
    draw_line(painter, inner, words, down="bottom")


def _paint_row(painter: QPainter, box: QRect, row: Row, *, beside: bool = True) -> None:
    theme = current_theme()
    if row.icon:
        px = grown(_ICON_PX)
        side = QRectF(box.left(), box.center().y() - px / 2 + 0.5, px, px)
        paint_icon(painter, row.icon, side, QColor(theme.muted))
        box = box.adjusted(px + space.s, 0, 0, 0)
    small = interface_font(type_size.small)
    if not beside:
        below = box.adjusted(0, box.height() // 2, 0, -space.xs)
        painter.setFont(small)
        painter.setPen(QColor(theme.muted))
        draw_line(painter, below, row.detail)
        row, box = replace(row, detail=""), box.adjusted(0, space.xs, 0, -box.height() // 2)
    inner = QRect(box)
    if row.detail:
        painter.setFont(small)
        painter.setPen(QColor(theme.muted))
        most = round(box.width() * _MOST_SHARE)
        taken = draw_line(painter, box.adjusted(box.width() - most, 0, 0, 0), row.detail, "right")
        inner.setRight(inner.right() - round(taken) - space.m)
    painter.setFont(interface_font())
    painter.setPen(QColor(theme.text))
    draw_line(painter, inner, row.words)


def _heading_font() -> QFont:
    font = interface_font(type_size.caption)
    font.setWeight(QFont.Weight.DemiBold)
    return font
