"""Lists cut into parts: between their items, so that a long one is laid out where it is in sight, and around
the code and the tables in them, which have frames of their own. Draws nothing.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from markdown_it.token import Token

from desktop.ui.conversation.blocks import Block

_ITEMS: Final = 20  # to a block
_CHARACTERS: Final = 2_000  # the same
_OPENED: Final = 20_000  # characters of an item; a longer one stays whole, and is shown as typed
_LISTS: Final = ("bullet_list_open", "ordered_list_open")
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


def parts(tokens: Sequence[Token], lines: Sequence[str], before: Block | None) -> Iterator[Part]:
    """The parts of one top-level block; of anything but a list it is one.

    `lines`: of the whole text. `before`: what stood in the list's place, which may have begun before it.
    """
    head = tokens[0]
    span = _span(tokens, (0, len(lines)))
    if head.type not in _LISTS:
        yield Part(tokens, span)
        return
    first = _number(head)
    joined = before is not None and before.joined
    if first is not None and before is not None and before.number is not None:
        first = before.number
    yield from _list_parts(tokens, lines, span, first, joined=joined, inset=0)


def _list_parts(
    tokens: Sequence[Token],
    lines: Sequence[str],
    span: tuple[int, int],
    first: int | None,
    *,
    joined: bool,
    inset: int,
) -> Iterator[Part]:
    """Runs of items, and of items that hold what is framed each child."""
    items = list(_children(tokens, tokens[0].level + 1))
    begins = [_span(item, span)[0] for item in items] + [span[1]]
    run = 0  # the first item that was not given yet

    def upto(end: int) -> Part:
        within = [token for item in items[run:end] for token in item]
        number = first + run if first is not None else None
        return Part(
            [tokens[0], *within],
            (begins[run], begins[end]),
            number,
            joined=(joined or run > 0) and not inset,
            inner=inset > 0,
            inset=inset,
        )

    for at, item in enumerate(items):
        size = sum(map(len, lines[begins[run] : begins[at]]))
        if at > run and (at - run >= _ITEMS or size >= _CHARACTERS):
            yield upto(at)
            run = at
        if _is_opened(item, lines, begins[at], begins[at + 1]):
            if at > run:
                yield upto(at)
                run = at
            whole = upto(at + 1)
            run = at + 1
            yield from _item_parts(item, lines, whole)
    if run < len(items):
        yield upto(len(items))


def _is_opened(item: Sequence[Token], lines: Sequence[str], begin: int, end: int) -> bool:
    """Whether an item is cut around what it holds."""
    if not any(token.type in _FRAMED for token in item):
        return False
    children = list(_children(item, item[0].level + 1))
    first = children[0][0] if children else None
    if first is None or first.type not in ("paragraph_open", "heading_open", "fence"):
        return False  # "- - ```": what begins within the line of a mark has no line of its own
    return sum(map(len, lines[begin:end])) <= _OPENED and _holds(children)


def _holds(children: Sequence[Sequence[Token]]) -> bool:
    """Something framed stands in this item, or in a list in it: in a quotation it stays where it is."""
    for child in children:
        if child[0].type in _FRAMED:
            return True
        if child[0].type in _LISTS and any(
            _holds(list(_children(item, item[0].level + 1))) for item in _children(child, child[0].level + 1)
        ):
            return True
    return False


def _item_parts(item: Sequence[Token], lines: Sequence[str], whole: Part) -> Iterator[Part]:
    """The item's mark with what stands before the first frame, and then each of its children."""
    children = list(_children(item, item[0].level + 1))
    inset = whole.inset + 1
    opened = next(at for at, child in enumerate(children) if _holds([child]))
    lead = [token for child in children[:opened] for token in child]
    line = _span(children[opened], whole.lines)[0]
    column = 0
    if opened:
        yield replace(whole, tokens=[*whole.tokens[:1], *lead], lines=(whole.lines[0], line))
    else:
        column = lines[line].find(children[0][0].markup)
        yield replace(whole, tokens=whole.tokens[:1], lines=(whole.lines[0], line + 1), columns=(0, column))
    for child in children[opened:]:
        span = _span(child, whole.lines)
        if child[0].type in _LISTS and _holds([child]):
            yield from _list_parts(child, lines, span, _number(child[0]), joined=False, inset=inset)
        else:
            yield Part(child, span, _number(child[0]), inner=True, inset=inset, columns=(column, -1))
        column = 0


def _children(tokens: Sequence[Token], level: int) -> Iterator[Sequence[Token]]:
    """The tokens of each block at this level, one after the other."""
    starts = [at for at, token in enumerate(tokens) if token.level == level and token.nesting >= 0]
    for start, end in zip(starts, [*starts[1:], len(tokens)], strict=True):
        yield tokens[start:end]


def _span(tokens: Sequence[Token], otherwise: tuple[int, int]) -> tuple[int, int]:
    found = tokens[0].map
    return (found[0], found[1]) if found else otherwise


def _number(head: Token) -> int | None:
    return int(head.attrs.get("start", 1)) if head.type == "ordered_list_open" else None
