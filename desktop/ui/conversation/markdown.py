"""Markdown cut into blocks, so that a growing text parses again only at its end. Draws nothing.

CommonMark with tables and strike-through. HTML stays text. Reference definitions stay text too: they
would reach from one block into another, and "[1]: ..." is how models write a citation's source.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import accumulate
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
    "gap",
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
GAP: Final = "gap"  # the kind of what stands for text that is not taken in yet
SPANS: Final = "spans"  # where an inline token's meta keeps its own tokens
_NESTING: Final = 20  # the parser leaves out what lies deeper
_PLAIN_LINES: Final = 40  # lines of a person's text to a block
_PLAIN_CHARACTERS: Final = 4_000  # the same; a longer line goes on in the next block
MOST_CHARACTERS: Final = 20_000  # of one block of Markdown, code apart; a longer one is shown as typed
MOST_PARAGRAPH: Final = 8_000  # of one paragraph: links without end are laid out slowly
MOST_CODE: Final = 50_000  # of a block of code
MOST_CELLS: Final = 400  # of one table; a larger one is shown as typed
TASK: Final = "task"  # in a list item's meta: whether it is done
_BOX: Final = re.compile(r"\[([ xX])\][ \u00a0]")
_LINE: Final = re.compile(r"[^\r\n]*(?:\r\n?|\n)|[^\r\n]+")  # as the parser counts them
_BLANK: Final = re.compile(r"\n[ \t\r]*\n")
_FENCE_END: Final = re.compile(r"\n {0,3}(?:`{3,}|~{3,})[ \t\r]*(?:\n|$)")
_ITEMS: Final = 20  # of a list to a block
_ITEMS_CHARACTERS: Final = 2_000  # the same
SLICE_CHARACTERS: Final = 4_000
SLICE_LINES: Final = 100
_PARSED: Final = ("text", "heading", "code", "quote", "rule", "table", "note", "formula")
_MARK: Final = re.compile(r"\[\^([^\s\]\[]{1,40})\](?!:)")


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of a message that is laid out by itself. Two are equal when they draw the same.

    It keeps its source and no tree: thousands of trees would have to be walked by Python's collector.
    """

    kind: BlockKind
    source: str
    start: int = field(default=0, compare=False)  # offset in the message's text
    number: int | None = None  # of the first item, in a list that counts
    joined: bool = False  # it goes on with the list of the block before
    glued: bool = field(default=False, compare=False)  # it goes on with the line that the block before began
    typed: bool = field(default=False, compare=False)  # Markdown that is shown as typed
    fenced: bool = field(default=False, compare=False)  # the same, of code: it ends with its fence
    language: str = ""  # the word after the fence of a code block
    level: int = 0  # of a heading: 1 to 6
    columns: int = 0  # of a table
    label: str = ""  # of a footnote

    @property
    def code(self) -> str:
        """What stands in a code block."""
        node = self.tree() if self.kind == "code" else None
        return str(node.content).removesuffix("\n") if node is not None else self.source

    def tree(self) -> SyntaxTreeNode | None:
        """What Markdown makes of it, spans included; None for what is shown as typed."""
        if self.kind not in _PARSED:
            return None
        found = SyntaxTreeNode(_parser().parse(self.source)).children
        if not found:
            return None
        node = found[0]
        if self.number is not None and node.nester_tokens is not None:
            node.nester_tokens.opening.attrs["start"] = self.number
        _read_spans(node)
        return node


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


def parse(text: str, offset: int = 0, before: Block | None = None) -> list[Block]:
    """The top-level blocks of `text`; `offset` is where it begins in the whole message.

    `before`: what stood in the place of the first one, which may go on with a list.
    """
    lines = _LINE.findall(text)
    begins = list(accumulate(map(len, lines), initial=offset))
    tokens = _parser().parse(text)
    starts = [at for at, token in enumerate(tokens) if token.level == 0 and token.nesting >= 0]
    blocks: list[Block] = []
    for start, end in zip(starts, [*starts[1:], len(tokens)], strict=False):
        within = tokens[start:end]
        for part in _parts(within, begins, before if not start else None):
            first, last = part.lines
            source = "".join(lines[first:last]).rstrip("\r\n")
            blocks += _blocks(part, source, begins[first])
    return blocks


@dataclass(frozen=True, slots=True)
class _Part:
    """The tokens of one block, and its lines: from and before."""

    tokens: Sequence[Token]
    lines: tuple[int, int]
    number: int | None = None
    joined: bool = False


def _parts(tokens: Sequence[Token], begins: Sequence[int], before: Block | None) -> Iterator[_Part]:
    """One; a list is cut between its items, so that a long one is laid out where it is in sight."""
    head = tokens[0]
    first, last = head.map or (0, len(begins) - 1)
    if head.type not in ("bullet_list_open", "ordered_list_open"):
        yield _Part(tokens, (first, last))
        return
    number = int(head.attrs.get("start", 1)) if head.type == "ordered_list_open" else None
    joined = before is not None and before.joined
    if number is not None and before is not None and before.number is not None:
        number = before.number
    items = [at for at, token in enumerate(tokens) if token.type == "list_item_open" and token.level == 1]
    begin, count, line = 0, 0, first
    for at in items:
        here = (tokens[at].map or (line, line))[0]
        if count >= _ITEMS or (count and begins[here] - begins[line] >= _ITEMS_CHARACTERS):
            yield _Part(tokens[begin:at], (line, here), number, joined)
            begin, line, joined = at, here, True
            number = number + count if number is not None else None
            count = 0
        count += 1
    yield _Part(tokens[begin:], (line, last), number, joined)


