"""One set of icons: 1.5 px strokes on a 20 px grid, drawn from the data below and tinted when painted.

An icon asks for its colour at the moment of painting, so that a change of theme needs no new icons.
"""

import math
from functools import cache
from typing import Final

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QIconEngine, QPainter, QPainterPath, QPen, QPixmap, QPixmapCache

from desktop.ui.theme.appearance import current_theme
from desktop.ui.theme.tokens import Theme, Token

GRID_PX: Final = 20
STROKE_PX: Final = 1.5

# M x y: move. L x y: line. C x1 y1 x2 y2 x y: curve. Z: close. O cx cy r: circle. D cx cy r: filled dot.
# R x y w h r: rounded rectangle. B x y w h r: the same, filled. A cx cy r start sweep: arc, in degrees,
# counted against the clock from three o'clock.
_PEN = "C {0} 3.3 15 3.3 15.7 4 C 16.4 4.7 16.4 5.8 15.7 6.5"
_LENS = "O 9 9 5.5 M 13 13 L 16.8 16.8"
_SHEET = "M 5 3.5 L 11.5 3.5 L 15 7 L 15 16.5 L 5 16.5 Z M 11.5 3.5 L 11.5 7 L 15 7"
_FRAME = "R 3 4 14 12 2"

DRAWINGS: Final[dict[str, str]] = {
    "new_chat": "M 10 4 L 6 4 C 4.9 4 4 4.9 4 6 L 4 14 C 4 15.1 4.9 16 6 16 L 14 16 C 15.1 16 16 15.1 16 14"
    " L 16 10 M 9 11 L 9.4 8.9 L 14.7 3.6 C 15.2 3.1 15.9 3.1 16.4 3.6 C 16.9 4.1 16.9 4.8 16.4 5.3"
    " L 11.1 10.6 Z",
    "search": _LENS,
    "zoom_in": _LENS + " M 9 6.5 L 9 11.5 M 6.5 9 L 11.5 9",
    "zoom_out": _LENS + " M 6.5 9 L 11.5 9",
    "fit_width": "M 3.5 4 L 3.5 16 M 16.5 4 L 16.5 16 M 6 10 L 14 10 M 8 8 L 6 10 L 8 12"
    " M 12 8 L 14 10 L 12 12",
    "pin": "M 6.5 3.5 L 13.5 3.5 M 7.8 3.5 L 7.8 8.3 L 5.2 11.7 L 14.8 11.7 L 12.2 8.3 L 12.2 3.5"
    " M 10 11.7 L 10 17",
    "documents": "M 7.5 3 L 12.5 3 L 16 6.5 L 16 13.5 L 7.5 13.5 Z M 12.5 3 L 12.5 6.5 L 16 6.5"
    " M 4.5 6.5 L 4.5 16.5 L 13 16.5",
    "models": "M 10 2.8 L 16.2 6.3 L 16.2 13.7 L 10 17.2 L 3.8 13.7 L 3.8 6.3 Z M 3.8 6.3 L 10 9.8 L 16.2 6.3"
    " M 10 9.8 L 10 17.2",
    "workshop": "M 8 3.5 L 8 8 L 4.3 14.5 C 3.7 15.5 4.3 16.5 5.4 16.5 L 14.6 16.5 C 15.7 16.5 16.3 15.5"
    " 15.7 14.5 L 12 8 L 12 3.5 M 6.8 3.5 L 13.2 3.5 M 6 12 L 14 12",
    "settings": "M 3 6.3 L 9.8 6.3 M 14.2 6.3 L 17 6.3 O 12 6.3 2.2 M 3 13.7 L 5.8 13.7 M 10.2 13.7 L 17 13.7"
    " O 8 13.7 2.2",
    "lock": "R 4.5 9 11 8 1.8 M 7 9 L 7 6.5 C 7 2.7 13 2.7 13 6.5 L 13 9 M 10 12 L 10 14",
    "send": "M 10 16 L 10 4.2 M 5 9.2 L 10 4.2 L 15 9.2",
    "arrow_down": "M 10 4 L 10 15.8 M 5 10.8 L 10 15.8 L 15 10.8",
    "eject": "M 10 4.5 L 16 11.5 L 4 11.5 Z M 4 15.5 L 16 15.5",
    "prompt": "M 5.5 4 L 14.5 4 C 15.9 4 17 5.1 17 6.5 L 17 11 C 17 12.4 15.9 13.5 14.5 13.5 L 10 13.5"
    " L 6.5 16.5 L 6.5 13.5 L 5.5 13.5 C 4.1 13.5 3 12.4 3 11 L 3 6.5 C 3 5.1 4.1 4 5.5 4 Z"
    " M 6.5 7.3 L 13.5 7.3 M 6.5 10.2 L 11 10.2",
    "temporary": "A 10 10 6.5 5 50 A 10 10 6.5 77 50 A 10 10 6.5 149 50"
    " A 10 10 6.5 221 50 A 10 10 6.5 293 50",
    "branches": "O 5.5 4.8 1.8 O 5.5 15.2 1.8 O 14.5 8.2 1.8 M 5.5 6.6 L 5.5 13.4 M 5.5 12.4"
    " C 5.5 10.6 6.5 10.2 10 10.2 C 13 10.2 14.5 10.6 14.5 10",
    "prompts": "M 10 5.6 C 8.4 4.4 6 4 3 4 L 3 15 C 6 15 8.4 15.4 10 16.6 C 11.6 15.4 14 15 17 15 L 17 4"
    " C 14 4 11.6 4.4 10 5.6 Z M 10 5.6 L 10 16.6",
    "thumb_up": "M 6.8 9 L 9.6 3.4 C 11.1 3.4 11.9 4.5 11.5 6.2 L 11 8 L 15 8 C 16.2 8 16.8 8.9 16.5 10"
    " L 15.2 15 C 15 15.9 14.4 16.4 13.5 16.4 L 6.8 16.4 Z M 6.8 9 L 3.6 9 L 3.6 16.4 L 6.8 16.4",
    "thumb_down": "M 6.8 11 L 9.6 16.6 C 11.1 16.6 11.9 15.5 11.5 13.8 L 11 12 L 15 12"
    " C 16.2 12 16.8 11.1 16.5 10 L 15.2 5 C 15 4.1 14.4 3.6 13.5 3.6 L 6.8 3.6 Z M 6.8 11 L 3.6 11"
    " L 3.6 3.6 L 6.8 3.6",
    "continue": "M 3.5 10 L 12 10 M 8.6 6.2 L 12.4 10 L 8.6 13.8 M 16 4.5 L 16 15.5",
    "stop": "B 5.5 5.5 9 9 1.5",
    "copy": "R 7.5 7.5 9 9 1.8 M 12.5 5 C 12.5 4 11.8 3.5 11 3.5 L 5 3.5 C 4.2 3.5 3.5 4.2 3.5 5 L 3.5 11"
    " C 3.5 11.8 4 12.5 5 12.5",
    "regenerate": "A 10 10.4 6 35 290 M 15.2 3 L 15.2 7 L 11.2 7",
    "edit": "M 4 16 L 4.8 12.4 L 13.2 4 " + _PEN.format("13.9") + " L 7.4 15.1 Z M 11.7 5.5 L 14.2 8",
    "delete": "M 4 5.5 L 16 5.5 M 7.8 5.5 L 7.8 3.3 L 12.2 3.3 L 12.2 5.5 M 5.4 5.5 L 6.2 16.7 L 13.8 16.7"
    " L 14.6 5.5 M 8.6 8.7 L 8.6 13.5 M 11.4 8.7 L 11.4 13.5",
    "close": "M 5.2 5.2 L 14.8 14.8 M 14.8 5.2 L 5.2 14.8",
    "chevron_left": "M 12 5 L 7 10 L 12 15",
    "chevron_right": "M 8 5 L 13 10 L 8 15",
    "chevron_up": "M 5 12 L 10 7 L 15 12",
    "chevron_down": "M 5 8 L 10 13 L 15 8",
    "plus": "M 10 4 L 10 16 M 4 10 L 16 10",
    "minus": "M 4 10 L 16 10",
    "file": _SHEET,
    "page": _SHEET + " M 7.5 10.2 L 12.5 10.2 M 7.5 13.2 L 12.5 13.2",
    "new_folder": "M 3 15.5 L 3 4.5 L 8 4.5 L 10 6.8 L 17 6.8 L 17 15.5 Z"
    " M 10 8.8 L 10 13.4 M 7.7 11.1 L 12.3 11.1",
    "archive": "R 3 4 14 3.6 1 M 4.2 7.6 L 4.2 16 L 15.8 16 L 15.8 7.6 M 8 10.6 L 12 10.6",
    "restore": "M 4 8.2 L 11.6 8.2 C 14 8.2 16 9.9 16 12.2 C 16 14.5 14 16 11.6 16 L 7 16"
    " M 7.4 4.8 L 4 8.2 L 7.4 11.6",
    "folder": "M 3 15.5 L 3 4.5 L 8 4.5 L 10 6.8 L 17 6.8 L 17 15.5 Z",
    "check": "M 4.2 10.6 L 8.2 14.6 L 15.8 5.8",
    "warning": "M 10 3.3 L 17.2 16 L 2.8 16 Z M 10 8 L 10 11.8 D 10 13.9 0.9",
    "info": "O 10 10 6.8 M 10 9.4 L 10 13.6 D 10 6.8 0.9",
    "panel_left": _FRAME + " M 7.8 4 L 7.8 16",
    "panel_right": _FRAME + " M 12.2 4 L 12.2 16",
    "scroll_together": "M 6 4 L 6 16 M 3.5 13.5 L 6 16 L 8.5 13.5 M 3.5 6.5 L 6 4 L 8.5 6.5 M 14 4 L 14 16"
    " M 11.5 13.5 L 14 16 L 16.5 13.5 M 11.5 6.5 L 14 4 L 16.5 6.5",
    "side_by_side": _FRAME + " M 10 4 L 10 16",
    "context": "R 3 7.5 14 5 1.5 M 7 7.5 L 7 12.5 M 11.5 7.5 L 11.5 12.5",
    "chances": "M 4 16 L 4 4 M 4 16 L 16.5 16 M 7.5 16 L 7.5 6.5 M 11 16 L 11 10 M 14.5 16 L 14.5 13",
    "blanks": "M 3.5 9 L 3.5 13 L 16.5 13 L 16.5 9",
    "more": "D 4.6 10 1.2 D 10 10 1.2 D 15.4 10 1.2",
}

