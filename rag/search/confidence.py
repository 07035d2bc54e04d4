"""How likely a passage with such evidence holds the answer. Knows no passage.

A logistic curve over how near the passage is, by the model's own ruler, and how much of the question's words
it holds, fitted to 2,587 questions with known answers in two languages and across them (decision note 0144).
"""

import math

from rag.search.candidates import Weighed
from rag.search.ruler import Ruler
from rag.search_values import LanguageMatch

_NEARNESS, _WORDS, _ALWAYS = 7.02, 4.67, -4.88
_OTHER_LANGUAGE = 2.95  # cosines across languages are lower, and words that fit are rare


def confidence(item: Weighed, ruler: Ruler) -> float:
    """0..1: the share of passages with such evidence that held the answer."""
    return likelihood(item.cosine, item.words_share, item.language, ruler)


def likelihood(cosine: float | None, words_share: float, language: LanguageMatch, ruler: Ruler) -> float:
    """`confidence` of a passage that is not at hand. `cosine`: None where it has no vector."""
    nearness = 0.0 if cosine is None else ruler.nearness(cosine)
    evidence = _NEARNESS * nearness + _WORDS * words_share + _ALWAYS
    if language == "other":
        evidence += _OTHER_LANGUAGE
    return 1 / (1 + math.exp(-evidence))
