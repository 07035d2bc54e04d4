"""Batches out of a long row of tokens: windows at random places, or one after the other."""

from collections.abc import Iterator

import numpy as np

from engine.train.parts import Ints
from engine.train.transformer import Batch


class Windows:
    """Windows of `time` tokens, each with the tokens that follow as its targets.

    `end`: the token that ends a document. A token sees nothing of the document before its own.
    """

    def __init__(self, tokens: Ints, batch: int, time: int, end: int) -> None:
        self.tokens, self.batch, self.time, self.end = tokens, batch, time, end

    def draw(self, index: int, seed: int) -> Batch:
        """The batch of that number: windows at random places, always the same for a seed."""
        random = np.random.default_rng([seed, index])
        return self._at(random.integers(0, len(self.tokens) - self.time, self.batch))

    def all(self) -> Iterator[Batch]:
        """Every target once: the last batch is filled up with windows that weigh nothing."""
        starts = np.arange(0, len(self.tokens) - 1, self.time)
        for begin in range(0, len(starts), self.batch):
            some = starts[begin : begin + self.batch]
            filled = np.concatenate([some, np.zeros(self.batch - len(some), starts.dtype)])
            # a window that would reach over the end begins earlier; what was counted before weighs nothing
            placed = np.minimum(filled, len(self.tokens) - 1 - self.time)
            batch = self._at(placed)
            batch.weights[np.arange(self.time) < (filled - placed)[:, None]] = 0
            batch.weights[len(some) :] = 0
            yield batch

    def _at(self, starts: Ints) -> Batch:
        places = starts[:, None] + np.arange(self.time + 1)
        rows = np.asarray(self.tokens[places], np.int32)
        tokens = np.ascontiguousarray(rows[:, :-1])
        first = document_starts(tokens, self.end)
        last = np.broadcast_to(np.arange(1, self.time + 1, dtype=np.int32), tokens.shape).copy()
        return Batch(
            tokens, np.ascontiguousarray(rows[:, 1:]), np.ones(tokens.shape, np.float32), first, last
        )


def document_starts(tokens: Ints, end: int) -> Ints:
    """Where the document of each token begins within its row: after the last `end` before it."""
    time = tokens.shape[1]
    after = np.zeros(tokens.shape, np.int32)
    after[:, 1:] = np.where(tokens[:, :-1] == end, np.arange(1, time, dtype=np.int32), 0)
    return np.maximum.accumulate(after, axis=1)
