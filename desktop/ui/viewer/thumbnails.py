"""The strip of small pages beside the page: arrows go along, Enter opens one. Those in sight are drawn."""

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QSize,
    Qt,
    QTimer,
)
from PySide6.QtGui import QColor, QImage, QPainter, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from desktop.i18n import _, number
from desktop.ui.theme import appearance, current_theme, grow, grown, space
from desktop.ui.theme.tokens import Theme
from desktop.ui.viewer.page_canvas import PAPER, PAPER_IN_THE_DARK
from desktop.view_models.thumbnails import Thumbnails
from rag.protocol import PageBitmap

PICTURE_PX, RATIO = 96, 1.4142  # of a page without a picture yet
STRIP_PX = PICTURE_PX + 2 * space.m + space.s
SETTLE_MS = 80

Index = QModelIndex | QPersistentModelIndex


class _Pages(QAbstractListModel):
    def __init__(self, thumbnails: Thumbnails, parent: QWidget) -> None:
        super().__init__(parent)
        self._thumbnails = thumbnails
        thumbnails.reset.connect(self._again)
        thumbnails.changed.connect(self._came)

    def _again(self) -> None:
        self.beginResetModel()
        self.endResetModel()

    def _came(self, page: int) -> None:
        at = self.index(page - 1)
        self.dataChanged.emit(at, at)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - as Qt declares it
        return 0 if parent.isValid() else self._thumbnails.pages

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        page = index.row() + 1
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return number(page)
            case Qt.ItemDataRole.AccessibleTextRole | Qt.ItemDataRole.ToolTipRole:
                return _("Page {page}").format(page=number(page))
            case Qt.ItemDataRole.DecorationRole:
                return self._thumbnails.picture(page)
            case _:
                return None


class _Drawing(QStyledItemDelegate):
    """A page on paper with its number below; the one that is shown has a frame."""

    def __init__(self, thumbnails: Thumbnails, parent: QWidget) -> None:
        super().__init__(parent)
        self._thumbnails = thumbnails

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: ARG002
        width = grown(PICTURE_PX)
        return QSize(width + 2 * space.s, round(width * RATIO) + option.fontMetrics.height() + 3 * space.xs)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        theme = current_theme()
        text_height = option.fontMetrics.height()
        room = option.rect.adjusted(space.s, space.xs, -space.s, -(text_height + space.xs))
        bitmap = index.data(Qt.ItemDataRole.DecorationRole)
        page = _fitted(bitmap, room)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.fillRect(page, QColor(PAPER))
        if isinstance(bitmap, PageBitmap):
            painter.drawImage(page, image_of(bitmap))
        if theme.dark:
            painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Multiply)
            painter.fillRect(page, QColor(PAPER_IN_THE_DARK))
            painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceOver)
        here = index.row() + 1 == self._thumbnails.page
        focused = option.state & QStyle.StateFlag.State_HasFocus
        painter.setPen(QColor(theme.accent if here or focused else theme.line))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for out in range(3 if focused else 2 if here else 1):
            painter.drawRect(page.adjusted(-1 - out, -1 - out, out, out))
        painter.setPen(QColor(theme.text if here else theme.muted))
        below = QRect(option.rect.left(), room.bottom() + 1, option.rect.width(), text_height + space.xs)
        painter.drawText(below, Qt.AlignmentFlag.AlignCenter, str(index.data()))
        painter.restore()


class ThumbnailStrip(QListView):
    def __init__(self, thumbnails: Thumbnails, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._thumbnails = thumbnails
        self.setModel(_Pages(thumbnails, self))
        self.setItemDelegate(_Drawing(thumbnails, self))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setUniformItemSizes(True)  # a document of thousands of pages is laid out at once
        self.setTabKeyNavigation(False)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        grow(self, width=STRIP_PX)
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(SETTLE_MS)
        self._settle.timeout.connect(self._tell)
        self.verticalScrollBar().valueChanged.connect(lambda _: self._settle.start())
        self.clicked.connect(self._open)
        self.activated.connect(self._open)
        thumbnails.reset.connect(self._settle.start)
        look = appearance()
        if look is not None:
            look.changed.connect(self._dress)
        self.retranslate()

    def retranslate(self) -> None:
        self.setAccessibleName(_("Pages of this document"))

    def _dress(self, _theme: Theme) -> None:
        self.scheduleDelayedItemsLayout()

    def follow_page(self) -> None:
        """The page that is shown is in sight, and has the frame."""
        at = self.model().index(self._thumbnails.page - 1, 0)
        if self.isVisible() and at.isValid() and not self.hasFocus():
            self.setCurrentIndex(at)
            self.scrollTo(at)
        self.viewport().update()

    def in_sight(self) -> list[int]:
        """The pages, from the top."""
        first = self.indexAt(self.viewport().rect().topLeft() + self._inside())
        if not first.isValid():
            return []
        last = self.indexAt(self.viewport().rect().bottomLeft() + self._inside())
        end = last.row() if last.isValid() else self.model().rowCount() - 1
        return list(range(first.row() + 1, end + 2))

    def _inside(self) -> QPoint:
        """From the edge into a row."""
        return QPoint(space.m, 0)

    def _tell(self) -> None:
        if self.isVisible():
            self._thumbnails.show(self.in_sight())

    def _open(self, index: Index) -> None:
        self._thumbnails.go_to(index.row() + 1)
        self.viewport().update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._settle.start()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.follow_page()
        self._settle.start()


def image_of(bitmap: PageBitmap) -> QImage:
    """Shares the bitmap's bytes."""
    return QImage(bitmap.pixels, bitmap.width_px, bitmap.height_px, bitmap.stride, QImage.Format.Format_RGB32)


def _fitted(bitmap: object, room: QRect) -> QRect:
    """The page's own shape, in the middle of its room."""
    ratio = bitmap.height_px / max(1, bitmap.width_px) if isinstance(bitmap, PageBitmap) else RATIO
    width = room.width()
    height = round(width * ratio)
    if height > room.height():
        height = room.height()
        width = round(height / ratio)
    return QRect(room.left() + (room.width() - width) // 2, room.bottom() + 1 - height, width, height)
