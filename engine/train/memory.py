"""How much memory a run will take, reckoned before anything is made. Makes no large array.

Weights, a gradient for each thread, the optimizer's two averages, and what a batch leaves behind in every
layer: that, nothing is thrown away between forward and backward, is what grows with batch and context.
"""

from collections.abc import Callable
from typing import Final

import msgspec
import numpy as np
import psutil

from engine.limits import limits
from engine.train.attention import QUERIES
from engine.train.blocks import Adapter
from engine.train.config import ModelConfig
from engine.train.errors import TooLarge
from engine.train.head import LOGITS_BYTES, TABLE_ROWS
from engine.train.lora import adapter_shapes
from engine.train.parameters import Parameters, Shapes, shapes_of
from engine.train.parts import Array
from engine.train.specs import Settings
from engine.train.transformer import Transformer

NUMBER_BYTES: Final = 4
RESERVE_BYTES: Final = 100_000_000  # for Python's own objects, and for the others on this machine


class Need(msgspec.Struct, frozen=True):
    """In bytes. `learning`: gradients and averages; `activations` of all threads together."""

    weights: int
    learning: int
    activations: int

    @property
    def total(self) -> int:
        return self.weights + self.learning + self.activations


def memory_of(
    config: ModelConfig, settings: Settings, batch: int, time: int, learning: int, source_time: int = 0,
    rank: int = 0,
) -> Need:  # fmt: skip
    """What a run on threads takes. `batch`: rows of `time` tokens; `learning`: parameters that learn; `rank`
    of an adapter, 0 without one."""
    threads = max(1, min(settings.threads, batch))
    gradients = threads + 2 * (settings.accumulate > 1)
    return Need(
        weight_bytes(config),
        learning * (gradients + 2) * NUMBER_BYTES,
        threads * _activations(config, -(-batch // threads), time, source_time, rank) * NUMBER_BYTES,
    )


def learning_of(config: ModelConfig, rank: int = 0) -> int:
    """Parameters that learn: all of a model, or an adapter of `rank`."""
    return _count(adapter_shapes(config, rank) if rank else shapes_of(config))


def require_room(need: Callable[[int], Need], settings: Settings, already_bytes: int = 0) -> None:
    """Raises TooLarge where there is less memory than a batch of that many rows needs.

    `already_bytes` of it are taken. The error says how many rows would fit, if any would.
    """
    free = free_bytes() + already_bytes
    needed = need(settings.batch).total
    if needed <= free:
        return
    rows = settings.batch
    while rows and need(rows).total > free:
        rows //= 2
    if rows:
        raise TooLarge(needed_bytes=needed, free_bytes=free, batch=rows)
    raise TooLarge(needed_bytes=needed, free_bytes=free)


def require_bytes(needed: int) -> None:
    """Raises TooLarge where there is less memory than that."""
    free = free_bytes()
    if needed > free:
        raise TooLarge(needed_bytes=needed, free_bytes=free)


def weight_bytes(config: ModelConfig) -> int:
    """Of a model's parameters alone."""
    return _count(shapes_of(config)) * NUMBER_BYTES


def free_bytes() -> int:
    """What the system, or a limit that it set us, would still give."""
    available = int(psutil.virtual_memory().available)
    return max(0, min([available, *(limit.free_bytes for limit in limits())]) - RESERVE_BYTES)


def _count(shapes: Shapes) -> int:
    # in Python's numbers: sizes that no array can have are what is asked about
    total = 0
    for shape in shapes.values():
        size = 1
        for side in shape:
            size *= side
        total += size
    return total


class _Layout(Transformer):
    """Lays a model out without any memory, and counts the numbers that it would hold."""

    numbers = 0

    def array(self, *shape: int) -> Array:
        size = 1
        for side in shape:
            size *= side
        self.numbers += size
        return _NOTHING


_NOTHING: Final[Array] = np.empty(0, np.float32)


def _activations(config: ModelConfig, rows: int, time: int, source_time: int, rank: int) -> int:
    """Numbers that one thread keeps for `rows` rows."""

    def kept(layers: int) -> int:
        # positions have no part in it, and turned ones would be computed
        plain = msgspec.structs.replace(config, layers=layers, positions="learned")
        nothing = Parameters({})
        adapter: Adapter | None = None
        return _Layout(plain, nothing, rows, time, np, adapter, source_time).numbers

    one = kept(1)
    return one + (config.layers - 1) * (kept(2) - one) + _shared(config, rows, time, source_time, rank)


def _shared(config: ModelConfig, rows: int, time: int, source_time: int, rank: int) -> int:
    """Numbers in the arrays that all layers write over, see `Transformer.shared` and `LowRank`."""
    tokens, source = rows * time, rows * source_time
    longer = max(tokens, source)
    width = config.width
    turned = width + 2 * config.key_heads * config.head_width
    gates = 2 if config.activation == "swiglu" else 1
    logits = min(tokens * config.vocab, max(config.vocab, LOGITS_BYTES // NUMBER_BYTES))
    table = min(TABLE_ROWS, config.vocab) * width if tokens * config.vocab > logits else 0
    scores = rows * config.heads * min(QUERIES, max(time, source_time)) * max(time, source_time)
    flow = longer * (2 * width + turned + config.inner)
    crossing = tokens * width + source * (4 * width + 2 * config.key_heads * config.head_width)
    low = tokens * (turned + (gates * config.inner) + 2 * width + config.inner + 8 * rank) if rank else 0
    return logits + table + scores + flow + (crossing + scores if source else 0) + low
