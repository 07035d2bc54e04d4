"""One block of a message as a QTextDocument, built without HTML. Loads nothing: pictures stay links."""

from collections.abc import Iterable, Sequence
from typing import Final

from markdown_it.tree import SyntaxTreeNode
from PySide6.QtCore import Qt
from PySide6.QtGui import (
    QFont,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextFormat,
    QTextFrameFormat,
    QTextLength,
    QTextListFormat,
    QTextOption,
    QTextTableFormat,
)

from desktop.core.types import Excerpt
from desktop.ui.conversation.blocks import SPANS, TASK, Block
from desktop.ui.conversation.formulas import place_formula
from desktop.ui.conversation.highlight import Runs, colored
from desktop.ui.conversation.inline import Inline, write_formula
from desktop.ui.conversation.piece import SET_IN
from desktop.ui.conversation.quiet_document import QuietDocument
from desktop.ui.conversation.style import Style
from desktop.ui.conversation.task_boxes import task_format
from desktop.ui.theme import Token, space

_CODE_LINES: Final = 1.4
_ALIGNED: Final = {
    "text-align:right": Qt.AlignmentFlag.AlignRight,
    "text-align:center": Qt.AlignmentFlag.AlignHCenter,
}
_BULLETS: Final = (
    QTextListFormat.Style.ListDisc,
    QTextListFormat.Style.ListCircle,
    QTextListFormat.Style.ListSquare,
)


def document_of(
    block: Block, style: Style, excerpts: Sequence[Excerpt] = (), runs: Runs | None = None
) -> QuietDocument:
    """Draw a block into a document of its own.

    `excerpts`: what its numbers may cite. `runs`: code that is coloured already.
    """
    document = QuietDocument()
    document.setDefaultFont(style.code_font() if block.kind == "code" else style.body_font())
    document.setIndentWidth(style.step_px)
    if block.kind == "code":
        option = QTextOption()
        option.setWrapMode(QTextOption.WrapMode.NoWrap)  # long lines scroll inside their block
        document.setDefaultTextOption(option)
    whole = QTextCursor(document)
    whole.beginEditBlock()  # else the document counts what changed after each word
    _Writer(document, style, excerpts).write(block, runs)
    whole.endEditBlock()
    if style.formulas is not None:
        place_formula(document, style.formulas)  # last: a layout that is there follows every cell of a table
    return document


