"""The words of a question, as FTS5 looks for them, and how much of them a passage holds."""

import math
from collections.abc import Callable, Iterable
from typing import NamedTuple

from rag.language import content_words

# A word in more passages than this tells little and takes long: it is neither counted nor missed
TELLING = 2_000
SCORED = 6_000  # passages that are weighed for one question; the rarest words go first
NOTHING = '""'


class Words(NamedTuple):
    """`match` is an FTS5 expression: any of the rarest words. `weights` are of those that tell something,
    `holding` the passages that hold each of them."""

    words: tuple[str, ...] = ()
    match: str = NOTHING
    weights: dict[str, float] = {}  # noqa: RUF012  never written
    holding: dict[str, frozenset[int]] = {}  # noqa: RUF012

    def share(self, passage: int) -> float:
        """0..1: what the words in a passage weigh, of what all of them do."""
        whole = sum(self.weights.values())
        held = sum(weight for word, weight in self.weights.items() if passage in self.holding[word])
        return held / whole if whole else 0.0


def words_of(question: str, holding: Callable[[str, int], Iterable[int]], passages: int) -> Words:
    """`holding`: at most so many of the library's `passages` that hold what an FTS5 expression finds."""
    words = tuple(content_words(question))
    held = {word: frozenset(holding(_quoted(word), TELLING + 1)) for word in words}
    telling = {word: found for word, found in held.items() if len(found) <= TELLING}
    weights = {word: _weight(len(found), passages) for word, found in telling.items()}
    return Words(words, _match(words, telling), weights, telling)


def _match(words: tuple[str, ...], telling: dict[str, frozenset[int]]) -> str:
    rarest: list[str] = []
    scored = 0
    for word in sorted(telling, key=lambda word: len(telling[word])):
        scored += len(telling[word])
        if rarest and scored > SCORED:
            break
        rarest.append(word)
    if any(telling.values()):
        return " OR ".join(_quoted(word) for word in rarest)
    # nothing but words that are everywhere: together they may still be rare
    common = [word for word in words if word not in telling]
    return " AND ".join(_quoted(word) for word in common) or NOTHING


def _quoted(word: str) -> str:
    """So that nothing in it is an operator."""
    return f'"{word}"'


def _weight(holding: int, passages: int) -> float:
    """Rare words tell more (Robertson and Zaragoza 2009, in the form that never falls below 0)."""
    return math.log1p(max(0.0, passages - holding + 0.5) / (holding + 0.5))
