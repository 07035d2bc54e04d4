"""How many rows have which label, and how long they are: two small bar charts. They only paint."""

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from desktop.i18n import _, number
from desktop.ui.theme import current_theme, grown, mixed, radius, space

BINS: Final = 24
HEIGHT_PX: Final = 64


class Balance(QWidget):
    """A bar for each label."""

    def __init__(self) -> None:
        super().__init__()
        self._counts: list[tuple[str, int]] = []
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMinimumWidth(grown(180))

    def show_counts(self, counts: dict[str, int]) -> None:
        self._counts = sorted(counts.items(), key=lambda one: -one[1])[:8]
        self.setFixedHeight(max(1, len(self._counts)) * self._row_px())
        said = ", ".join(f"{name}: {number(count)}" for name, count in self._counts)
        self.setAccessibleName(_("Balance of the labels: {said}").format(said=said))
        self.update()

    def _row_px(self) -> int:
        return self.fontMetrics().height() + space.s

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        theme = current_theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        most = max((count for _name, count in self._counts), default=1)
        metrics = self.fontMetrics()
        widest = max((metrics.horizontalAdvance(name) + 2 for name, _count in self._counts), default=0)
        names = min(self.width() // 3, widest)
        ends = max((metrics.horizontalAdvance(number(c)) for _n, c in self._counts), default=0)
        room = max(1, self.width() - names - ends - 2 * space.s)
        for at, (name, count) in enumerate(self._counts):
            top = at * self._row_px()
            painter.setPen(QColor(theme.text))
            shown = metrics.elidedText(name, Qt.TextElideMode.ElideRight, names)
            line = QRectF(0, top, names, self._row_px())
            painter.drawText(line, Qt.AlignmentFlag.AlignVCenter, shown)
            bar = QRectF(names + space.s, top + self._row_px() / 2 - 4, room * count / most, 8)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(mixed(theme.sage, theme.raised, 0.7)))
            painter.drawRoundedRect(bar, radius.small, radius.small)
            painter.setPen(QColor(theme.muted))
            painter.drawText(
                QRectF(bar.right() + space.xs, top, ends + space.s, self._row_px()),
                Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft,
                number(count),
            )
        painter.end()


class Histogram(QWidget):
    """How many rows have which length."""

    def __init__(self) -> None:
        super().__init__()
        self._bins: list[int] = []
        self._most = 0
        self._unit = ""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMinimumWidth(grown(180))
        self.setFixedHeight(grown(HEIGHT_PX))

    def show_lengths(self, lengths: Sequence[int], *, tokens: bool) -> None:
        self._most = max(lengths, default=0)
        self._bins = [0] * BINS
        for length in lengths:
            self._bins[min(BINS - 1, length * BINS // max(1, self._most))] += 1
        words = _("0 to {most} tokens in a row") if tokens else _("0 to {most} characters in a row")
        self._unit = words.format(most=number(self._most))
        self.setAccessibleName(self._unit)
        self.setToolTip(self._unit)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        theme = current_theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        words = self.fontMetrics().height()
        room = self.height() - words - space.xs
        highest = max(self._bins, default=0) or 1
        wide = self.width() / BINS
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(mixed(theme.accent, theme.raised, 0.55)))
        for at, count in enumerate(self._bins):
            tall = room * count / highest
            painter.drawRect(QRectF(at * wide, room - tall, max(1.0, wide - 1), tall))
        painter.setPen(QColor(theme.muted))
        shown = self.fontMetrics().elidedText(self._unit, Qt.TextElideMode.ElideRight, self.width())
        painter.drawText(QRectF(0, room + space.xs, self.width(), words), Qt.AlignmentFlag.AlignLeft, shown)
        painter.end()
