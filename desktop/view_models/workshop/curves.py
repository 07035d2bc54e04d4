"""The points of a curve, thinned to what a screen can show. Knows no widget, keeps no run.

Each column of pixels keeps its lowest and its highest point: a curve of 100,000 points looks as it did.
"""

from collections.abc import Sequence
from typing import Literal

Measure = Literal["loss", "rate", "norm", "tokens_per_s"]
MEASURES: tuple[Measure, ...] = ("loss", "rate", "norm", "tokens_per_s")
COLUMNS = 1200


def thinned(
    xs: Sequence[float], ys: Sequence[float], columns: int = COLUMNS
) -> tuple[list[float], list[float]]:
    """At most `2 * columns` of the points, in order, with every peak among them."""
    count = len(xs)
    if count <= 2 * columns:
        return list(xs), list(ys)
    kept_x: list[float] = []
    kept_y: list[float] = []
    for column in range(columns):
        start, end = column * count // columns, (column + 1) * count // columns
        part = ys[start:end]
        low, high = min(part), max(part)
        at_low, at_high = start + part.index(low), start + part.index(high)
        for at in sorted({at_low, at_high}):
            kept_x.append(xs[at])
            kept_y.append(ys[at])
    return kept_x, kept_y


def smoothed(ys: Sequence[float], share: float = 0.8) -> list[float]:
    """A running mean in which each value counts `share` of the one after it, without the pull towards 0 of
    its beginning."""
    made: list[float] = []
    mean = 0.0
    weight = 0.0
    for y in ys:
        mean = share * mean + (1 - share) * y
        weight = share * weight + (1 - share)
        made.append(mean / weight)
    return made
