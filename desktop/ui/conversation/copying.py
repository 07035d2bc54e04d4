"""The text of a part of a document as it goes to the clipboard: tables with tabs, lists with their marks.

Draws nothing, and knows no messages.
"""

from collections.abc import Iterator
from typing import Final

from PySide6.QtGui import (
    QTextBlock,
    QTextCursor,
    QTextDocument,
    QTextDocumentFragment,
    QTextFormat,
    QTextList,
)

from desktop.ui.conversation.formulas import MARKUP
from desktop.ui.conversation.task_boxes import is_done

_TICKS: Final = {True: "[x] ", False: "[ ] ", None: ""}


def text_between(document: QTextDocument, begin: int, end: int) -> str:
    """What a document says from `begin` to `end`, in characters."""
    text, row = "", -1
    for block in _blocks(document, begin, end):
        said = _said(block, begin, end)
        table = QTextCursor(block).currentTable()
        if table is None:
            text += ("\n" if text else "") + said
            row = -1
            continue
        here = table.cellAt(block.position()).row()
        text += ("" if not text else "\t" if here == row else "\n") + said.replace("\n", " ")
        row = here
    return text


def spell_formulas(chosen: QTextCursor) -> None:
    """Put what was written in the place of each formula in a cursor's selection, and select that."""
    begin, end = chosen.selectionStart(), chosen.selectionEnd()
    document = chosen.document()
    for at in range(end - 1, begin - 1, -1):
        if document.characterAt(at) != "\ufffc":
            continue
        place = QTextCursor(document)
        place.setPosition(at)
        place.setPosition(at + 1, QTextCursor.MoveMode.KeepAnchor)
        form = place.charFormat()
        markup = form.property(MARKUP)
        if isinstance(markup, str):
            form.setObjectType(QTextFormat.ObjectTypes.NoObject.value)
            place.insertText(markup.replace("\n", "\u2028"), form)
            end += len(markup) - 1
    chosen.setPosition(begin)
    chosen.setPosition(end, QTextCursor.MoveMode.KeepAnchor)


def spelt(document: QTextDocument) -> QTextDocumentFragment:
    """All of a document, its formulas as they were written."""
    every = QTextCursor(document)
    every.select(QTextCursor.SelectionType.Document)
    spell_formulas(every)
    return every.selection()


def _blocks(document: QTextDocument, begin: int, end: int) -> Iterator[QTextBlock]:
    """Those that hold something of the range. Qt puts an empty one before a table and behind it."""
    block, last = document.findBlock(begin), document.lastBlock()
    while block.isValid() and block.position() <= end:
        beside = block.length() <= 1 and QTextCursor(block).currentTable() is None
        table_before = block.previous().isValid() and _in_table(block.previous())
        table_after = block.next().isValid() and _in_table(block.next())
        if not (beside and ((block == last and table_before) or (table_after and block.position() == 0))):
            yield block
        block = block.next()


def _in_table(block: QTextBlock) -> bool:
    return QTextCursor(block).currentTable() is not None


def _said(block: QTextBlock, begin: int, end: int) -> str:
    start = max(0, begin - block.position())
    text = block.text()[start : max(start, end - block.position())].replace("\u2028", "\n")
    items = block.textList()
    if items is None or start:
        return text
    depth = "  " * max(0, items.format().indent() - 1)
    return f"{depth}{_mark(items, block)}{_TICKS[is_done(block)]}{text}"


def _mark(items: QTextList, block: QTextBlock) -> str:
    said = items.itemText(block)
    return f"{said} " if said[:1].isdigit() else "- "
