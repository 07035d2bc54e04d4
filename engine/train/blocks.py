"""What a Transformer is stacked from: linear maps, norms, attention and the feed-forward part.

Each has `forward` and, beside it, `backward`. Each owns the arrays that it writes, laid out once for
batches of one shape; activations stay in them from one to the other. The residual stream `x` and its
derivative `d_x` are (tokens, width) and are added to in place.
"""

from typing import Any, Protocol

import numpy as np

from engine.train.attention import QUERIES, Sight, attend, attend_gradient, heads_of
from engine.train.config import ModelConfig
from engine.train.parameters import Parameters
from engine.train.parts import Array


class Room(Protocol):
    """Where arrays come from. A shared one may be handed out again under the same name."""

    batch: int
    config: ModelConfig
    parts: Any
    weights: Parameters
    adapter: "Adapter | None"

    def array(self, *shape: int) -> Array: ...

    def shared(self, name: str, *shape: int) -> Array: ...


class Adapter(Protocol):
    """A low-rank addition to linear maps, see `engine.train.lora`."""

    def forward(self, name: str, x: Array, out: Array) -> None: ...

    def backward(
        self, name: str, d_out: Array, x: Array, d_x: Array | None, gradient: Parameters
    ) -> None: ...


class Linear:
    """out = x wᵀ (+ bias), with w: (out, in)."""

    def __init__(self, room: Room, name: str) -> None:
        self.name = name
        self.room = room

    def forward(self, x: Array, out: Array) -> None:
        weights = self.room.weights
        np.matmul(x, weights[self.name].T, out=out)
        if f"{self.name}.bias" in weights:
            self.room.parts.add_bias(out, weights[f"{self.name}.bias"])
        if self.room.adapter is not None:
            self.room.adapter.forward(self.name, x, out)

    def backward(self, d_out: Array, x: Array, d_x: Array | None, gradient: Parameters) -> None:
        """Writes `d_x` where it is asked for, and what `gradient` has room for."""
        if self.name in gradient:
            np.matmul(d_out.T, x, out=gradient[self.name])
        if f"{self.name}.bias" in gradient:
            np.sum(d_out, axis=0, out=gradient[f"{self.name}.bias"])
        if d_x is not None:
            np.matmul(d_out, self.room.weights[self.name], out=d_x)
        if self.room.adapter is not None:
            self.room.adapter.backward(self.name, d_out, x, d_x, gradient)


class Norm:
    """RMSNorm or LayerNorm. Keeps what came in, as the stream it came from flows on."""

    def __init__(self, room: Room, name: str, tokens: int) -> None:
        self.name = name
        self.room = room
        width = room.config.width
        self.x = room.array(tokens, width)
        self.out = room.array(tokens, width)
        self.scale = room.array(tokens)
        self.mean = room.array(tokens) if room.config.norm == "layer" else None

    def forward(self, x: Array) -> Array:
        weights, parts, epsilon = self.room.weights, self.room.parts, self.room.config.norm_epsilon
        self.x[...] = x
        gain = weights[self.name]
        if self.mean is None:
            parts.rms_norm(self.x, gain, epsilon, self.out, self.scale)
        else:
            bias = weights[f"{self.name}.bias"]
            parts.layer_norm(self.x, gain, bias, epsilon, self.out, self.mean, self.scale)
        return self.out

    def backward(self, d_out: Array, d_x: Array, gradient: Parameters) -> None:
        parts, gain = self.room.parts, self.room.weights[self.name]
        d_gain = gradient.get(self.name)
        if self.mean is None:
            parts.rms_norm_gradient(d_out, self.x, gain, self.scale, d_x, d_gain)
        else:
            d_bias = gradient.get(f"{self.name}.bias")
            parts.layer_norm_gradient(d_out, self.x, gain, self.mean, self.scale, d_x, d_gain, d_bias)


