"""Where in a reply's text its tokens stand. Knows no model: it goes by the texts of the tokens alone.

A token may be a part of a character (it reads U+FFFD then), of a tag around thoughts, or of a stop
string, which is no part of the text.
"""

import re
from collections.abc import Sequence
from typing import Final

from engine.protocol import TokenDetail

Span = tuple[int, int]  # from one character of the text to before another

_BROKEN: Final = "\ufffd"
_LEAD_TOKENS: Final = 12
_FOLLOWING_CHARACTERS: Final = 16


def spans(details: Sequence[TokenDetail], text: str, thoughts: str = "") -> tuple[Span | None, ...]:
    """For each token the characters of `text` that it wrote; None for one that wrote none of it.

    Tokens that share a character share a span. `details` may begin in the middle of the text.
    """
    whole = thoughts + text
    said = [detail.text for detail in details]
    found: list[Span | None] = []
    at = _start(said, whole)
    place = 0
    while place < len(said):
        token = said[place]
        if token and whole.startswith(token, at):
            found.append((at, at + len(token)))
            at += len(token)
        elif _BROKEN in token:
            run = _run(said, place)
            end = _end_of_run(said, place, run, whole, at)
            found += [(at, end)] * run
            at, place = end, place + run
            continue
        else:
            rest = token.lstrip()  # blanks before the text, and after the thoughts, are left out
            begins = at in (0, len(thoughts)) and bool(rest) and whole.startswith(rest, at)
            found.append((at, at + len(rest)) if begins else None)
            at += len(rest) if begins else 0
        place += 1
    return tuple(_of_text(span, len(thoughts)) for span in found)


def _of_text(span: Span | None, lead: int) -> Span | None:
    """A span of both texts as one of the second."""
    if span is None or span[0] < lead or span[0] == span[1]:
        return None
    return span[0] - lead, span[1] - lead


def _start(said: Sequence[str], whole: str) -> int:
    """Where the first token stands."""
    joined = "".join(said)
    if _BROKEN not in joined and whole.endswith(joined):
        return len(whole) - len(joined)
    lead = "".join(said[:_LEAD_TOKENS]).split(_BROKEN)[0]
    # as it was written, or without the blanks before it, which the text leaves out
    places = (whole.find(words) for words in (lead, lead.lstrip()) if words)
    return next((place for place in places if place >= 0), 0)


def _run(said: Sequence[str], place: int) -> int:
    """How many tokens from here on are parts of characters."""
    count = 0
    while place + count < len(said) and _BROKEN in said[place + count]:
        count += 1
    return count


def _end_of_run(said: Sequence[str], place: int, run: int, whole: str, at: int) -> int:
    """Where the characters end that a run of tokens wrote.

    What reads well in it stands in the text; what reads as broken, `n` letters long, is 1 to `n` characters.
    """
    written = "".join(said[place : place + run])
    most = min(len(whole), at + len(written))
    following = ""
    for token in said[place + run :]:
        if _BROKEN in token or len(following) >= _FOLLOWING_CHARACTERS:
            break
        following += token
    if not following:
        return most
    pattern = "".join(
        f".{{1,{len(part)}}}?" if part.startswith(_BROKEN) else re.escape(part)
        for part in re.findall(f"{_BROKEN}+|[^{_BROKEN}]+", written)
    )
    found = re.compile(f"{pattern}(?={re.escape(following)})", re.DOTALL).match(whole, at)
    return found.end() if found else min(at + 1, most)
