"""How likely a passage with such evidence holds the answer. Knows no passage."""

import math

from rag.search.candidates import Weighed
from rag.search.ruler import Ruler

FLOOR = 0.0


def confidence(item: Weighed, ruler: Ruler) -> float:
    """0..1."""
    nearness = 0.0 if item.cosine is None else ruler.nearness(item.cosine)
    return 1 / (1 + math.exp(-(8 * (nearness - 0.4) + 2 * item.words_share)))
