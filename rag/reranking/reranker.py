"""The protocol of a reranker, and what its forms share. Loads nothing."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Protocol

from rag.embedding.embedder import by_tokens
from rag.passages.likely_tokens import likely_tokens


class Reranker(Protocol):
    """A cross-encoder in memory."""

    def scores(
        self, query: str, texts: Sequence[str], between: Callable[[], None] | None = None
    ) -> list[float]:
        """How well each text answers the query: higher is better, comparable among texts of one query.

        `between` is called between batches; what it raises ends the call.
        """
        ...


class BatchedReranker(ABC):
    """Batches by length, the order of the texts kept."""

    def scores(
        self, query: str, texts: Sequence[str], between: Callable[[], None] | None = None
    ) -> list[float]:
        scores = [0.0] * len(texts)
        for indices in by_tokens([likely_tokens(text) for text in texts]):
            if between is not None:
                between()
            found = self._forward([(query, texts[index]) for index in indices])
            for index, score in zip(indices, found, strict=True):
                scores[index] = score
        return scores

    @abstractmethod
    def _forward(self, pairs: list[tuple[str, str]]) -> list[float]:
        """The logit of each pair."""
