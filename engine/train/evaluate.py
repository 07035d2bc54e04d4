"""The fourth phase: how good a model is, in numbers that can be compared. Learns nothing."""

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from engine.train.blocks import Adapter
from engine.train.coders import Coder
from engine.train.config import ModelConfig
from engine.train.packing import Packed, from_text
from engine.train.parameters import Parameters
from engine.train.results import LabelScore, TextScore
from engine.train.transformer import Batch, Transformer

ROWS = 4  # a batch


def score_text(
    config: ModelConfig,
    weights: Parameters,
    coder: Coder,
    text: str,
    parts: Any,
    *,
    adapter: Adapter | None = None,
    time: int = 0,
) -> TextScore:
    """How well a model predicts a text, cut into windows of `time` tokens (0: what it sees, at most 512)."""
    time = min(time or 512, config.context)
    examples = from_text(coder, text, time)
    model = Transformer(config, weights, ROWS, time, parts, adapter)
    loss, counted = mean_loss(model, Packed(examples, time, 0).all(ROWS))
    total = loss * counted
    return TextScore(loss, math.exp(min(loss, 700.0)), total / math.log(2) / len(text.encode()), int(counted))


def mean_loss(model: Transformer, batches: Iterable[Batch]) -> tuple[float, float]:
    """Nats for each target that counts, and how many do."""
    loss = counted = 0.0
    for batch in batches:
        loss += model.loss(batch, 1.0)
        counted += float(batch.weights.sum())
    return loss / max(counted, 1e-9), counted


def score_labels(right: Sequence[str], said: Sequence[str], labels: Sequence[str]) -> LabelScore:
    """What was said, counted against what is right."""
    place = {label: number for number, label in enumerate(labels)}
    confusion = np.zeros((len(labels), len(labels)), int)
    for truth, guess in zip(right, said, strict=True):
        confusion[place[truth], place[guess]] += 1
    hits = np.diag(confusion)
    both = confusion.sum(axis=0) + confusion.sum(axis=1)
    f1 = np.divide(2 * hits, both, out=np.zeros(len(labels)), where=both > 0)
    return LabelScore(
        tuple(labels),
        float(hits.sum() / max(1, confusion.sum())),
        {label: float(value) for label, value in zip(labels, f1, strict=True)},
        float(f1.mean()),
        tuple(tuple(int(count) for count in row) for row in confusion),
    )


def found_in(answer: str, wanted: str) -> bool:
    """Whether an answer says what it should, without regard to case and punctuation."""
    return f" {' '.join(_words(wanted))} " in f" {' '.join(_words(answer))} "


def _words(text: str) -> Iterator[str]:
    word = ""
    for letter in text.casefold() + " ":
        if letter.isalnum():
            word += letter
        elif word:
            yield word
            word = ""
