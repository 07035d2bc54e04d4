"""Two rankings into one. Reciprocal rank fusion (Cormack, Clarke, Büttcher, SIGIR 2009)."""

from collections.abc import Mapping, Sequence

from rag.language import Language

K = 20  # smaller than the usual 60: the first ranks of the vectors are nearly always right
# How much a word hit counts against a hit by meaning (1.0). Words of the question's own language help;
# shared words across languages are names at best, and noise at worst. Measured: decision note 0023.
WORDS_SAME_LANGUAGE = 0.25
WORDS_UNKNOWN = 0.2
WORDS_OTHER_LANGUAGE = 0.05


def weight_of_words(question: Language, passage: str) -> float:
    """How much a word hit counts; both are languages as `guess_language` names them."""
    if not question or not passage:
        return WORDS_UNKNOWN
    return WORDS_SAME_LANGUAGE if question == passage else WORDS_OTHER_LANGUAGE


def fuse(by_meaning: Sequence[int], by_words: Sequence[int], word_weights: Mapping[int, float]) -> list[int]:
    """Both rankings' members, best first; `word_weights` has a weight for each member of `by_words`."""
    scores: dict[int, float] = {}
    for rank, passage in enumerate(by_meaning, 1):
        scores[passage] = scores.get(passage, 0.0) + 1 / (K + rank)
    for rank, passage in enumerate(by_words, 1):
        scores[passage] = scores.get(passage, 0.0) + word_weights.get(passage, 0.0) / (K + rank)
    return sorted(scores, key=lambda passage: -scores[passage])
