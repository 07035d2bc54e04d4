"""What a model thought, folded above its answer: the line that opens it, and the text. No widget."""

from typing import Final

from PySide6.QtGui import QTextCharFormat, QTextCursor

from desktop.ui.conversation.blocks import Block, plain_blocks
from desktop.ui.conversation.quiet_document import QuietDocument
from desktop.ui.conversation.style import Style
from desktop.ui.conversation.wording import CLOSE, OPEN
from desktop.ui.theme import type_size

KINDS: Final = ("thoughts", "thought")
_SIGNS: Final = {OPEN: "\u25b8", CLOSE: "\u25be"}  # small triangles: to the right, and down


def thought_blocks(label: str, text: str, *, unfolded: bool) -> list[Block]:
    """The line that says how long it was thought and, unfolded, what."""
    head = Block("thoughts", f"{CLOSE if unfolded else OPEN} {label}")
    return [head, *plain_blocks(text.strip(), "thought")] if unfolded else [head]


def thought_document(block: Block, style: Style) -> QuietDocument:
    """One of those blocks, drawn quieter than the answer."""
    document = QuietDocument()
    font = style.body_font()
    font.setPointSizeF(type_size.small * style.scale * 1.05)
    document.setDefaultFont(font)
    cursor = QTextCursor(document)
    cursor.setBlockFormat(style.block_format(font, 1.5))
    if block.kind == "thought":
        cursor.insertText(block.source.replace("\n", "\u2028"), style.text_format(font, "muted"))
        return document
    href, _, label = block.source.partition(" ")
    link = QTextCharFormat(style.text_format(font, "muted"))
    link.setAnchor(True)
    link.setAnchorHref(href)
    cursor.insertText(f"{_SIGNS[href]} {label}", link)
    return document
