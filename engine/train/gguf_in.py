"""A GGUF file of the `llama` architecture as a model that can learn: dequantized, under our names.

What such a file may have and we do not compute (experts, scaled rotary positions, biases) is refused by name.
"""

from pathlib import Path
from typing import Any, Final

import numpy as np
from gguf import GGMLQuantizationType, GGUFReader
from gguf.quants import dequantize

from engine.train.config import ModelConfig
from engine.train.errors import (
    BadShape,
    CannotLearn,
    ModelFileDamaged,
    PartUnknown,
    QuantizationUnknown,
)
from engine.train.gguf_out import halved
from engine.train.memory import require_bytes, weight_bytes
from engine.train.parameters import Parameters, shapes_of
from engine.train.parts import Array

ARCHITECTURE: Final = "llama"
# their presence changes what is computed
UNKNOWN: Final = ("rope_freqs", "bias", "_exps", "gate_inp", "attn_q_norm", "attn_k_norm")


def read_gguf(path: Path, context: int = 0) -> tuple[ModelConfig, Parameters]:
    """The model in the file, in float32. `context`: tokens that it is to see at once; 0: as many as it can.

    Raises CannotLearn for another architecture or what is not computed here, ModelFileDamaged, TooLarge.
    """
    reader, tensors = _opened(path)
    architecture = ARCHITECTURE
    for name in tensors:
        if any(mark in name for mark in UNKNOWN):
            raise PartUnknown(part=name, architecture=architecture)
    scaling = str(_value(reader, "llama.rope.scaling.type", "none"))
    if scaling != "none":
        raise PartUnknown(part=f"rope scaling {scaling}", architecture=architecture)
    try:
        config = _config(reader, tensors, context)
        require_bytes(weight_bytes(config))
        weights = Parameters(shapes_of(config))
        for name, array in _arrays(config, tensors):
            weights[name][...] = array
    except (KeyError, ValueError, BadShape) as error:
        raise ModelFileDamaged(str(error), path=str(path)) from error
    except NotImplementedError as error:  # a form of quantization that the library knows by name alone
        kinds = {tensor.tensor_type.name for tensor in tensors.values()}
        raise QuantizationUnknown(str(error), path=str(path), kind=", ".join(sorted(kinds))) from error
    return config, weights


def config_of(path: Path, context: int = 0) -> ModelConfig:
    """The sizes of the model in the file, as `read_gguf` has them; its weights stay where they are."""
    reader, tensors = _opened(path)
    try:
        return _config(reader, tensors, context)
    except (KeyError, ValueError, BadShape) as error:
        raise ModelFileDamaged(str(error), path=str(path)) from error


def _opened(path: Path) -> tuple[GGUFReader, dict[str, Any]]:
    """The file, and its tensors by name."""
    try:
        reader = GGUFReader(path)
    except (OSError, ValueError, KeyError, IndexError) as error:
        if GGMLQuantizationType.__name__ in str(error):  # newer than the library
            number = "".join(filter(str.isdigit, str(error).split()[0].split("(")[-1]))
            raise QuantizationUnknown(str(error), path=str(path), kind=number) from error
        raise ModelFileDamaged(str(error), path=str(path)) from error
    architecture = str(_value(reader, "general.architecture", ""))
    if architecture != ARCHITECTURE:
        raise CannotLearn(architecture=architecture or "?")
    return reader, {tensor.name: tensor for tensor in reader.tensors}


def _value(reader: GGUFReader, key: str, default: Any) -> Any:
    field = reader.get_field(key)
    return default if field is None else field.contents()


def _plain(value: float) -> float:
    """The number that somebody wrote before it became a float32."""
    return float(f"{value:.7g}")


def _config(reader: GGUFReader, tensors: dict[str, Any], context: int) -> ModelConfig:
    key = f"{ARCHITECTURE}."
    vocab, width = (int(size) for size in reversed(tensors["token_embd.weight"].shape.tolist()))
    heads = int(_value(reader, key + "attention.head_count", 0))
    trained = int(_value(reader, key + "context_length", 0))
    config = ModelConfig(
        vocab=vocab,
        context=min(context or trained, trained),
        layers=int(_value(reader, key + "block_count", 0)),
        width=width,
        heads=heads,
        kv_heads=int(_value(reader, key + "attention.head_count_kv", heads)),
        hidden=int(_value(reader, key + "feed_forward_length", 0)),
        tied="output.weight" not in tensors,
        rope_base=_plain(_value(reader, key + "rope.freq_base", 10_000.0)),
        norm_epsilon=_plain(_value(reader, key + "attention.layer_norm_rms_epsilon", 1e-5)),
    )
    turned = int(_value(reader, key + "rope.dimension_count", config.head_width))
    if turned != config.head_width:
        part = f"{turned} of {config.head_width} rotary dimensions"
        raise PartUnknown(part=part, architecture=ARCHITECTURE)
    return config


def _arrays(config: ModelConfig, tensors: dict[str, Any]) -> "list[tuple[str, Array]] | Any":
    def of(name: str) -> Array:
        tensor = tensors[name + ".weight"]
        return np.asarray(dequantize(tensor.data, tensor.tensor_type), np.float32)

    yield "token_embedding", of("token_embd")
    for layer in range(config.layers):
        ours, theirs = f"blocks.{layer}", f"blk.{layer}"
        yield f"{ours}.attention_norm", of(f"{theirs}.attn_norm")
        q = halved(of(f"{theirs}.attn_q"), config.heads)
        k = halved(of(f"{theirs}.attn_k"), config.key_heads)
        yield f"{ours}.qkv", np.concatenate([q, k, of(f"{theirs}.attn_v")])
        yield f"{ours}.attention_out", of(f"{theirs}.attn_output")
        yield f"{ours}.mlp_norm", of(f"{theirs}.ffn_norm")
        yield f"{ours}.up", np.concatenate([of(f"{theirs}.ffn_gate"), of(f"{theirs}.ffn_up")])
        yield f"{ours}.down", of(f"{theirs}.ffn_down")
    yield "final_norm", of("output_norm")
    if not config.tied:
        yield "head", of("output")
