"""What stands under a reply about its sources, as a document with a link for each. Opens nothing."""

from PySide6.QtGui import QTextCharFormat, QTextCursor

from desktop.core.answers.grounding import Doubt
from desktop.ui.conversation import answers_wording, wording
from desktop.ui.conversation.blocks import Block
from desktop.ui.conversation.inline import CITE
from desktop.ui.conversation.quiet_document import QuietDocument
from desktop.ui.conversation.style import Style
from desktop.view_models.turns import Sources
from desktop.words import answers


def sources_document(sources: Sources, style: Style, doubts: tuple[Doubt, ...] = ()) -> QuietDocument:
    """How the documents were asked, one line per source, its number and where it leads, below a word on
    them where one is due, and last what to look at twice."""
    document = QuietDocument()
    font = style.caption_font()
    document.setDefaultFont(font)
    cursor = QTextCursor(document)
    cursor.setBlockFormat(style.block_format(font, 1.5))
    muted = style.text_format(font, "muted")
    _line(cursor, answers_wording.remark(sources), muted)
    for citation in sources.citations:
        _line(cursor, "", muted)
        link = style.text_format(font, "sage")
        link.setAnchor(True)
        link.setAnchorHref(f"{CITE}{citation.n}")
        cursor.insertText(f"[{citation.n}] {wording.source(citation)}", QTextCharFormat(link))
    for line in answers.looked(sources.looked):
        _line(cursor, line, muted)
    for line in answers.look_again(doubts):
        form = QTextCharFormat(muted)
        if style.colored:
            form.setForeground(style.color("amber"))
        _line(cursor, line, form)
    return document


def sources_block(sources: Sources, doubts: tuple[Doubt, ...]) -> Block:
    """What tells two lots of sources apart; the lines themselves are made when they are drawn."""
    looked = "\n".join(answers.looked(sources.looked))
    told = "".join(f"{one.start}-{one.end} " for one in doubts)
    return Block(
        "sources", "\n".join([sources.kind, *(f"{CITE}{c.n}" for c in sources.citations), looked, told])
    )


def _line(cursor: QTextCursor, text: str, form: QTextCharFormat) -> None:
    """A line of its own; the first one is there already. Without text: one that others write."""
    if not cursor.atStart():
        cursor.insertBlock()
    cursor.insertText(text, form)