_ARGUMENTS: Final = {"M": 2, "L": 2, "C": 6, "Z": 0, "O": 3, "D": 3, "R": 5, "B": 5, "A": 5}


@cache
def drawing(name: str) -> tuple[QPainterPath, QPainterPath]:
    """What is stroked and what is filled of an icon, on the 20 px grid. Raises KeyError for no such name."""
    strokes, fills = QPainterPath(), QPainterPath()
    words = DRAWINGS[name].split()
    at = 0
    while at < len(words):
        command = words[at]
        count = _ARGUMENTS[command]
        values = [float(word) for word in words[at + 1 : at + 1 + count]]
        _draw(command, values, strokes, fills)
        at += 1 + count
    return strokes, fills


def _draw(command: str, v: list[float], strokes: QPainterPath, fills: QPainterPath) -> None:
    match command:
        case "M":
            strokes.moveTo(*v)
        case "L":
            strokes.lineTo(*v)
        case "C":
            strokes.cubicTo(*v)
        case "Z":
            strokes.closeSubpath()
        case "O":
            strokes.addEllipse(QPointF(v[0], v[1]), v[2], v[2])
        case "D":
            fills.addEllipse(QPointF(v[0], v[1]), v[2], v[2])
        case "R":
            strokes.addRoundedRect(QRectF(*v[:4]), v[4], v[4])
        case "B":
            fills.addRoundedRect(QRectF(*v[:4]), v[4], v[4])
        case "A":
            box = QRectF(v[0] - v[2], v[1] - v[2], 2 * v[2], 2 * v[2])
            strokes.moveTo(
                v[0] + v[2] * math.cos(math.radians(v[3])), v[1] - v[2] * math.sin(math.radians(v[3]))
            )
            strokes.arcTo(box, v[3], v[4])


