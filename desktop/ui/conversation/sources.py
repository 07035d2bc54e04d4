"""What stands under a reply about its sources, as a document with a link for each. Opens nothing."""

from PySide6.QtGui import QTextCharFormat, QTextCursor, QTextDocument

from desktop.ui.conversation import wording
from desktop.ui.conversation.inline import CITE
from desktop.ui.conversation.render import QuietDocument
from desktop.ui.conversation.style import Style
from desktop.view_models.turns import Sources


def sources_document(sources: Sources, style: Style) -> QTextDocument:
    """One line per source, its number and where it leads, below a word on them where one is due."""
    document = QuietDocument()
    font = style.caption_font()
    document.setDefaultFont(font)
    cursor = QTextCursor(document)
    cursor.setBlockFormat(style.block_format(font, 1.5))
    remark = wording.sources_remark(sources)
    cursor.insertText(remark, style.text_format(font, "muted"))
    for place, citation in enumerate(sources.citations):
        if place or remark:
            cursor.insertBlock()
        link = style.text_format(font, "sage")
        link.setAnchor(True)
        link.setAnchorHref(f"{CITE}{citation.n}")
        cursor.insertText(f"[{citation.n}] {wording.source(citation)}", QTextCharFormat(link))
    return document
