"""The program's icon, drawn: a table seen from the front, with what is said above it."""

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPen, QPixmap

from desktop.ui.theme import LIGHT

SIZES_PX = (16, 24, 32, 48, 64, 128, 256)


def app_icon() -> QIcon:
    """The icon in every size that desktops ask for."""
    icon = QIcon()
    for size_px in SIZES_PX:
        icon.addPixmap(draw(size_px))
    return icon


def draw(size_px: int) -> QPixmap:
    """The icon as a square picture."""
    pixmap = QPixmap(size_px, size_px)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.scale(size_px / 64, size_px / 64)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(LIGHT.accent))
    painter.drawRoundedRect(QRectF(2, 2, 60, 60), 14, 14)
    pen = QPen(QColor(LIGHT.ground), 5)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    painter.setPen(pen)
    painter.drawLine(QPointF(14, 40), QPointF(50, 40))
    painter.drawLine(QPointF(20, 40), QPointF(20, 52))
    painter.drawLine(QPointF(44, 40), QPointF(44, 52))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(LIGHT.ground))
    for x in (22, 32, 42):
        painter.drawEllipse(QPointF(x, 25), 3.6, 3.6)
    painter.end()
    return pixmap
