"""How large the parts of a model are, layer by layer, as its header says: what a fit is reckoned from.

Holds sizes only, no names of tensors: some hundred numbers where the table has thousands of rows.
Sources: llama.cpp's llama-hparams.cpp, llama-kv-cache.cpp and the loaders of its architectures.
"""

import re
from collections.abc import Iterable
from typing import Final, NamedTuple

import msgspec

from engine import gguf_types as gguf
from engine.gguf_facts import Facts

_BLOCK: Final = re.compile(r"blk\.(\d+)\.")
_EMBEDDINGS: Final = ("token_embd", "position_embd", "token_types", "per_layer_token_embd")

# every n-th layer sees the whole context where the file has no pattern; others are taken to see it all
WINDOW_PERIODS: Final = {
    "gemma2": 2,
    "gemma3": 6,
    "gemma3n": 5,
    "cohere2": 4,
    "exaone4": 4,
    "gpt-oss": 2,
    "olmo2": 4,
}


class Tensor(NamedTuple):
    """One row of the tensor table. `offset_bytes` counts from the start of the tensor data."""

    name: str
    elements: int
    type: gguf.TensorType
    offset_bytes: int
    size_bytes: int
    extents: tuple[int, ...]  # of each dimension, from the one whose elements lie side by side


class LayerShape(msgspec.Struct, frozen=True):
    """One layer: its weights, and what a token adds to its memory."""

    weights_bytes: int
    key_elements: int  # in the KV cache, per token; 0: the layer keeps none
    value_elements: int
    windowed: bool  # attends to a sliding window only
    state_bytes: int  # of a recurrent layer, however long the context


class ModelShape(msgspec.Struct, frozen=True):
    """The parts of a model. `output_bytes` 0: its output weights are the input embedding's."""

    layers: tuple[LayerShape, ...]
    input_bytes: int
    output_bytes: int
    tied_bytes: int  # what a GPU copies of the input embedding when output weights are missing
    head_lengths: tuple[int, int]  # of keys and values
    working_elements: int  # of a token, beside the masks, while a layer works


def shape_of(facts: Facts, tensors: Iterable[Tensor], layers: int) -> ModelShape:
    """The shape of the model with these tensors and this metadata."""
    blocks, inputs, outputs, tied = [0] * layers, 0, 0, 0
    tied_output = True
    for tensor in tensors:
        found = _BLOCK.match(tensor.name)
        if found is not None and int(found[1]) < layers:
            blocks[int(found[1])] += tensor.size_bytes
        elif tensor.name.startswith(_EMBEDDINGS):
            inputs += tensor.size_bytes
            tied += tensor.size_bytes if tensor.name == "token_embd.weight" else 0
        else:
            outputs += tensor.size_bytes
            tied_output = tied_output and tensor.name != "output.weight"
    prefix = facts.text("general.architecture")
    head_lengths = _head_lengths(facts, prefix)
    return ModelShape(
        layers=_layers(facts, prefix, blocks),
        input_bytes=inputs,
        output_bytes=outputs,
        tied_bytes=tied if tied_output else 0,
        head_lengths=head_lengths,
        working_elements=_working(facts, prefix, head_lengths),
    )


def _head_lengths(facts: Facts, prefix: str) -> tuple[int, int]:
    heads = facts.number(f"{prefix}.attention.head_count")
    length = facts.number(f"{prefix}.embedding_length") // heads if heads else 0
    return (
        facts.number(f"{prefix}.attention.key_length", length),
        facts.number(f"{prefix}.attention.value_length", length),
    )


def _layers(facts: Facts, prefix: str, blocks: list[int]) -> tuple[LayerShape, ...]:
    layers = len(blocks)
    heads = facts.number(f"{prefix}.attention.head_count")
    heads_kv = facts.per_layer(f"{prefix}.attention.head_count_kv", layers, heads)
    windowed = _windowed(facts, prefix, layers)
    key, value = _head_lengths(facts, prefix)
    key_windowed = facts.number(f"{prefix}.attention.key_length_swa", key)
    value_windowed = facts.number(f"{prefix}.attention.value_length_swa", value)
    if facts.has(f"{prefix}.attention.key_length_mla"):
        value = value_windowed = 0  # the compressed latent of a token stands for keys and values
    # the last layers may read the cache of earlier ones
    keeping = layers - facts.number(f"{prefix}.attention.shared_kv_layers")
    interval = facts.number(f"{prefix}.full_attention_interval")
    state = _state_bytes(facts, prefix)
    everywhere = not interval and all(heads_kv)  # attention and states side by side, as in Falcon H1
    found = []
    for number, size in enumerate(blocks):
        attends = heads_kv[number] > 0 and not (interval and (number + 1) % interval)
        count = heads_kv[number] if attends and number < keeping else 0
        found.append(
            LayerShape(
                weights_bytes=size,
                key_elements=count * (key_windowed if windowed[number] else key),
                value_elements=count * (value_windowed if windowed[number] else value),
                windowed=windowed[number],
                state_bytes=state if everywhere or not attends else 0,
            )
        )
    return tuple(found)


def _windowed(facts: Facts, prefix: str, layers: int) -> tuple[bool, ...]:
    """Which layers see a window only (llama_hparams::set_swa_pattern)."""
    key = f"{prefix}.attention.sliding_window_pattern"
    flags = facts.flags(key, layers)
    period = 0 if flags is not None else facts.number(key, WINDOW_PERIODS.get(prefix, 0))
    if not facts.number(f"{prefix}.attention.sliding_window") or not (flags or period):
        return (False,) * layers
    return flags or tuple((number + 1) % period != 0 for number in range(layers))


def _state_bytes(facts: Facts, prefix: str) -> int:
    """Of one recurrent layer: states are kept as 4-byte floats (n_embd_r, n_embd_s)."""
    width = facts.number(f"{prefix}.embedding_length")
    if head := facts.number(f"{prefix}.wkv.head_size"):
        return 4 * width * (facts.number(f"{prefix}.token_shift_count", 2) + head)
    if convolution := facts.number(f"{prefix}.shortconv.l_cache"):
        return 4 * width * (convolution - 1)
    inner, state = (facts.number(f"{prefix}.ssm.{name}") for name in ("inner_size", "state_size"))
    convolution = max(facts.number(f"{prefix}.ssm.conv_kernel") - 1, 0)
    return 4 * (convolution * (inner + 2 * facts.number(f"{prefix}.ssm.group_count") * state) + state * inner)


def _working(facts: Facts, prefix: str, head_lengths: tuple[int, int]) -> int:
    """Calibrated against llama.cpp's "compute buffer size": see packaging/decisions/0070."""
    width = facts.number(f"{prefix}.embedding_length")
    heads = facts.number(f"{prefix}.attention.head_count")
    experts = facts.number(f"{prefix}.expert_used_count")
    each = facts.number(f"{prefix}.expert_feed_forward_length", facts.number(f"{prefix}.feed_forward_length"))
    dense = facts.number(f"{prefix}.feed_forward_length")
    forward = max(3 * dense, experts * (3 * each + width)) + 4 * width
    attention = 3 * heads * max(head_lengths) + 4 * width
    return max(forward, attention)
