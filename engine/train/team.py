"""Data-parallel training on threads: each takes a share of the batch, with BLAS on one thread.

NumPy, BLAS and the compiled parts let go of the GIL, so the shares run side by side; the gradients are
summed. One thread of Python with many of BLAS would wait at every small product instead.
"""

import itertools
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import numpy as np

from engine.train.blocks import Adapter
from engine.train.config import ModelConfig
from engine.train.parameters import Parameters, Shapes
from engine.train.transformer import Batch, Transformer

R = TypeVar("R")


class Team:
    """Several `Transformer`s over the same weights. Same threads, same batch: the same gradient."""

    def __init__(
        self,
        config: ModelConfig,
        weights: Parameters,
        batch: int,
        time: int,
        parts: Any,
        threads: int,
        learning: Shapes,
        adapter: Callable[[], Adapter] | None = None,
        source_time: int = 0,
        head: str = "",
    ) -> None:
        """`learning`: the shapes of what is to learn. `adapter` makes one for each thread."""
        threads = max(1, min(threads, batch))
        borders = np.linspace(0, batch, threads + 1).round().astype(int)
        self.shares = [slice(int(a), int(b)) for a, b in itertools.pairwise(borders)]
        self.models = [
            Transformer(
                config, weights, share.stop - share.start, time, parts,
                adapter() if adapter is not None else None, source_time, head,
            )
            for share in self.shares
        ]  # fmt: skip
        self.gradients = [Parameters(learning, dtype=weights.flat.dtype) for _ in self.shares]
        self.parts = parts
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="train")
        size = len(self.gradients[0].flat)
        edges = np.linspace(0, size, threads + 1).round().astype(int)
        self.ranges = [slice(int(a), int(b)) for a, b in itertools.pairwise(edges)]

    @property
    def gradient(self) -> Parameters:
        """The sum over all shares, after `loss_and_gradient`."""
        return self.gradients[0]

    def loss_and_gradient(self, batch: Batch, divisor: float) -> float:
        """The weighted loss over `divisor`, in nats; its gradient stands in `gradient`."""

        def share(number: int) -> float:
            rows = batch.rows(self.shares[number])
            return self.models[number].loss(rows, divisor, self.gradients[number])

        loss = sum(self.run(share))
        if len(self.gradients) > 1:
            self.run(self._sum)
        return loss

    def loss(self, batch: Batch, divisor: float) -> float:
        """Without a gradient: for validation."""
        return sum(
            self.run(lambda number: self.models[number].loss(batch.rows(self.shares[number]), divisor))
        )

    def run(self, work: Callable[[int], R]) -> list[R]:
        """Have every thread do its share; what one raises is raised here."""
        if len(self.shares) == 1:
            return [work(0)]
        return list(self._pool.map(work, range(len(self.shares))))

    def square_norm(self) -> float:
        """Of the gradient."""

        def share(number: int) -> float:
            part = self.gradient.flat[self.ranges[number]]
            return float(np.dot(part, part))

        return sum(self.run(share))

    def _sum(self, number: int) -> None:
        part = self.ranges[number]
        for other in self.gradients[1:]:
            self.parts.add(self.gradient.flat[part], other.flat[part])

    def close(self) -> None:
        self._pool.shutdown()
