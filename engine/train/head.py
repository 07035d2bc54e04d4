"""The output layer and the loss, with its gradient beside it. Logits never exist for all tokens at once, and
for tokens that do not count never at all: with a large vocabulary they are most of what a small model costs.
"""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from engine.train.blocks import Room
from engine.train.parameters import Parameters
from engine.train.parts import Array, Ints

if TYPE_CHECKING:
    from engine.train.transformer import Batch

LOGITS_BYTES: Final = 16_000_000  # of logits at a time
TABLE_ROWS: Final = 4096  # rows of the table whose gradient is summed at a time


class Targets(NamedTuple):
    """Tokens that count alike. `judge` takes the logits of a part of them, (part, vocab), writes each one's
    loss, and turns the logits into the derivative of the weighted sum."""

    where: Ints  # among all tokens of the batch
    weights: Array
    judge: Callable[[Array, slice, Array], None]


def targets_of(batch: "Batch", divisor: float, parts: Any) -> Iterator[Targets]:
    """What a batch asks of the logits: the next token, and to say what was said before learning."""
    weights = (batch.weights.reshape(-1) / divisor).astype(batch.weights.dtype)
    where = np.flatnonzero(weights)
    weights, targets = weights[where], batch.targets.reshape(-1)[where]
    yield Targets(
        where,
        weights,
        lambda logits, part, losses: parts.cross_entropy(logits, targets[part], weights[part], losses),
    )
    if batch.kept is None or batch.kept_shares is None or batch.kept_weights is None:
        return
    counts = (batch.kept_weights.reshape(-1) / divisor).astype(batch.weights.dtype)
    held = np.flatnonzero(counts)
    counts = counts[held]
    kept = batch.kept.reshape(-1, batch.kept.shape[-1])[held]
    shares = batch.kept_shares.reshape(-1, batch.kept.shape[-1])[held]
    yield Targets(
        held,
        counts,
        lambda logits, part, losses: parts.stay_near(logits, kept[part], shares[part], counts[part], losses),
    )


class Head:
    """`name`: the matrix that gives the logits, (outputs, width)."""

    def __init__(self, room: Room, name: str) -> None:
        self.room, self.name = room, name

    def loss(
        self, hidden: Array, batch: "Batch", divisor: float, d_hidden: Array, gradient: Parameters | None
    ) -> float:
        """The weighted losses over `divisor`, in nats. Writes `d_hidden`, and the table's gradient where
        `gradient` has room for it."""
        loss, first = 0.0, True
        everywhere = batch.kept is None and np.count_nonzero(batch.weights) == len(hidden)
        if gradient is not None and not everywhere:
            d_hidden.fill(0)
        for targets in targets_of(batch, divisor, self.room.parts):
            for part, logits in self._logits(hidden, targets.where):
                losses = self.room.shared("losses", len(logits))
                targets.judge(logits, part, losses)
                loss += float(np.dot(losses.astype(np.float64), targets.weights[part]))
                if gradient is None:
                    continue
                where = targets.where[part]
                if everywhere:
                    np.matmul(logits, self.room.weights[self.name], out=d_hidden[part])
                else:
                    self._add(logits, where, d_hidden)
                if self.name in gradient:
                    rows = self._rows(hidden, where)
                    self._table_gradient(logits, rows, gradient[self.name], first=first)
                first = False
        if gradient is not None and first and self.name in gradient:
            gradient[self.name].fill(0)  # nothing counted
        return loss

    def logits(self, hidden: Array, batch: "Batch") -> Array:
        """Of every token: (batch, time, outputs), freshly made."""
        return (hidden @ self.room.weights[self.name].T).reshape(*batch.tokens.shape, -1)

    def _logits(self, hidden: Array, where: Ints) -> Iterator[tuple[slice, Array]]:
        """Some tokens at a time: which of `where`, and their logits."""
        table = self.room.weights[self.name]
        step = max(1, min(len(where), LOGITS_BYTES // (len(table) * hidden.itemsize)))
        for start in range(0, len(where), step):
            part = slice(start, min(start + step, len(where)))
            logits = self.room.shared("logits", part.stop - start, len(table))
            np.matmul(self._rows(hidden, where[part]), table.T, out=logits)
            yield part, logits

    def _rows(self, hidden: Array, where: Ints) -> Array:
        """Of these tokens; a view where they stand side by side."""
        if where[-1] - where[0] + 1 == len(where):
            return hidden[where[0] : where[-1] + 1]
        rows = self.room.shared("counted", len(where), hidden.shape[1])
        return np.take(hidden, where, axis=0, out=rows, mode="clip")

    def _add(self, d_logits: Array, where: Ints, d_hidden: Array) -> None:
        d_rows = self.room.shared("d_counted", len(where), d_hidden.shape[1])
        np.matmul(d_logits, self.room.weights[self.name], out=d_rows)
        d_hidden[where] += d_rows

    def _table_gradient(self, d_logits: Array, rows: Array, d_table: Array, *, first: bool) -> None:
        """Written the first time, and added to it then, a piece at a time."""
        if first:
            np.matmul(d_logits.T, rows, out=d_table)
            return
        for start in range(0, len(d_table), TABLE_ROWS):
            piece = slice(start, min(start + TABLE_ROWS, len(d_table)))
            more = self.room.shared("d_table", piece.stop - start, d_table.shape[1])
            np.matmul(d_logits[:, piece].T, rows, out=more)
            self.room.parts.add(d_table[piece], more)
