"""Markdown cut into blocks, so that a growing text parses again only at its end. Draws nothing.

CommonMark with tables and strike-through. HTML stays text. Reference definitions stay text too: they
would reach from one block into another, and "[1]: ..." is how models write a citation's source.
"""

import re
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Final, Literal

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from markdown_it.tree import SyntaxTreeNode
from mdit_py_plugins.footnote.index import footnote_def

from desktop.ui.conversation.formula_marks import FORMULA, add_formulas

BlockKind = Literal[
    "text",
    "heading",
    "code",
    "quote",
    "rule",
    "plain",
    "table",
    "note",
    "formula",
    "sources",
    "files",
    "thoughts",
    "thought",
]

_KINDS: Final[dict[str, BlockKind]] = {
    "heading": "heading",
    "fence": "code",
    "code_block": "code",
    "blockquote": "quote",
    "hr": "rule",
    "table": "table",
    "footnote_reference": "note",
    FORMULA: "formula",
}
_REPARSED: Final = 2  # "2" after a list is a paragraph until ". " makes it an item of that list
SPANS: Final = "spans"  # where an inline token's meta keeps its own tokens
_NESTING: Final = 20  # the parser leaves out what lies deeper
_PLAIN_LINES: Final = 40  # lines of a person's text to a block
_PLAIN_CHARACTERS: Final = 4_000  # the same; a longer line goes on in the next block
MOST_CHARACTERS: Final = 20_000  # of one block of Markdown, code apart; a longer one is shown as typed
MOST_PARAGRAPH: Final = 8_000  # of one paragraph: links without end are laid out slowly
MOST_CODE: Final = 200_000  # of a block of code
MOST_CELLS: Final = 600  # of one table; a larger one is shown as typed
TASK: Final = "task"  # in a list item's meta: whether it is done
_BOX: Final = re.compile(r"\[([ xX])\][ \u00a0]")
_MARK: Final = re.compile(r"\[\^([^\s\]\[]{1,40})\](?!:)")


@dataclass(frozen=True)
class Block:
    """A piece of a message that is laid out by itself. Two are equal when they draw the same."""

    kind: BlockKind
    source: str
    start: int = field(default=0, compare=False)  # offset in the message's text
    node: SyntaxTreeNode | None = field(default=None, compare=False, repr=False)
    glued: bool = field(default=False, compare=False)  # it goes on with the line that the block before began
    inner: bool = field(default=False, compare=False)  # one of those that a block too long was cut into

    @property
    def language(self) -> str:
        """The word after the fence of a code block."""
        info = self.node.info.split() if self.node is not None and self.kind == "code" else []
        return str(info[0]) if info else ""

    @property
    def level(self) -> int:
        """Of a heading: 1 to 6."""
        return int(self.node.tag[1]) if self.node is not None and self.kind == "heading" else 0

    @property
    def columns(self) -> int:
        """Of a table."""
        rows = [row for part in self.node.children for row in part.children] if self.node is not None else []
        return max((len(row.children) for row in rows), default=0) if self.kind == "table" else 0

    @property
    def label(self) -> str:
        """Of a footnote."""
        return str(self.node.meta.get("label", "")) if self.node is not None and self.kind == "note" else ""

    @property
    def code(self) -> str:
        """What stands in a code block."""
        return str(self.node.content).removesuffix("\n") if self.node is not None else self.source


@cache
def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "maxNesting": _NESTING})
    parser.enable(["table", "strikethrough"]).disable(["reference", "html_block", "html_inline"])
    parser.core.ruler.disable("inline")  # done for each block that is not too long for it
    parser.block.ruler.before("reference", "footnote_def", footnote_def, {"alt": ["paragraph", "reference"]})
    parser.inline.ruler.before("link", "footnote_mark", _footnote_mark)
    add_formulas(parser)
    return parser


def _footnote_mark(state: StateInline, silent: bool) -> bool:
    """`[^1]`. What it stands for may still be on its way, so any label is one."""
    found = _MARK.match(state.src, state.pos)
    if found is None:
        return False
    if not silent:
        state.push("footnote_ref", "", 0).content = found.group(1)
    state.pos = found.end()
    return True


