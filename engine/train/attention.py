"""Scaled dot-product attention (arXiv:1706.03762) over heads, with its gradient beside it.

Queries come as (batch, key heads, group, queries, head width), keys and values as (batch, key heads, 1,
keys, head width): a group of query heads shares one head of keys and values. The arrays may be views into
wider ones. Where attention is causal, the blocks above the diagonal are never computed.
"""

from collections.abc import Iterator
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from engine.train.parts import Array, Ints

QUERIES: Final = 64  # rows of scores computed at a time: small enough to skip most of what is not seen


def heads_of(x: Array, batch: int, heads: int, group: int = 1) -> Array:
    """A view of (tokens, heads * group * head width) as (batch, heads, group, time, head width)."""
    time = len(x) // batch
    return x.reshape(batch, time, heads, group, -1).transpose(0, 2, 3, 1, 4)


class Sight:
    """Which keys each query sees: those from `first` up to, not including, `last`; (batch, queries) each."""

    def __init__(self, first: Ints, last: Ints, *, causal: bool) -> None:
        self.first = first
        self.last = last
        self.causal = causal

    def rows(self, queries: int, keys: int) -> Iterator[tuple[slice, slice]]:
        """Blocks of queries, each with the keys that any of them may see."""
        for start in range(0, queries, QUERIES):
            stop = min(start + QUERIES, queries)
            yield slice(start, stop), slice(0, min(stop, keys) if self.causal else keys)

    def columns(self, queries: int, keys: int) -> Iterator[tuple[slice, slice]]:
        """Blocks of keys, each with the queries that may see any of them."""
        for start in range(0, keys, QUERIES):
            stop = min(start + QUERIES, keys)
            yield slice(start, stop), slice(start if self.causal else 0, queries)


def attend(q: Array, k: Array, v: Array, sight: Sight, probabilities: Array, out: Array, parts: Any) -> None:
    """out = softmax(q kᵀ / sqrt(head width)) v, where every query sees what `sight` says.

    `probabilities`: (batch, key heads, group, queries, keys), kept for the gradient; of a causal one, what
    lies in blocks above the diagonal is never written. `out` is shaped as `q`.
    """
    scale = q.shape[-1] ** -0.5
    for rows, keys in sight.rows(q.shape[-2], k.shape[-2]):
        weights = probabilities[..., rows, keys]
        np.matmul(q[..., rows, :], k[..., keys, :].swapaxes(-1, -2), out=weights)
        parts.softmax(weights, scale, sight.first[:, rows], sight.last[:, rows])
        np.matmul(weights, v[..., keys, :], out=out[..., rows, :])


def attend_gradient(
    d_out: Array,
    q: Array,
    k: Array,
    v: Array,
    sight: Sight,
    probabilities: Array,
    d_q: Array,
    d_k: Array,
    d_v: Array,
    scratch: NDArray[Any],
    parts: Any,
) -> None:
    """Writes `d_q`, `d_k`, `d_v`; uses up the probabilities. `scratch` is as large as they are for one
    block of queries: (batch, key heads, group, QUERIES, keys)."""
    scale = q.shape[-1] ** -0.5
    queries, keys = q.shape[-2], k.shape[-2]
    for part, rows in sight.columns(queries, keys):
        _product(probabilities[..., rows, part], d_out[..., rows, :], d_v[..., part, :])
    for rows, part in sight.rows(queries, keys):
        d_weights = scratch[..., : rows.stop - rows.start, : part.stop]
        weights = probabilities[..., rows, part]
        np.matmul(d_out[..., rows, :], v[..., part, :].swapaxes(-1, -2), out=d_weights)
        parts.softmax_gradient(d_weights, weights, scale, sight.first[:, rows], sight.last[:, rows])
        np.matmul(weights, k[..., part, :], out=d_q[..., rows, :])
    for part, rows in sight.columns(queries, keys):
        _product(probabilities[..., rows, part], q[..., rows, :], d_k[..., part, :])


def _product(weights: Array, x: Array, out: Array) -> None:
    """out = weightsᵀ x, summed over the query heads that share a head of keys."""
    np.matmul(weights[:, :, :1].swapaxes(-1, -2), x[:, :, :1], out=out)
    for member in range(1, weights.shape[2]):
        here = slice(member, member + 1)
        out += weights[:, :, here].swapaxes(-1, -2) @ x[:, :, here]
