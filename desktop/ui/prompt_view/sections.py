"""A prompt cut where a reader would cut it: by messages and their parts, the template's marks with them."""

from collections.abc import Sequence
from typing import Final

import msgspec

from desktop.core.types import Origin, ShownToken

_OPENING: Final = ("<", "[", "{", "#")  # how templates write the marks that open a turn


class Section(msgspec.Struct, frozen=True):
    """Tokens from `begin` to before `end`. `message`: whose words they are, 0 for one that is not stored."""

    begin: int
    end: int
    origin: Origin
    message: int = 0


def sections(tokens: Sequence[ShownToken]) -> list[Section]:
    """Cut where the origin or the message changes; marks before a message's words go with it."""
    runs = _runs(tokens)
    words = [at for at, run in enumerate(runs) if run.origin != "template"]
    if not words:
        return runs
    found: list[Section] = []
    begin = 0
    for at in words:
        run = runs[at]
        mark = runs[at + 1] if at + 1 < len(runs) else None
        if mark is None or mark.origin != "template":
            end = run.end
        elif at == words[-1]:
            end = mark.end
        else:
            end = _opening(tokens, mark)
        found.append(Section(begin, end, run.origin, run.message))
        begin = end
    return found


def _runs(tokens: Sequence[ShownToken]) -> list[Section]:
    runs: list[Section] = []
    begin = 0
    for at in range(1, len(tokens) + 1):
        here = tokens[begin]
        if at == len(tokens) or (tokens[at].origin, tokens[at].message) != (here.origin, here.message):
            runs.append(Section(begin, at, here.origin, here.message))
            begin = at
    return runs


def _opening(tokens: Sequence[ShownToken], mark: Section) -> int:
    """Where, between two messages, the second one's marks begin: at the last that looks like one."""
    for at in range(mark.end - 1, mark.begin, -1):
        if tokens[at].text.lstrip().startswith(_OPENING) or not tokens[at].text:
            return at
    return mark.begin if mark.end - mark.begin == 1 else mark.end
