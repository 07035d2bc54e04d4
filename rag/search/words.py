"""The words of a question, as FTS5 looks for them. Counts with the library's own figures."""

import math
from collections.abc import Callable
from typing import NamedTuple

from rag.language import content_words

_LEAST_WEIGHT = 1e-6  # as FTS5's bm25 has it for words that are nearly everywhere
NOTHING = '""'


class Words(NamedTuple):
    """`match` is an FTS5 expression; `weight` the sum of what the words weigh: the BM25 of a passage of
    common length that holds each of them once."""

    words: tuple[str, ...]
    match: str
    weight: float


def words_of(question: str, holding: Callable[[str], int], passages: int) -> Words:
    """`holding`: how many of the library's `passages` hold an FTS5 expression."""
    words = tuple(content_words(question))
    quoted = [f'"{word}"' for word in words]  # each quoted, so that nothing in them is an operator
    weight = sum(_weight(holding(word), passages) for word in quoted)
    return Words(words, " OR ".join(quoted) or NOTHING, weight)


def _weight(holding: int, passages: int) -> float:
    """As FTS5 weighs a word (https://www.sqlite.org/fts5.html#the_bm25_function)."""
    return max(_LEAST_WEIGHT, math.log((passages - holding + 0.5) / (holding + 0.5)))
