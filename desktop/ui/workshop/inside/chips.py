"""A text as its pieces, each in a box. One of them is chosen by mouse or arrow keys. Only paints."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from desktop.i18n import _, number
from desktop.ui.theme import current_theme, mixed, radius, space

_PAD_PX = 5


class Chips(QWidget):
    """`chosen` when a person chose another piece."""

    chosen = Signal(int)

    def __init__(self, *, choosing: bool = True) -> None:
        super().__init__()
        self._pieces: tuple[str, ...] = ()
        self._boxes: list[QRectF] = []
        self.at = -1
        self._choosing = choosing
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        if choosing:
            self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def show_pieces(self, pieces: tuple[str, ...], at: int = -1) -> None:
        self._pieces, self.at = pieces, at
        words = _("{count} tokens").format(count=number(len(pieces)))
        if 0 <= at < len(pieces):
            words += ", " + _("chosen: {piece}").format(piece=shown(pieces[at]))
        self.setAccessibleName(words)
        self._lay_out(self.width())
        self.updateGeometry()
        self.update()

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return self._lay_out(width, keep=False)

    def sizeHint(self) -> QSize:
        return QSize(200, self._lay_out(max(200, self.width()), keep=False))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._lay_out(self.width())

    def _lay_out(self, width: int, *, keep: bool = True) -> int:
        metrics = self.fontMetrics()
        tall = metrics.height() + 2 * _PAD_PX
        x = y = 0.0
        boxes = []
        for piece in self._pieces:
            wide = metrics.horizontalAdvance(shown(piece)) + 2 * _PAD_PX
            if x and x + wide > width:
                x, y = 0.0, y + tall + space.xs
            boxes.append(QRectF(x, y, wide, tall))
            x += wide + 2
        if keep:
            self._boxes = boxes
        return int(y + tall) + 2

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        theme = current_theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        tints = (theme.accent, theme.sage, theme.amber)
        for at, (box, piece) in enumerate(zip(self._boxes, self._pieces, strict=True)):
            chosen = at == self.at
            ring = chosen and self.hasFocus()
            painter.setPen(
                QPen(QColor(theme.accent), theme.focus_px if ring else 1.5) if chosen else Qt.PenStyle.NoPen
            )
            painter.setBrush(QColor(mixed(tints[at % 3], theme.raised, 0.28 if chosen else 0.16)))
            painter.drawRoundedRect(box.adjusted(1, 1, -1, -1), radius.small, radius.small)
            painter.setPen(QColor(theme.text))
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, shown(piece))
        painter.end()

    # ── choosing ──

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self._choosing:
            where: QPointF = event.position()
            for at, box in enumerate(self._boxes):
                if box.contains(where):
                    self._choose(at)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        moves = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
        if self._choosing and event.key() in moves and self._pieces:
            self._choose(min(len(self._pieces) - 1, max(0, self.at + moves[Qt.Key(event.key())])))
        else:
            super().keyPressEvent(event)

    def _choose(self, at: int) -> None:
        if at != self.at:
            self.show_pieces(self._pieces, at)
            self.chosen.emit(at)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.update()


def shown(piece: str) -> str:
    """A piece with its blanks and ends of lines made visible."""
    return piece.replace(" ", "·").replace("\n", "↵").replace("\t", "⇥") or "∅"
