"""The page as a picture with its passage marked. Paints what the view model holds; asks for nothing else."""

from typing import Final

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import (
    QColor,
    QImage,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QRegion,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QWidget

from desktop.i18n import _
from desktop.ui.theme import current_theme, space
from desktop.view_models.viewer import ViewerViewModel
from rag.protocol import PageBitmap

# Paper is paper in every theme; in the dark it is a little less bright.
PAPER: Final = "#FFFFFF"
PAPER_IN_THE_DARK: Final = "#E9E3D9"
MARK: Final = "#FFDDB5"

MARGIN: Final = space.l
WAIT_MS: Final = 300  # a shorter wait needs no words
_MARK_MARGIN = 2.0
_BAR_WIDTH, _BAR_GAP = 3.0, 9.0
_TURN_AT = 240  # two notches of a wheel beyond the page's end turn it


class PageCanvas(QAbstractScrollArea):
    """Scrolls to the mark when the view model reveals it. The wheel zooms with Ctrl, and turns pages."""

    turned_back = Signal()
    turned_on = Signal()

    def __init__(self, view_model: ViewerViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._view_model = view_model
        self._bitmap: PageBitmap | None = None
        self._image = QImage()
        self._shape = 1.4142  # height to width, kept from page to page so that a blank one fits
        self._beyond = 0
        self._to_the_end = False
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.setInterval(WAIT_MS)
        self._patience.timeout.connect(self.viewport().update)
        self.setFrameShape(QAbstractScrollArea.Shape.NoFrame)
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)  # all of it is filled below
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.verticalScrollBar().setSingleStep(24)
        self.horizontalScrollBar().setSingleStep(24)
        view_model.changed.connect(self._on_changed)
        view_model.revealed.connect(self.reveal)

    # ── where the page stands, in the viewport's pixels ──

    def page_rect(self) -> QRectF:
        """The page as it is painted now."""
        width = float(self._view_model.page_width)
        dpr = self.devicePixelRatioF()
        if self._bitmap is not None and abs(self._bitmap.width_px - width * dpr) < 1:
            width = self._bitmap.width_px / dpr  # pixel for pixel
        room = self.viewport().width()
        left = max(float(MARGIN), (room - width) / 2) - self.horizontalScrollBar().value()
        top = float(MARGIN) - self.verticalScrollBar().value()
        snapped = QPointF(round(left * dpr) / dpr, round(top * dpr) / dpr)
        return QRectF(snapped.x(), snapped.y(), width, width * self._shape)

    def mark_rects(self) -> tuple[QRectF, ...]:
        """The marked lines as they are painted now."""
        page = self.page_rect()
        return tuple(
            QRectF(
                page.left() + box.left * page.width(),
                page.top() + box.top * page.height(),
                (box.right - box.left) * page.width(),
                (box.bottom - box.top) * page.height(),
            ).adjusted(-_MARK_MARGIN, -_MARK_MARGIN, _MARK_MARGIN, _MARK_MARGIN)
            for box in self._view_model.boxes
        )

    def reveal(self) -> None:
        """Scroll to the mark; without one to the top, or to the end when a page was turned back."""
        self._beyond = 0
        self._fit_bars()
        bar = self.verticalScrollBar()
        marks = self.mark_rects()
        if not marks:
            bar.setValue(bar.maximum() if self._to_the_end else 0)
            return
        self._to_the_end = False
        top, bottom = min(mark.top() for mark in marks), max(mark.bottom() for mark in marks)
        left, right = min(mark.left() for mark in marks), max(mark.right() for mark in marks)
        room = self.viewport().height()
        # a short passage stands a third down the pane, a long one begins near its top
        above = max(float(MARGIN), min((room - (bottom - top)) / 2, room / 3))
        bar.setValue(round(bar.value() + top - above))
        across = self.horizontalScrollBar()
        if left < 0 or right > self.viewport().width():
            across.setValue(round(across.value() + left - MARGIN))

    # ── following ──

    def _on_changed(self) -> None:
        model = self._view_model
        bitmap = model.image
        if bitmap is not self._bitmap:
            self._bitmap = bitmap
            self._image = QImage() if bitmap is None else _image_of(bitmap)
            if bitmap is not None:
                self._shape = bitmap.height_px / max(1, bitmap.width_px)
        if not model.waiting:
            self._patience.stop()
        elif not self._patience.isActive():
            self._patience.start()
        self._fit_bars()
        self.viewport().update()

    def _fit_bars(self) -> None:
        """Give the bars the page's size, and keep what stands in the middle there while it grows."""
        page = self.page_rect()
        view = self.viewport().size()
        for bar, length, room in (
            (self.verticalScrollBar(), page.height(), view.height()),
            (self.horizontalScrollBar(), page.width(), view.width()),
        ):
            maximum = max(0, round(length + 2 * MARGIN - room))
            before, place = bar.maximum() + bar.pageStep(), bar.value() + bar.pageStep() / 2
            bar.setPageStep(room)
            bar.setRange(0, maximum)
            if before > 0 and maximum + room != before and maximum > 0:
                bar.setValue(round(place / before * (maximum + room) - room / 2))

    def report_room(self) -> None:
        """Tell the view model how wide a page may be here."""
        # always less the bar's width: a page that makes it appear would otherwise make it go away
        room = self.width() - 2 * MARGIN - self.verticalScrollBar().sizeHint().width()
        self._view_model.set_viewport(max(1, room), self.devicePixelRatioF())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.report_room()
        self._fit_bars()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.DevicePixelRatioChange:
            self.report_room()
        return super().event(event)

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Wheel and isinstance(event, QWheelEvent) and self._wheel(event):
            return True
        return super().viewportEvent(event)

    def _wheel(self, event: QWheelEvent) -> bool:
        turn = event.angleDelta().y()
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            if turn:
                (self._view_model.zoom_in if turn > 0 else self._view_model.zoom_out)()
            event.accept()
            return True
        bar = self.verticalScrollBar()
        at_end = turn < 0 and bar.value() >= bar.maximum()
        at_start = turn > 0 and bar.value() <= bar.minimum()
        if not (at_end or at_start):
            self._beyond = 0
            return False
        self._beyond = turn + (self._beyond if self._beyond * turn > 0 else 0)
        if abs(self._beyond) >= _TURN_AT:
            self._beyond = 0
            (self.turned_on if at_end else self.turned_back).emit()
        event.accept()
        return True

    def show_end_next(self, end: bool) -> None:
        """Whether the next page is to be shown from its end, as when one scrolls back into it."""
        self._to_the_end = end

    # ── painting ──

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        theme = current_theme()
        painter = QPainter(self.viewport())
        page = self.page_rect()
        below = page.toRect().adjusted(1, 1, -1, -1)
        painter.setClipRegion(QRegion(self.viewport().rect()).subtracted(QRegion(below)))
        painter.fillRect(self.viewport().rect(), QColor(theme.panel))
        painter.setClipping(False)
        if self._image.isNull():
            painter.fillRect(page, QColor(PAPER))
        else:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(page, self._image)
            self._paint_marks(painter, QColor(theme.accent))
        if self._image.isNull() and self._view_model.waiting and not self._patience.isActive():
            painter.setPen(QColor("#6B6255"))
            where = page.intersected(QRectF(self.viewport().rect()))
            painter.drawText(where, Qt.AlignmentFlag.AlignCenter, _("Drawing the page"))
        if theme.dark:
            painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Multiply)
            painter.fillRect(page, QColor(PAPER_IN_THE_DARK))
            painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceOver)
        painter.setPen(QPen(QColor(theme.line), theme.line_px))
        painter.drawRect(page.adjusted(-0.5, -0.5, 0.5, 0.5))
        painter.end()

    def _paint_marks(self, painter: QPainter, bar_color: QColor) -> None:
        marks = self.mark_rects()
        if not marks:
            return
        path = QPainterPath()
        path.setFillRule(Qt.FillRule.WindingFill)  # where two lines touch, the tone stays one
        for mark in marks:
            path.addRoundedRect(mark, 3, 3)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        # as a highlighter: paper takes the tone, ink stays ink
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Multiply)
        painter.fillPath(path, QColor(MARK))
        painter.restore()
        top, bottom = min(mark.top() for mark in marks), max(mark.bottom() for mark in marks)
        left = min(mark.left() for mark in marks) - _BAR_GAP
        bar = QRectF(max(left, self.page_rect().left()), top, _BAR_WIDTH, bottom - top)
        painter.fillRect(bar, bar_color)


def _image_of(bitmap: PageBitmap) -> QImage:
    """The bitmap as Qt paints it, with bytes of its own.

    The fourth byte of BGRx means nothing, but Qt's blending reads it as opacity: the copy sets it, and need
    not be blended then.
    """
    size = bitmap.width_px, bitmap.height_px, bitmap.stride
    image = QImage(bitmap.pixels, *size, QImage.Format.Format_RGB32)
    image = image.convertToFormat(QImage.Format.Format_ARGB32_Premultiplied)
    image.reinterpretAsFormat(QImage.Format.Format_RGB32)
    return image
