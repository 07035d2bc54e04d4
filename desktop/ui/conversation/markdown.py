"""Markdown cut into blocks that are laid out each by itself. Draws nothing.

CommonMark with tables and strike-through. HTML stays text. Reference definitions stay text too: they
would reach from one block into another, and "[1]: ..." is how models write a citation's source.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import accumulate
from typing import Final

from markdown_it.token import Token

from desktop.ui.conversation.blocks import (
    LINE,
    NESTING,
    Block,
    BlockKind,
    bare_line,
    parser,
    plain_blocks,
)
from desktop.ui.conversation.code_parts import code_blocks
from desktop.ui.conversation.formula_marks import FORMULA
from desktop.ui.conversation.list_parts import Part, parts

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
_NOTE_COLUMNS: Final = 4  # before each line of a footnote but the first
MOST_CHARACTERS: Final = 20_000  # of one block of Markdown, code apart; a longer one is shown as typed
MOST_PARAGRAPH: Final = 5_000  # of one paragraph: links without end are laid out slowly
MOST_BRACKETS: Final = 1_000  # opened in one paragraph: each may begin a link that ends anywhere behind it
MOST_CELLS: Final = 400  # of one table; a larger one is shown as typed


def parse(text: str, offset: int = 0, before: Block | None = None) -> list[Block]:
    """The blocks of `text`; `offset` is where it begins in the whole message.

    `before`: what stood in the place of the first one, which may go on with a list.
    """
    lines = LINE.findall(text)
    begins = list(accumulate(map(len, lines), initial=offset))
    tokens = parser().parse(text)
    starts = [at for at, token in enumerate(tokens) if token.level == 0 and token.nesting >= 0]
    blocks: list[Block] = []
    for start, end in zip(starts, [*starts[1:], len(tokens)], strict=False):
        for part in parts(tokens[start:end], lines, before if not start else None):
            first, last = part.lines
            source = "".join(lines[first:last])
            if part.columns[1] >= 0:
                source = source[: part.columns[1]]
            blocks += _blocks(part, source[part.columns[0] :], lines[first], begins[first] + part.columns[0])
    return blocks


def _blocks(part: Part, source: str, line: str, start: int) -> list[Block]:
    """`source` with the blank lines at its end; `line`: the whole line in which it begins."""
    head = part.tokens[0]
    kind = _KINDS.get(head.type.removesuffix("_open"), "text")
    made = Block(kind, "", start, number=part.number, joined=part.joined, inner=part.inner, inset=part.inset)
    made = replace(made, quoted=part.quoted, bridged=part.bridged, label=part.label)
    if part.inner or part.quoted or head.type == "fence":
        made = replace(made, dedent=_columns(line, part, head))
    if head.type == "fence":
        info = head.info.split()
        made = replace(made, fence=head.markup, language=str(info[0]) if info else "")
        return code_blocks(source, start, made)
    source = source.rstrip("\r\n")
    if _too_much(source, part.tokens):
        return plain_blocks(source, offset=start, typed=True)
    return [
        replace(
            made,
            source=source,
            level=int(head.tag[1]) if kind == "heading" else 0,
            columns=sum(token.type == "th_open" for token in part.tokens) if kind == "table" else 0,
            label=str(head.meta.get("label", "")) if kind == "note" else part.label,
        )
    ]


def _columns(line: str, part: Part, head: Token) -> int:
    """How many columns of the block's lines belong to what stands around it."""
    cut = part.columns[0]
    if cut and part.label and not part.inset and not part.quoted:
        return _NOTE_COLUMNS
    if part.quoted and line.startswith(">", cut):
        line, cut = line[cut:], 0  # the line of an item's mark goes on with a quotation
    before = bare_line(line[:cut] if cut else line, len(part.quoted), 0)
    if not cut:
        before = before[: len(before) - len(before.lstrip(" \t"))]
    return len(before.expandtabs(4)) - (4 if head.type == "code_block" else 0)


def _too_much(source: str, tokens: Sequence[Token]) -> bool:
    """Whether laying this out would hold the window up, or the parser left something out."""
    cells = sum(token.type in ("th_open", "td_open") for token in tokens)
    deep = any(
        token.level >= NESTING - 1
        or (token.type == "inline" and len(token.content) > MOST_PARAGRAPH)
        or (token.type == "inline" and token.content.count("[") > MOST_BRACKETS)
        for token in tokens
    )
    return len(source) > MOST_CHARACTERS or cells > MOST_CELLS or deep
