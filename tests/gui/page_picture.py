"""The sample document's page painted with its words, for pictures. Needs Qt's application."""

from PySide6.QtCore import QPointF, QRectF, Qt
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
    body = _body_font(width_px)
    heading = QFont(body)
    heading.setPointSizeF(body.pointSizeF() * 1.1)
    heading.setWeight(QFont.Weight.DemiBold)
    for number, line in enumerate(PAGE_LINES):
        place = _place(number, width_px, height_px)
        font = QFont(heading if number in HEADINGS else body)
        if number not in HEADINGS:
            # set as in a book: the spaces fill the line to the end of its box
            missing = place.width() - QFontMetricsF(font).horizontalAdvance(line)
            font.setWordSpacing(missing / max(1, line.count(" ")))
        painter.setFont(font)
        baseline = place.bottom() - place.height() * 0.22
        painter.drawText(QPointF(place.left(), baseline), line)
    painter.setPen(QColor("#8A8278"))
    painter.setFont(body)
    foot = QRectF(0, height_px * 0.93, width_px, height_px * 0.04)
    painter.drawText(foot, Qt.AlignmentFlag.AlignCenter, str(page))
    painter.end()
    stride = image.bytesPerLine()
    return PageBitmap(page, PAGES, width_px, height_px, stride, bytes(image.constBits()))


def _place(number: int, width_px: int, height_px: int) -> QRectF:
    """The box of a line, in pixels of the picture."""
    box = line_box(number)
    return QRectF(
        box.left * width_px,
        box.top * height_px,
        (box.right - box.left) * width_px,
        (box.bottom - box.top) * height_px,
    )


def _body_font(width_px: int) -> QFont:
    """A serif as large as the longest line's box allows."""
    font = QFont("Serif")
    font.setStyleHint(QFont.StyleHint.Serif)
    font.setPointSizeF(100)
    font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    fits = [
        (line_box(number).right - line_box(number).left)
        * width_px
        / QFontMetricsF(font).horizontalAdvance(line)
        for number, line in enumerate(PAGE_LINES)
        if number not in HEADINGS
    ]
    font.setPointSizeF(100 * min(fits))
    return font
