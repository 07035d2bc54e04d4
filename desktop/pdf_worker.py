"""A process that sets an exported page as PDF: `python -m desktop.pdf_worker OUT`, the page on stdin.

Apart from the window's, because setting a long chat takes seconds on the thread that does it. It opens no
file but OUT and no network: what the page does not hold is left out. Exit codes: 0 done, 1 not.
"""

import os
import sys
from typing import Any

from PySide6.QtCore import QMarginsF, QRectF, QSizeF, Qt, QUrl
from PySide6.QtGui import (
    QAbstractTextDocumentLayout,
    QColor,
    QFont,
    QFontDatabase,
    QGuiApplication,
    QPageLayout,
    QPageSize,
    QPainter,
    QPdfWriter,
    QTextDocument,
)

from desktop.fonts import bring

MARGIN_MM = 20.0
DPI = 300
FOOT_PT = 8.0


class Page(QTextDocument):
    """Loads nothing but what stands in the page itself."""

    def loadResource(self, kind: int, name: QUrl | str) -> Any:  # noqa: N802  Qt's own name
        address = name if isinstance(name, QUrl) else QUrl(name)
        return super().loadResource(kind, address) if address.scheme() == "data" else None


def main(arguments: list[str]) -> int:
    if len(arguments) != 2:
        return 1
    if sys.platform not in ("win32", "darwin"):
        os.environ["QT_QPA_PLATFORM"] = "offscreen"  # no screen is needed, and there may be none
    application = QGuiApplication(arguments[:1])
    text = sys.stdin.buffer.read().decode("utf-8", "replace")
    done = write(text, arguments[1])
    del application
    return 0 if done else 1


def write(text: str, path: str) -> bool:
    """Set the page and number its sheets."""
    writer = QPdfWriter(path)
    writer.setResolution(DPI)
    margins = QMarginsF(MARGIN_MM, MARGIN_MM, MARGIN_MM, MARGIN_MM)
    writer.setPageLayout(
        QPageLayout(
            QPageSize(QPageSize.PageSizeId.A4),
            QPageLayout.Orientation.Portrait,
            margins,
            QPageLayout.Unit.Millimeter,
        )
    )
    writer.setCreator("Sobremesa")
    document = Page()
    document.documentLayout().setPaintDevice(writer)
    system = QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont)
    document.setDefaultFont(QFont(bring().interface or system.family(), 10))
    document.setHtml(text)
    writer.setTitle(document.metaInformation(QTextDocument.MetaInformation.DocumentTitle))
    whole = QRectF(0, 0, writer.width(), writer.height())
    foot = DPI * FOOT_PT * 2.5 / 72
    sheet = QSizeF(whole.width(), whole.height() - foot)
    document.setDocumentMargin(0)
    document.setPageSize(sheet)
    painter = QPainter()
    if not painter.begin(writer):
        return False
    try:
        count = document.pageCount()
        for number in range(count):
            if number and not writer.newPage():
                return False
            _sheet(painter, document, number, sheet)
            painter.setFont(QFont(document.defaultFont().family(), int(FOOT_PT)))
            painter.setPen(QColor("#6B6255"))
            painter.drawText(
                QRectF(0, sheet.height(), whole.width(), foot),
                int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignBottom),
                f"{number + 1} / {count}",
            )
    finally:
        ended = painter.end()
    return ended


def _sheet(painter: QPainter, document: QTextDocument, number: int, sheet: QSizeF) -> None:
    view = QRectF(0, number * sheet.height(), sheet.width(), sheet.height())
    painter.save()
    painter.translate(0, -view.top())
    painter.setClipRect(view)
    context = QAbstractTextDocumentLayout.PaintContext()
    context.clip = view
    context.palette.setColor(context.palette.ColorRole.Text, QColor("#26221C"))
    document.documentLayout().draw(painter, context)
    painter.restore()


if __name__ == "__main__":
    sys.exit(main(sys.argv))
