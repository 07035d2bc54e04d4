"""The sample document's page painted with its words, for pictures. Needs Qt's application."""

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QPainter

from rag.protocol import PageBitmap
from tests.fakes.page import HEIGHT_PER_WIDTH, PAGES
from tests.fakes.samples import HEADINGS, PAGE_LINES, line_box


def paint_page(page: int, width_px: int) -> PageBitmap:
    """The page with each line of text inside the box that marks it. Called on a core thread."""
    height_px = round(width_px * HEIGHT_PER_WIDTH)
    image = QImage(width_px, height_px, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.white)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QColor("#2A2622"))
    for number, line in enumerate(PAGE_LINES):
        box = line_box(number)
        place = QRectF(
            box.left * width_px,
            box.top * height_px,
            (box.right - box.left) * width_px,
            (box.bottom - box.top) * height_px,
        )
        font = QFont("DejaVu Serif")
        font.setPixelSize(max(4, round(place.height() * 0.72)))
        font.setBold(number in HEADINGS)
        advance = QFontMetricsF(font).horizontalAdvance(line)
        painter.save()
        painter.setFont(font)
        painter.translate(place.left(), place.top())
        painter.scale(place.width() / advance, 1)
        painter.drawText(QRectF(0, 0, advance + 2, place.height()), Qt.AlignmentFlag.AlignVCenter, line)
        painter.restore()
    painter.setPen(QColor("#8A8278"))
    painter.drawText(QRectF(0, height_px * 0.94, width_px, 20), Qt.AlignmentFlag.AlignHCenter, str(page))
    painter.end()
    stride = image.bytesPerLine()
    return PageBitmap(page, PAGES, width_px, height_px, stride, bytes(image.constBits()))
