"""What temperature and truncation make of the likeliest tokens, recomputed from their probabilities.

The samplers in llama.cpp's order: top-k, top-p, min-p, temperature. Only the likeliest tokens are known;
of the others, that each is no likelier than the last known one. Draws nothing.
"""

from collections.abc import Sequence
from typing import Final, Literal

import msgspec

from engine.protocol import Alternative, Sampling, TokenDetail

ROUNDING: Final = 0.0005  # what 32-bit probabilities lack to one is no token

Cut = Literal["", "top_k", "top_p", "min_p"]
# how sure `rest` is: of a temperature other than 1 nobody knows without the other tokens
Sure = Literal["exact", "least", "most"]


class Knobs(msgspec.Struct, frozen=True):
    """What is turned. Temperature 0: the likeliest token alone. `top_k` 0: all."""

    temperature: float = 1.0
    top_k: int = 0
    top_p: float = 1.0
    min_p: float = 0.0

    @classmethod
    def of(cls, sampling: Sampling) -> "Knobs":
        return cls(sampling.temperature, sampling.top_k, sampling.top_p, sampling.min_p)


class Chance(msgspec.Struct, frozen=True):
    """A token before and after. `cut`: what took it away."""

    id: int
    text: str
    before: float
    after: float
    cut: Cut = ""


class Chances(msgspec.Struct, frozen=True):
    """The known tokens, the likeliest first, and what all others have together, before and after."""

    known: tuple[Chance, ...]
    rest_before: float = 0.0
    rest: float = 0.0
    sure: Sure = "exact"


def chances(before: Sequence[Alternative], knobs: Knobs) -> Chances:
    """`before`: as the model said it, from the likeliest down."""
    if not before:
        return Chances(())
    others = max(0.0, 1.0 - sum(one.p for one in before))
    kept, cuts, rest = _truncated([one.p for one in before], others, knobs)
    weights, rest_weight = _heated([one.p for one in before], kept, rest, knobs.temperature)
    total = sum(weights) + rest_weight
    known = tuple(
        Chance(one.id, one.text, one.p, weight / total, cut)
        for one, weight, cut in zip(before, weights, cuts, strict=True)
    )
    sure: Sure = "exact"
    if rest_weight and knobs.temperature != 1.0:
        sure = "least" if knobs.temperature > 1.0 else "most"
    return Chances(known, others, rest_weight / total, sure)


def drawn(detail: TokenDetail, made: Chances) -> Chances:
    """`made` with what the samplers left in truth, where it stands for the settings of the reply."""
    left = {one.id: one.p for one in detail.after}
    least = detail.after[-1].p if detail.after else 0.0
    known = tuple(
        msgspec.structs.replace(one, after=left[one.id], cut="")
        if one.id in left
        else msgspec.structs.replace(one, after=min(one.after, least) if _full(detail) else 0.0)
        for one in made.known
    )
    rest = max(0.0, 1.0 - sum(one.after for one in known))
    return Chances(known, made.rest_before, rest if rest > ROUNDING else 0.0)


def with_drawn(detail: TokenDetail, made: Chances, temperature: float) -> Chances:
    """`made` with the token that the reply has in the last row, where it is none of the likeliest."""
    if not made.known or any(one.id == detail.id for one in made.known):
        return made
    top, after = made.known[0], 0.0
    if made.rest and temperature > 0.0 and top.before > 0.0:
        after = min(made.rest, top.after * (detail.p_before / top.before) ** (1.0 / temperature))
    one = Chance(detail.id, detail.text, detail.p_before, after)
    rest_before = max(0.0, made.rest_before - detail.p_before)
    return Chances((*made.known, one), rest_before, made.rest - after, made.sure)


def _full(detail: TokenDetail) -> bool:
    """Whether more may be left than is told of."""
    return len(detail.after) >= len(detail.before)


def _truncated(p: list[float], others: float, knobs: Knobs) -> tuple[int, list[Cut], float]:
    """How many of the known are kept, what cut each, and the share of the others that is left."""
    cuts: list[Cut] = [""] * len(p)
    kept = len(p)
    if 0 < knobs.top_k <= len(p):
        kept, others = knobs.top_k, 0.0
        cuts[kept:] = ["top_k"] * (len(p) - kept)
    elif knobs.top_k:
        others = min(others, (knobs.top_k - len(p)) * p[-1])
    nucleus = _nucleus(p[:kept], others, knobs.top_p)
    if nucleus is not None:
        cuts[nucleus:kept] = ["top_p"] * (kept - nucleus)
        kept, others = nucleus, 0.0
    least = p[0] * knobs.min_p
    far = next((at for at in range(1, kept) if p[at] < least), None)
    if far is not None:
        cuts[far:kept] = ["min_p"] * (kept - far)
        kept, others = far, 0.0
    return kept, cuts, others if p[-1] >= least else 0.0


def _nucleus(p: list[float], others: float, top_p: float) -> int | None:
    """How many of these reach `top_p` of all; None where they do not reach it."""
    if top_p >= 1.0:
        return None
    total, sum_p = sum(p) + others, 0.0
    for count, one in enumerate(p, start=1):
        sum_p += one
        if sum_p >= top_p * total:
            return count
    return None


def _heated(p: list[float], kept: int, rest: float, temperature: float) -> tuple[list[float], float]:
    if temperature <= 0.0:
        return [1.0, *[0.0] * (len(p) - 1)], 0.0
    top = p[0]
    weights = [(one / top) ** (1.0 / temperature) if at < kept else 0.0 for at, one in enumerate(p)]
    if not rest or p[-1] <= 0.0:
        return weights, 0.0
    # as many tokens as there must be at least, each as likely as the last known one
    return weights, rest / p[-1] * (p[-1] / top) ** (1.0 / temperature)
