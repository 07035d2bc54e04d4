"""A look inside a model while it reads: who attends to whom, what it would say after each layer, where its
tokens lie, and what each of its parts costs. Learns nothing.
"""

from typing import Any

import msgspec
import numpy as np

from engine.train.attention import Sight
from engine.train.config import ModelConfig
from engine.train.parameters import Parameters, shapes_of
from engine.train.parts import Array, Ints
from engine.train.transformer import Batch, Transformer, plain_batch


class Reading(msgspec.Struct, frozen=True):
    """What a model did with a row of tokens.

    `attention`: (layers, heads, queries, keys), rows sum to 1; `flow`: the residual stream before the first
    block and after each, (layers + 1, time, width).
    """

    attention: Any
    flow: Any


def read(config: ModelConfig, weights: Parameters, tokens: Ints, parts: Any) -> Reading:
    """Read a row of tokens, (time,), by a decoder or an encoder, and keep what happened on the way."""
    row = np.asarray(tokens, np.int32)[None]
    model = Transformer(config, weights, 1, row.shape[1], parts)
    batch = plain_batch(row, row, causal=config.causal)
    sight = Sight(batch.first, batch.last, causal=config.causal)
    x = model.start(batch.tokens)
    flow, attention = [x.copy()], []
    for block in model.blocks:
        block.attention.forward(x, sight)
        attention.append(_seen(block.attention.probabilities[0], batch))
        block.feed_forward.forward(x)
        flow.append(x.copy())
    return Reading(np.stack(attention), np.stack(flow))


def _seen(probabilities: Array, batch: Batch) -> Array:
    """(key heads, group, queries, keys) as (heads, queries, keys); what is not seen was never written."""
    time = probabilities.shape[-1]
    keys = np.arange(time)
    mask = (keys >= batch.first[0][:, None]) & (keys < batch.last[0][:, None])
    return np.where(mask, probabilities.reshape(-1, time, time), 0).astype(np.float32)


def next_after_each_layer(
    config: ModelConfig, weights: Parameters, reading: Reading, place: int, parts: Any
) -> Array:
    """The probabilities of the next token at a place, as if the model ended after each layer: the residual
    stream through the last norm and the output layer, (layers + 1, vocab). "Logit lens":
    https://www.lesswrong.com/posts/AcKRB8wDpdaN6v6ru/interpreting-gpt-the-logit-lens
    """
    rows = np.ascontiguousarray(reading.flow[:, place])
    out = np.empty_like(rows)
    scale, mean = np.empty(len(rows), rows.dtype), np.empty(len(rows), rows.dtype)
    gain, epsilon = weights["final_norm"], config.norm_epsilon
    if config.norm == "rms":
        parts.rms_norm(rows, gain, epsilon, out, scale)
    else:
        parts.layer_norm(rows, gain, weights["final_norm.bias"], epsilon, out, mean, scale)
    table = weights["token_embedding" if config.tied else "head"]
    return softmax(out @ table.T)


def softmax(logits: Array, temperature: float = 1.0, top_k: int = 0, top_p: float = 1.0) -> Array:
    """Probabilities of each row after temperature, the `top_k` likeliest (0: all) and the smallest set of the
    likeliest whose probabilities reach `top_p` (arXiv:1904.09751); the others get 0. (rows, vocab) both."""
    scaled = logits.astype(np.float64) / max(temperature, 1e-6)
    shares = np.exp(scaled - scaled.max(axis=-1, keepdims=True))
    shares /= shares.sum(axis=-1, keepdims=True)
    if not top_k and top_p >= 1:
        return np.asarray(shares)
    order = np.argsort(-shares, axis=-1, kind="stable")
    ranked = np.take_along_axis(shares, order, axis=-1)
    kept = np.ones(ranked.shape, bool)
    if top_k:
        kept[..., top_k:] = False
    # the one that reaches the sum is still in
    kept &= np.cumsum(ranked, axis=-1) - ranked < top_p
    ranked = np.where(kept, ranked, 0)
    ranked /= ranked.sum(axis=-1, keepdims=True)
    cut = np.zeros_like(shares)
    np.put_along_axis(cut, order, ranked, axis=-1)
    return np.asarray(cut)


def flattened(vectors: Array, dimensions: int = 2) -> Array:
    """Vectors along the directions in which they differ most (principal components).

    (vectors, dimensions)."""
    centred = vectors.astype(np.float64) - vectors.mean(axis=0)
    if min(centred.shape) == 0:
        return np.zeros((len(vectors), dimensions))
    _, _, directions = np.linalg.svd(centred.T @ centred)
    return np.asarray(centred @ directions[:dimensions].T)


def nearest(vectors: Array, place: int, count: int) -> list[tuple[int, float]]:
    """The vectors that point most nearly the same way as the one at `place`, with the cosine between them."""
    lengths = np.linalg.norm(vectors, axis=1) + 1e-12
    cosines = (vectors @ vectors[place]) / (lengths * lengths[place])
    cosines[place] = -2
    best = np.argsort(-cosines)[:count]
    return [(int(one), float(cosines[one])) for one in best if one != place]


class Part(msgspec.Struct, frozen=True):
    """A part of a model: numbers that it holds, and operations for one more token with a full context."""

    name: str
    parameters: int
    operations: int


def parts_of(config: ModelConfig) -> list[Part]:
    """What each part holds and costs (arXiv:2001.08361, table 1).

    A product of (out, in) with a vector takes 2 out in operations; attention's scores hold nothing and grow
    with the context.
    """
    kinds = {
        "token_embedding": "embedding",
        "position_embedding": "embedding",
        "head": "output",
        "qkv": "attention",
        "attention_out": "attention",
        "cross_q": "cross-attention",
        "cross_kv": "cross-attention",
        "cross_out": "cross-attention",
        "up": "feed-forward",
        "down": "feed-forward",
    }
    held: dict[str, int] = {}
    taken: dict[str, int] = {}
    for name, shape in shapes_of(config).items():
        words = name.removesuffix(".bias").rsplit(".", 1)[-1]
        kind = kinds.get(words, "norms")
        size = int(np.prod(shape))
        held[kind] = held.get(kind, 0) + size
        if kind not in ("embedding", "norms") and len(shape) == 2:
            taken[kind] = taken.get(kind, 0) + 2 * size
    scores = 4 * config.context * config.width * config.layers  # queries by keys, and shares by values
    taken["scores"] = scores * (2 if config.kind == "encoder_decoder" else 1)
    if config.tied:
        taken["output"] = 2 * config.vocab * config.width
    names = ("embedding", "attention", "scores", "cross-attention", "feed-forward", "norms", "output")
    return [
        Part(name, held.get(name, 0), taken.get(name, 0)) for name in names if name in held or name in taken
    ]
