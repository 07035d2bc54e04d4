"""All parameters of a model in one flat array, with a named view of each. Knows shapes, no arithmetic.

One array makes an optimizer's step, the sum of gradients over threads, a checkpoint and the norm of the
gradient one loop each. Matrices are (out, in), as llama.cpp and Hugging Face keep them: y = x @ w.T.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import DTypeLike, NDArray

from engine.train.config import ModelConfig

Array = NDArray[np.floating]
Shapes = dict[str, tuple[int, ...]]


def shapes_of(config: ModelConfig) -> Shapes:
    """Name and shape of every parameter, in the order in which they lie in the flat array."""
    shapes: Shapes = {"token_embedding": (config.vocab, config.width)}
    if config.positions == "learned":
        shapes["position_embedding"] = (config.context, config.width)
    if config.kind == "encoder_decoder":
        for layer in range(config.layers):
            shapes |= _block(config, f"encoder.{layer}")
        shapes |= _norm(config, "encoder_norm")
    for layer in range(config.layers):
        shapes |= _block(config, f"blocks.{layer}", crossing=config.kind == "encoder_decoder")
    shapes |= _norm(config, "final_norm")
    if not config.tied:
        shapes["head"] = (config.vocab, config.width)
    return shapes


def _block(config: ModelConfig, name: str, *, crossing: bool = False) -> Shapes:
    width, keys = config.width, config.key_heads * config.head_width
    shapes = _norm(config, f"{name}.attention_norm")
    shapes |= _linear(config, f"{name}.qkv", width + 2 * keys, width)
    shapes |= _linear(config, f"{name}.attention_out", width, width)
    if crossing:
        shapes |= _norm(config, f"{name}.cross_norm")
        shapes |= _linear(config, f"{name}.cross_q", width, width)
        shapes |= _linear(config, f"{name}.cross_kv", 2 * keys, width)
        shapes |= _linear(config, f"{name}.cross_out", width, width)
    shapes |= _norm(config, f"{name}.mlp_norm")
    gates = 2 if config.activation == "swiglu" else 1
    shapes |= _linear(config, f"{name}.up", gates * config.inner, width)  # SwiGLU: gate above up
    shapes |= _linear(config, f"{name}.down", width, config.inner)
    return shapes


def _norm(config: ModelConfig, name: str) -> Shapes:
    bias = {f"{name}.bias": (config.width,)} if config.norm == "layer" else {}
    return {name: (config.width,), **bias}


def _linear(config: ModelConfig, name: str, out: int, into: int) -> Shapes:
    return {name: (out, into), **({f"{name}.bias": (out,)} if config.bias else {})}


class Parameters:
    """`flat`: (parameters,). `parameters[name]` is a view of it in the shape of `shapes_of`."""

    def __init__(self, shapes: Shapes, flat: Array | None = None, dtype: DTypeLike = np.float32) -> None:
        """`flat` None: zeros. Raises ValueError when its length is not that of the shapes."""
        self.shapes = shapes
        self._where: dict[str, slice] = {}
        start = 0
        for name, shape in shapes.items():
            size = int(np.prod(shape))
            self._where[name] = slice(start, start + size)
            start += size
        self.flat = np.zeros(start, dtype) if flat is None else flat
        if self.flat.shape != (start,):
            raise ValueError(f"{self.flat.shape} for {start} parameters")
        self._views = {name: self.flat[self._where[name]].reshape(shape) for name, shape in shapes.items()}

    def __getitem__(self, name: str) -> Array:
        return self._views[name]

    def __contains__(self, name: str) -> bool:
        return name in self._views

    def get(self, name: str) -> Array | None:
        return self._views.get(name)

    def __iter__(self) -> Iterator[str]:
        return iter(self._views)

    def where(self, name: str) -> slice:
        """Where a parameter lies in the flat array."""
        return self._where[name]

    def lend(self, learning: "Parameters") -> None:
        """From now on what `learning` has lies there: it takes over our values, and new names as they are."""
        for name in learning:
            if name in self._views:
                learning[name][...] = self._views[name]
            self._views[name] = learning[name]

    def like(self) -> "Parameters":
        """Zeros of the same shapes: for gradients and moments."""
        return Parameters(self.shapes, np.zeros_like(self.flat))


def initialized(config: ModelConfig, seed: int, dtype: DTypeLike = np.float32) -> Parameters:
    """New parameters: N(0, 0.02), and 1/sqrt(2 layers) of that where a part writes into the residual
    stream, so that its variance does not grow with depth (GPT-2, section 2.3). Norms start at 1.
    """
    random = np.random.default_rng(seed)
    parameters = Parameters(shapes_of(config), dtype=dtype)
    for name in parameters:
        view = parameters[name]
        if "norm" in name and not name.endswith("bias"):
            view[...] = 1.0
        elif view.ndim == 2:
            deviation = 0.02
            if name.endswith(("attention_out", "cross_out", "down")):
                deviation /= np.sqrt(2 * config.layers)
            view[...] = random.standard_normal(view.shape, np.float32) * np.float32(deviation)
    return parameters


def decays(name: str, shape: tuple[int, ...]) -> bool:
    """Whether weight decay applies: to matrices, not to the gains and biases that shift and scale."""
    return len(shape) == 2 and "norm" not in name