class SelfAttention:
    """x += out(attention(norm(x))): each token gathers from those that it sees."""

    def __init__(self, room: Room, name: str, tokens: int, turn: tuple[Array, Array] | None) -> None:
        """`turn`: cosines and sines of rotary positions; None: positions are learned."""
        config = room.config
        self.room, self.turn = room, turn
        self.time = tokens // room.batch
        self.norm = Norm(room, f"{name}.attention_norm", tokens)
        self.to_qkv = Linear(room, f"{name}.qkv")
        self.to_out = Linear(room, f"{name}.attention_out")
        self.turned = config.width + config.key_heads * config.head_width  # width of queries and keys
        self.qkv = room.array(tokens, self.turned + config.key_heads * config.head_width)
        self.mixed = room.array(tokens, config.width)
        group = config.heads // config.key_heads
        self.probabilities = room.array(room.batch, config.key_heads, group, self.time, self.time)

    def split(self, qkv: Array) -> tuple[Array, Array, Array]:
        """Views of queries, keys and values by head."""
        config, batch = self.room.config, self.room.batch
        q, k, v = qkv[:, : config.width], qkv[:, config.width : self.turned], qkv[:, self.turned :]
        group = config.heads // config.key_heads
        keys = config.key_heads
        return heads_of(q, batch, keys, group), heads_of(k, batch, keys), heads_of(v, batch, keys)

    def _rotate(self, qkv: Array, direction: float) -> None:
        if self.turn is not None:
            cos, sin = self.turn
            width = self.room.config.head_width
            heads = qkv[:, : self.turned].reshape(self.room.batch, self.time, -1, width)
            self.room.parts.rotate(heads, cos, sin if direction > 0 else -sin)

    def forward(self, x: Array, sight: Sight) -> None:
        room = self.room
        self.to_qkv.forward(self.norm.forward(x), self.qkv)
        self._rotate(self.qkv, 1)
        q, k, v = self.split(self.qkv)
        mixed = heads_of(self.mixed, room.batch, room.config.key_heads, q.shape[2])
        attend(q, k, v, sight, self.probabilities, mixed, room.parts)
        out = room.shared("residual", *x.shape)
        self.to_out.forward(self.mixed, out)
        room.parts.add(x, out)

    def backward(self, d_x: Array, sight: Sight, gradient: Parameters) -> None:
        room = self.room
        d_mixed = room.shared("residual", *d_x.shape)
        self.to_out.backward(d_x, self.mixed, d_mixed, gradient)
        d_qkv = room.shared("d_qkv", *self.qkv.shape)
        q, k, v = self.split(self.qkv)
        d_q, d_k, d_v = self.split(d_qkv)
        d_out = heads_of(d_mixed, room.batch, room.config.key_heads, q.shape[2])
        shape = self.probabilities.shape
        scratch = room.shared("d_scores", *shape[:3], min(QUERIES, shape[3]), shape[4])
        attend_gradient(d_out, q, k, v, sight, self.probabilities, d_q, d_k, d_v, scratch, room.parts)
        self._rotate(d_qkv, -1)
        d_normed = room.shared("residual", *d_x.shape)
        self.to_qkv.backward(d_qkv, self.norm.out, d_normed, gradient)
        self.norm.backward(d_normed, d_x, gradient)


