"""Embeddings as a map: the tokens of the text, those near the one that is looked for, and others. Only
paints."""

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from desktop.i18n import _
from desktop.ui.theme import current_theme, grown, mixed, radius, space
from desktop.ui.workshop.inside.chips import shown
from engine.train.looks import Neighbourhood

MAP_PX = 320


class EmbeddingMap(QWidget):
    """Names stand where there is room for them; those that matter come first."""

    def __init__(self) -> None:
        super().__init__()
        self._seen: Neighbourhood | None = None
        self.setFixedHeight(grown(MAP_PX))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(_("Embeddings in two dimensions"))

    def show_seen(self, seen: Neighbourhood | None) -> None:
        self._seen = seen
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        theme = current_theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ground = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setPen(QPen(QColor(theme.line), 1))
        painter.setBrush(QColor(theme.ground))
        painter.drawRoundedRect(ground, radius.field, radius.field)
        if self._seen is None:
            return
        inside = ground.adjusted(space.l, space.l, -space.xxl * 2, -space.l)
        places = sorted(self._seen.places, key=lambda one: (not one.near, not one.of_text))
        taken: list[QRectF] = []
        metrics = self.fontMetrics()
        for place in reversed(places):
            where = _on(inside, place.x, place.y)
            tint = theme.accent if place.near else theme.sage if place.of_text else theme.muted
            share = 1.0 if place.near or place.of_text else 0.35
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(mixed(tint, theme.ground, share)))
            size = 4.0 if place.near or place.of_text else 2.2
            painter.drawEllipse(where, size, size)
        for place in places:
            if not place.near and not place.of_text:
                break
            where = _on(inside, place.x, place.y)
            words = shown(place.text)
            box = QRectF(
                where.x() + 6,
                where.y() - metrics.height() / 2,
                metrics.horizontalAdvance(words) + 2,
                metrics.height(),
            )
            if any(box.intersects(other) for other in taken):
                continue
            taken.append(box)
            painter.setPen(QColor(theme.text))
            painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, words)
        painter.end()


def _on(inside: QRectF, x: float, y: float) -> QPointF:
    return QPointF(
        inside.center().x() + x * inside.width() / 2, inside.center().y() - y * inside.height() / 2
    )
