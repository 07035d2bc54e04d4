"""The same Transformer in JAX: a function of its parameters, differentiated by JAX. Takes no steps.

The second opinion on every gradient in `engine.train.blocks`, and the way to GPUs and many devices.
"""

from collections.abc import Mapping
from typing import Any, Final

import jax
import jax.numpy as jnp

from engine.train.config import ModelConfig
from engine.train.parts import LEAST
from engine.train.text_head import LABELS

Weights = Mapping[str, Any]
Arrays = Mapping[str, Any]  # a batch: tokens, targets, weights, first, last, and source, source_last
NOTHING: Final = -1e30  # a score that no softmax gives a share


def loss(
    learning: Weights, fixed: Weights, batch: Arrays, config: ModelConfig, head: str, low_rank_scale: float
) -> Any:
    """The sum of the weighted losses of a batch, in nats. `learning` goes before `fixed`."""
    weights = {**fixed, **learning}
    hidden = hidden_of(weights, batch, config, low_rank_scale)
    if head == LABELS:  # see `engine.train.text_head`
        seen = _seen(batch["first"], batch["last"], hidden.shape[1])
        hidden = (seen / seen.sum(-1, keepdims=True)).astype(hidden.dtype) @ hidden
    logits = hidden @ weights[head].T
    log_shares = jax.nn.log_softmax(logits, axis=-1)
    said = jnp.take_along_axis(log_shares, batch["targets"][..., None], axis=-1)[..., 0]
    total = -(said * batch["weights"]).sum()
    if "kept" not in batch:
        return total
    # see `engine.train.parts.stay_near`
    shares, said = batch["kept_shares"], jnp.take_along_axis(log_shares, batch["kept"], axis=-1)
    rest = jnp.maximum(1 - shares.sum(-1), LEAST)
    said_rest = jnp.maximum(1 - jnp.exp(said).sum(-1), LEAST)
    away = (shares * (jnp.log(jnp.maximum(shares, LEAST)) - said)).sum(-1) + rest * jnp.log(rest / said_rest)
    return total + (away * batch["kept_weights"]).sum()


def hidden_of(weights: Weights, batch: Arrays, config: ModelConfig, low_rank_scale: float) -> Any:
    """(batch, time, width) after the last norm."""
    model = _Model(weights, config, low_rank_scale)
    tokens = batch["tokens"]
    sight = _seen(batch["first"], batch["last"], tokens.shape[1])
    source = crossing = None
    if config.kind == "encoder_decoder":
        read = batch["source"]
        zeros = jnp.zeros_like(batch["source_last"])[:, None]
        reach = batch["source_last"][:, None]
        whole = _seen(jnp.repeat(zeros, read.shape[1], 1), jnp.repeat(reach, read.shape[1], 1), read.shape[1])
        crossing = _seen(
            jnp.repeat(zeros, tokens.shape[1], 1), jnp.repeat(reach, tokens.shape[1], 1), read.shape[1]
        )
        flow = model.embed(read)
        for layer in range(config.layers):
            flow = model.block(f"encoder.{layer}", flow, whole)
        source = model.norm("encoder_norm", flow)
    x = model.embed(tokens)
    for layer in range(config.layers):
        x = model.block(f"blocks.{layer}", x, sight, source, crossing)
    return model.norm("final_norm", x)


def _seen(first: Any, last: Any, keys: int) -> Any:
    """(batch, queries, keys): whether a query sees a key."""
    places = jnp.arange(keys)
    return (places >= first[..., None]) & (places < last[..., None])


class _Model:
    def __init__(self, weights: Weights, config: ModelConfig, low_rank_scale: float) -> None:
        self.weights, self.config, self.scale = weights, config, low_rank_scale

    def embed(self, tokens: Any) -> Any:
        x = self.weights["token_embedding"][tokens]
        if self.config.positions == "learned":
            x = x + self.weights["position_embedding"][: tokens.shape[1]]
        return x

    def linear(self, name: str, x: Any) -> Any:
        out = x @ self.weights[name].T
        if f"{name}.bias" in self.weights:
            out = out + self.weights[f"{name}.bias"]
        if f"{name}.lora_a" in self.weights:
            out = out + self.scale * (x @ self.weights[f"{name}.lora_a"].T) @ self.weights[f"{name}.lora_b"].T
        return out

    def norm(self, name: str, x: Any) -> Any:
        epsilon = self.config.norm_epsilon
        if self.config.norm == "rms":
            return self.weights[name] * x * jax.lax.rsqrt((x * x).mean(-1, keepdims=True) + epsilon)
        x = x - x.mean(-1, keepdims=True)
        unit = x * jax.lax.rsqrt((x * x).mean(-1, keepdims=True) + epsilon)
        return self.weights[name] * unit + self.weights[f"{name}.bias"]

    def block(self, name: str, x: Any, sight: Any, source: Any = None, crossing: Any = None) -> Any:
        config = self.config
        keys = config.key_heads * config.head_width
        qkv = self.linear(f"{name}.qkv", self.norm(f"{name}.attention_norm", x))
        q, k, v = jnp.split(qkv, [config.width, config.width + keys], axis=-1)
        q, k, v = self.heads(q), self.heads(k), self.heads(v)
        if config.positions == "rope":
            q, k = self.rotate(q), self.rotate(k)
        x = x + self.linear(f"{name}.attention_out", self.attend(q, k, v, sight))
        if source is not None:
            q = self.heads(self.linear(f"{name}.cross_q", self.norm(f"{name}.cross_norm", x)))
            k, v = jnp.split(self.linear(f"{name}.cross_kv", source), 2, axis=-1)
            mixed = self.attend(q, self.heads(k), self.heads(v), crossing)
            x = x + self.linear(f"{name}.cross_out", mixed)
        up = self.linear(f"{name}.up", self.norm(f"{name}.mlp_norm", x))
        if config.activation == "swiglu":
            gate, up = jnp.split(up, 2, axis=-1)
            active = jax.nn.silu(gate) * up
        else:
            active = jax.nn.gelu(up, approximate=True)
        return x + self.linear(f"{name}.down", active)

    def heads(self, x: Any) -> Any:
        """(batch, time, heads * head width) to (batch, time, heads, head width)."""
        return x.reshape(*x.shape[:2], -1, self.config.head_width)

    def rotate(self, x: Any) -> Any:
        half = self.config.head_width // 2
        speeds = self.config.rope_base ** (-jnp.arange(half) / half)
        angles = (jnp.arange(x.shape[1])[:, None] * speeds)[:, None, :]
        cos, sin = jnp.cos(angles).astype(x.dtype), jnp.sin(angles).astype(x.dtype)
        first, second = x[..., :half], x[..., half:]
        return jnp.concatenate([first * cos - second * sin, second * cos + first * sin], -1)

    def attend(self, q: Any, k: Any, v: Any, sight: Any) -> Any:
        batch, queries, heads, width = q.shape
        group = heads // k.shape[2]
        q = q.reshape(batch, queries, k.shape[2], group, width)
        scores = jnp.einsum("bqkgw,bskw->bkgqs", q, k) * width**-0.5
        mask = sight[:, None, None]
        shares = jax.nn.softmax(jnp.where(mask, scores, NOTHING), axis=-1)
        shares = jnp.where(mask, shares, 0)  # one that sees nothing takes nothing
        return jnp.einsum("bkgqs,bskw->bqkgw", shares, v).reshape(batch, queries, -1)
