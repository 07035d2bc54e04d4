r"""Where formulas stand in Markdown: $...$, $$...$$, \(...\) and \[...\]. Sets none.

Prices are no formulas, and a formula on lines of its own ends at the first empty one: so no block reaches
into another, and a text that grows is parsed again only at its end.
"""

import re
from typing import Final

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline

MOST: Final = 2_000  # characters of an inline formula
FORMULA: Final = "formula"
_DOLLARS: Final = re.compile(r"\$\$((?:[^$\\]|\\.)+?)\$\$", re.DOTALL)
_DOLLAR: Final = re.compile(r"\$(?![\s$])((?:[^$\\\n]|\\.|\n(?!\n))*?(?:[^\s$\\]|\\.))\$(?![\w$])", re.DOTALL)
_SIGN: Final = re.compile(r"[\\^_{}=+*/<>|]|\d\s*[a-zA-Z]\b")  # a price has none of these
_BRACKETS: Final = {"\\(": "\\)", "\\[": "\\]"}
_ENDS: Final = {"$$": "$$", "\\[": "\\]"}


def may_hold_formula(text: str) -> bool:
    """False where there is none for sure."""
    return any(sign in text for sign in ("$", "\\(", "\\["))


def add_formulas(parser: MarkdownIt) -> None:
    """Teach a parser where formulas stand."""
    parser.inline.ruler.before("escape", FORMULA, _inline)
    parser.block.ruler.before(
        "fence", FORMULA, _block, {"alt": ["paragraph", "reference", "blockquote", "list"]}
    )


def _inline(state: StateInline, silent: bool) -> bool:
    found = _found(state)
    if found is None:
        return False
    markup, source = found
    if not silent:
        token = state.push(FORMULA, "", 0)
        token.content, token.markup = source.strip(), markup
        token.meta = {"display": markup.startswith(("$$", "\\["))}
    state.pos += len(markup)
    return True


def _found(state: StateInline) -> tuple[str, str] | None:
    """(as it is written, without its marks) of the formula that begins here."""
    text, at = state.src, state.pos
    opener = text[at : at + 2]
    if opener in _BRACKETS:
        # found, not matched: thousands of brackets that never close must not cost their square
        end = text.find(_BRACKETS[opener], at + 2, min(state.posMax, at + MOST))
        return (text[at : end + 2], text[at + 2 : end]) if end > at + 2 else None
    if opener[:1] != "$" or (at and (text[at - 1].isalnum() or text[at - 1] in "$\\")):
        return None
    limit = min(state.posMax, at + MOST)
    found = _DOLLARS.match(text, at, limit) or _DOLLAR.match(text, at, limit)
    if found is None or (opener != "$$" and _is_price(found.group(1))):
        return None
    after = text[found.end() : found.end() + 1]  # the pattern does not see behind the limit
    return None if opener != "$$" and after.isalnum() else (found.group(), found.group(1))


def _is_price(source: str) -> bool:
    """ "5, or 6" of "$5, or 6$"; "5" alone may be a formula."""
    return source[0].isdigit() and " " in source and not _SIGN.search(source)


def _block(state: StateBlock, first: int, last: int, silent: bool) -> bool:
    """From a line that begins with $$ or \\[ to the one that ends it, or to the end of what there is yet."""
    if state.is_code_block(first):
        return False
    opener = _line(state, first)[:2]
    if opener not in _ENDS:
        return False
    end, lines, at = _ENDS[opener], [], first
    while at < last and not (at > first and state.isEmpty(at)):
        if at > first and state.sCount[at] < state.blkIndent:
            return False
        lines.append(_line(state, at) if at > first else _line(state, at)[2:])
        if lines[-1].rstrip().endswith(end):
            return _made(state, first, at + 1, "\n".join(lines).rstrip()[: -len(end)], silent)
        if end in lines[-1]:
            return False  # text goes on behind it
        at += 1
    if at < state.lineMax or state.level:
        return False  # an empty line, and it was not closed
    return _made(state, first, at, None, silent)


def _made(state: StateBlock, first: int, after: int, source: str | None, silent: bool) -> bool:
    """`source` None: it is still being written, and shown as text until then."""
    if source is not None and (not source.strip() or "$$" in source):
        return False
    if silent:
        return True
    token = state.push(FORMULA, "", 0)
    token.map = [first, after]
    token.markup = "\n".join(_line(state, at) for at in range(first, after))
    token.content = (source or "").strip()
    state.line = after
    return True


def _line(state: StateBlock, at: int) -> str:
    return state.src[state.bMarks[at] + state.tShift[at] : state.eMarks[at]]
