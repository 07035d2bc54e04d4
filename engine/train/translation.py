"""A toy translation for the encoder and decoder of the first Transformer (arXiv:1706.03762): numbers in
English words become Spanish ones, letter by letter. The parallel text is made here and needs no file.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

import numpy as np

from engine.train.blocks import Adapter
from engine.train.config import ModelConfig
from engine.train.numerals import english, spanish
from engine.train.parameters import Parameters, initialized
from engine.train.parts import Ints
from engine.train.specs import LETTERS, LETTERS_TIME, Translate
from engine.train.transformer import Batch, Transformer

END, START = 0, 1  # also what fills a row up; and what the decoder begins with
HIGHEST: Final = 10_000  # numbers below it
HELD_ROWS: Final = 192  # numbers that are never learnt from
SAMPLES: Final = 4


class TranslationTask:
    """Conforms to `engine.train.task.Task`: numbers written in English become numbers written in Spanish."""

    head = ""
    source_time = LETTERS_TIME
    time = LETTERS_TIME
    bytes_per_token = 0.0
    low_rank_scale = 0.0

    def __init__(self, config: ModelConfig, weights: Parameters, *, seed: int = 1) -> None:
        self.config, self.seed = config, seed
        self.weights = self.learning = weights
        order = np.random.default_rng([seed, 7]).permutation(HIGHEST)
        self._learnt = order[HELD_ROWS:]
        self.held_numbers: list[int] = order[:HELD_ROWS].tolist()

    @property
    def adapter(self) -> Callable[[], Adapter] | None:
        return None

    def draw(self, index: int, rows: int) -> Batch:
        random = np.random.default_rng([self.seed, index])
        return pairs_batch([pair_of(int(n)) for n in random.choice(self._learnt, rows)], rows)

    def held_out(self, rows: int) -> Iterator[Batch]:
        for start in range(0, len(self.held_numbers), rows):
            yield pairs_batch([pair_of(n) for n in self.held_numbers[start : start + rows]], rows)

    def sample(self, step: int, parts: Any) -> Iterator[tuple[str, str]]:  # noqa: ARG002
        """Held-out lines, translated by the likeliest letter each time."""
        said = [pair_of(n)[0] for n in self.held_numbers[:SAMPLES]]
        yield from zip(said, self.translate(said, parts), strict=True)

    def translate(self, lines: Sequence[str], parts: Any) -> list[str]:
        """Each line in the other language."""
        model = Transformer(
            self.config, self.weights, len(lines), LETTERS_TIME, parts, source_time=LETTERS_TIME
        )
        written = ["" for _ in lines]
        done = [False for _ in lines]
        for place in range(LETTERS_TIME - 1):
            batch = pairs_batch(list(zip(lines, written, strict=True)), len(lines))
            best = model.logits(batch)[:, place].argmax(axis=-1)
            for row, token in enumerate(best.tolist()):
                done[row] = done[row] or token in (END, START)
                if not done[row]:
                    written[row] += LETTERS[token - 2]
            if all(done):
                break
        return written


def pair_of(number: int) -> tuple[str, str]:
    """A number in English and in Spanish words."""
    return english(number), spanish(number)


def pairs_batch(pairs: Sequence[tuple[str, str]], rows: int) -> Batch:
    """(rows, LETTERS_TIME) of what is written, each letter from those before it and all of the source."""
    source: Ints = np.zeros((rows, LETTERS_TIME), np.int32)
    source_last: Ints = np.ones(rows, np.int32)
    tokens: Ints = np.zeros((rows, LETTERS_TIME), np.int32)
    targets: Ints = np.zeros((rows, LETTERS_TIME), np.int32)
    weights = np.zeros((rows, LETTERS_TIME), np.float32)
    for row, (read, written) in enumerate(pairs):
        coded, wanted = encode(read), encode(written)
        source[row, : len(coded)] = coded
        source_last[row] = max(1, len(coded))
        tokens[row, : len(wanted) + 1] = [START, *wanted]
        targets[row, : len(wanted) + 1] = [*wanted, END]
        weights[row, : len(wanted) + 1] = 1.0
    first: Ints = np.zeros((rows, LETTERS_TIME), np.int32)
    last = np.broadcast_to(np.arange(1, LETTERS_TIME + 1, dtype=np.int32), (rows, LETTERS_TIME)).copy()
    return Batch(tokens, targets, weights, first, last, source, source_last)


def encode(text: str) -> list[int]:
    """A token a letter. What no number is written with is left out, and so is what is too long."""
    known = [2 + LETTERS.index(letter) for letter in text.lower() if letter in LETTERS]
    return known[: LETTERS_TIME - 1]


def open_translation(spec: Translate) -> TranslationTask:
    """The task of a new encoder and decoder."""
    return TranslationTask(spec.config, initialized(spec.config, spec.seed), seed=spec.seed)
