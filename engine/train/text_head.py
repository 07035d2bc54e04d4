"""What a text as a whole is: the output layer and the loss over its mean vector, the gradient beside it."""

from typing import TYPE_CHECKING, Final

import numpy as np

from engine.train.head import Head
from engine.train.parameters import Parameters
from engine.train.parts import Array, Ints

if TYPE_CHECKING:
    from engine.train.transformer import Batch

LABELS: Final = "labels"  # the matrix that gives a label's logits: (labels, width)


class TextHead(Head):
    """A text's target stands at its last token, which sees all of it. What is judged is the mean of the
    vectors that it sees: every word has a part in it and learns at once, while the last token's own vector,
    made to predict a word, takes long to learn to sum a text up."""

    def loss(
        self, hidden: Array, batch: "Batch", divisor: float, d_hidden: Array, gradient: Parameters | None
    ) -> float:
        """As `Head.loss`, over texts."""
        where, first, last = _texts(batch)
        if gradient is not None:
            d_hidden.fill(0)
            if self.name in gradient and not len(where):
                gradient[self.name].fill(0)
        if not len(where):
            return 0.0
        weights = (batch.weights.reshape(-1)[where] / divisor).astype(hidden.dtype)
        means = _means(hidden, first, last)
        table = self.room.weights[self.name]
        logits = means @ table.T
        losses = np.empty(len(where), hidden.dtype)
        self.room.parts.cross_entropy(logits, batch.targets.reshape(-1)[where], weights, losses)
        if gradient is not None:
            for place, d_mean in enumerate(logits @ table):
                seen = slice(first[place], last[place])
                d_hidden[seen] += d_mean / (seen.stop - seen.start)
            if self.name in gradient:
                np.matmul(logits.T, means, out=gradient[self.name])
        return float(np.dot(losses.astype(np.float64), weights))

    def logits(self, hidden: Array, batch: "Batch") -> Array:
        """Of every text in a batch, in the order of rows and places: (texts, labels)."""
        _, first, last = _texts(batch)
        return np.asarray(_means(hidden, first, last) @ self.room.weights[self.name].T)


def _texts(batch: "Batch") -> tuple[Ints, Ints, Ints]:
    """Of each text its last token, and the first and one past the last that it sees, among all tokens."""
    where = np.flatnonzero(batch.weights.reshape(-1))
    row = where // batch.tokens.shape[1] * batch.tokens.shape[1]
    return where, row + batch.first.reshape(-1)[where], row + batch.last.reshape(-1)[where]


def _means(hidden: Array, first: Ints, last: Ints) -> Array:
    """(texts, width)."""
    means = np.empty((len(first), hidden.shape[1]), hidden.dtype)
    for place, mean in enumerate(means):
        np.mean(hidden[first[place] : last[place]], axis=0, out=mean)
    return means
