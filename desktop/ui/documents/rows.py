"""The rows of the documents list: the model behind them, where each piece stands, and how it is painted."""

from dataclasses import dataclass, replace

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QRectF,
    QSize,
    Qt,
)
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPen
from PySide6.QtWidgets import QAbstractItemView, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from desktop.i18n import language
from desktop.ui.documents.elided import plain_tip
from desktop.ui.documents.texts import remedy, row_detail, row_spoken, said
from desktop.ui.kept_text import draw_line, draw_wrapped, wrapped_height
from desktop.ui.row_ground import paint_row_ground
from desktop.ui.theme import Theme, current_theme, grown, interface_font, paint_icon, space, type_size
from desktop.view_models.document_rows import DocumentRow

Index = QModelIndex | QPersistentModelIndex
ROW_ROLE = Qt.ItemDataRole.UserRole

_ICON = 20
_BUTTON = 24
_KEPT = 1024  # rows


class DocumentListModel(QAbstractListModel):
    """The view model's rows, for Qt's views."""

    def __init__(self, parent: QAbstractItemView) -> None:
        super().__init__(parent)
        self._rows: tuple[DocumentRow, ...] = ()
        self.working_on = ""  # the file that is being indexed now
        self.fraction = 0.0

    @property
    def rows(self) -> tuple[DocumentRow, ...]:
        return self._rows

    def set_rows(self, rows: tuple[DocumentRow, ...]) -> bool:
        """Take new rows. True when they are other documents: then the view has lost its selection."""
        same = [row.file for row in rows] == [row.file for row in self._rows]
        if same:
            self._rows = rows
            if rows:
                self.dataChanged.emit(self.index(0), self.index(len(rows) - 1))
            return False
        self.beginResetModel()
        self._rows = rows
        self.endResetModel()
        return True

    def set_progress(self, file: str, fraction: float) -> None:
        """Which file is being worked on, and how far it is (0..1)."""
        touched = {file, self.working_on}
        self.working_on, self.fraction = file, fraction
        for number, row in enumerate(self._rows):
            if row.file in touched:
                self.dataChanged.emit(self.index(number), self.index(number))

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid() or index.row() >= len(self._rows):
            return None
        row = self._rows[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return row.name
        if role == ROW_ROLE:
            return row
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tip(f"{row.title}\n{row.file}" if row.title else row.file)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return row_spoken(row)
        return None


@dataclass(frozen=True)
class RowParts:
    """Where the pieces of a row stand, in the view's pixels."""

    icon: QRect
    name: QRect
    detail: QRect
    more: QRect  # opens the row's menu
    retry: QRect  # empty where there is nothing to try again
    height: int
    said: str  # in `detail`

    def lower(self, px: int) -> "RowParts":
        """The same row so far below."""
        rects = {name: getattr(self, name).translated(0, px) for name in ("icon", "name", "detail", "more")}
        retry = self.retry.translated(0, px) if self.retry.isValid() else self.retry
        return replace(self, retry=retry, **rects)


class DocumentDelegate(QStyledItemDelegate):
    """Paints rows from the tokens; says where a row's buttons are."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._kept: dict[int, tuple[DocumentRow, object, RowParts]] = {}

    def parts(self, row: DocumentRow, box: QRect) -> RowParts:
        """The pieces of `row` in `box`; only the box's left, top and width matter."""
        look = (box.left(), box.width(), interface_font().key(), language())
        kept = self._kept.get(id(row))
        if kept is None or kept[0] is not row or kept[1] != look:
            if len(self._kept) >= _KEPT:
                self._kept.clear()
            laid_out = self._laid_out(row, QRect(box.left(), 0, box.width(), 0))
            kept = self._kept[id(row)] = (row, look, laid_out)
        return kept[2].lower(box.top())

    def _laid_out(self, row: DocumentRow, box: QRect) -> RowParts:
        name_metrics, small_font = QFontMetrics(interface_font()), _small_font()
        inner = box.adjusted(space.s, 0, -space.s, 0)
        icon_px, button_px = grown(_ICON), grown(_BUTTON)
        top = box.top() + space.s
        more = QRect(inner.right() - button_px + 1, top - 2, button_px, button_px)
        left = inner.left() + icon_px + space.s
        name = QRect(left, top, more.left() - space.xs - left, name_metrics.height())
        icon = QRect(inner.left(), top + (name.height() - icon_px) // 2, icon_px, icon_px)
        width = inner.right() - left + 1
        said = _detail(row)
        height = round(wrapped_height(said, small_font, width))
        detail = QRect(left, name.bottom() + 3, width, height)
        bottom = detail.bottom()
        retry = QRect()
        if row.state == "failed":
            small = QFontMetrics(small_font)
            wide = small.horizontalAdvance(remedy(row)) + 1  # metrics round down
            retry = QRect(left, detail.bottom() + space.xs, wide, small.height() + space.xs)
            bottom = retry.bottom()
        return RowParts(icon, name, detail, more, retry, bottom + 1 + space.s - box.top(), said)

    def button_at(self, row: DocumentRow, box: QRect, pos: QPoint) -> str:
        """ "more", "retry" or "" at a point of the view."""
        parts = self.parts(row, box)
        if parts.more.contains(pos):
            return "more"
        return "retry" if parts.retry.contains(pos) else ""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        row = index.data(ROW_ROLE)
        view = option.widget
        width = view.viewport().width() if isinstance(view, QAbstractItemView) else option.rect.width()
        return QSize(max(width, 120), self.parts(row, QRect(0, 0, max(width, 120), 0)).height)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        row = index.data(ROW_ROLE)
        theme = current_theme()
        parts = self.parts(row, option.rect)
        hovered = bool(option.state & QStyle.StateFlag.State_MouseOver)
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        focused = bool(option.state & QStyle.StateFlag.State_HasFocus)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ground = QRectF(option.rect).adjusted(1, 1, -1, -1)
        paint_row_ground(painter, ground, chosen=selected, hovered=hovered, focused=focused)
        self._paint_icon(painter, QRectF(parts.icon), row, index, theme)
        painter.setFont(interface_font())
        painter.setPen(QColor(theme.text))
        draw_line(painter, parts.name, row.name, cut=Qt.TextElideMode.ElideMiddle)
        painter.setFont(_small_font())
        painter.setPen(QColor(theme.text if row.state == "failed" and selected else theme.muted))
        draw_wrapped(painter, parts.detail, parts.said)
        if row.state == "failed":
            painter.setPen(QColor(theme.link))
            draw_line(painter, parts.retry, remedy(row))
        if hovered or selected or focused:
            inset = (grown(_BUTTON) - grown(_ICON)) / 2
            box = QRectF(parts.more).adjusted(inset, inset, -inset, -inset)
            paint_icon(painter, "more", box, QColor(theme.muted))
        painter.restore()

    def _paint_icon(
        self, painter: QPainter, box: QRectF, row: DocumentRow, index: Index, theme: Theme
    ) -> None:
        model = index.model()
        working = isinstance(model, DocumentListModel) and model.working_on == row.file
        if row.state == "failed" and not working:
            paint_icon(painter, "warning", box, QColor(theme.danger))
        elif row.state == "indexing" or working:
            ring = box.adjusted(3, 3, -3, -3)
            painter.setPen(QPen(QColor(theme.line), 2))
            painter.drawEllipse(ring)
            fraction = model.fraction if working and isinstance(model, DocumentListModel) else 0.0
            pen = QPen(QColor(theme.sage), 2)
            pen.setCapStyle(Qt.PenCapStyle.RoundCap)
            painter.setPen(pen)
            if fraction > 0:
                painter.drawArc(ring, 90 * 16, -round(360 * 16 * fraction))
        else:
            paint_icon(painter, "page", box, QColor(theme.sage))


def _small_font() -> QFont:
    return interface_font(type_size.small)


def _detail(row: DocumentRow) -> str:
    return said(row.problem) if row.state == "failed" and row.problem is not None else row_detail(row)
