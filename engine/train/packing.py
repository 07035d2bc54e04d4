"""Examples as rows of one length: as many as fit, one after the other, each blind to its neighbours."""

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
import numpy as np

from engine.protocol import Message
from engine.train.coders import Coder
from engine.train.parts import Array, Ints
from engine.train.transformer import Batch


class Example(msgspec.Struct, frozen=True):
    """Tokens, and for each how much it counts as a target: (tokens,) both. What is asked counts nothing.

    Of a text that is to be kept, see `engine.train.keeping`: after each token but the last the `likeliest`
    ones and their `shares`, (tokens - 1, likeliest) both, and how much that counts.
    """

    tokens: Ints
    weights: Array
    likeliest: Ints | None = None
    shares: Array | None = None
    kept_weights: Array | None = None


def from_conversation(
    coder: Coder, messages: Sequence[Message], time: int, given: Sequence[int] = ()
) -> Example | None:
    """The assistant's words and what ends them are learnt, but for messages of the numbers in `given`; None
    where they do not fit `time` tokens."""
    tokens: list[int] = []
    weights: list[float] = []
    answering = False
    for token, number in coder.conversation(messages):
        spoken = number >= 0 and messages[number].role == "assistant" and number not in given
        # what ends an answer is the template's, and is learnt with it
        ends = answering and not spoken and token in coder.stops
        answering = spoken or (answering and not ends and number < 0)
        tokens.append(token)
        weights.append(1.0 if spoken or ends else 0.0)
    last = max((place for place, weight in enumerate(weights) if weight), default=-1)
    if last < 0 or last > time:
        return None
    return Example(np.array(tokens[: last + 1], np.int32), np.array(weights[: last + 1], np.float32))


def from_text(coder: Coder, text: str, time: int) -> list[Example]:
    """Plain text: every token counts; what is longer than `time` becomes several examples."""
    tokens = np.array([*coder.encode(text), coder.end], np.int32)
    cuts = range(0, len(tokens), time)
    pieces = [tokens[start : start + time + 1] for start in cuts]
    return [Example(piece, np.ones(len(piece), np.float32)) for piece in pieces if len(piece) > 1]


class Packed:
    """Examples packed into rows of `time` tokens, in an order that only the epoch and the seed decide."""

    def __init__(self, examples: Sequence[Example], time: int, seed: int) -> None:
        self.examples, self.time, self.seed = examples, time, seed
        with_shares = (one.shares.shape[1] for one in examples if one.shares is not None)
        self._likeliest = next(with_shares, 0)
        self._epoch, self._rows = 0, self._pack(0)
        self.rows = len(self._rows)  # of the first epoch; the others differ by one or two at most

    def draw(self, index: int, batch: int) -> Batch:
        """The batch of that number. An epoch has every example once."""
        each = -(-self.rows // batch)
        epoch = index // each
        if epoch != self._epoch:
            self._epoch, self._rows = epoch, self._pack(epoch)
        place = index % each * batch
        return self._batch(self._rows[place : place + batch], batch)

    def all(self, batch: int) -> Iterator[Batch]:
        """Every example once, those that share a row side by side: see `order`."""
        rows = self._in_order()
        for start in range(0, len(rows), batch):
            yield self._batch(rows[start : start + batch], batch)

    def order(self) -> list[int]:
        """The numbers of the examples as they come in `all`."""
        return [number for row in self._in_order() for number in row]

    def _in_order(self) -> list[list[int]]:
        return pack([len(example.tokens) for example in self.examples], self.time)

    def _pack(self, epoch: int) -> list[list[int]]:
        order = np.random.default_rng([self.seed, epoch]).permutation(len(self.examples)).tolist()
        lengths = [len(self.examples[number].tokens) for number in order]
        return [[order[place] for place in row] for row in pack(lengths, self.time)]

    def _batch(self, rows: Sequence[Sequence[int]], batch: int) -> Batch:
        tokens = np.zeros((batch, self.time), np.int32)
        targets = np.zeros((batch, self.time), np.int32)
        weights = np.zeros((batch, self.time), np.float32)
        first = np.broadcast_to(np.arange(self.time, dtype=np.int32), (batch, self.time)).copy()
        last = first + 1  # what is empty sees itself alone
        for row, numbers in enumerate(rows):
            place = 0
            for number in numbers:
                example = self.examples[number]
                length = len(example.tokens) - 1
                here = slice(place, place + length)
                tokens[row, here] = example.tokens[:-1]
                targets[row, here] = example.tokens[1:]
                weights[row, here] = example.weights[1:]
                first[row, here] = place
                place += length
        return Batch(tokens, targets, weights, first, last, **self._kept(rows, batch))

    def _kept(self, rows: Sequence[Sequence[int]], batch: int) -> dict[str, Any]:
        """What is to be said as before, of the examples that have it. The same arrays whoever is drawn."""
        if not self._likeliest:
            return {}
        shape = (batch, self.time, self._likeliest)
        kept, shares = np.zeros(shape, np.int32), np.zeros(shape, np.float32)
        counts = np.zeros(shape[:2], np.float32)
        for row, numbers in enumerate(rows):
            place = 0
            for number in numbers:
                example = self.examples[number]
                here = slice(place, place + len(example.tokens) - 1)
                if example.likeliest is not None:
                    kept[row, here], shares[row, here] = example.likeliest, example.shares
                    counts[row, here] = example.kept_weights
                place = here.stop
        return {"kept": kept, "kept_shares": shares, "kept_weights": counts}


def pack(lengths: Sequence[int], time: int) -> list[list[int]]:
    """Which examples share a row: each goes into the first row where it fits (first fit).

    `lengths` in tokens; an example of n tokens takes n - 1 places, as its last one is only a target.
    """
    rows: list[list[int]] = []
    room: list[int] = []
    open_from = 0
    for number, length in enumerate(lengths):
        needed = length - 1
        for row in range(open_from, len(rows)):
            if room[row] >= needed:
                rows[row].append(number)
                room[row] -= needed
                break
        else:
            rows.append([number])
            room.append(time - needed)
        # rows that are as good as full are not looked at any more
        while open_from < len(rows) and room[open_from] < time // 50:
            open_from += 1
    return rows
