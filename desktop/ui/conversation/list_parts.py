"""Lists, quotations and footnotes cut into parts: between items, so that a long list is laid out where it is
in sight, and around the code and the tables in them, which have frames of their own. Draws nothing.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

from markdown_it.token import Token

from desktop.ui.conversation.blocks import Block

_ITEMS: Final = 20  # to a block
_CHARACTERS: Final = 2_000  # the same
_OPENED: Final = 20_000  # characters of an item; a longer one stays whole, and is shown as typed
_LISTS: Final = ("bullet_list_open", "ordered_list_open")
_QUOTE: Final = "blockquote_open"
_NOTE: Final = "footnote_reference_open"
_FRAMED: Final = ("fence", "code_block", "table_open")


@dataclass(frozen=True, slots=True)
class Part:
    """The tokens of one block, and its lines: from and before.

    `columns`: characters of its first line that stand before it, and the one before which it ends (-1: none).
    """

    tokens: Sequence[Token]
    lines: tuple[int, int]
    number: int | None = None
    joined: bool = False
    inner: bool = False
    inset: int = 0
    columns: tuple[int, int] = (0, -1)
    quoted: tuple[int, ...] = ()
    bridged: bool = False
    label: str = ""


def parts(tokens: Sequence[Token], lines: Sequence[str], before: Block | None) -> Iterator[Part]:
    """The parts of one top-level block; one alone of anything that holds nothing framed and is no list.

    `lines`: of the whole text. `before`: what stood in the list's place, which may have begun before it.
    """
    head = tokens[0]
    span = _span(tokens, (0, len(lines)))
    if head.type == _QUOTE and _holds(_within(tokens), quoted=True) and _size(lines, span) <= _OPENED:
        yield from _quote_parts(tokens, lines, Part([], span))
        return
    if head.type == _NOTE and _is_opened(tokens, lines, span, quoted=False):
        yield from _note_parts(tokens, lines, span)
        return
    if head.type not in _LISTS:
        yield Part(tokens, span)
        return
    first = _number(head)
    joined = before is not None and before.joined
    if first is not None and before is not None and before.number is not None:
        first = before.number
    yield from _list_parts(tokens, lines, Part([], span, first, joined=joined))


def _list_parts(tokens: Sequence[Token], lines: Sequence[str], around: Part) -> Iterator[Part]:
    """Runs of items, and of items that hold what is framed each child.

    `around`: where the list stands, its lines, and the number of its first item.
    """
    span, first, deep = around.lines, around.number, bool(around.inset or around.quoted or around.label)
    items = _within(tokens)
    begins = [_span(item, span)[0] for item in items] + [span[1]]
    run = 0  # the first item that was not given yet

    def upto(end: int) -> Part:
        within = [token for item in items[run:end] for token in item]
        number = first + run if first is not None else None
        return replace(
            around,
            tokens=[tokens[0], *within],
            lines=(begins[run], begins[end]),
            number=number,
            joined=(around.joined or run > 0) and not deep,
            inner=deep,
        )

    for at, item in enumerate(items):
        size = _size(lines, (begins[run], begins[at]))
        if at > run and (at - run >= _ITEMS or size >= _CHARACTERS):
            yield upto(at)
            run = at
        if _is_opened(item, lines, (begins[at], begins[at + 1]), quoted=bool(around.quoted)):
            if at > run:
                yield upto(at)
                run = at
            whole = upto(at + 1)
            run = at + 1
            yield from _item_parts(item, lines, whole)
    if run < len(items):
        yield upto(len(items))


def _is_opened(item: Sequence[Token], lines: Sequence[str], span: tuple[int, int], *, quoted: bool) -> bool:
    """Whether an item or a footnote is cut around what it holds. `quoted`: it stands in a quotation."""
    if not any(token.type in _FRAMED or token.type == _QUOTE for token in item):
        return False
    children = first = _within(item)
    while first and first[0][0].type == _QUOTE:
        first = _within(first[0])
    if not first or first[0][0].type not in ("paragraph_open", "heading_open", "fence"):
        return False  # "- - ```": what begins within the line of a mark has no line of its own
    return _size(lines, span) <= _OPENED and _holds(children, quoted=quoted)


def _size(lines: Sequence[str], span: tuple[int, int]) -> int:
    """In characters."""
    return sum(map(len, lines[span[0] : span[1]]))


def _holds(children: Sequence[Sequence[Token]], *, quoted: bool) -> bool:
    """Something framed stands among these, or in a list or a quotation among them."""
    return any(_is_framed(child, quoted=quoted) for child in children)


def _is_framed(child: Sequence[Token], *, quoted: bool) -> bool:
    """It has a frame of its own, or holds what has one. Only the outermost quotation has a line beside it."""
    kind = child[0].type
    if kind in _LISTS:
        return any(_holds(_within(item), quoted=quoted) for item in _within(child))
    return kind in _FRAMED or (kind == _QUOTE and (not quoted or _holds(_within(child), quoted=True)))


def _item_parts(item: Sequence[Token], lines: Sequence[str], whole: Part) -> Iterator[Part]:
    """The item's mark with what stands before the first frame, and then each of its children."""
    children = _within(item)
    opened = _first_framed(children, whole)
    lead = [token for child in children[:opened] for token in child]
    line = _span(children[opened], whole.lines)[0]
    column = 0
    if opened:
        yield replace(whole, tokens=[*whole.tokens[:1], *lead], lines=(whole.lines[0], line))
    else:
        column = _column(lines[line], children[0][0], whole)
        yield replace(whole, tokens=whole.tokens[:1], lines=(whole.lines[0], line + 1), columns=(0, column))
    within = replace(whole, inset=whole.inset + 1, joined=False, inner=True)
    for child in children[opened:]:
        yield from _child_parts(child, lines, replace(within, columns=(column, -1)))
        column = 0


