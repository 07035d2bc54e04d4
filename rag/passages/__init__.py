"""Page text cut into passages."""

from rag.passages.cutting import MOST_CHARACTERS, OVERLAP, Span, cut

__all__ = ["MOST_CHARACTERS", "OVERLAP", "Span", "cut"]
