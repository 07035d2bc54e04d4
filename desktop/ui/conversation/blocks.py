"""The blocks that a message is cut into, each laid out by itself. Cuts nothing of Markdown, draws nothing."""

import re
from dataclasses import dataclass, field
from functools import cache
from typing import Final, Literal

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from markdown_it.tree import SyntaxTreeNode
from mdit_py_plugins.footnote.index import footnote_def

from desktop.ui.conversation.formula_marks import add_formulas

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
    "gap",
]

GAP: Final = "gap"  # the kind of what stands for text that is not taken in yet
SPANS: Final = "spans"  # where an inline token's meta keeps its own tokens
TASK: Final = "task"  # in a list item's meta: whether it is done
NESTING: Final = 20  # the parser leaves out what lies deeper
_PLAIN_LINES: Final = 40  # lines of a person's text to a block
PLAIN_CHARACTERS: Final = 4_000  # the same; a longer line goes on in the next block
_BOX: Final = re.compile(r"\[([ xX])\][ \u00a0]")
LINE: Final = re.compile(r"[^\r\n]*(?:\r\n?|\n)|[^\r\n]+")  # as the parser counts them
_PARSED: Final = ("text", "heading", "code", "quote", "rule", "table", "note", "formula")
_MARK: Final = re.compile(r"\[\^([^\s\]\[]{1,40})\]")
_TAB: Final = 4  # columns
_QUOTED: Final = re.compile(r"[ \t]*>")


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of a message that is laid out by itself. Two are equal when they draw the same.

    It keeps its source and no tree: thousands of trees would have to be walked by Python's collector.
    """

    kind: BlockKind
    source: str
    start: int = field(default=0, compare=False)  # offset in the message's text
    number: int | None = None  # of the first item, in a list that counts
    joined: bool = False  # it goes on with the list, or with the code, of the block before
    goes_on: bool = False  # the code goes on in the next block
    glued: bool = field(default=False, compare=False)  # it goes on with the line that the block before began
    typed: bool = field(default=False, compare=False)  # Markdown that is shown as typed
    inner: bool = field(default=False, compare=False)  # it stands in an item of a list that began before it
    inset: int = 0  # how many lists stand around it
    dedent: int = 0  # columns before each of its lines that belong to what stands around it
    quoted: tuple[int, ...] = ()  # for each quotation around it: how many lists stand around that
    bridged: bool = field(default=False, compare=False)  # the outermost one began before it
    fence: str = ""  # what opened a code block that has a fence
    language: str = ""  # the word after the fence of a code block
    level: int = 0  # of a heading: 1 to 6
    columns: int = 0  # of a table
    label: str = ""  # of a footnote, and of what stands in one

    @property
    def code(self) -> str:
        """What stands in a code block, or in this part of one."""
        if self.kind == "code" and self.fence:
            return fenced_code(self)
        node = self.tree() if self.kind == "code" else None
        return str(node.content).removesuffix("\n") if node is not None else self.source

    def bare(self, text: str) -> str:
        """Lines of it without the marks and the blanks of what stands around it."""
        if not self.quoted and not self.dedent:
            return text
        return "".join(bare_line(line, len(self.quoted), self.dedent) for line in LINE.findall(text))

    def tree(self) -> SyntaxTreeNode | None:
        """What Markdown makes of it, spans included; None for what is shown as typed."""
        if self.kind not in _PARSED:
            return None
        found = SyntaxTreeNode(parser().parse(self.bare(self.source))).children
        if not found:
            return None
        node = found[0]
        if self.number is not None and node.nester_tokens is not None:
            node.nester_tokens.opening.attrs["start"] = self.number
        _read_spans(node)
        return node


@cache
def parser() -> MarkdownIt:
    """Of blocks; what stands inside paragraphs is parsed for each block that is drawn."""
    made = MarkdownIt("commonmark", {"html": False, "maxNesting": NESTING})
    made.enable(["table", "strikethrough"]).disable(["reference", "html_block", "html_inline"])
    made.core.ruler.disable("inline")  # done for each block that is not too long for it
    made.block.ruler.before("reference", "footnote_def", footnote_def, {"alt": ["paragraph", "reference"]})
    made.inline.ruler.before("link", "footnote_mark", _footnote_mark)
    add_formulas(made)
    return made


def _footnote_mark(state: StateInline, silent: bool) -> bool:
    """`[^1]`. What it stands for may still be on its way, so any label is one."""
    found = _MARK.match(state.src, state.pos)
    if found is None:
        return False
    if not silent:
        state.push("footnote_ref", "", 0).content = found.group(1)
    state.pos = found.end()
    return True


def _read_spans(node: SyntaxTreeNode) -> None:
    """Parse what stands inside the paragraphs of a block."""
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
        parser().inline.parse(token.content, parser(), {}, spans)
        token.meta = {SPANS: spans}


def _begins_item(inline: SyntaxTreeNode) -> bool:
    paragraph = inline.parent
    item = paragraph.parent if paragraph is not None else None
    return item is not None and item.type == "list_item" and item.children[0] is paragraph


# ── what needs no parser ──


def bare_line(line: str, quotations: int, columns: int) -> str:
    """A line without so many marks of quotations, and then without so many columns of blanks, as far as it
    has them."""
    for _quotation in range(quotations):
        mark = _QUOTED.match(line)
        if mark is None:
            break  # a paragraph goes on without its mark
        column = len(mark.group(0).expandtabs(_TAB))
        line = line[mark.end() :]
        if line.startswith("\t"):
            line = " " * (_TAB - column % _TAB) + line[1:]
        line = line.removeprefix(" ")
    at = column = 0
    while at < len(line) and column < columns and line[at] in " \t":
        column += _TAB - column % _TAB if line[at] == "\t" else 1
        at += 1
    return " " * (column - columns) + line[at:]


def closes(line: str, fence: str) -> bool:
    """Whether a line ends the code that this fence began."""
    blanks = len(line) - len(line.lstrip(" "))
    mark = line.strip(" \t\r\n")
    return blanks <= 3 and len(mark) >= len(fence) and not mark.strip(fence[0])


def fenced_code(block: Block) -> str:
    """The lines of a part of a fenced code block, without its fences, as they were meant."""
    lines = LINE.findall(block.source)
    if not block.joined:
        lines = lines[1:]
    begun = lines.pop(0) if block.glued and lines else ""
    closed = bool(lines) and not block.goes_on and closes(block.bare(lines[-1]), block.fence)
    if closed:
        lines.pop()
    code = begun + block.bare("".join(lines))
    code = code.replace("\r\n", "\n").replace("\r", "\n")
    return code.removesuffix("\n") if closed else code


def plain_blocks(
    text: str, kind: BlockKind = "plain", offset: int = 0, *, typed: bool = False
) -> list[Block]:
    """A person's text as typed, or a model's thoughts, in runs of lines; lines of any length are cut."""
    blocks: list[Block] = []
    run: list[str] = []
    size, start, glued = 0, offset, False

    def end() -> None:
        blocks.append(Block(kind, "\n".join(run), start, glued=glued, typed=typed))
        run.clear()

    at = offset
    for line in text.split("\n"):
        for cut in range(0, max(1, len(line)), PLAIN_CHARACTERS):
            part = line[cut : cut + PLAIN_CHARACTERS]
            if run and (cut or len(run) >= _PLAIN_LINES or size + len(part) > PLAIN_CHARACTERS):
                end()
            if not run:
                size, start, glued = 0, at + cut, cut > 0
            run.append(part)
            size += len(part)
        at += len(line) + 1
    end()
    return blocks
