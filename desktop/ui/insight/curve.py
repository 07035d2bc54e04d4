"""The chances of the likeliest tokens as a curve: before as a line, after as an area. Only paints."""

from typing import Final

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from desktop.i18n import _
from desktop.ui.theme import current_theme, mixed, radius
from desktop.view_models.chances import Chances

HEIGHT_PX: Final = 72
_ROOM_PX: Final = 6.0


class Curve(QWidget):
    """From the likeliest on the left; the top is certainty."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._made = Chances(())
        self.setFixedHeight(HEIGHT_PX)
        self.setAccessibleName(_("Chances as a curve: the line before, the area after the samplers"))
        self.setToolTip(self.accessibleName())

    def show_chances(self, made: Chances) -> None:
        self._made = made
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        theme = current_theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        whole = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setPen(QPen(QColor(theme.line), 1))
        painter.setBrush(QColor(theme.raised))
        painter.drawRoundedRect(whole, radius.field, radius.field)
        if not self._made.known:
            return
        inside = whole.adjusted(_ROOM_PX, _ROOM_PX, -_ROOM_PX, -_ROOM_PX)
        after = self._steps([one.after for one in self._made.known], inside)
        area = QPolygonF(after)
        area << inside.bottomRight() << inside.bottomLeft()
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(mixed(theme.accent, theme.raised, 0.35)))
        painter.drawPolygon(area)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(theme.accent), 1.5))
        painter.drawPolyline(after)
        painter.setPen(QPen(QColor(theme.text), 1.5, Qt.PenStyle.DashLine))
        painter.drawPolyline(self._steps([one.before for one in self._made.known], inside))

    def _steps(self, shares: list[float], inside: QRectF) -> QPolygonF:
        """Stairs, one for each token."""
        width = inside.width() / len(shares)
        points = []
        for at, p in enumerate(shares):
            y = inside.bottom() - inside.height() * min(1.0, p)
            points += [QPointF(inside.left() + at * width, y), QPointF(inside.left() + (at + 1) * width, y)]
        return QPolygonF(points)
