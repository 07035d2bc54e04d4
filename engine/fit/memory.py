"""How many bytes a placed model takes on each device, before it is loaded. Decides nothing.

What is counted is in memory once a prompt has filled the context window. The formulae follow llama.cpp's own
sizes and were calibrated against its log and against resident memory; sources, figures and what was not
measured: packaging/decisions/0070-what-a-model-needs.md and 0077.
"""

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate
from typing import Final

import msgspec

from engine.devices import MIB, Device
from engine.gguf_header import ModelHeader
from engine.gguf_shape import LayerShape
from engine.protocol import KvType

BATCH_TOKENS: Final = 512  # of a prompt at once
OUTPUTS: Final = 16  # logits of so many tokens at once: a draft and the token before it
CELLS_MULTIPLE: Final = 256  # llama.cpp rounds windows up to it
FLOAT_BYTES: Final = 4
MASK_BYTES: Final = 2  # the attention mask is f16
HOST_BYTES: Final = 8 * MIB  # llama.cpp's own objects
TOKEN_BYTES: Final = 300  # of a vocabulary: its text, in both directions, and its merges
# bytes of 32 elements
KV_BLOCK: Final = 32
KV_BLOCK_BYTES: Final[dict[KvType, int]] = {"f16": 64, "q8_0": 34, "q4_0": 18}
MOST_BYTES: Final = 1 << 60  # a header may claim anything; sums must still travel in a frame


class Placement(msgspec.Struct, frozen=True):
    """How a model is to be loaded. `gpu_layers` counts as llama.cpp does: the output is one more layer."""

    context_tokens: int
    kv_type: KvType = "f16"
    whole_cache: bool = True  # sliding-window layers keep the whole context: every prefix can be kept
    gpu_layers: int = 0


class Usage(msgspec.Struct, frozen=True):
    """What a model takes of one device."""

    weights_bytes: int
    kv_bytes: int  # KV cache, and states of recurrent layers
    compute_bytes: int
    other_bytes: int = 0  # on the host: the vocabulary and what holds the model together

    @property
    def bytes(self) -> int:
        return self.weights_bytes + self.kv_bytes + self.compute_bytes + self.other_bytes


def predict(header: ModelHeader, placement: Placement, devices: Sequence[Device]) -> tuple[Usage, ...]:
    """The bytes of each device, in the order given. Exactly one of them is a "cpu"."""
    homes = _homes(len(header.shape.layers), placement.gpu_layers, devices)
    weights = _weights(header, homes, devices)
    cache = [0] * len(devices)
    for home, layer in zip(homes, header.shape.layers, strict=False):
        cache[home] += _cache_bytes(header, layer, placement)
    compute = _compute(header, placement, homes, devices)
    host = HOST_BYTES + TOKEN_BYTES * header.vocabulary
    other = [host if device.kind == "cpu" else 0 for device in devices]
    sums = zip(weights, cache, compute, other, strict=True)
    return tuple(Usage(*(min(size, MOST_BYTES) for size in sizes)) for sizes in sums)


def cells(context_tokens: int) -> int:
    """Tokens that a window of this size really has room for."""
    return -(-context_tokens // CELLS_MULTIPLE) * CELLS_MULTIPLE


def has_windows(header: ModelHeader) -> bool:
    return any(layer.windowed for layer in header.shape.layers)


def _host(devices: Sequence[Device]) -> int:
    return next(number for number, device in enumerate(devices) if device.kind == "cpu")


def _homes(layers: int, gpu_layers: int, devices: Sequence[Device]) -> list[int]:
    """The device of each layer and, last, of the output.

    The last `gpu_layers` of them go to the GPUs, shared out by free memory (llama_model::load_tensors).
    """
    gpus = [number for number, device in enumerate(devices) if device.kind != "cpu"]
    count = min(max(gpu_layers, 0), layers + 1) if gpus else 0
    free = list(accumulate(max(1, devices[number].free_bytes) for number in gpus))
    homes = [_host(devices)] * (layers + 1 - count)
    for place in range(count):
        homes.append(gpus[bisect_right(free, place * free[-1] // count)])
    return homes


def _weights(header: ModelHeader, homes: list[int], devices: Sequence[Device]) -> list[int]:
    shape, sizes = header.shape, [0] * len(devices)
    for home, layer in zip(homes, shape.layers, strict=False):
        sizes[home] += layer.weights_bytes
    host, output = _host(devices), homes[-1]
    sizes[host] += shape.input_bytes
    sizes[output] += shape.output_bytes + (shape.tied_bytes if output != host else 0)
    return sizes


def _cache_bytes(header: ModelHeader, layer: LayerShape, placement: Placement) -> int:
    blocks = -(-layer.key_elements // KV_BLOCK) + -(-layer.value_elements // KV_BLOCK)
    tokens = _windowed_cells(header, placement) if layer.windowed else cells(placement.context_tokens)
    return tokens * blocks * KV_BLOCK_BYTES[placement.kv_type] + layer.state_bytes


def _windowed_cells(header: ModelHeader, placement: Placement) -> int:
    """What a layer with a sliding window keeps (llama_kv_cache_iswa): the window and one batch."""
    whole = cells(placement.context_tokens)
    if placement.whole_cache:
        return whole
    return min(whole, cells(header.sliding_window_tokens + BATCH_TOKENS))


def _compute(
    header: ModelHeader, placement: Placement, homes: list[int], devices: Sequence[Device]
) -> list[int]:
    """The compute buffer of each device: as much as lives at once while one batch passes through."""
    batch = min(BATCH_TOKENS, cells(placement.context_tokens))
    masked = cells(placement.context_tokens)
    if has_windows(header):
        masked += _windowed_cells(header, placement)
    masks = batch * masked * MASK_BYTES
    token = batch * FLOAT_BYTES
    in_layers = masks + token * header.shape.working_elements
    at_output = min(OUTPUTS, batch) * FLOAT_BYTES * header.vocabulary + 2 * token * header.embedding_length
    host, output, sizes = _host(devices), homes[-1], [0] * len(devices)
    for home in set(homes[:-1]):
        # a GPU reads long prompts also through the host's layers
        sizes[output if home == host else home] = in_layers
    sizes[output] = max(sizes[output], at_output)
    # masks and embeddings are made on the host, wherever they are used
    sizes[host] = max(sizes[host], masks + 2 * token * header.embedding_length)
    placed = zip(homes, header.shape.layers, strict=False)
    left = [layer.weights_bytes for home, layer in placed if home == host]
    if left and output != host:
        # with one of their tensors copied over
        sizes[output] += max(left) // 3
    return sizes
