"""Rows with a name, a bar and a number. Only paints."""

from collections.abc import Sequence

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from desktop.ui.theme import Token, current_theme, mixed, radius, space

Row = tuple[str, float, str]  # name, 0..1, what stands behind the bar


class Bars(QWidget):
    """As high as its rows are."""

    def __init__(self, name: str, tint: Token = "accent") -> None:
        super().__init__()
        self._name = name
        self._tint = tint
        self.rows: list[Row] = []
        self.beside: Bars | None = None  # the bars of both begin below each other
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMinimumWidth(160)

    def show_rows(self, rows: Sequence[Row]) -> None:
        self.rows = list(rows)
        self.setFixedHeight(max(1, len(self.rows)) * self._row_px())
        said = ", ".join(f"{name} {words}" for name, _share, words in self.rows)
        self.setAccessibleName(f"{self._name}: {said}")
        self.update()

    def _names_px(self) -> int:
        rows = self.rows + (self.beside.rows if self.beside is not None else [])
        metrics = self.fontMetrics()
        return max((metrics.horizontalAdvance(name) + 2 for name, _share, _words in rows), default=0)

    def _row_px(self) -> int:
        return self.fontMetrics().height() + space.s

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        theme = current_theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        metrics = self.fontMetrics()
        names = min(self._names_px(), self.width() * 2 // 5)
        ends = max((metrics.horizontalAdvance(words) + 2 for _n, _s, words in self.rows), default=0)
        room = max(4, self.width() - names - ends - 2 * space.s)
        middle = Qt.AlignmentFlag.AlignVCenter
        for at, (name, share, words) in enumerate(self.rows):
            top = at * self._row_px()
            painter.setPen(QColor(theme.text))
            cut = metrics.elidedText(name, Qt.TextElideMode.ElideRight, names)
            painter.drawText(QRectF(0, top, names, self._row_px()), middle, cut)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(mixed(theme.color(self._tint), theme.raised, 0.75)))
            bar = QRectF(names + space.s, top + self._row_px() / 2 - 4, max(1.0, room * share), 8)
            painter.drawRoundedRect(bar, radius.small, radius.small)
            painter.setPen(QColor(theme.muted))
            end = QRectF(self.width() - ends, top, ends, self._row_px())
            painter.drawText(end, middle | Qt.AlignmentFlag.AlignRight, words)
        painter.end()
