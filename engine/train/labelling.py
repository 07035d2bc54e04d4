"""Texts and which label each has: a model that knows a language learns to tell them apart."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

import numpy as np

from engine.train.blocks import Adapter
from engine.train.coders import Coder
from engine.train.errors import OneLabel
from engine.train.examples import Row
from engine.train.finetune import Base, divided, what_learns
from engine.train.lora import LowRank
from engine.train.packing import Example, Packed
from engine.train.parameters import Parameters, Shapes
from engine.train.parts import Array
from engine.train.specs import LABEL_TIME, Learn
from engine.train.text_head import LABELS
from engine.train.transformer import Batch, Transformer

LETTERS_A_TOKEN: Final = 8  # more than there are on average: what lies further away is never read
ENDING: Final = 4  # a long text is read at its beginning, and this share of the room at its end


class LabelTask:
    """Conforms to `engine.train.task.Task`. Texts share rows as examples of answers do; the mean of a text's
    vectors is turned into the labels' logits by a matrix of its own, see `engine.train.text_head`."""

    head = LABELS
    source_time = 0
    bytes_per_token = 0.0

    def __init__(
        self,
        base: Base,
        rows: Sequence[Row],
        *,
        learn: Learn = "last_block",
        rank: int = 8,
        alpha: float = 16.0,
        held_out_share: float = 0.1,
        time: int = 0,
        seed: int = 1,
        labels: Sequence[str] = (),
    ) -> None:
        """`labels`: in the order of the matrix's rows; (): those that come, by name. `time`: tokens in a row,
        and of a text at most; 0: LABEL_TIME, or as many as the model sees.

        Raises OneLabel, TextTooSmall.
        """
        self.config, self.weights, self.seed = base.config, base.weights, seed
        self.coder: Coder = base.coder
        self.labels = tuple(labels) or tuple(sorted({row.label for row in rows}))
        if len(self.labels) < 2:
            raise OneLabel(label=self.labels[0] if self.labels else "")
        rows = [row for row in rows if row.label in self.labels]
        self.time = min(time or LABEL_TIME, base.config.context)
        inner, self._adapter = what_learns(base, learn, rank, alpha, seed)
        self.low_rank_scale = alpha / rank if learn == "lora" else 0.0
        shapes: Shapes = {**inner.shapes, LABELS: (len(self.labels), base.config.width)}
        self.learning = Parameters(shapes)
        random = np.random.default_rng(seed)
        self.learning[LABELS][...] = 0.02 * random.standard_normal(shapes[LABELS])
        if self._adapter is not None:
            for name in inner:
                self.learning[name][...] = inner[name]
            low = Parameters(inner.shapes, self.learning.flat[: len(inner.flat)])
            self._adapter = lambda: LowRank(low, alpha)
            self.weights.lend(Parameters({LABELS: shapes[LABELS]}, self.learning.flat[len(inner.flat) :]))
        else:
            self.weights.lend(self.learning)
        learnt, held = divided(len(rows), held_out_share, seed)
        self._packed = Packed([self._example(rows[n]) for n in learnt], self.time, seed)
        self.held_rows = [rows[n] for n in held]
        self._held = Packed([self._example(row) for row in self.held_rows], self.time, seed)

    def _example(self, row: Row) -> Example:
        """The label is what comes after a text's last token."""
        tokens = [*cut(self.coder, row.text, self.time - 1), self.coder.end, self.labels.index(row.label)]
        weights = np.zeros(len(tokens), np.float32)
        weights[-1] = 1.0
        return Example(np.array(tokens, np.int32), weights)

    @property
    def adapter(self) -> Callable[[], Adapter] | None:
        return self._adapter  # type: ignore[no-any-return]

    def draw(self, index: int, rows: int) -> Batch:
        return self._packed.draw(index, rows)

    def held_out(self, rows: int) -> Iterator[Batch]:
        return self._held.all(rows)

    def sample(self, step: int, parts: Any) -> Iterator[tuple[str, str]]:  # noqa: ARG002
        """Labels are counted, not written."""
        yield from ()

    def predict(self, texts: Sequence[str], parts: Any, rows: int = 8) -> Array:
        """The probability of each label for each text: (texts, labels)."""
        adapter = self._adapter() if self._adapter is not None else None
        model = Transformer(self.config, self.weights, rows, self.time, parts, adapter, head=LABELS)
        asked = [self._example(Row(0, "label", text=text, label=self.labels[0])) for text in texts]
        packed = Packed(asked, self.time, self.seed)
        logits = [model.logits(batch) for batch in packed.all(rows)]
        scores = np.empty((len(texts), len(self.labels)))
        for place, found in zip(packed.order(), np.concatenate(logits), strict=True):
            scores[place] = found
        scores = np.exp(scores - scores.max(axis=1, keepdims=True))
        return np.asarray(scores / scores.sum(axis=1, keepdims=True))


def cut(coder: Coder, text: str, room: int) -> list[int]:
    """The tokens of a text, `room` at most: of a long one the beginning and the end, where most of what tells
    its kind stands (arXiv:1905.05583, 5.3.1)."""
    far = LETTERS_A_TOKEN * room
    if len(text) <= 2 * far:
        tokens = coder.encode(text)
        if len(tokens) <= room:
            return tokens
        return [*tokens[: room - room // ENDING], *tokens[len(tokens) - room // ENDING :]]
    ending = coder.encode(text[-far:])
    return [*coder.encode(text[:far])[: room - room // ENDING], *ending[len(ending) - room // ENDING :]]
