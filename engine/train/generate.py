"""Text from a model that lives here: all that was said anew for each token. Slow, plain, and for samples."""

from typing import Any

import numpy as np

from engine.train.blocks import Adapter
from engine.train.config import ModelConfig
from engine.train.parameters import Parameters
from engine.train.parts import Array, Ints
from engine.train.transformer import Transformer, plain_batch

SHORTEST = 32  # tokens that are computed at least


class Writer:
    """Writes with whatever the weights are at the moment. The arrays are made once for each power of two:
    a short text does not cost what the whole window would."""

    def __init__(
        self,
        config: ModelConfig,
        weights: Parameters,
        parts: Any,
        time: int | None = None,
        adapter: Adapter | None = None,
    ) -> None:
        self.time = min(time or config.context, config.context)
        self._config, self._weights, self._parts, self._adapter = config, weights, parts, adapter
        self._models: dict[int, Transformer] = {}

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
        seen = row[-self.time :]
        model = self._for(len(seen))
        # what follows the last token is not seen by it: any token will do
        tokens: Ints = np.zeros((1, model.time), np.int32)
        tokens[0, : len(seen)] = seen
        hidden = model.hidden(plain_batch(tokens, tokens))
        return np.asarray(model.weights[model.head] @ hidden[len(seen) - 1])

    def _for(self, tokens: int) -> Transformer:
        """A model laid out for at least so many tokens."""
        time = min(self.time, max(SHORTEST, 1 << (tokens - 1).bit_length()))
        if time not in self._models:
            self._models[time] = Transformer(self._config, self._weights, 1, time, self._parts, self._adapter)
        return self._models[time]


def pick(logits: Array, temperature: float, top_k: int, random: np.random.Generator) -> int:
    """A token of the `top_k` likeliest, each as often as its probability at that temperature."""
    if temperature <= 0:
        return int(np.argmax(logits))
    best = np.argpartition(logits, -min(top_k, len(logits)))[-top_k:]
    weights = (logits[best] - logits[best].max()) / temperature
    chances = np.exp(weights.astype(np.float64))
    return int(random.choice(best, p=chances / chances.sum()))
