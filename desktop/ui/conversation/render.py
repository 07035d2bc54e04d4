"""One block of a message as a QTextDocument, built without HTML. Loads nothing: pictures stay links."""

import re
from collections.abc import Sequence
from typing import Final

from markdown_it.token import Token as MarkdownToken
from markdown_it.tree import SyntaxTreeNode
from PySide6.QtCore import QObject, QUrl
from PySide6.QtGui import (
    QFont,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextFrameFormat,
    QTextLength,
    QTextListFormat,
    QTextOption,
    QTextTableFormat,
)

from desktop.core.citations import written
from desktop.core.types import Excerpt
from desktop.ui.conversation.highlight import colored
from desktop.ui.conversation.markdown import SPANS, Block
from desktop.ui.conversation.style import Style
from desktop.ui.theme import space

CITE: Final = "cite:"  # scheme of links that name an excerpt by its number
_CODE_LINES: Final = 1.4
_BULLETS: Final = (
    QTextListFormat.Style.ListDisc,
    QTextListFormat.Style.ListCircle,
    QTextListFormat.Style.ListSquare,
)


class QuietDocument(QTextDocument):
    """A document that never fetches anything, whatever is put into it."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.setDocumentMargin(0)
        self.setUndoRedoEnabled(False)
        self.setIndentWidth(space.xl)

    def loadResource(self, kind: int, url: QUrl | str) -> object:  # noqa: ARG002
        return None


def document_of(block: Block, style: Style, excerpts: Sequence[Excerpt] = ()) -> QuietDocument:
    """Draw a block into a document of its own. `excerpts`: what its numbers may cite."""
    document = QuietDocument()
    document.setDefaultFont(style.code_font() if block.kind == "code" else style.body_font())
    if block.kind == "code":
        option = QTextOption()
        option.setWrapMode(QTextOption.WrapMode.NoWrap)  # long lines scroll inside their block
        document.setDefaultTextOption(option)
    _Writer(document, style, excerpts).write(block)
    return document


class _Writer:
    def __init__(self, document: QTextDocument, style: Style, excerpts: Sequence[Excerpt]) -> None:
        self._style = style
        self._excerpts = excerpts
        self._cursor = QTextCursor(document)
        self._fresh = True  # the document's first block is still to be used
        self._indent = 0
        self._after = 0  # space above the next block
        self._bold = False

    def write(self, block: Block) -> None:
        if block.node is None:
            self._lines(block.source, self._style.text_format(), self._style.block_format(self._body()))
        else:
            self._node(block.node)

    def _body(self) -> QFont:
        return self._style.body_font()

    # ── blocks ──

    def _begin(self, form: QTextBlockFormat) -> None:
        form.setIndent(self._indent)
        if not self._fresh:
            form.setTopMargin(self._after)
        if self._fresh:
            self._cursor.setBlockFormat(form)
            self._fresh = False
        else:
            self._cursor.insertBlock(form)
        self._after = space.s

    def _lines(self, text: str, form: QTextCharFormat, block: QTextBlockFormat) -> None:
        self._begin(block)
        # One paragraph for Qt; U+2028 breaks its lines without starting others.
        self._cursor.insertText(text.replace("\n", "\u2028"), form)

    def _node(self, node: SyntaxTreeNode) -> None:
        match node.type:
            case "paragraph":
                self._begin(self._style.block_format(self._body()))
                self._inline(node, self._style.text_format())
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
                self._begin(QTextBlockFormat())
            case _:
                self._begin(self._style.block_format(self._body()))
                self._cursor.insertText(
                    node.content if node.is_nested is False else "", self._style.text_format()
                )

    def _quote(self, node: SyntaxTreeNode) -> None:
        nested = node.parent is not None and node.parent.type != "root"
        self._indent += 1 if nested else 0
        for child in node.children:
            self._node(child)
        self._indent -= 1 if nested else 0

    def _code(self, node: SyntaxTreeNode) -> None:
        nested = node.parent is not None and node.parent.type != "root"
        language = (node.info.split() or [""])[0] if self._style.colored else ""
        block = self._style.block_format(self._style.code_font(), _CODE_LINES)
        if nested and self._style.colored:
            block.setBackground(self._style.code_background)
        self._begin(block)
        for text, token in colored(node.content.rstrip("\n"), language):
            self._cursor.insertText(text.replace("\n", "\u2028"), self._style.code_format(token))

    def _list(self, node: SyntaxTreeNode) -> None:
        form = QTextListFormat()
        if node.type == "ordered_list":
            form.setStyle(QTextListFormat.Style.ListDecimal)
            form.setStart(int(node.attrs.get("start", 1)))
        else:
            form.setStyle(_BULLETS[min(self._indent, len(_BULLETS) - 1)])
        form.setIndent(self._indent + 1)
        items = None
        for item in node.children:
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
            self._indent = outer + 1
            for child in rest:
                self._after = space.xs
                self._node(child)
            self._indent = outer
        self._after = space.s

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
        outer, self._cursor, self._bold = self._cursor, cursor, header
        cursor.setBlockFormat(self._style.block_format(self._body(), 1.35))
        form = self._style.text_format()
        if header:
            form.setFontWeight(QFont.Weight.DemiBold)
        self._inline(cell, form)
        self._cursor, self._bold = outer, False

    # ── inside a paragraph ──

    def _inline(self, node: SyntaxTreeNode, base: QTextCharFormat) -> None:
        for child in node.children:
            if child.type == "inline" and child.token is not None:
                self._spans(child.token.meta.get(SPANS) or (), base)

    def _spans(self, tokens: Sequence[MarkdownToken], base: QTextCharFormat) -> None:
        stack = [QTextCharFormat(base)]
        for token in tokens:
            form = stack[-1]
            match token.type:
                case "text" | "text_special":
                    self._text(token.content, form)
                case "softbreak":
                    self._cursor.insertText(" ", form)
                case "hardbreak":
                    self._cursor.insertText("\u2028", form)
                case "code_inline":
                    code = self._style.code_format(inline=True)
                    if form.isAnchor():
                        code.setAnchor(True)
                        code.setAnchorHref(form.anchorHref())
                    self._cursor.insertText(token.content, code)
                case "image":
                    self._cursor.insertText(
                        token.content or str(token.attrs.get("src", "")),
                        self._link(form, str(token.attrs.get("src", ""))),
                    )
                case _ if token.nesting == 1:
                    stack.append(self._opened(token, form))
                case _ if token.nesting == -1 and len(stack) > 1:
                    stack.pop()
                case _:
                    self._cursor.insertText(token.content, form)

    def _opened(self, token: MarkdownToken, form: QTextCharFormat) -> QTextCharFormat:
        inner = QTextCharFormat(form)
        if token.type == "strong_open":
            inner.setFontWeight(QFont.Weight.Bold)
        elif token.type == "em_open":
            inner.setFontItalic(True)
        elif token.type == "s_open":
            inner.setFontStrikeOut(True)
        elif token.type == "link_open":
            inner = self._link(form, str(token.attrs.get("href", "")))
        return inner

    def _link(self, form: QTextCharFormat, href: str) -> QTextCharFormat:
        link = QTextCharFormat(form)
        link.setAnchor(True)
        link.setAnchorHref(href)
        link.setFontUnderline(True)
        if self._style.colored:
            link.setForeground(self._style.color("link"))
        return link

    def _text(self, text: str, form: QTextCharFormat) -> None:
        at = 0
        for marker in () if form.isAnchor() else written(text, self._excerpts):
            # A number does not begin a line: it holds on to the word it supports.
            before = re.sub(r" $", "\u00a0", text[at : marker.start])
            self._cursor.insertText(before, form)
            self._citation(text[marker.start : marker.end], marker.numbers, form)
            at = marker.end
        self._cursor.insertText(text[at:], form)

    def _citation(self, marker: str, numbers: tuple[int, ...], form: QTextCharFormat) -> None:
        """`[2]` is one link; of `[1, 3]` and `[1-3]` each number written is one."""
        quiet = QTextCharFormat(form)
        quiet.setFontPointSize(form.fontPointSize() * 0.9)
        if self._style.colored:
            quiet.setForeground(self._style.color("sage"))
        parts = [marker] if len(numbers) == 1 else re.split(r"(\d+)", marker)
        for part in parts:
            n = numbers[0] if len(numbers) == 1 else int(part) if part.isdigit() else 0
            link = QTextCharFormat(quiet)
            if n in numbers:
                link.setAnchor(True)
                link.setAnchorHref(f"{CITE}{n}")
            self._cursor.insertText(part, link)
