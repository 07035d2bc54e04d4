"""Text from a model that lives here, token after token. What was read is kept, so that each new token costs
itself alone (the KV cache: keys and values of every layer). For decoders.
"""

import itertools
from typing import Any

import numpy as np

from engine.train.attention import Sight, attend, heads_of
from engine.train.blocks import Adapter
from engine.train.config import ModelConfig
from engine.train.parameters import Parameters
from engine.train.parts import Array, Ints


class Writer:
    """Writes with the weights as they are: one text, or several of one length side by side."""

    def __init__(
        self,
        config: ModelConfig,
        weights: Parameters,
        parts: Any,
        time: int | None = None,
        adapter: Adapter | None = None,
    ) -> None:
        """`time`: tokens that are seen at once; None: as many as the model can."""
        self.time = min(time or config.context, config.context)
        self.config, self.weights, self.parts, self.adapter = config, weights, parts, adapter
        self._turn: tuple[Array, Array] | None = None
        if config.positions == "rope":
            cos, sin = parts.rotation(self.time, config.head_width, config.rope_base)
            self._turn = cos.astype(weights.flat.dtype), sin.astype(weights.flat.dtype)
        self._kept: list[tuple[Array, Array]] = []  # keys and values: (rows, key heads, 1, time, head width)
        self._row: list[int] = []  # whose keys and values they are, for one text
        self._start, self._read = 0, 0  # where in the text it begins, and how much of it was read

    # ── texts ──

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

    def write_several(self, first: int, rows: int, tokens: int, *, top_k: int, random: Any) -> Ints:
        """Texts that begin with the token `first`, drawn at temperature 1: (rows, 1 + tokens)."""
        found = np.full((rows, 1 + tokens), first, np.int32)
        self._row, self._start, self._read = [], 0, 0
        for place in range(tokens):
            logits = self._logits(found[:, place : place + 1])
            found[:, place + 1] = [pick(one, 1.0, top_k, random) for one in logits]
        return found

    def next_logits(self, row: list[int]) -> Array:
        """(vocab,) after the last token of `row`. Of one longer than the window its newer part is seen."""
        same = self._same(row)
        if not same or len(row) - self._start > self.time:
            self._start = max(0, len(row) - 3 * self.time // 4) if len(row) > self.time else 0
            same = self._same(row)
        self._row, self._read = row[self._start :], same
        return np.asarray(self._logits(np.array([self._row[same:]], np.int32))[0])

    def _same(self, row: list[int]) -> int:
        """How many tokens, from where we began, are those that were read; the last one is always read."""
        pairs = zip(self._row, row[self._start : -1], strict=False)
        return sum(1 for _ in itertools.takewhile(lambda pair: pair[0] == pair[1], pairs))

    # ── the model, over what is new: as `engine.train.blocks`, without a gradient ──

    def _logits(self, tokens: Ints) -> Array:
        """Read (rows, new) tokens after those before; (rows, vocab) after the last one."""
        config, (rows, new) = self.config, tokens.shape
        if not self._kept or len(self._kept[0][0]) != rows:
            shape = (rows, config.key_heads, 1, self.time, config.head_width)
            kind = self.weights.flat.dtype
            self._kept = [(np.empty(shape, kind), np.empty(shape, kind)) for _ in range(config.layers)]
        x = self.weights["token_embedding"][tokens.reshape(-1)]
        if config.positions == "learned":
            table = self.weights["position_embedding"][self._read : self._read + new]
            x = (x.reshape(rows, new, -1) + table).reshape(rows * new, -1)
        for layer in range(config.layers):
            x += self._attention(f"blocks.{layer}", x, layer, rows)
            x += self._feed_forward(f"blocks.{layer}", x)
        self._read += new
        last = np.ascontiguousarray(x.reshape(rows, new, -1)[:, -1])
        head = self.weights["token_embedding" if config.tied else "head"]
        return np.asarray(self._norm("final_norm", last) @ head.T)

    def _attention(self, block: str, x: Array, layer: int, rows: int) -> Array:
        config, read, new = self.config, self._read, len(x) // rows
        qkv = self._linear(f"{block}.qkv", self._norm(f"{block}.attention_norm", x))
        width, reach = config.width, config.key_heads * config.head_width
        if self._turn is not None:
            cos, sin = (table[read : read + new] for table in self._turn)
            turned = qkv[:, : width + reach].reshape(rows, new, -1, config.head_width)
            self.parts.rotate(turned, cos, sin)
            qkv[:, : width + reach] = turned.reshape(len(x), -1)
        q = heads_of(qkv[:, :width], rows, config.key_heads, config.heads // config.key_heads)
        keys, values = self._kept[layer]
        keys[..., read : read + new, :] = heads_of(qkv[:, width : width + reach], rows, config.key_heads)
        values[..., read : read + new, :] = heads_of(qkv[:, width + reach :], rows, config.key_heads)
        seen = read + new
        last = np.broadcast_to(np.arange(read + 1, seen + 1, dtype=np.int32), (rows, new))
        sight = Sight(np.zeros_like(last), last, causal=False)
        probabilities = np.empty((*q.shape[:-1], seen), x.dtype)
        mixed = np.empty_like(x)
        out = heads_of(mixed, rows, config.key_heads, q.shape[2])
        attend(q, keys[..., :seen, :], values[..., :seen, :], sight, probabilities, out, self.parts)
        return self._linear(f"{block}.attention_out", mixed)

    def _feed_forward(self, block: str, x: Array) -> Array:
        up = self._linear(f"{block}.up", self._norm(f"{block}.mlp_norm", x))
        active = np.empty((len(x), self.config.inner), x.dtype)
        activate = self.parts.swiglu if self.config.activation == "swiglu" else self.parts.gelu
        activate(up, active)
        return self._linear(f"{block}.down", active)

    def _norm(self, name: str, x: Array) -> Array:
        config, weights, out = self.config, self.weights, np.empty_like(x)
        scale = np.empty(len(x), x.dtype)
        if config.norm == "rms":
            self.parts.rms_norm(x, weights[name], config.norm_epsilon, out, scale)
        else:
            bias, mean = weights[f"{name}.bias"], np.empty_like(scale)
            self.parts.layer_norm(x, weights[name], bias, config.norm_epsilon, out, mean, scale)
        return out

    def _linear(self, name: str, x: Array) -> Array:
        out = np.asarray(x @ self.weights[name].T)
        if f"{name}.bias" in self.weights:
            out += self.weights[f"{name}.bias"]
        if self.adapter is not None:
            self.adapter.forward(name, x, out)
        return out


def pick(logits: Array, temperature: float, top_k: int, random: np.random.Generator) -> int:
    """A token of the `top_k` likeliest, each as often as its probability at that temperature."""
    if temperature <= 0:
        return int(np.argmax(logits))
    best = np.argpartition(logits, -min(top_k, len(logits)))[-top_k:]
    weights = (logits[best] - logits[best].max()) / temperature
    chances = np.exp(weights.astype(np.float64))
    return int(random.choice(best, p=chances / chances.sum()))
