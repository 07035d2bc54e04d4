"""LoRA: a low-rank addition to every linear map, which alone learns (arXiv:2106.09685). Writes no file.

y = x wᵀ + alpha / rank (x aᵀ) bᵀ, with a: (rank, in) and b: (out, rank). Queries, keys and values are one
map here, and so are gate and up: each of them shares its `a`.
"""

import math
from typing import Final

import numpy as np

from engine.train.config import ModelConfig
from engine.train.parameters import Parameters, Shapes, shapes_of
from engine.train.parts import Array

LINEAR: Final = ("qkv", "attention_out", "up", "down")


def adapter_shapes(config: ModelConfig, rank: int) -> Shapes:
    """The shapes of an adapter's parameters: `a` and `b` of every linear map in every block."""
    shapes: Shapes = {}
    for name, shape in shapes_of(config).items():
        if name.startswith("blocks.") and name.rsplit(".", 1)[1] in LINEAR:
            out, into = shape
            shapes[f"{name}.lora_a"] = (rank, into)
            shapes[f"{name}.lora_b"] = (out, rank)
    return shapes


def new_adapter(config: ModelConfig, rank: int, seed: int) -> Parameters:
    """`a` as a fresh linear map, uniform within 1 / sqrt(in); `b` zero, so that nothing changes at first."""
    random = np.random.default_rng(seed)
    weights = Parameters(adapter_shapes(config, rank))
    for name in weights:
        if name.endswith("lora_a"):
            bound = 1 / math.sqrt(weights[name].shape[1])
            weights[name][...] = random.uniform(-bound, bound, weights[name].shape)
    return weights


class LowRank:
    """Conforms to `engine.train.blocks.Adapter`. One for each thread, over the same weights."""

    def __init__(self, weights: Parameters, alpha: float) -> None:
        self.weights = weights
        rank = next(iter(weights.shapes.values()))[0]
        self.scale = alpha / rank
        self._kept: dict[tuple[int, ...], Array] = {}

    def _array(self, which: int, tokens: int, width: int) -> Array:
        """Scratch of this thread."""
        key = (which, tokens, width)
        if key not in self._kept:
            self._kept[key] = np.empty((tokens, width), self.weights.flat.dtype)
        return self._kept[key]

    def forward(self, name: str, x: Array, out: Array) -> None:
        """Adds to `out`."""
        if f"{name}.lora_a" not in self.weights:
            return
        a, b = self.weights[f"{name}.lora_a"], self.weights[f"{name}.lora_b"]
        low, more = self._array(0, len(x), len(a)), self._array(1, *out.shape)
        np.matmul(x, a.T, out=low)
        low *= self.scale
        np.matmul(low, b.T, out=more)
        out += more

    def backward(self, name: str, d_out: Array, x: Array, d_x: Array | None, gradient: Parameters) -> None:
        """Writes the gradients of `a` and `b`; adds to `d_x`."""
        if f"{name}.lora_a" not in self.weights:
            return
        a, b = self.weights[f"{name}.lora_a"], self.weights[f"{name}.lora_b"]
        low, d_low = self._array(0, len(x), len(a)), self._array(2, len(x), len(a))
        np.matmul(d_out, b, out=d_low)
        d_low *= self.scale
        if f"{name}.lora_a" in gradient:
            np.matmul(x, a.T, out=low)
            low *= self.scale
            np.matmul(d_out.T, low, out=gradient[f"{name}.lora_b"])
            np.matmul(d_low.T, x, out=gradient[f"{name}.lora_a"])
        if d_x is not None:
            more = self._array(1, *d_x.shape)
            np.matmul(d_low, a, out=more)
            d_x += more


def merged(weights: Parameters, adapter: Parameters, alpha: float) -> Parameters:
    """New parameters with the addition carried out: the model that both together are."""
    rank = next(iter(adapter.shapes.values()))[0]
    whole = Parameters(weights.shapes, weights.flat.copy())
    for name in adapter:
        if name.endswith("lora_a"):
            linear = name.removesuffix(".lora_a")
            whole[linear][...] += (alpha / rank) * (adapter[f"{linear}.lora_b"] @ adapter[name])
    return whole
