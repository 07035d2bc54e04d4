"""The Transformer as a whole: tokens in, loss and gradient out. Knows no data, no optimizer, no file.

A `Transformer` is laid out once for batches of one shape: every array that it will ever write is made
then, and training allocates nothing. Several may share the same weights, one for each thread.
"""

import math
from typing import Any

import msgspec
import numpy as np

from engine.train.attention import Sight
from engine.train.blocks import Adapter, CrossAttention, FeedForward, Norm, SelfAttention
from engine.train.config import ModelConfig
from engine.train.head import Head
from engine.train.parameters import Parameters
from engine.train.parts import Array, Ints
from engine.train.text_head import LABELS, TextHead


class Batch(msgspec.Struct, frozen=True):
    """Rows of tokens with what is to be predicted at each. All arrays are (batch, time).

    `weights`: how much each target counts, 0 for none. A token sees those from `first` up to, not
    including, `last`: a document's own where several are packed into a row, and only what came before
    where the model is causal. An encoder-decoder reads `source` as well, where `source_last` tokens count.

    Where `kept_weights` is above 0, the model is to go on saying what it said before it learnt: the tokens
    `kept` with the shares `kept_shares`, (batch, time, likeliest) each, and all others together as often.
    """

    tokens: Ints
    targets: Ints
    weights: Array
    first: Ints
    last: Ints
    source: Ints | None = None
    source_last: Ints | None = None  # (batch,)
    kept: Ints | None = None
    kept_shares: Array | None = None
    kept_weights: Array | None = None

    @property
    def counts(self) -> float:
        """How much all its targets count together."""
        kept = 0.0 if self.kept_weights is None else float(self.kept_weights.sum())
        return float(self.weights.sum()) + kept

    def rows(self, part: slice) -> "Batch":
        """Some of its rows."""
        arrays = {name: getattr(self, name) for name in self.__struct_fields__}
        there = {name: array[part] for name, array in arrays.items() if array is not None}
        return msgspec.structs.replace(self, **there)


def plain_batch(tokens: Ints, targets: Ints, weights: Array | None = None, *, causal: bool = True) -> Batch:
    """A batch of rows that are one document each. `weights` None: every target counts 1."""
    batch, time = tokens.shape
    first = np.zeros((batch, time), np.int32)
    reach = np.arange(1, time + 1) if causal else np.full(time, time)
    last = np.broadcast_to(reach.astype(np.int32), (batch, time)).copy()
    if weights is None:
        weights = np.ones((batch, time), np.float32)
    return Batch(tokens, targets, weights, first, last)


class Block:
    """Attention, then the feed-forward part; in a decoder that reads a source, cross-attention between."""

    def __init__(
        self, room: "Transformer", name: str, tokens: int, turn: Any, source_tokens: int = 0
    ) -> None:
        self.attention = SelfAttention(room, name, tokens, turn)
        self.cross = CrossAttention(room, name, tokens, source_tokens) if source_tokens else None
        self.feed_forward = FeedForward(room, name, tokens)


