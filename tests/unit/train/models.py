"""Small models of every kind, and batches for them, for the tests of the trainer."""

import importlib
from types import ModuleType

import numpy as np
import pytest

from engine.train.config import ModelConfig, bert, first_transformer, gpt
from engine.train.parameters import Parameters, initialized
from engine.train.transformer import Batch, Transformer, plain_batch

SIZES = {"vocab": 11, "context": 12, "layers": 2, "width": 16, "heads": 4}
KINDS = {
    "llama": ModelConfig(**SIZES),
    "grouped queries": ModelConfig(**SIZES, kv_heads=2),
    "untied": ModelConfig(**SIZES, tied=False),
    "gpt": gpt(**SIZES),
    "bert": bert(**SIZES),
    "first transformer": first_transformer(**SIZES),
}
BATCH, TIME, SOURCE = 3, 9, 5
LIKELIEST = 4


def parts_named(name: str) -> ModuleType:
    """`engine.train.parts` or `.compiled`; skips where numba is not installed."""
    if name == "compiled":
        pytest.importorskip("numba")
    return importlib.import_module(f"engine.train.{name}")


def weights_of(config: ModelConfig, seed: int = 1, dtype: type = np.float64) -> Parameters:
    """Larger than a fresh model's, so that every part matters."""
    weights = initialized(config, seed, dtype)
    random = np.random.default_rng(seed)
    weights.flat += (0.1 * random.standard_normal(weights.flat.shape)).astype(dtype)
    return weights


def batch_of(config: ModelConfig, seed: int = 2, rows: int = BATCH, time: int = TIME) -> Batch:
    """Two documents in every row, so that masks matter; targets of both kinds, and tokens without any; for
    an encoder-decoder sources of several lengths."""
    random = np.random.default_rng(seed)
    tokens = random.integers(0, config.vocab, (rows, time)).astype(np.int32)
    targets = random.integers(0, config.vocab, (rows, time)).astype(np.int32)
    plain = plain_batch(tokens, targets, random.random((rows, time)), causal=config.causal)
    first, last = plain.first.copy(), plain.last.copy()
    border = time // 3
    first[:, border:] = border
    last[:, :border] = np.minimum(last[:, :border], border)
    source = source_last = None
    if config.kind == "encoder_decoder":
        source = random.integers(0, config.vocab, (rows, SOURCE)).astype(np.int32)
        source_last = np.array([SOURCE - row % 3 for row in range(rows)], np.int32)
    weights = np.where(random.random((rows, time)) < 0.7, plain.weights, 0)
    kept_weights = np.where(random.random((rows, time)) < 0.4, random.random((rows, time)), 0)
    chances = random.dirichlet(np.ones(config.vocab), (rows, time))
    kept = np.argsort(chances, axis=-1)[..., -LIKELIEST:].astype(np.int32)
    shares = np.take_along_axis(chances, kept, axis=-1)
    return Batch(
        tokens, targets, weights, first, last, source, source_last, kept, shares, kept_weights
    )  # fmt: skip


def model_of(config: ModelConfig, weights: Parameters, parts: ModuleType, rows: int = BATCH) -> Transformer:
    source = SOURCE if config.kind == "encoder_decoder" else 0
    return Transformer(config, weights, rows, TIME, parts, source_time=source)
