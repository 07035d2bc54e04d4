"""What becomes of files that are dragged over the conversation: two fields to let them go on.

Shown while files are dragged; the one for this question is larger and nearer to where one writes.
"""

from typing import Final, Literal

from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QFont,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QWidget

from desktop.i18n import _
from desktop.ui.conversation.drop import files_of, holds_documents
from desktop.ui.theme import current_theme, grown, mixed, paint_icon, radius, space

Zone = Literal["question", "documents"]

ICON_PX: Final = 24


class DropZones(QWidget):
    """Covers its parent while it is shown. `dropped(zone, paths)` when files are let go."""

    dropped = Signal(str, list)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.zone: Zone = "question"
        self.setAcceptDrops(True)
        self.hide()

    def cover(self) -> None:
        parent = self.parentWidget()
        if parent is not None:
            self.setGeometry(parent.rect())
        self.zone = "question"
        self.raise_()
        self.show()

    def boxes(self) -> dict[Zone, QRectF]:
        """Documents above, the question below, where the composer is."""
        inside = QRectF(self.rect()).adjusted(space.xl, space.xl, -space.xl, -space.xl)
        above = inside.height() * 0.36
        documents = QRectF(inside.left(), inside.top(), inside.width(), above)
        question = inside.adjusted(0, above + space.l, 0, 0)
        return {"documents": documents, "question": question}

    def zone_at(self, at: QPointF) -> Zone:
        return "documents" if at.y() < self.boxes()["documents"].bottom() + space.l / 2 else "question"

    # ── events ──

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if holds_documents(event.mimeData()):
            event.acceptProposedAction()
            self.cover()  # whatever lies behind was just left, and hid them

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        event.acceptProposedAction()
        zone = self.zone_at(event.position())
        if zone != self.zone:
            self.zone = zone
            self.update()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:  # noqa: ARG002
        self.hide()

    def dropEvent(self, event: QDropEvent) -> None:
        self.hide()
        event.acceptProposedAction()
        self.dropped.emit(self.zone_at(event.position()), files_of(event.mimeData()))

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        theme = current_theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), QColor(theme.ground))
        words: dict[Zone, tuple[str, str, str]] = {
            "documents": (
                "documents",
                _("Add to the documents"),
                _("Kept, and searched for every question of this chat"),
            ),
            "question": (
                "page",
                _("Attach to this question"),
                _("The model reads all of it, this once"),
            ),
        }
        for zone, box in self.boxes().items():
            self._paint_zone(painter, box, *words[zone], over=zone == self.zone)
        painter.end()

    def _paint_zone(
        self, painter: QPainter, box: QRectF, picture: str, title: str, more: str, *, over: bool
    ) -> None:
        theme = current_theme()
        line = theme.accent if over else theme.muted
        painter.setPen(QPen(QColor(line), 2.0 if over else 1.2, Qt.PenStyle.DashLine))
        painter.setBrush(QColor(mixed(theme.accent, theme.ground, 0.12)) if over else QColor(theme.ground))
        painter.drawRoundedRect(box, radius.card, radius.card)
        font = QFont(self.font())
        font.setWeight(QFont.Weight.DemiBold)
        height = self.fontMetrics().height()
        px = grown(ICON_PX)
        top = box.center().y() - (px + 2 * height + 2 * space.s) / 2
        sign = QRectF(box.center().x() - px / 2, top, px, px)
        paint_icon(painter, picture, sign, QColor(theme.accent if over else theme.muted))
        flags = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap
        inner = box.adjusted(space.l, 0, -space.l, 0)
        painter.setFont(font)
        painter.setPen(QColor(theme.text))
        painter.drawText(inner.adjusted(0, sign.bottom() + space.s - inner.top(), 0, 0), flags, title)
        painter.setFont(self.font())
        painter.setPen(QColor(theme.muted))
        below = sign.bottom() + space.s + height + space.xs
        painter.drawText(inner.adjusted(0, below - inner.top(), 0, 0), flags, more)


class ZonedPage(QWidget):
    """A page over which the zones are shown while documents are dragged over it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.zones = DropZones(self)
        self.setAcceptDrops(True)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if holds_documents(event.mimeData()):
            event.acceptProposedAction()
            self.zones.cover()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:  # noqa: ARG002
        self.zones.hide()

    def dropEvent(self, event: QDropEvent) -> None:
        """Let go before the zones were reached: as if on the one that is marked."""
        self.zones.hide()
        event.acceptProposedAction()
        self.zones.dropped.emit(self.zones.zone, files_of(event.mimeData()))
