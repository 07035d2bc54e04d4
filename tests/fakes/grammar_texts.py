"""Write texts that a grammar accepts, drawn at random; and grammars themselves, right and wrong."""

import random

from hypothesis import strategies as st

from engine.grammar_parser import Chars, parse
from engine.grammar_stacks import ENDED, Stacks

MOST_STACKS = 4000
USUAL = [ord(letter) for letter in 'aZ5 "\\{}[],:-.ñ😀']


def text_of(grammar: str, seed: int, limit: int = 400) -> str | None:
    """One text of the grammar, None when it grew past `limit` characters. It ends as soon as it may."""
    draw = random.Random(seed)
    rules = Stacks(parse(grammar).alternatives)
    stacks = rules.opening(MOST_STACKS)
    text: list[str] = []
    while len(text) < limit:
        if ENDED in stacks and draw.random() < 0.5:
            return "".join(text)
        following = [rules.next_of(stack) for stack in stacks if stack != ENDED]
        if not following:
            return "".join(text)
        code = _character(draw.choice(following), draw)
        text.append(chr(code))
        stacks = rules.after(stacks, code, MOST_STACKS)
        assert stacks, "".join(text)
    return None


def _character(chars: Chars, draw: random.Random) -> int:
    if chars.negated:
        usual = [code for code in USUAL if chars.matches(code)]
        return draw.choice(usual) if usual else max(high for _, high in chars.ranges) + 1
    low, high = draw.choice(chars.ranges)
    return max(1, draw.choice((low, high, draw.randint(low, min(high, low + 40)))))


NAMES = ("root", "a", "b", "c-d")
_atoms = st.sampled_from(
    [
        *NAMES,
        '"x"',
        '""',
        '"añ\\n"',
        "[a-z]",
        "[^a-z]",
        "[]",
        "[^\\x00-\\U0010FFFF]",
        "[\\u00e9-\\u00ea]",
        "[z-a]",
        ".",
        "()",
        '"',
        "[",
        "<think>",
        "\\",
        "{",
        "#c\n",
    ]
)
_repeats = st.sampled_from(
    [
        "",
        "",
        "",
        "*",
        "+",
        "?",
        "{2}",
        "{0,3}",
        "{2,}",
        "{3,1}",
        "{,2}",
        "{0,1999}",
        "{2000}",
        "{9999999999}",
    ]
)


def _sequences(items: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    one = st.builds(lambda item, repeat: item + repeat, items, _repeats)
    sequence = st.lists(one, min_size=0, max_size=4).map(" ".join)
    return st.lists(sequence, min_size=1, max_size=3).map(" | ".join)


_bodies = st.recursive(_atoms, lambda inner: _sequences(inner).map(lambda body: f"({body})"), max_leaves=8)
grammars = st.lists(_sequences(_bodies), min_size=1, max_size=4).map(
    lambda bodies: "\n".join(f"{name} ::= {body}" for name, body in zip(NAMES, bodies, strict=False))
)