def _child_parts(child: Sequence[Token], lines: Sequence[str], around: Part) -> Iterator[Part]:
    """A child of an item, of a quotation or of a footnote that is cut. `around`: where it stands."""
    span, number = _span(child, around.lines), _number(child[0])
    here = replace(around, tokens=child, lines=span, number=number)
    framed = _is_framed(child, quoted=bool(around.quoted))
    if child[0].type in _LISTS and framed:
        yield from _list_parts(child, lines, here)
    elif child[0].type == _QUOTE and framed:
        yield from _quote_parts(child, lines, here)
    else:
        yield here


def _quote_parts(quote: Sequence[Token], lines: Sequence[str], around: Part) -> Iterator[Part]:
    """Each child of a quotation: its lines keep their marks."""
    within = replace(around, quoted=(*around.quoted, around.inset), inner=True)
    made = (
        part
        for at, child in enumerate(_within(quote))
        for part in _child_parts(child, lines, replace(within, columns=(0, -1)) if at else within)
    )
    for place, part in enumerate(made):
        yield replace(part, inner=around.inner or place > 0, bridged=place > 0)


def _note_parts(note: Sequence[Token], lines: Sequence[str], span: tuple[int, int]) -> Iterator[Part]:
    """What stands in a footnote before the first frame, with its label, and then each of its children."""
    children = _within(note)
    around = Part([], span, label=str(note[0].meta.get("label", "")))
    opened = _first_framed(children, around)
    lead = [token for child in children[:opened] for token in child]
    line, column = _span(children[opened], span)[0], 0
    if line > span[0]:
        yield replace(around, tokens=[note[0], *lead], lines=(span[0], line))
    else:
        column = _column(lines[line], children[0][0], around)
        yield replace(around, tokens=[note[0]], lines=(line, line + 1), columns=(0, column))
    for child in children[opened:]:
        yield from _child_parts(child, lines, replace(around, inner=True, columns=(column, -1)))
        column = 0


def _first_framed(children: Sequence[Sequence[Token]], around: Part) -> int:
    """Which of these is the first that is framed; one of them is."""
    return next(at for at, child in enumerate(children) if _is_framed(child, quoted=bool(around.quoted)))


def _column(line: str, head: Token, around: Part) -> int:
    """Where code or a quotation begins in the line of the mark that it stands behind."""
    at = line.find(head.markup)
    for _quotation in around.quoted if head.type == _QUOTE else ():
        at = line.find(head.markup, at + 1)
    return at


def _within(tokens: Sequence[Token]) -> list[Sequence[Token]]:
    """What stands in a list, an item, a quotation or a footnote."""
    return list(_children(tokens, tokens[0].level + 1))


def _children(tokens: Sequence[Token], level: int) -> Iterator[Sequence[Token]]:
    """The tokens of each block at this level, one after the other."""
    starts = [at for at, token in enumerate(tokens) if token.level == level and token.nesting >= 0]
    for start, end in pairwise([*starts, len(tokens)]):
        yield tokens[start:end]


def _span(tokens: Sequence[Token], otherwise: tuple[int, int]) -> tuple[int, int]:
    found = tokens[0].map
    return (found[0], found[1]) if found else otherwise


def _number(head: Token) -> int | None:
    return int(head.attrs.get("start", 1)) if head.type == "ordered_list_open" else None
