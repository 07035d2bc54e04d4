"""Who looks at whom: a square of shares for a head, as a picture. Only paints."""

import math
from functools import lru_cache

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QMouseEvent, QPainter, QPaintEvent, QPen, qRgb
from PySide6.QtWidgets import QToolTip, QWidget

from desktop.i18n import _, number, percent
from desktop.ui.theme import current_theme, grown, mixed, space
from desktop.ui.workshop.inside.chips import shown

LARGE_PX = 270
SMALL_PX = 76
NAMES_PX = 78  # beside and above a large one, for its tokens


@lru_cache(maxsize=4)  # a theme has one; heads are many
def colour_table(everything: str, nothing: str) -> tuple[int, ...]:
    """256 colours from nothing to everything, brighter early: most shares are small."""
    made = []
    for value in range(256):
        colour = QColor(mixed(everything, nothing, (value / 255) ** 0.6))
        made.append(qRgb(colour.red(), colour.green(), colour.blue()))
    return tuple(made)


class Heat(QWidget):
    """`bytes` of (time, time): 255 is all of a row. `large`: with the pieces at its sides where they fit; a
    small one can be clicked."""

    clicked = Signal()

    def __init__(self, *, large: bool = False) -> None:
        super().__init__()
        self._data = b""
        self._time = 0
        self._pieces: tuple[str, ...] = ()
        self._large = large
        self.row = -1  # the token that is chosen
        self.setMouseTracking(large)
        if not large:
            self.setCursor(Qt.CursorShape.PointingHandCursor)
        side = grown(LARGE_PX if large else SMALL_PX)
        self._names = grown(NAMES_PX) if large else 0
        self._head = self.fontMetrics().height() + 2 if large else 0  # what the columns are
        self.setFixedSize(QSize(side + self._names, side + self._names + self._head))

    def show_head(self, data: bytes, time: int, pieces: tuple[str, ...], row: int, name: str) -> None:
        self._data, self._time, self._pieces, self.row = data, time, pieces, row
        self.setAccessibleName(name)
        self.setAccessibleDescription(self._said(row))
        self.update()

    def _said(self, row: int) -> str:
        """What the token of a row looks at most."""
        if not 0 <= row < self._time:
            return ""
        shares = self._data[row * self._time : (row + 1) * self._time]
        best = sorted(range(len(shares)), key=lambda at: -shares[at])[:3]
        most = ", ".join(
            f"{shown(self._pieces[at])} {percent(shares[at] / 255)}" for at in best if shares[at]
        )
        return _("{piece} looks most at {most}").format(piece=shown(self._pieces[row]), most=most)

    def _square(self) -> QRectF:
        side = float(self.width() - self._names)
        return QRectF(self._names, self._names + self._head, side, side)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        theme = current_theme()
        painter = QPainter(self)
        square = self._square()
        if self._time:
            image = QImage(self._data, self._time, self._time, self._time, QImage.Format.Format_Indexed8)
            image.setColorTable(colour_table(theme.accent, theme.raised))
            painter.drawImage(square, image)
            if self._large and 0 <= self.row < self._time:
                step = square.height() / self._time
                painter.setPen(QPen(QColor(theme.text), 1))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawRect(
                    QRectF(square.x() + 0.5, square.y() + self.row * step, square.width() - 1, step)
                )
            if self._large:
                self._draw_names(painter, square)
        painter.setPen(QPen(QColor(theme.line), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(square.adjusted(0.5, 0.5, -0.5, -0.5))
        painter.end()

    def _draw_names(self, painter: QPainter, square: QRectF) -> None:
        """The tokens of rows and columns: all of them, or as many as there is room for."""
        theme, metrics = current_theme(), self.fontMetrics()
        step = square.height() / self._time
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.setPen(QColor(theme.muted))
        top = QRectF(square.x(), 0, square.width(), self._head)
        painter.drawText(top, Qt.AlignmentFlag.AlignLeft | middle, _("looks at →"))
        corner = QRectF(0, square.y() - metrics.height() - 2, self._names - space.xs, metrics.height())
        painter.drawText(corner, Qt.AlignmentFlag.AlignRight | middle, _("token ↓"))
        for at in named_places(self._time, self.row, metrics.height() / step):
            words = metrics.elidedText(
                shown(self._pieces[at]), Qt.TextElideMode.ElideRight, self._names - space.s
            )
            painter.setPen(QColor(theme.accent if at == self.row else theme.text))
            centre = square.y() + (at + 0.5) * step
            row = QRectF(0, centre - metrics.height() / 2, self._names - space.xs, metrics.height())
            painter.drawText(row, Qt.AlignmentFlag.AlignRight | middle, words)
            painter.save()
            painter.translate(square.x() + (at + 0.5) * step, square.y() - space.xs)
            painter.rotate(-90)
            column = QRectF(0, -metrics.height() / 2, self._names, metrics.height())
            painter.drawText(column, Qt.AlignmentFlag.AlignLeft | middle, words)
            painter.restore()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self._large or event.button() != Qt.MouseButton.LeftButton:
            super().mousePressEvent(event)
        else:
            self.clicked.emit()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if not self._time or not self._large:
            return
        square = self._square()
        step, where = square.height() / self._time, event.position() - square.topLeft()
        at = (int(where.x() // step), int(where.y() // step))
        if all(0 <= one < self._time for one in at):
            key, query = at
            words = _("{query} looks at {key}: {share}").format(
                query=shown(self._pieces[query]),
                key=shown(self._pieces[key]),
                share=percent(self._data[query * self._time + key] / 255, 1),
            )
            QToolTip.showText(event.globalPosition().toPoint(), words, self)


def named_places(time: int, chosen: int, apart: float) -> list[int]:
    """Which of `time` tokens are named so that two are at least `apart` of them from each other; the chosen
    one always."""
    every = max(1, math.ceil(apart))
    found = [at for at in range(0, time, every) if not 0 <= chosen < time or abs(at - chosen) >= every]
    return sorted({*found, chosen}) if 0 <= chosen < time else found


def head_name(layer: int, head: int) -> str:
    return _("Layer {layer}, head {head}").format(layer=number(layer + 1), head=number(head + 1))