class Transformer:
    """See the module. `parts`: `engine.train.parts` or `engine.train.compiled`."""

    def __init__(
        self,
        config: ModelConfig,
        weights: Parameters,
        batch: int,
        time: int,
        parts: Any,
        adapter: Adapter | None = None,
        source_time: int = 0,
        head: str = "",
    ) -> None:
        """For batches of (batch, time) tokens, and sources of (batch, source_time).

        `head`: the matrix that gives the logits, (outputs, width); "": that of the next token.
        """
        self.config, self.weights, self.parts, self.adapter = config, weights, parts, adapter
        self.batch, self.time = batch, time
        read = TextHead if head == LABELS else Head
        self.head: Head = read(self, head or ("token_embedding" if config.tied else "head"))
        self._shared: dict[str, Array] = {}
        tokens, source_tokens = batch * time, batch * source_time
        turn = None
        if config.positions == "rope":
            cos, sin = parts.rotation(max(time, source_time), config.head_width, config.rope_base)
            turn = cos.astype(weights.flat.dtype), sin.astype(weights.flat.dtype)
        self.encoder = [
            Block(self, f"encoder.{layer}", source_tokens, turn)
            for layer in range(config.layers if source_time else 0)
        ]
        self.encoder_norm = Norm(self, "encoder_norm", source_tokens) if source_time else None
        self.blocks = [
            Block(self, f"blocks.{layer}", tokens, turn, source_tokens) for layer in range(config.layers)
        ]
        self.final_norm = Norm(self, "final_norm", tokens)
        self.x = self.array(tokens, config.width)

    # ── room ──

    def array(self, *shape: int) -> Array:
        """An array of one owner."""
        return np.empty(shape, self.weights.flat.dtype)

    def shared(self, name: str, *shape: int) -> Array:
        """An array that whoever asks for it by this name gets; what it held is gone then."""
        size = math.prod(shape)
        kept = self._shared.get(name)
        if kept is None or kept.size < size:
            kept = self._shared[name] = self.array(size)
        return kept[:size].reshape(shape)

    # ── forward ──

    def hidden(self, batch: Batch) -> Array:
        """What the last norm gives: (tokens, width), a view that the next call writes over."""
        source = None
        if self.encoder_norm is not None and batch.source is not None:
            flow = self._embed(batch.source, "source")
            sight = self._source_sight(batch, batch.source.shape[1])
            for block in self.encoder:
                block.attention.forward(flow, sight)
                block.feed_forward.forward(flow)
            source = self.encoder_norm.forward(flow)
        x = self._embed(batch.tokens, "target")
        sight = Sight(batch.first, batch.last, causal=self.config.causal)
        crossing = self._source_sight(batch, self.time)
        for block in self.blocks:
            block.attention.forward(x, sight)
            if block.cross is not None and source is not None:
                block.cross.forward(x, source, crossing)
            block.feed_forward.forward(x)
        return self.final_norm.forward(x)

    def start(self, tokens: Ints) -> Array:
        """The residual stream before the first block: (tokens, width), where the blocks go on writing."""
        return self._embed(tokens, "target")

    def logits(self, batch: Batch) -> Array:
        """(batch, time, vocab), freshly made; of a model that tells labels (texts, labels)."""
        return self.head.logits(self.hidden(batch), batch)

    def _embed(self, tokens: Ints, which: str) -> Array:
        x = self.x if which == "target" else self.shared("source", tokens.size, self.config.width)
        self.parts.embed(self.weights["token_embedding"], tokens.reshape(-1), x)
        if self.config.positions == "learned":
            table = self.weights["position_embedding"]
            rows = x.reshape(*tokens.shape, -1)
            rows += table[: tokens.shape[1]]
        return x

    def _source_sight(self, batch: Batch, queries: int) -> Sight:
        """Every query sees the whole of its source."""
        if batch.source_last is None:
            return Sight(batch.first, batch.last, causal=False)
        last = np.repeat(batch.source_last[:, None], queries, axis=1)
        return Sight(np.zeros_like(last), last, causal=False)

    # ── loss and gradient ──

    def loss(self, batch: Batch, divisor: float, gradient: Parameters | None = None) -> float:
        """Sum of the weighted losses over `divisor`, in nats; writes the gradient of that.

        `gradient` has the parameters that are to learn, in a `Parameters` of their shapes.
        """
        hidden = self.hidden(batch)
        d_hidden = self.shared("residual", *hidden.shape)
        loss = self.head.loss(hidden, batch, divisor, d_hidden, gradient)
        if gradient is not None:
            self._backward(batch, d_hidden, gradient)
        return loss

    def _backward(self, batch: Batch, d_hidden: Array, gradient: Parameters) -> None:
        d_x = self.shared("d_x", *self.x.shape)
        d_x.fill(0)
        self.final_norm.backward(d_hidden, d_x, gradient)
        sight = Sight(batch.first, batch.last, causal=self.config.causal)
        crossing = self._source_sight(batch, self.time)
        d_source = None
        if self.encoder_norm is not None:
            d_source = self.shared("d_source", *self.encoder_norm.out.shape)
            d_source.fill(0)
        for block in reversed(self.blocks[self._lowest(gradient) :]):
            block.feed_forward.backward(d_x, gradient)
            if block.cross is not None and self.encoder_norm is not None and d_source is not None:
                block.cross.backward(d_x, self.encoder_norm.out, d_source, crossing, gradient)
            block.attention.backward(d_x, sight, gradient)
        for table in ("token_embedding", "position_embedding"):
            if (
                table in gradient and table != self.head.name
            ):  # where the head is the table, it has written it
                gradient[table].fill(0)
        self._embed_gradient(batch.tokens, d_x, gradient)
        if self.encoder_norm is not None and d_source is not None and batch.source is not None:
            d_flow = d_x if len(d_x) == len(d_source) else self.shared("d_flow", *d_source.shape)
            d_flow.fill(0)
            self.encoder_norm.backward(d_source, d_flow, gradient)
            sight = self._source_sight(batch, batch.source.shape[1])
            for block in reversed(self.encoder):
                block.feed_forward.backward(d_flow, gradient)
                block.attention.backward(d_flow, sight, gradient)
            self._embed_gradient(batch.source, d_flow, gradient)

    def _lowest(self, gradient: Parameters) -> int:
        """The first block that something learns in or below: what lies under it needs no derivative."""
        if self.adapter is not None or self.encoder or "token_embedding" in gradient:
            return 0
        if "position_embedding" in gradient:
            return 0
        learning = (int(name.split(".")[1]) for name in gradient if name.startswith("blocks."))
        return min(learning, default=len(self.blocks))

    def _embed_gradient(self, tokens: Ints, d_x: Array, gradient: Parameters) -> None:
        """Adds to the gradients of both tables."""
        if "token_embedding" in gradient:
            self.parts.embed_gradient(d_x, tokens.reshape(-1), gradient["token_embedding"])
        if "position_embedding" in gradient:
            rows = d_x.reshape(*tokens.shape, -1)
            gradient["position_embedding"][: tokens.shape[1]] += np.sum(rows, axis=0)
