"""What speaks for a passage of a Chroma server: as for one's own, as far as its text and its cosine tell."""

import unicodedata
from collections.abc import Sequence

from msgspec.structs import replace

from rag.found_values import Hit
from rag.language import content_words, guess_language
from rag.search.confidence import likelihood
from rag.search.fusion import language_match
from rag.search.ruler import Ruler
from rag.search_tuning import FLOOR
from rag.search_values import Evidence


def weighed(question: str, hits: Sequence[Hit], ruler: Ruler) -> list[Hit]:
    """The hits that lie above the floor, each with its evidence.

    How rare a word is in a library that only its owner can count is not known here: all words weigh alike.
    """
    words = {_folded(word) for word in content_words(question)}
    language = guess_language(question)
    kept = []
    for hit in hits:
        held = words & {_folded(word) for word in content_words(hit.text)}
        share = len(held) / len(words) if words else 0.0
        match = language_match(language, guess_language(hit.text))
        sure = likelihood(hit.score, share, match, ruler)
        if sure >= FLOOR:
            evidence = Evidence(
                cosine=hit.score, words_share=round(share, 4), language=match, confidence=round(sure, 4)
            )
            kept.append(replace(hit, evidence=evidence))
    return kept


def _folded(word: str) -> str:
    """Without marks, as FTS5 compares words."""
    return "".join(c for c in unicodedata.normalize("NFKD", word) if not unicodedata.combining(c))
