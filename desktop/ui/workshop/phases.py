"""The phases of a run as steps from left to right. Only paints."""

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from desktop.i18n import _, number
from desktop.ui.theme import current_theme, grown, space

DOT_PX = 9


class PhaseStrip(QWidget):
    """Those that are over are filled; the one that runs has a ring."""

    def __init__(self) -> None:
        super().__init__()
        self._names: tuple[str, ...] = ()
        self._at = 0
        self._running = False
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_phase(self, names: tuple[str, ...], at: int, *, running: bool) -> None:
        self._names, self._at, self._running = names, at, running
        self.setFixedHeight(self.fontMetrics().height() + grown(DOT_PX) * 2 + space.s)
        words = _("Phase {at} of {count}: {name}")
        self.setAccessibleName(words.format(at=number(at + 1), count=number(len(names)), name=names[at]))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        if not self._names:
            return
        theme = current_theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        radius = grown(DOT_PX)
        wide = self.width() / len(self._names)
        middle = radius + 1.0
        for at in range(len(self._names) - 1):
            done = at < self._at
            painter.setPen(QPen(QColor(theme.accent if done else theme.line), 2))
            start = (at + 0.5) * wide + radius + space.xs
            painter.drawLine(QPointF(start, middle), QPointF((at + 1.5) * wide - radius - space.xs, middle))
        font = painter.font()
        font.setBold(True)
        bold = QFontMetrics(font)
        font.setBold(False)
        fits = all(bold.horizontalAdvance(name) <= wide - space.xs for name in self._names)
        for at, name in enumerate(self._names):
            centre = QPointF((at + 0.5) * wide, middle)
            done = at < self._at or (at == self._at and not self._running)
            painter.setPen(QPen(QColor(theme.accent if at <= self._at else theme.muted), 1.5))
            painter.setBrush(QColor(theme.accent) if done else Qt.BrushStyle.NoBrush)
            painter.drawEllipse(centre, radius, radius)
            painter.setPen(
                QColor(theme.on_accent if done else theme.accent if at == self._at else theme.muted)
            )
            dot = QRectF(centre.x() - radius, 0, 2 * radius, 2 * middle)
            painter.drawText(dot, Qt.AlignmentFlag.AlignCenter, str(at + 1))
            font.setBold(at == self._at)
            painter.setFont(font)
            painter.setPen(QColor(theme.text if at <= self._at else theme.muted))
            if fits or at == self._at:  # rather one whole name than five pieces
                width = max(wide, min(bold.horizontalAdvance(name) + 1.0, self.width()))
                left = min(max(0.0, centre.x() - width / 2), self.width() - width)
                line = QRectF(left, 2 * middle + space.xs, width, self.fontMetrics().height())
                painter.drawText(line, Qt.AlignmentFlag.AlignHCenter, name)
            font.setBold(False)
            painter.setFont(font)
        painter.end()
