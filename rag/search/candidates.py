"""A passage while it is weighed: what speaks for it, and what became of it. Decides nothing."""

from dataclasses import dataclass, field

import numpy as np

from rag.embedding.embedder import Floats
from rag.search_values import Candidate, Evidence, Fate, LanguageMatch
from rag.store.search_queries import PassageRow

_OPENING_CHARACTERS = 160


@dataclass
class Weighed:
    """`start` and `end` begin as the passage's own span; joining neighbours widens them.

    `bm25` is 0 where the passage is not among those with the question's words. `vector`: (dimensions,), unit
    length; None where the model in use has not embedded the passage.
    """

    row: PassageRow
    language: LanguageMatch
    cosine: float | None = None
    meaning_rank: int = 0
    words_rank: int = 0
    bm25: float = 0.0
    words_share: float = 0.0
    fused: float = 0.0
    fused_rank: int = 0
    reranked: float | None = None
    confidence: float = 0.0
    fate: Fate = "far"
    because: int = 0
    start: int = field(init=False)
    end: int = field(init=False)

    def __post_init__(self) -> None:
        self.start, self.end = self.row.start, self.row.end

    @property
    def vector(self) -> Floats | None:
        return np.frombuffer(self.row.vector, dtype="<f4") if self.row.vector else None

    def evidence(self) -> Evidence:
        return Evidence(
            cosine=None if self.cosine is None else round(self.cosine, 6),
            meaning_rank=self.meaning_rank,
            words_rank=self.words_rank,
            words_share=round(self.words_share, 4),
            language=self.language,
            fused=round(self.fused, 6),
            fused_rank=self.fused_rank,
            reranked=self.reranked,
            confidence=round(self.confidence, 4),
        )

    def told(self) -> Candidate:
        """As a trace holds it: with the passage's own span."""
        row = self.row
        return Candidate(
            passage=row.id,
            document=row.document,
            file=row.file,
            title=row.title,
            page=row.page,
            start=row.start,
            end=row.end,
            heading=row.heading,
            opening=" ".join(row.text[:_OPENING_CHARACTERS].split()),
            evidence=self.evidence(),
            fate=self.fate,
            because=self.because,
        )
