"""Who looks at whom: a square of shares for a head, as a picture. Only paints."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QMouseEvent, QPainter, QPaintEvent, QPen, qRgb
from PySide6.QtWidgets import QToolTip, QWidget

from desktop.i18n import _, number, percent
from desktop.ui.theme import current_theme, grown, mixed
from desktop.ui.workshop.inside.chips import shown

LARGE_PX = 270
SMALL_PX = 76


def colour_table(token: str) -> list[int]:
    """From nothing to everything, brighter early: most shares are small."""
    theme = current_theme()
    made = []
    for value in range(256):
        colour = QColor(mixed(token, theme.raised, (value / 255) ** 0.6))
        made.append(qRgb(colour.red(), colour.green(), colour.blue()))
    return made


class Heat(QWidget):
    """`bytes` of (time, time): 255 is all of a row. `large`: with the pieces at its sides where they fit."""

    def __init__(self, *, large: bool = False) -> None:
        super().__init__()
        self._data = b""
        self._time = 0
        self._pieces: tuple[str, ...] = ()
        self._large = large
        self.row = -1  # the token that is chosen
        self.setMouseTracking(large)
        side = grown(LARGE_PX if large else SMALL_PX)
        self.setFixedSize(QSize(side, side))

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
        side = float(min(self.width(), self.height()))
        return QRectF(0, 0, side, side)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        theme = current_theme()
        painter = QPainter(self)
        square = self._square()
        if self._time:
            image = QImage(self._data, self._time, self._time, self._time, QImage.Format.Format_Indexed8)
            image.setColorTable(colour_table(theme.accent))
            painter.drawImage(square, image)
            if self._large and 0 <= self.row < self._time:
                step = square.height() / self._time
                painter.setPen(QPen(QColor(theme.text), 1))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawRect(QRectF(0.5, self.row * step, square.width() - 1, step))
        painter.setPen(QPen(QColor(theme.line), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(square.adjusted(0.5, 0.5, -0.5, -0.5))
        painter.end()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if not self._time:
            return
        step = self._square().height() / self._time
        at = (int(event.position().x() / step), int(event.position().y() / step))
        if all(0 <= one < self._time for one in at):
            key, query = at
            words = _("{query} looks at {key}: {share}").format(
                query=shown(self._pieces[query]),
                key=shown(self._pieces[key]),
                share=percent(self._data[query * self._time + key] / 255, 1),
            )
            QToolTip.showText(event.globalPosition().toPoint(), words, self)


def head_name(layer: int, head: int) -> str:
    return _("Layer {layer}, head {head}").format(layer=number(layer + 1), head=number(head + 1))
