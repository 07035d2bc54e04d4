"""Which ways of searching are tried beside the present one. Searches nothing."""

from collections.abc import Callable, Sequence

from desktop.core.settings import Value
from desktop.core.types.scoring import Variant, VariantScore

DEEPEST = 20  # hits that are looked through for an answer
_TRIED: tuple[tuple[str, tuple[Value, ...]], ...] = (
    ("word_weight_percent", (0, 50, 200)),
    ("drawn_together", (True, False)),
    ("relevance_floor_percent", (0.0, 5.0)),
    ("excerpts", (3, 8, 12)),
)
FEWEST_TOGETHER = 2


def tried(value: Callable[[str], Value]) -> tuple[Variant, ...]:
    """The present settings, then one change each. `value` reads a setting."""
    passages = int(value("excerpts"))
    found = [Variant({}, passages)]
    for name, values in _TRIED:
        found += [
            Variant({name: other}, int(other) if name == "excerpts" else passages)
            for other in values
            if other != value(name)
        ]
    if value("reranker_path"):
        found.append(Variant({"reranker_path": ""}, passages))
    return tuple(found)


def together(scores: Sequence[VariantScore]) -> Variant | None:
    """The changes that helped by themselves, as one; None where fewer than two did."""
    present = scores[0]
    k = present.variant.passages
    best: dict[str, tuple[tuple[float, float], Value]] = {}
    for score in scores[1:]:
        ((name, other),) = score.variant.settings.items()
        worth = score.recall(k), score.mrr
        if name == "excerpts" or worth <= (present.recall(k), present.mrr):
            continue
        if name not in best or worth > best[name][0]:
            best[name] = worth, other
    if len(best) < FEWEST_TOGETHER:
        return None
    return Variant({name: other for name, (_, other) in best.items()}, k)