def _blocks(part: _Part, source: str, start: int) -> list[Block]:
    head = part.tokens[0]
    kind = _KINDS.get(head.type.removesuffix("_open"), "text")
    if _too_much(kind, source, part.tokens):
        return plain_blocks(source, offset=start, typed=True, fenced=head.type == "fence")
    info = head.info.split() if kind == "code" else []
    return [
        Block(
            kind,
            source,
            start,
            number=part.number,
            joined=part.joined,
            language=str(info[0]) if info else "",
            level=int(head.tag[1]) if kind == "heading" else 0,
            columns=sum(token.type == "th_open" for token in part.tokens) if kind == "table" else 0,
            label=str(head.meta.get("label", "")) if kind == "note" else "",
        )
    ]


def _too_much(kind: BlockKind, source: str, tokens: Sequence[Token]) -> bool:
    """Whether laying this out would hold the window up, or the parser left something out."""
    if kind == "code":
        return len(source) > MOST_CODE
    cells = sum(token.type in ("th_open", "td_open") for token in tokens)
    deep = any(
        token.level >= _NESTING - 1 or (token.type == "inline" and len(token.content) > MOST_PARAGRAPH)
        for token in tokens
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
    """The blocks of a text that grows at its end. Takes in a slice at a time, so that none costs much."""

    def __init__(self, text: str = "") -> None:
        self.text = ""
        self.taken = 0  # characters
        self.blocks: list[Block] = []
        self._blank = 0  # characters at the end of what was taken in, in whole slices
        self.append(text)

    @classmethod
    def begun(cls, text: str) -> "GrowingMarkdown":
        """With everything still to be taken in by `step`."""
        growing = cls()
        growing.text = text
        return growing

    @property
    def behind(self) -> bool:
        """There is text that was not taken in yet."""
        return self.taken < len(self.text)

    def append(self, text: str) -> int:
        """Add text and take in everything; gives the index of the first block that may be another now."""
        self.text += text
        first = len(self.blocks)
        while self.behind:
            first = min(first, self.step())
        return first

    def step(self) -> int:
        """Take in the next slice; gives the index of the first block that may be another now."""
        begin, end = self.taken, _slice_end(self.text, self.taken)
        self.taken = end
        blank, self._blank = self._blank, 0
        if blank + end - begin > SLICE_CHARACTERS and not self.text[begin:end].strip() and not self._in_code:
            self._blank = blank + end - begin  # nothing goes on behind so much of nothing
            return len(self.blocks)
        if blank > SLICE_CHARACTERS:
            self.blocks += parse(self.text[begin:end], begin)
            return max(0, len(self.blocks) - 1)
        if not self.text[begin:end].strip():
            self._blank = blank + end - begin
        typed = self._type_on(end)
        if typed is not None:
            return typed
        keep = max(0, len(self.blocks) - _REPARSED)
        while keep < len(self.blocks) and any(block.typed for block in self.blocks[keep:]):
            keep += 1  # what is shown as typed stays so, however it ended
        before = self.blocks[keep] if keep < len(self.blocks) else None
        start = before.start if before else self._after()
        fresh = parse(self.text[start:end], start, before)
        while keep < len(self.blocks) and fresh and self.blocks[keep] == fresh[0]:
            keep += 1
            fresh.pop(0)
        self.blocks[keep:] = fresh
        return keep

    @property
    def _in_code(self) -> bool:
        return bool(self.blocks) and (self.blocks[-1].kind == "code" or self.blocks[-1].fenced)

    def _after(self) -> int:
        """Where the last block ended."""
        return self.blocks[-1].start + len(self.blocks[-1].source) if self.blocks else 0

    def _type_on(self, end: int) -> int | None:
        """What is too long for Markdown grows as typed until it ends; None where nothing does."""
        last = self.blocks[-1] if self.blocks else None
        if last is None or not last.typed:
            return None
        more = self.text[last.start : end]
        over = (_FENCE_END if last.fenced else _BLANK).search(more, max(0, len(last.source) - 8))
        at = len(self.blocks) - 1
        if over is not None and (over.end() if last.fenced else over.start()) <= len(last.source):
            return None  # it ended where it is
        typed = (more[: over.start()] if over is not None else more).rstrip("\r\n")
        fresh = plain_blocks(typed, offset=last.start, typed=True, fenced=last.fenced)
        self.blocks[at:] = [replace(fresh[0], glued=last.glued), *fresh[1:]]
        if over is not None:
            after = last.start + over.end()
            self.blocks += parse(self.text[after:end], after)
        return at


def _slice_end(text: str, start: int) -> int:
    """Behind the last whole line of a slice; within a line that is longer than one."""
    longest = min(len(text), start + SLICE_CHARACTERS)
    end = start
    for _line in range(SLICE_LINES):
        found = text.find("\n", end, longest)
        if found < 0:
            break
        end = found + 1
    else:
        return end
    if longest == len(text) or end == start:
        end = longest
    return end + (text[end - 1 : end + 1] == "\r\n")


def plain_blocks(
    text: str, kind: BlockKind = "plain", offset: int = 0, *, typed: bool = False, fenced: bool = False
) -> list[Block]:
    """A person's text as typed, or a model's thoughts, in runs of lines; lines of any length are cut."""
    blocks: list[Block] = []
    run: list[str] = []
    size, start, glued = 0, offset, False

    def end() -> None:
        blocks.append(Block(kind, "\n".join(run), start, glued=glued, typed=typed, fenced=fenced))
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
