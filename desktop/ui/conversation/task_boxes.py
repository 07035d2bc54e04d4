"""The boxes of a task list: what is done has a tick. Qt itself can only draw a cross, and only in its way.

A task is an item without a mark of its own whose block knows whether it is done; the box is painted where
the mark would stand.
"""

from collections.abc import Iterator
from typing import Final

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import (
    QFontMetricsF,
    QPainter,
    QPen,
    QTextBlock,
    QTextBlockFormat,
    QTextDocument,
    QTextFormat,
    QTextListFormat,
)

from desktop.ui.conversation.style import Style
from desktop.ui.theme import space

DONE: Final = QTextFormat.Property.UserProperty.value + 40  # of a block: whether its task is done
_MARKED: Final = {
    QTextBlockFormat.MarkerType.Checked: True,
    QTextBlockFormat.MarkerType.Unchecked: False,
}
_SIDE: Final = 0.9  # of the ascent of the first line
_TICK: Final = ((0.25, 0.52), (0.43, 0.7), (0.76, 0.32))  # in a box of side 1
_STROKE: Final = 0.13
_CORNER: Final = 0.2
_LINE_PX: Final = 1.2


def task_format(*, done: bool) -> QTextBlockFormat:
    """To be merged into the format of an item."""
    form = QTextBlockFormat()
    form.setProperty(DONE, done)
    form.setProperty(QTextFormat.Property.ListStyle.value, QTextListFormat.Style.ListStyleUndefined.value)
    return form


def is_done(block: QTextBlock) -> bool | None:
    """None: it is no task. Documents for the clipboard have Qt's own mark."""
    form = block.blockFormat()
    done = form.property(DONE)
    return bool(done) if done is not None else _MARKED.get(form.marker())


def boxes(document: QTextDocument) -> Iterator[tuple[QRectF, bool]]:
    """Where the box of each task stands in a document that is laid out, and whether the task is done."""
    block = document.begin()
    while block.isValid():
        done = is_done(block)
        layout = block.layout()
        if done is not None and layout.lineCount():
            line = layout.lineAt(0)
            text = line.naturalTextRect().translated(layout.position())
            side = round(QFontMetricsF(block.charFormat().font()).ascent() * _SIDE)
            right = block.textDirection() == Qt.LayoutDirection.RightToLeft
            left = text.right() + space.s if right else text.left() - space.s - side
            baseline = layout.position().y() + line.y() + line.ascent()
            yield QRectF(round(left), round(baseline - side + 1), side, side), done
        block = block.next()


def paint_tasks(painter: QPainter, document: QTextDocument, style: Style, clip: QRectF) -> None:
    for box, done in boxes(document):
        if not clip.isEmpty() and not clip.intersects(box):
            continue
        corner = box.height() * _CORNER
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(style.color("muted"), _LINE_PX))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        half = _LINE_PX / 2
        painter.drawRoundedRect(box.adjusted(half, half, -half, -half), corner, corner)
        if done:
            points = [box.topLeft() + QPointF(x, y) * box.width() for x, y in _TICK]
            painter.setPen(
                QPen(
                    style.color("accent"),
                    box.width() * _STROKE,
                    c=Qt.PenCapStyle.RoundCap,
                    j=Qt.PenJoinStyle.RoundJoin,
                )
            )
            painter.drawPolyline(points)
        painter.restore()
