"""A switch for what is on or off at once. A check box in everything but its looks."""

from PySide6.QtCore import QPoint, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QCheckBox, QWidget

from desktop.ui.theme import current_theme, grown, mixed, space

_TRACK_WIDTH, _TRACK_HEIGHT, _KNOB = 34, 20, 14  # pixels at 100 %


class Switch(QCheckBox):
    """Its text stands left, the track at the right edge; the whole width takes clicks."""

    def __init__(self, text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def sizeHint(self) -> QSize:
        text = self.fontMetrics().size(0, self.text())
        height = max(text.height(), grown(_TRACK_HEIGHT)) + 2 * space.xs
        return QSize(text.width() + space.m + grown(_TRACK_WIDTH) + 2 * space.xs, height)

    def minimumSizeHint(self) -> QSize:
        return QSize(grown(_TRACK_WIDTH) + 2 * space.xs, self.sizeHint().height())

    def hitButton(self, pos: QPoint) -> bool:
        return self.rect().contains(pos)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        theme = current_theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        on, enabled = self.isChecked(), self.isEnabled()
        track = QRectF(0, 0, grown(_TRACK_WIDTH), grown(_TRACK_HEIGHT))
        track.moveCenter(QRectF(self.rect()).center())
        track.moveRight(self.width() - space.xs)
        text_color = QColor(theme.text if enabled else mixed(theme.muted, theme.panel, 0.6))
        painter.setPen(text_color)
        text_box = self.rect().adjusted(space.xs, 0, -grown(_TRACK_WIDTH) - space.m, 0)
        text = self.fontMetrics().elidedText(
            self.text(), Qt.TextElideMode.ElideRight, text_box.width(), Qt.TextFlag.TextShowMnemonic
        )
        flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft | Qt.TextFlag.TextShowMnemonic
        painter.drawText(text_box, flags, text)
        if not enabled:
            painter.setOpacity(0.45)
        radius = grown(_TRACK_HEIGHT) / 2
        painter.setPen(Qt.PenStyle.NoPen if on else QPen(QColor(theme.muted), 1.5))
        painter.setBrush(QColor(theme.sage) if on else Qt.BrushStyle.NoBrush)
        inner = track if on else track.adjusted(0.75, 0.75, -0.75, -0.75)
        painter.drawRoundedRect(inner, radius, radius)
        knob = QRectF(0, 0, grown(_KNOB), grown(_KNOB))
        knob.moveCenter(track.center())
        inset = (grown(_TRACK_HEIGHT) - grown(_KNOB)) / 2
        if on:
            knob.moveRight(track.right() - inset)
        else:
            knob.moveLeft(track.left() + inset)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.panel if on else theme.muted))
        painter.drawEllipse(knob)
        if self.hasFocus():
            painter.setOpacity(1)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(theme.accent), theme.focus_px))
            painter.drawRoundedRect(track.adjusted(-2, -2, 2, 2), radius + 2, radius + 2)
        painter.end()
