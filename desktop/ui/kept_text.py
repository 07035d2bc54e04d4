"""Text in a box, laid out once and kept: for lists and charts, which are painted again and again.

`QPainter.drawText` shapes its words at every paint, and cutting them to a width shapes them twice more;
together that was two thirds of what a row of a list cost. At 100 % the pixels are the same.
"""

import math
from typing import Final, Literal

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QStaticText, QTextOption, QTransform

Across = Literal["left", "right"]
Down = Literal["top", "middle", "bottom"]
Cut = Qt.TextElideMode

_KEPT: Final = 256  # texts of a generation, 1.4 KB each: more than are on most screens
_SHARES: Final = {"left": 0.0, "right": 1.0, "top": 0.0, "middle": 0.5, "bottom": 1.0}
_Laid = tuple[QStaticText, float, float]  # with its width and height
_Key = tuple[str, float, str, Cut | None]
_generations: list[dict[_Key, _Laid]] = [{}, {}]  # what was painted lately, and what was before that


def draw_line(
    painter: QPainter,
    box: QRect | QRectF,
    text: str,
    across: Across = "left",
    down: Down = "middle",
    cut: Cut = Cut.ElideRight,
) -> float:
    """Write one line with the painter's font and pen; "…" stands for what does not fit into the box's width.

    Gives the width of what was written, in pixels. A box without any width gets nothing.
    """
    room = box.width()
    font = painter.font()
    line, width, height = _laid_out(text, font, room, cut)
    x = box.x() + (room - width) * _SHARES[across]
    y = box.y() + (box.height() - height) * _SHARES[down]
    painter.drawStaticText(QPointF(x, y), line)
    if font.strikeOut():  # which a static text does not show
        metrics = QFontMetricsF(font)
        top = math.floor(y + metrics.ascent() - metrics.strikeOutPos())
        painter.fillRect(QRectF(x, top, width, max(1, round(metrics.lineWidth()))), painter.pen().color())
    return width


def draw_wrapped(painter: QPainter, box: QRect | QRectF, text: str) -> None:
    """Write lines as wide as the box from its top down, with the painter's font and pen."""
    lines, _width, _height = _laid_out(text, painter.font(), box.width(), None)
    painter.drawStaticText(QPointF(box.x(), box.y()), lines)


def wrapped_height(text: str, font: QFont, width: float) -> float:
    """How high the lines of `draw_wrapped` are, in pixels."""
    return _laid_out(text, font, width, None)[2]


def _laid_out(text: str, font: QFont, room: float, cut: Cut | None) -> _Laid:
    """Kept while it is painted now and then. `cut` None: in lines of that width."""
    key = (text, room, font.key(), cut)
    young, old = _generations
    found = young.get(key)
    if found is None:
        if len(young) >= _KEPT:
            _generations[:] = young, old = {}, young
        before = old.get(key)
        found = young[key] = _lay_out(text, font, room, cut) if before is None else before
    return found


def _lay_out(text: str, font: QFont, room: float, cut: Cut | None) -> _Laid:
    metrics = QFontMetricsF(font)
    laid = QStaticText()
    laid.setTextFormat(Qt.TextFormat.PlainText)
    laid.setPerformanceHint(QStaticText.PerformanceHint.AggressiveCaching)
    if cut is None:
        option = QTextOption(Qt.AlignmentFlag.AlignLeft)
        option.setWrapMode(QTextOption.WrapMode.WordWrap)
        laid.setTextOption(option)
        laid.setTextWidth(room)
        laid.setText(text.replace("\n", "\N{LINE SEPARATOR}"))
        laid.prepare(QTransform(), font)
        return laid, laid.size().width(), laid.size().height()
    shown = metrics.elidedText(text, cut, room) if room > 0 else ""
    laid.setText(shown)
    laid.prepare(QTransform(), font)
    return laid, metrics.horizontalAdvance(shown), metrics.height()