class CrossAttention:
    """x += out(attention from the decoder's tokens to the encoder's)."""

    def __init__(self, room: Room, name: str, tokens: int, source_tokens: int) -> None:
        config = room.config
        self.room = room
        self.norm = Norm(room, f"{name}.cross_norm", tokens)
        self.to_q = Linear(room, f"{name}.cross_q")
        self.to_kv = Linear(room, f"{name}.cross_kv")
        self.to_out = Linear(room, f"{name}.cross_out")
        self.q = room.array(tokens, config.width)
        self.kv = room.array(source_tokens, 2 * config.key_heads * config.head_width)
        self.mixed = room.array(tokens, config.width)
        batch, group = room.batch, config.heads // config.key_heads
        self.probabilities = room.array(
            batch, config.key_heads, group, tokens // batch, source_tokens // batch
        )

    def split(self, kv: Array) -> tuple[Array, Array]:
        half = kv.shape[1] // 2
        batch, keys = self.room.batch, self.room.config.key_heads
        return heads_of(kv[:, :half], batch, keys), heads_of(kv[:, half:], batch, keys)

    def queries(self, q: Array) -> Array:
        config = self.room.config
        return heads_of(q, self.room.batch, config.key_heads, config.heads // config.key_heads)

    def forward(self, x: Array, source: Array, sight: Sight) -> None:
        self.to_q.forward(self.norm.forward(x), self.q)
        self.to_kv.forward(source, self.kv)
        k, v = self.split(self.kv)
        parts = self.room.parts
        attend(self.queries(self.q), k, v, sight, self.probabilities, self.queries(self.mixed), parts)
        out = self.room.shared("residual", *x.shape)
        self.to_out.forward(self.mixed, out)
        parts.add(x, out)

    def backward(
        self, d_x: Array, source: Array, d_source: Array, sight: Sight, gradient: Parameters
    ) -> None:
        """Adds to `d_source`, as every layer of the decoder looks at the same source."""
        room = self.room
        d_mixed = room.shared("residual", *d_x.shape)
        self.to_out.backward(d_x, self.mixed, d_mixed, gradient)
        d_q = room.shared("d_q", *self.q.shape)
        d_kv = room.shared("d_kv", *self.kv.shape)
        k, v = self.split(self.kv)
        d_k, d_v = self.split(d_kv)
        shape = self.probabilities.shape
        scratch = room.shared("d_cross_scores", *shape[:3], min(QUERIES, shape[3]), shape[4])
        attend_gradient(
            self.queries(d_mixed), self.queries(self.q), k, v, sight, self.probabilities,
            self.queries(d_q), d_k, d_v, scratch, room.parts,
        )  # fmt: skip
        d_from = room.shared("d_from", *source.shape)
        self.to_kv.backward(d_kv, source, d_from, gradient)
        room.parts.add(d_source, d_from)
        d_normed = room.shared("residual", *d_x.shape)
        self.to_q.backward(d_q, self.norm.out, d_normed, gradient)
        self.norm.backward(d_normed, d_x, gradient)


class FeedForward:
    """x += down(activation(up(norm(x)))): each token on its own."""

    def __init__(self, room: Room, name: str, tokens: int) -> None:
        config = room.config
        self.room = room
        self.norm = Norm(room, f"{name}.mlp_norm", tokens)
        self.to_up = Linear(room, f"{name}.up")
        self.to_down = Linear(room, f"{name}.down")
        gates = 2 if config.activation == "swiglu" else 1
        self.up = room.array(tokens, gates * config.inner)
        self.active = room.array(tokens, config.inner)

    def forward(self, x: Array) -> None:
        parts = self.room.parts
        self.to_up.forward(self.norm.forward(x), self.up)
        activate = parts.swiglu if self.room.config.activation == "swiglu" else parts.gelu
        activate(self.up, self.active)
        out = self.room.shared("residual", *x.shape)
        self.to_down.forward(self.active, out)
        parts.add(x, out)

    def backward(self, d_x: Array, gradient: Parameters) -> None:
        parts = self.room.parts
        d_active = self.room.shared("d_active", *self.active.shape)
        self.to_down.backward(d_x, self.active, d_active, gradient)
        swiglu = self.room.config.activation == "swiglu"
        back = parts.swiglu_gradient if swiglu else parts.gelu_gradient
        back(d_active, self.up)  # now its derivative
        d_normed = self.room.shared("residual", *d_x.shape)
        self.to_up.backward(self.up, self.norm.out, d_normed, gradient)
        self.norm.backward(d_normed, d_x, gradient)
