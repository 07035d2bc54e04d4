"""Markdown cut into blocks, so that a growing text parses again only at its end. Draws nothing.

CommonMark with tables and strike-through. HTML stays text. Reference definitions stay text too: they
would reach from one block into another, and "[1]: ..." is how models write a citation's source.
"""

from dataclasses import dataclass, field
from functools import cache
from typing import Final, Literal

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

BlockKind = Literal["text", "heading", "code", "quote", "rule", "plain", "sources", "thoughts", "thought"]

_KINDS: Final[dict[str, BlockKind]] = {
    "heading": "heading",
    "fence": "code",
    "code_block": "code",
    "blockquote": "quote",
    "hr": "rule",
}
_REPARSED: Final = 2  # "2" after a list is a paragraph until ". " makes it an item of that list
SPANS: Final = "spans"  # where an inline token's meta keeps its own tokens
_NESTING: Final = 20  # the parser leaves out what lies deeper
_PLAIN_LINES: Final = 40  # lines of a person's text to a block


@dataclass(frozen=True)
class Block:
    """A piece of a message that is laid out by itself. Two are equal when they draw the same."""

    kind: BlockKind
    source: str
    start: int = field(default=0, compare=False)  # offset in the message's text
    node: SyntaxTreeNode | None = field(default=None, compare=False, repr=False)

    @property
    def language(self) -> str:
        """The word after the fence of a code block."""
        info = self.node.info.split() if self.node is not None and self.kind == "code" else []
        return str(info[0]) if info else ""

    @property
    def code(self) -> str:
        """What stands in a code block."""
        return str(self.node.content).removesuffix("\n") if self.node is not None else self.source


@cache
def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "maxNesting": _NESTING})
    return parser.enable(["table", "strikethrough"]).disable(["reference", "html_block", "html_inline"])


def parse(text: str, offset: int = 0) -> list[Block]:
    """The top-level blocks of `text`; `offset` is where it begins in the whole message."""
    lines = text.splitlines(keepends=True)
    begins = [offset]
    for line in lines:
        begins.append(begins[-1] + len(line))
    blocks = []
    tokens = _parser().parse(text)
    for token in tokens:
        # Spans stay a flat list: a tree of them is as deep as a text cares to nest its stars.
        token.meta, token.children = {SPANS: token.children}, None
    for node in SyntaxTreeNode(tokens).children:
        first, last = node.map or (0, len(lines))
        source = "".join(lines[first:last]).rstrip("\n")
        if any(inner.level >= _NESTING - 1 for inner in node.walk()):
            blocks.append(Block("plain", source, begins[first]))
            continue
        blocks.append(Block(_KINDS.get(node.type, "text"), source, begins[first], node))
    return blocks


class GrowingMarkdown:
    """The blocks of a text that grows at its end."""

    def __init__(self, text: str = "") -> None:
        self.text = text
        self.blocks = parse(text)

    def append(self, text: str) -> int:
        """Add text; gives the index of the first block that may be another now."""
        self.text += text
        keep = max(0, len(self.blocks) - _REPARSED)
        start = self.blocks[keep].start if self.blocks else 0
        fresh = parse(self.text[start:], start)
        while keep < len(self.blocks) and fresh and self.blocks[keep] == fresh[0]:
            keep += 1
            fresh.pop(0)
        self.blocks[keep:] = fresh
        return keep


def plain_blocks(text: str, kind: BlockKind = "plain") -> list[Block]:
    """A person's text as typed, or a model's thoughts, in runs of lines."""
    lines = text.split("\n")
    blocks, start = [], 0
    for at in range(0, len(lines), _PLAIN_LINES):
        source = "\n".join(lines[at : at + _PLAIN_LINES])
        blocks.append(Block(kind, source, start))
        start += len(source) + 1
    return blocks
