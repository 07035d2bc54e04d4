"""How documents are searched, as the settings say. Searches nothing."""

from collections.abc import Callable, Mapping

from desktop.core.settings import Value
from rag.search_tuning import Tuning

# the settings that change which passages a question finds, and in which order
TUNED = ("excerpts", "word_weight_percent", "drawn_together", "relevance_floor_percent", "reranker_path")


def tuning_of(value: Callable[[str], Value], changed: Mapping[str, Value] | None = None) -> Tuning:
    """`value` reads a setting; `changed`: what stands in the place of some."""
    instead = changed or {}

    def now(name: str) -> Value:
        return instead[name] if name in instead else value(name)

    return Tuning(
        words=float(now("word_weight_percent")) / 100,
        alike=bool(now("drawn_together")),
        floor=float(now("relevance_floor_percent")) / 100,
        rerank=bool(now("reranker_path")),
    )
