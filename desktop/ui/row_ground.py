"""The ground of a row in any list: chosen, under the pointer, with the focus. Paints nothing in it."""

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from desktop.ui.theme import current_theme, mixed, radius

_HOVER_SHARE = 0.07  # of the text's colour in the panel's


def paint_row_ground(painter: QPainter, box: QRectF, *, chosen: bool, hovered: bool, focused: bool) -> None:
    """A rounded ground in `box` and, with the focus, a ring just inside it."""
    theme = current_theme()
    painter.setPen(Qt.PenStyle.NoPen)
    if chosen or hovered:
        ground = theme.select if chosen else mixed(theme.text, theme.panel, _HOVER_SHARE)
        painter.setBrush(QColor(ground))
        painter.drawRoundedRect(box, radius.field, radius.field)
    if focused:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(theme.accent), theme.focus_px))
        inset = theme.focus_px / 2
        painter.drawRoundedRect(box.adjusted(inset, inset, -inset, -inset), radius.field, radius.field)