class _Writer:
    def __init__(self, document: QuietDocument, style: Style, excerpts: Sequence[Excerpt]) -> None:
        self._document = document
        self._style = style
        self._spans = Inline(style, excerpts)
        self._cursor = QTextCursor(document)
        self._fresh = True  # the document's first block is still to be used
        self._indent = 0
        self._after = 0  # space above the next block
        self._small = False  # within a footnote
        self._quiet = False  # within a quotation in a quotation

    def write(self, block: Block, runs: Runs | None) -> None:
        if block.fence:
            self._runs(runs or [(block.code if block.goes_on else block.code.rstrip("\n"), "text")])
            return
        self._indent = 0 if block.kind in SET_IN else block.inset
        self._small = bool(block.label)
        self._quiet = len(block.quoted) > 1
        node = block.tree()
        if node is None:
            self._lines(block.source, self._style.text_format(), self._style.block_format(self._body()))
        else:
            self._node(node)

    def _body(self) -> QFont:
        return self._style.note_font() if self._small else self._style.body_font()

    def _form(self, font: QFont | None = None) -> QTextCharFormat:
        return self._style.text_format(font or self._body(), "muted" if self._quiet else "text")

    # ── blocks ──

    def _begin(self, form: QTextBlockFormat) -> None:
        form.setIndent(self._indent)
        if not self._fresh:
            form.setTopMargin(self._after)
        if self._fresh:
            self._cursor.setBlockFormat(form)
            self._fresh = False
        else:
            self._cursor.insertBlock(form, self._form())  # the mark of an item has this colour
        self._after = space.s

    def _lines(self, text: str, form: QTextCharFormat, block: QTextBlockFormat) -> None:
        self._begin(block)
        # One paragraph for Qt; U+2028 breaks its lines without starting others.
        self._cursor.insertText(text.replace("\n", "\u2028"), form)

    def _node(self, node: SyntaxTreeNode) -> None:
        match node.type:
            case "paragraph":
                self._begin(self._style.block_format(self._body()))
                self._inline(node, self._form())
            case "heading":
                font = self._style.heading_font(int(node.tag[1]))
                block = self._style.block_format(font, 1.3)
                block.setHeadingLevel(int(node.tag[1]))
                self._begin(block)
                self._inline(node, self._style.text_format(font))
            case "bullet_list" | "ordered_list":
                self._list(node)
            case "blockquote":
                self._quote(node)
            case "fence" | "code_block":
                self._code(node)
            case "table":
                self._table(node)
            case "hr":
                self._rule()
            case "formula":
                self._formula(node)
            case "footnote_reference":
                self._note(node)
            case _:
                self._begin(self._style.block_format(self._body()))
                self._cursor.insertText(
                    node.content if node.is_nested is False else "", self._style.text_format()
                )

    def _rule(self) -> None:
        """A line across; one that is a block of its own is painted by whoever shows it."""
        block = QTextBlockFormat()
        block.setProperty(
            QTextFormat.Property.BlockTrailingHorizontalRulerWidth,
            QTextLength(QTextLength.Type.PercentageLength, 100),
        )
        self._begin(block)

    def _quote(self, node: SyntaxTreeNode) -> None:
        nested, outer = node.parent is not None and node.parent.type != "root", self._quiet
        self._indent += 1 if nested else 0
        self._quiet = outer or nested
        for child in node.children:
            self._node(child)
        self._indent -= 1 if nested else 0
        self._quiet = outer

    def _code(self, node: SyntaxTreeNode) -> None:
        nested = node.parent is not None and node.parent.type != "root"
        lexer = self._style.lexer((node.info.split() or [""])[0])
        block = self._style.block_format(self._style.code_font(), _CODE_LINES)
        if nested and self._style.colored:
            block.setBackground(self._style.code_background)
        self._begin(block)
        self._insert(colored(node.content.rstrip("\n"), lexer))

    def _runs(self, runs: Runs) -> None:
        """Code that has a frame of its own."""
        self._begin(self._style.block_format(self._style.code_font(), _CODE_LINES))
        self._insert(runs)

    def _insert(self, runs: Iterable[tuple[str, Token]]) -> None:
        forms: dict[Token, QTextCharFormat] = {}
        for text, token in runs:
            form = forms.get(token) or forms.setdefault(token, self._style.code_format(token))
            self._cursor.insertText(text.replace("\n", "\u2028"), form)

    def _list(self, node: SyntaxTreeNode) -> None:
        form = QTextListFormat()
        if node.type == "ordered_list":
            form.setStyle(QTextListFormat.Style.ListDecimal)
            begin = int(node.attrs.get("start", 1))
            form.setStart(begin)
            needed = self._style.number_px(begin + len(node.children) - 1)
            self._document.setIndentWidth(max(self._document.indentWidth(), needed))
        else:
            form.setStyle(_BULLETS[min(self._indent, len(_BULLETS) - 1)])
        form.setIndent(self._indent + 1)
        items = None
        for item in node.children:
            task = item.meta.get(TASK)
            first, rest = (item.children[0], item.children[1:]) if item.children else (None, [])
            outer, self._indent = self._indent, 0  # the list itself indents its items
            self._after = space.xs
            if first is not None and first.type in ("paragraph", "heading"):
                self._node(first)
            else:
                self._begin(self._style.block_format(self._body()))
                rest = item.children
            if items is None:
                items = self._cursor.createList(form)
            else:
                items.add(self._cursor.block())
            if task is not None:
                self._tick(done=bool(task), numbered=node.type == "ordered_list")
            self._indent = outer + 1
            for child in rest:
                self._after = space.xs
                self._node(child)
            self._indent = outer
        self._after = space.s

    def _formula(self, node: SyntaxTreeNode) -> None:
        block = self._style.block_format(self._body(), 1.3)
        set_apart = bool(node.content) and self._style.formulas is not None
        if set_apart:
            block.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._begin(block)
        if node.token is not None:
            write_formula(self._cursor, node.token, self._form(), self._style, display=True)

    def _tick(self, *, done: bool, numbered: bool) -> None:
        """The item just begun is a task. Qt would draw the box of one with a number around the number."""
        if numbered:
            QTextCursor(self._cursor.block()).insertText("[x] " if done else "[ ] ", self._form())
            return
        if self._style.colored:
            self._document.has_tasks = True
            self._cursor.mergeBlockFormat(task_format(done=done))
            return
        marker = QTextBlockFormat()
        kinds = QTextBlockFormat.MarkerType
        marker.setMarker(kinds.Checked if done else kinds.Unchecked)
        self._cursor.mergeBlockFormat(marker)

    def _note(self, node: SyntaxTreeNode) -> None:
        """A footnote: its label before its first line, and all of it a little smaller."""
        self._small = True
        if not node.children:  # what has a frame stands below by itself
            self._begin(self._style.block_format(self._body()))
        for place, child in enumerate(node.children or [None]):
            if child is not None:
                self._node(child)
            if not place:
                label = QTextCursor(self._cursor.block())
                form = self._style.text_format(self._style.note_font(), "muted")
                label.insertText(f"{node.meta.get('label', '')}\u2002", form)
        self._small = False

    def _table(self, node: SyntaxTreeNode) -> None:
        rows = [row for part in node.children for row in part.children]
        columns = max(len(row.children) for row in rows)
        form = QTextTableFormat()
        form.setCellPadding(space.s - 2)
        form.setCellSpacing(0)
        form.setBorder(1)
        form.setBorderCollapse(True)
        form.setBorderStyle(QTextFrameFormat.BorderStyle.BorderStyle_Solid)
        form.setWidth(QTextLength(QTextLength.Type.VariableLength, 0))
        if self._style.colored:
            form.setBorderBrush(self._style.color("line"))
        form.setHeaderRowCount(1)
        table = self._cursor.insertTable(len(rows), columns, form)
        for y, row in enumerate(rows):
            for x, cell in enumerate(row.children):
                place = table.cellAt(y, x)
                if y == 0 and self._style.colored:
                    shade = place.format()
                    shade.setBackground(self._style.code_background)
                    place.setFormat(shade)
                self._cell(place.firstCursorPosition(), cell, header=y == 0)
        self._cursor = table.lastCursorPosition()
        self._cursor.movePosition(QTextCursor.MoveOperation.NextBlock)
        self._fresh = False

    def _cell(self, cursor: QTextCursor, cell: SyntaxTreeNode, *, header: bool) -> None:
        outer, self._cursor = self._cursor, cursor
        block = self._style.block_format(self._body(), 1.35)
        block.setAlignment(_ALIGNED.get(str(cell.attrs.get("style", "")), Qt.AlignmentFlag.AlignLeft))
        cursor.setBlockFormat(block)
        form = self._style.text_format()
        if header:
            form.setFontWeight(QFont.Weight.DemiBold)
        self._inline(cell, form)
        self._cursor = outer

    def _inline(self, node: SyntaxTreeNode, base: QTextCharFormat) -> None:
        for child in node.children:
            if child.type == "inline" and child.token is not None:
                self._spans.write(self._cursor, child.token.meta.get(SPANS) or (), base)
