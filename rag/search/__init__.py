"""Questions into passages: by meaning and by words, fused."""

from rag.search.searcher import Searcher

__all__ = ["Searcher"]