def parse(text: str, offset: int = 0) -> list[Block]:
    """The top-level blocks of `text`; `offset` is where it begins in the whole message."""
    lines = text.splitlines(keepends=True)
    begins = [offset]
    for line in lines:
        begins.append(begins[-1] + len(line))
    blocks = []
    for node in SyntaxTreeNode(_parser().parse(text)).children:
        first, last = node.map or (0, len(lines))
        source = "".join(lines[first:last]).rstrip("\n")
        kind = _KINDS.get(node.type, "text")
        if _too_much(kind, source, node):
            blocks += plain_blocks(source, offset=begins[first])
            continue
        _read_spans(node)
        blocks.append(Block(kind, source, begins[first], node))
    return blocks


def _too_much(kind: BlockKind, source: str, node: SyntaxTreeNode) -> bool:
    """Whether laying this out would hold the window up, or the parser left something out."""
    if kind == "code":
        return len(source) > MOST_CODE
    cells = (
        sum(len(row.children) for part in node.children for row in part.children) if kind == "table" else 0
    )
    deep = any(
        inner.level >= _NESTING - 1 or (inner.type == "inline" and len(inner.content) > MOST_PARAGRAPH)
        for inner in node.walk()
    )
    return len(source) > MOST_CHARACTERS or cells > MOST_CELLS or deep


def _read_spans(node: SyntaxTreeNode) -> None:
    """Parse what stands inside the paragraphs of a block."""
    parser = _parser()
    for inner in node.walk():
        token = inner.token
        if inner.type != "inline" or token is None:
            continue
        box = _BOX.match(token.content) if _begins_item(inner) else None
        if box is not None and inner.parent is not None and inner.parent.parent is not None:
            inner.parent.parent.meta[TASK] = box.group(1) != " "
            token.content = token.content[box.end() :]
        # Spans stay a flat list: a tree of them is as deep as a text cares to nest its stars.
        spans: list[Token] = []
        parser.inline.parse(token.content, parser, {}, spans)
        token.meta = {SPANS: spans}


def _begins_item(inline: SyntaxTreeNode) -> bool:
    paragraph = inline.parent
    item = paragraph.parent if paragraph is not None else None
    return item is not None and item.type == "list_item" and item.children[0] is paragraph


class GrowingMarkdown:
    """The blocks of a text that grows at its end."""

    def __init__(self, text: str = "") -> None:
        self.text = text
        self.blocks = parse(text)

    def append(self, text: str) -> int:
        """Add text; gives the index of the first block that may be another now."""
        self.text += text
        if self.blocks and self.blocks[-1].inner and "\n\n" not in text:
            last = self.blocks.pop()  # what is too long for Markdown grows as typed
            more = plain_blocks(last.source + text, offset=last.start)
            self.blocks += [replace(more[0], glued=last.glued), *more[1:]]
            self.blocks[-1] = replace(self.blocks[-1], inner=True)
            return len(self.blocks) - len(more)
        keep = max(0, len(self.blocks) - _REPARSED)
        start = self.blocks[keep].start if self.blocks else 0
        fresh = parse(self.text[start:], start)
        while keep < len(self.blocks) and fresh and self.blocks[keep] == fresh[0]:
            keep += 1
            fresh.pop(0)
        self.blocks[keep:] = fresh
        return keep


def plain_blocks(text: str, kind: BlockKind = "plain", offset: int = 0) -> list[Block]:
    """A person's text as typed, or a model's thoughts, in runs of lines; lines of any length are cut."""
    blocks: list[Block] = []
    run: list[str] = []
    size, start, glued = 0, offset, False

    def end() -> None:
        blocks.append(Block(kind, "\n".join(run), start, glued=glued, inner=bool(blocks)))
        run.clear()

    at = offset
    for line in text.split("\n"):
        for cut in range(0, max(1, len(line)), _PLAIN_CHARACTERS):
            part = line[cut : cut + _PLAIN_CHARACTERS]
            if run and (cut or len(run) >= _PLAIN_LINES or size + len(part) > _PLAIN_CHARACTERS):
                end()
            if not run:
                size, start, glued = 0, at + cut, cut > 0
            run.append(part)
            size += len(part)
        at += len(line) + 1
    end()
    return blocks
