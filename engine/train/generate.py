"""Text from a model that lives here: the whole window anew for each token. Slow, plain, and for samples."""

from typing import Any

import numpy as np

from engine.train.blocks import Adapter
from engine.train.config import ModelConfig
from engine.train.parameters import Parameters
from engine.train.parts import Array, Ints
from engine.train.transformer import Transformer, plain_batch


class Writer:
    """Writes with whatever the weights are at the moment. The arrays are made once."""

    def __init__(
        self,
        config: ModelConfig,
        weights: Parameters,
        parts: Any,
        time: int | None = None,
        adapter: Adapter | None = None,
    ) -> None:
        window = min(time or config.context, config.context)
        self.model = Transformer(config, weights, 1, window, parts, adapter)

    def write(
        self,
        prompt: list[int],
        tokens: int,
        *,
        temperature: float = 0.8,
        top_k: int = 40,
        seed: int = 0,
        stop: frozenset[int] = frozenset(),
    ) -> list[int]:
        """Up to `tokens` more tokens after `prompt`; temperature 0 takes the likeliest each time."""
        random = np.random.default_rng(seed)
        row = list(prompt)
        for _ in range(tokens):
            token = pick(self.next_logits(row), temperature, top_k, random)
            if token in stop:
                break
            row.append(token)
        return row[len(prompt) :]

    def next_logits(self, row: list[int]) -> Array:
        """(vocab,) after the last token of `row`, of which the window's length is seen."""
        time = self.model.time
        seen = row[-time:]
        # what follows the last token is not seen by it: any token will do
        tokens: Ints = np.zeros((1, time), np.int32)
        tokens[0, : len(seen)] = seen
        hidden = self.model.hidden(plain_batch(tokens, tokens))
        return np.asarray(self.model.weights[self.model.head] @ hidden[len(seen) - 1])


def pick(logits: Array, temperature: float, top_k: int, random: np.random.Generator) -> int:
    """A token of the `top_k` likeliest, each as often as its probability at that temperature."""
    if temperature <= 0:
        return int(np.argmax(logits))
    best = np.argpartition(logits, -min(top_k, len(logits)))[-top_k:]
    weights = (logits[best] - logits[best].max()) / temperature
    chances = np.exp(weights.astype(np.float64))
    return int(random.choice(best, p=chances / chances.sum()))
