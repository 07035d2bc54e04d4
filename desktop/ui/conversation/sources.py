"""The lines of sources under a reply, as a document with a link for each. Opens nothing."""

from PySide6.QtGui import QTextCharFormat, QTextCursor, QTextDocument

from desktop.core.types import Citation
from desktop.ui.conversation import wording
from desktop.ui.conversation.render import CITE, QuietDocument
from desktop.ui.conversation.style import Style


def sources_document(citations: tuple[Citation, ...], style: Style) -> QTextDocument:
    """One line per citation: its number and where it leads."""
    document = QuietDocument()
    font = style.caption_font()
    document.setDefaultFont(font)
    cursor = QTextCursor(document)
    cursor.setBlockFormat(style.block_format(font, 1.5))
    for place, citation in enumerate(citations):
        if place:
            cursor.insertBlock()
        link = style.text_format(font, "sage")
        link.setAnchor(True)
        link.setAnchorHref(f"{CITE}{citation.n}")
        cursor.insertText(f"[{citation.n}] {wording.source(citation)}", QTextCharFormat(link))
    return document
