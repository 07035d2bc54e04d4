"""What speaks for a passage as one number, and the order that follows from it.

A passage's cosine and its BM25 are added (Bruch, Gai, Ingber, TOIS 2023, arXiv:2210.11934: scores, where
they can be compared, rank better than ranks do), words weighed by whether they are of the question's
language. Then each score is drawn towards those of the passages most like it (Diaz, CIKM 2005: near passages
are relevant to the same questions). Measured: decision note 0142.
"""

from collections.abc import Sequence

import numpy as np

from rag.embedding.embedder import Floats
from rag.language import Language
from rag.search.candidates import Weighed
from rag.search.ruler import Ruler
from rag.search_tuning import Tuning
from rag.search_values import LanguageMatch

# in parts of the room that the model leaves (rag.search.ruler)
COSINE_SCALE = 0.5  # this much of a cosine weighs as much as a word weight of 1
FADES = 0.25  # a neighbour this far away counts 1/e of the passage itself
# How much the best word hit counts. Words of the question's own language help; shared words across languages
# are names at best, and noise at worst
WORD_WEIGHTS: dict[LanguageMatch, float] = {"same": 0.5, "unknown": 0.4, "other": 0.1}
ONLY_WORDS = 1.0  # what this model has not embedded yet can be found by its words alone
NEIGHBOURS = 5  # the passages most like one


def language_match(question: Language, passage: str) -> LanguageMatch:
    """Both as `guess_language` names them."""
    if not question or not passage:
        return "unknown"
    return "same" if question == passage else "other"


def fuse(candidates: Sequence[Weighed], ruler: Ruler, tuning: Tuning = Tuning()) -> list[Weighed]:  # noqa: B008
    """The candidates, best first, with `fused` and `fused_rank` set."""
    if not candidates:
        return []
    drawn = _sums(candidates, ruler, tuning.words)
    if tuning.alike:
        drawn = _drawn(candidates, drawn, FADES * ruler.room)
    order = np.argsort(-drawn, kind="stable")
    ranked = [candidates[index] for index in order]
    for rank, (index, item) in enumerate(zip(order, ranked, strict=True), 1):
        item.fused, item.fused_rank = float(drawn[index]), rank
    return ranked


def _sums(candidates: Sequence[Weighed], ruler: Ruler, words: float) -> Floats:
    """(candidates,): cosine and words together, these by `words` of their measured weight."""
    best = max((item.bm25 for item in candidates), default=0.0) or 1.0
    near = [ruler.nearness(item.cosine) for item in candidates if item.cosine is not None]
    middle = float(np.median(near)) if near else 0.0
    sums = [
        middle / COSINE_SCALE + ONLY_WORDS * item.bm25 / best
        if item.cosine is None
        else ruler.nearness(item.cosine) / COSINE_SCALE
        + words * WORD_WEIGHTS[item.language] * item.bm25 / best
        for item in candidates
    ]
    return np.array(sums, dtype=np.float32)


def _drawn(candidates: Sequence[Weighed], scores: Floats, fades: float) -> Floats:
    """(candidates,): the mean of each embedded passage's score and those of its nearest neighbours, where
    the passage itself counts 1."""
    embedded = [index for index, item in enumerate(candidates) if item.row.vector is not None]
    near = min(NEIGHBOURS, len(embedded) - 1)
    if near < 1:
        return scores
    vectors = np.stack([vector for item in candidates if (vector := item.vector) is not None])
    alike = vectors @ vectors.T  # (embedded, embedded)
    np.fill_diagonal(alike, -np.inf)
    nearest = np.argsort(-alike, axis=1, kind="stable")[:, :near]  # (embedded, near)
    weights = np.exp((np.take_along_axis(alike, nearest, 1) - 1) / fades)
    own = scores[embedded]
    drawn = scores.copy()
    drawn[embedded] = (own + (weights * own[nearest]).sum(axis=1)) / (1 + weights.sum(axis=1))
    return drawn
