"""A hit that was cut inside a sentence gets the rest of it from its neighbours on the page. Ranks nothing.

Passages end where a sentence does, where one ends at all (`rag.passages.cutting`): long sentences, and the
overlap with the passage before, leave halves. A neighbour that was found itself is joined whole, by
`rag.search.choosing`.
"""

import re
from collections.abc import Iterable, Mapping, Sequence

from rag.search.candidates import Weighed
from rag.search.choosing import JOINED_CHARACTERS, touches
from rag.search_values import Beside

_ENDED = re.compile(r"(?:[.!?…]+[\"'”’»)\]]*|[。！？])\Z")
_END = re.compile(r"(?:[.!?…]+[\"'”’»)\]]*(?=\s)|[。！？]|(?=\n))")
_TAIL = 12  # characters in which the end of a sentence shows


def widen(hits: Iterable[Weighed], pages: Mapping[int, str], beside: Mapping[int, Sequence[Beside]]) -> None:
    """`pages`: the texts on which the passages stand, `beside`: their neighbours; both by passage."""
    for hit in hits:
        text = pages.get(hit.row.id, "")
        low, high = _reach(hit, beside.get(hit.row.id, ()))
        start = hit.start if _begins(text, hit.start) else _sentence_from(text, low, hit.start)
        if hit.end - start <= JOINED_CHARACTERS:
            hit.start = start
        end = hit.end if _ends(text, hit.end) else _sentence_to(text, hit.end, high)
        if end - hit.start <= JOINED_CHARACTERS:
            hit.end = end


def _reach(hit: Weighed, beside: Sequence[Beside]) -> tuple[int, int]:
    """From where to where the passages go that touch a hit."""
    near = [one for one in beside if touches(one.start, one.end, hit.start, hit.end)]
    return min([hit.start, *(one.start for one in near)]), max([hit.end, *(one.end for one in near)])


def _begins(text: str, start: int) -> bool:
    before = text[:start]
    kept = before.rstrip()
    return not kept or "\n" in before[len(kept) :] or _ENDED.search(kept[-_TAIL:]) is not None


def _ends(text: str, end: int) -> bool:
    after = text[end:]
    gap = after[: len(after) - len(after.lstrip())]
    return not after.strip() or "\n" in gap or _ENDED.search(text[max(0, end - _TAIL) : end]) is not None


def _sentence_from(text: str, low: int, start: int) -> int:
    """Where the sentence begins that goes on at `start`."""
    ends = [match.end() for match in _END.finditer(text, low, start)]
    begin = ends[-1] if ends else low
    while begin < start and text[begin].isspace():
        begin += 1
    return begin


def _sentence_to(text: str, end: int, high: int) -> int:
    """Where the sentence ends that goes on at `end`."""
    # looked for in the whole text: a sentence may end exactly where the neighbour does
    match = _END.search(text, end)
    return min(match.end(), high) if match is not None else high
