"""The files of a question, below its words: a line for each, which opens it. Opens nothing by itself."""

from typing import Final

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter, QTextBlockFormat, QTextCharFormat, QTextCursor, QTextDocument

from desktop.core.types import FilePart
from desktop.ui.attachments.texts import length
from desktop.ui.conversation.blocks import Block
from desktop.ui.conversation.quiet_document import QuietDocument
from desktop.ui.conversation.style import Style
from desktop.ui.conversation.wording import ATTACHED
from desktop.ui.theme import paint_icon

KIND: Final = "files"
ICON_PX: Final = 16.0
INDENT_PX: Final = 22.0


def files_block(files: tuple[FilePart, ...]) -> Block:
    """What tells two lots of files apart; the lines themselves are made when they are drawn."""
    return Block(KIND, "\n".join(file.name for file in files))


def files_document(files: tuple[FilePart, ...], style: Style) -> QuietDocument:
    document = QuietDocument()
    font = style.caption_font()
    document.setDefaultFont(font)
    cursor = QTextCursor(document)
    form = QTextBlockFormat(style.block_format(font, 1.7))
    form.setLeftMargin(INDENT_PX * style.scale)
    cursor.setBlockFormat(form)
    for place, file in enumerate(files):
        if place:
            cursor.insertBlock()
        link = QTextCharFormat(style.text_format(font, "sage"))
        link.setAnchor(True)
        link.setAnchorHref(f"{ATTACHED}{place}:{file.name}")
        cursor.insertText(file.name, link)
        cursor.insertText(f"  {length(file)}", style.text_format(font, "muted"))
    return document


def paint_signs(painter: QPainter, document: QTextDocument, box: QRectF, style: Style) -> None:
    """A small sheet before each line."""
    block = document.begin()
    while block.isValid():
        place = document.documentLayout().blockBoundingRect(block)
        line = block.layout().lineAt(0)
        middle = box.top() + place.top() + line.y() + line.height() / 2
        side = ICON_PX * style.scale
        sign = QRectF(box.left() - 2, middle - side / 2, side, side)
        paint_icon(painter, "page", sign, style.color("sage"))
        block = block.next()


def file_of(href: str, files: tuple[FilePart, ...]) -> FilePart | None:
    """The file that a line leads to."""
    number = href.removeprefix(ATTACHED).partition(":")[0]
    known = href.startswith(ATTACHED) and number.isdigit() and int(number) < len(files)
    return files[int(number)] if known else None