def paint_icon(painter: QPainter, name: str, box: QRectF, color: QColor) -> None:
    """Draw an icon into `box` (square, logical pixels)."""
    strokes, fills = drawing(name)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(box.topLeft())
    painter.scale(box.width() / GRID_PX, box.height() / GRID_PX)
    pen = QPen(color, STROKE_PX)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    painter.strokePath(strokes, pen)
    painter.fillPath(fills, color)
    painter.restore()


class _Engine(QIconEngine):
    def __init__(self, name: str, token: Token) -> None:
        super().__init__()
        self._name, self._token = name, token

    def _color(self, mode: QIcon.Mode, theme: Theme) -> QColor:
        color = QColor(theme.color(self._token))
        if mode == QIcon.Mode.Disabled:
            color.setAlphaF(0.4)
        elif mode == QIcon.Mode.Active and self._token == "muted":  # noqa: S105  a colour's name
            color = QColor(theme.text)
        return color

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:  # noqa: ARG002
        side = min(rect.width(), rect.height())
        # a box wider than high keeps its room for the distance to the words behind the icon
        left = rect.left() if rect.width() > rect.height() else rect.left() + (rect.width() - side) / 2
        box = QRectF(left, rect.top() + (rect.height() - side) / 2, side, side)
        paint_icon(painter, self._name, box, self._color(mode, current_theme()))

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        color = self._color(mode, current_theme()).name(QColor.NameFormat.HexArgb)
        key = f"icon {self._name} {color} {size.width()} {size.height()}"
        pixmap = QPixmap()
        if QPixmapCache.find(key, pixmap):
            return pixmap
        pixmap = QPixmap(size)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        self.paint(painter, QRect(0, 0, size.width(), size.height()), mode, state)
        painter.end()
        QPixmapCache.insert(key, pixmap)
        return pixmap

    def clone(self) -> QIconEngine:
        return _Engine(self._name, self._token)


def icon(name: str, color: Token = "muted") -> QIcon:
    """The icon `name`, in a token's colour; hovered ones at rest "muted" turn to the text's colour.

    Raises KeyError for a name that is not in `DRAWINGS`.
    """
    DRAWINGS[name]
    return QIcon(_Engine(name, color))
