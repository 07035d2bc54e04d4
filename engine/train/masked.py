"""The encoder's way of learning: words are hidden, and guessed from both sides (arXiv:1810.04805).

Of all tokens 15 % are to be guessed. Of those, eight in ten are hidden behind a mask, one becomes another
token, and one stays: the model must have an idea of every token, as any of them may be wrong.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np

from engine.train.blocks import Adapter
from engine.train.config import ModelConfig
from engine.train.errors import TextTooSmall
from engine.train.parameters import Parameters, initialized
from engine.train.parts import Ints
from engine.train.prepare import Prepared
from engine.train.specs import Masked
from engine.train.transformer import Batch, Transformer

SHARE: Final = 0.15
HIDDEN, SWAPPED = 0.8, 0.1  # of those that are guessed; the rest stay as they are
HELD_OUT: Final = 1 << 30  # chances of windows that are held out begin here
SHOWN_TOKENS: Final = 40
SAMPLES: Final = 3


class MaskedTask:
    """Conforms to `engine.train.task.Task`. The mask is one token more than the text's vocabulary has."""

    head = ""
    source_time = 0
    bytes_per_token = 0.0  # a loss on some tokens only says nothing of bytes
    low_rank_scale = 0.0

    def __init__(self, data: Prepared, config: ModelConfig, weights: Parameters, *, seed: int = 1) -> None:
        """Raises TextTooSmall for a window longer than the text."""
        least = min(len(data.train), len(data.validation))
        if least < config.context + 2:
            raise TextTooSmall(tokens=least, needed=config.context + 2)
        self.data, self.config, self.seed = data, config, seed
        self.weights = self.learning = weights
        self.time = config.context
        self.mask = config.vocab - 1

    @property
    def adapter(self) -> Callable[[], Adapter] | None:
        return None

    def draw(self, index: int, rows: int) -> Batch:
        random = np.random.default_rng([self.seed, index])
        starts = random.integers(0, len(self.data.train) - self.time, rows)
        return self._hidden(self._rows(self.data.train, starts), random)

    def held_out(self, rows: int) -> Iterator[Batch]:
        """All of the text once, with the same tokens hidden each time."""
        tokens = self.data.validation
        whole = len(tokens) // self.time * self.time
        yield from self._gaps(tokens, whole, rows)

    def gaps_in(self, text: str, rows: int) -> Iterator[Batch]:
        """Any text, all of it, with the same tokens hidden each time."""
        end = self.data.tokenizer.end
        tokens = [*self.data.tokenizer.encode(text), end]
        filled = tokens + [end] * (-len(tokens) % self.time)
        yield from self._gaps(np.array(filled), len(tokens), rows)

    def _gaps(self, tokens: Ints, count: int, rows: int) -> Iterator[Batch]:
        """Windows one after the other. `count`: tokens from the beginning that may be hidden.

        What is hidden is decided by a window's place alone, however many share a batch.
        """
        starts = np.arange(0, count, self.time)
        for begin in range(0, len(starts), rows):
            some = starts[begin : begin + rows]
            filled = np.concatenate([some, np.zeros(rows - len(some), starts.dtype)])
            single = [
                self._hidden(self._rows(tokens, filled[row : row + 1]), self._chance(int(start)))
                for row, start in enumerate(filled)
            ]
            batch = Batch(*(
                np.concatenate([getattr(one, name) for one in single])
                for name in ("tokens", "targets", "weights", "first", "last")
            ))  # fmt: skip
            batch.weights[filled[:, None] + np.arange(self.time) >= count] = 0
            batch.weights[len(some) :] = 0
            yield batch

    def _chance(self, start: int) -> np.random.Generator:
        return np.random.default_rng([self.seed, HELD_OUT + start])

    def _rows(self, tokens: Ints, starts: Ints) -> Ints:
        return np.asarray(tokens[starts[:, None] + np.arange(self.time)], np.int32)

    def _hidden(self, targets: Ints, random: np.random.Generator) -> Batch:
        """(rows, time): what is seen, what is right, and 1 where it is to be guessed."""
        guessed = random.random(targets.shape) < SHARE
        fate = random.random(targets.shape)
        others = random.integers(0, self.mask, targets.shape).astype(np.int32)
        tokens = np.where(guessed & (fate < HIDDEN), np.int32(self.mask), targets)
        swapped = guessed & (fate >= HIDDEN) & (fate < HIDDEN + SWAPPED)
        tokens = np.where(swapped, others, tokens).astype(np.int32)
        first, last = self._documents(targets)
        return Batch(tokens, targets, guessed.astype(np.float32), first, last)

    def _documents(self, rows: Ints) -> tuple[Ints, Ints]:
        """Where the document of each token begins, and where it ends: it sees all of it, and no other."""
        places = np.arange(self.time, dtype=np.int32)
        ends = rows == self.data.tokenizer.end
        after = np.zeros(rows.shape, np.int32)
        after[:, 1:] = np.where(ends[:, :-1], places[1:], 0)
        until = np.where(ends, places + 1, np.int32(self.time))
        first = np.maximum.accumulate(after, axis=1).astype(np.int32)
        last = np.minimum.accumulate(until[:, ::-1], axis=1)[:, ::-1].astype(np.int32)
        return first, np.ascontiguousarray(last)

    def sample(self, step: int, parts: Any) -> Iterator[tuple[str, str]]:  # noqa: ARG002
        """Held-out text with gaps, and what the model puts there, in brackets."""
        model = Transformer(self.config, self.weights, SAMPLES, self.time, parts)
        batch = next(self.held_out(SAMPLES))
        # words that were swapped are gaps here too: a person would not see that they are wrong
        batch.tokens[...] = np.where(batch.weights > 0, np.int32(self.mask), batch.tokens)
        best = model.logits(batch).argmax(axis=-1)
        for row in range(SAMPLES):
            seen = [int(token) for token in batch.tokens[row, :SHOWN_TOKENS]]
            yield self._text(seen), self._filled(seen, best[row])

    def _filled(self, seen: list[int], best: Ints) -> str:
        text, run = "", list[int]()
        for place, token in enumerate(seen):
            if token != self.mask:
                run.append(token)
                continue
            piece = self.data.tokenizer.decode([int(best[place])])
            text += self.data.tokenizer.decode(run) + " " * piece.startswith(" ") + f"[{piece.strip(' ')}]"
            run = []
        return text + self.data.tokenizer.decode(run)

    def fill(self, text: str, parts: Any) -> str:
        """A text with blanks, "_", and in the place of each what the model puts there: one token."""
        row: list[int] = []
        for number, piece in enumerate(text.split("_")):
            row += ([self.mask] if number else []) + self.data.tokenizer.encode(piece)
        row = row[: self.time]
        tokens: Ints = np.full((1, self.time), self.data.tokenizer.end, np.int32)
        tokens[0, : len(row)] = row
        first, last = np.zeros_like(tokens), np.full_like(tokens, len(row))
        batch = Batch(tokens, tokens, np.zeros(tokens.shape, np.float32), first, last)
        model = Transformer(self.config, self.weights, 1, self.time, parts)
        best = model.logits(batch)[0].argmax(axis=-1)
        return self._text(
            [int(best[place]) if token == self.mask else token for place, token in enumerate(row)]
        )

    def _text(self, tokens: list[int]) -> str:
        """The mask shows as a blank."""
        text, run = "", list[int]()
        for token in [*tokens, self.mask]:
            if token == self.mask:
                text += self.data.tokenizer.decode(run) + "_"
                run = []
            else:
                run.append(token)
        return text[:-1]


def open_masked(spec: Masked) -> MaskedTask:
    """The task of a new encoder. Raises DataDamaged, TextTooSmall, TokenizerUnusable."""
    weights = initialized(spec.config, spec.seed)
    return MaskedTask(Prepared(Path(spec.data)), spec.config, weights, seed=spec.seed)
