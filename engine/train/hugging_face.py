"""Models as folders of the Hugging Face form: config.json, model.safetensors, tokenizer.json. No torch.

Such a folder goes on growing in any larger framework. Read: the architectures of Llama and GPT-2.
https://huggingface.co/docs/safetensors/index#format
"""

import json
import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
from safetensors.numpy import save_file

from engine.train.config import ModelConfig
from engine.train.errors import (
    BadShape,
    CannotExport,
    CannotLearn,
    DiskFull,
    ModelFileDamaged,
    PartUnknown,
)
from engine.train.gguf_out import CHATML
from engine.train.memory import require_bytes, weight_bytes
from engine.train.parameters import Parameters, shapes_of
from engine.train.parts import Array
from engine.train.tokenizer import END, TURN_END, Tokenizer

# what changes the arithmetic of a Llama, with the values at which it changes nothing
PLAIN: Final[dict[str, tuple[Any, ...]]] = {
    "hidden_act": ("silu",),
    "attention_bias": (False, None),
    "mlp_bias": (False, None),
    "rope_scaling": (None,),
    "activation_function": ("gelu_new", "gelu_pytorch_tanh"),
    "scale_attn_by_inverse_layer_idx": (False, None),
    "reorder_and_upcast_attn": (False, None),
}


# ── in ────────────────────────────────────────────────────────────────────────────────────────────


def read_folder(path: Path, context: int = 0) -> tuple[ModelConfig, Parameters]:
    """The model in a folder, in float32. `context`: tokens that it is to see at once; 0: as many as it can.

    Raises CannotLearn for another architecture, ModelFileDamaged, TooLarge.
    """
    try:
        said = json.loads((path / "config.json").read_bytes())
        tensors = dict(_tensors(path))
    except (OSError, ValueError, KeyError) as error:
        raise ModelFileDamaged(str(error), path=str(path)) from error
    kind = str(said.get("model_type", "?"))
    for key, allowed in PLAIN.items():
        if key in said and said[key] not in allowed:
            raise PartUnknown(part=f"{key} {said[key]}", architecture=kind)
    try:
        match kind:
            case "llama":
                config, arrays = _llama(said, tensors, context)
            case "gpt2":
                config, arrays = _gpt2(said, tensors, context)
            case _:
                raise CannotLearn(architecture=kind)
        require_bytes(weight_bytes(config))
        weights = Parameters(shapes_of(config))
        for name, array in arrays:
            weights[name][...] = array
    except (KeyError, ValueError, TypeError, BadShape) as error:
        raise ModelFileDamaged(str(error), path=str(path)) from error
    return config, weights


def seen_by_folder(path: Path) -> int:
    """How many tokens the model in a folder sees at once. Raises ModelFileDamaged."""
    try:
        said = json.loads((path / "config.json").read_bytes())
        return int(said["n_positions"] if "n_positions" in said else said["max_position_embeddings"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelFileDamaged(str(error), path=str(path)) from error


def _llama(
    said: Mapping[str, Any], tensors: Mapping[str, Array], context: int
) -> tuple[ModelConfig, Iterator[tuple[str, Array]]]:
    trained = int(said["max_position_embeddings"])
    # since version 5 the base stands among the parameters of the rotation
    rope = said.get("rope_parameters") or {}
    if rope.get("rope_type", "default") != "default":
        raise PartUnknown(part=f"rope type {rope['rope_type']}", architecture="llama")
    config = ModelConfig(
        vocab=int(said["vocab_size"]),
        context=min(context or trained, trained),
        layers=int(said["num_hidden_layers"]),
        width=int(said["hidden_size"]),
        heads=int(said["num_attention_heads"]),
        kv_heads=int(said.get("num_key_value_heads") or said["num_attention_heads"]),
        hidden=int(said["intermediate_size"]),
        tied="lm_head.weight" not in tensors or bool(said.get("tie_word_embeddings")),
        rope_base=float(rope.get("rope_theta", said.get("rope_theta", 10_000.0))),
        norm_epsilon=float(said.get("rms_norm_eps", 1e-6)),
    )
    if int(said.get("head_dim") or config.head_width) != config.head_width:
        raise PartUnknown(part=f"head_dim {said['head_dim']}", architecture="llama")

    def arrays() -> Iterator[tuple[str, Array]]:
        yield "token_embedding", tensors["model.embed_tokens.weight"]
        for layer in range(config.layers):
            ours, theirs = f"blocks.{layer}", f"model.layers.{layer}"
            yield f"{ours}.attention_norm", tensors[f"{theirs}.input_layernorm.weight"]
            qkv = [tensors[f"{theirs}.self_attn.{part}_proj.weight"] for part in "qkv"]
            yield f"{ours}.qkv", np.concatenate(qkv)
            yield f"{ours}.attention_out", tensors[f"{theirs}.self_attn.o_proj.weight"]
            yield f"{ours}.mlp_norm", tensors[f"{theirs}.post_attention_layernorm.weight"]
            gates = [tensors[f"{theirs}.mlp.{part}_proj.weight"] for part in ("gate", "up")]
            yield f"{ours}.up", np.concatenate(gates)
            yield f"{ours}.down", tensors[f"{theirs}.mlp.down_proj.weight"]
        yield "final_norm", tensors["model.norm.weight"]
        if not config.tied:
            yield "head", tensors["lm_head.weight"]

    return config, arrays()


def _gpt2(
    said: Mapping[str, Any], tensors: Mapping[str, Array], context: int
) -> tuple[ModelConfig, Iterator[tuple[str, Array]]]:
    trained = int(said["n_positions"])
    config = ModelConfig(
        vocab=int(said["vocab_size"]),
        context=min(context or trained, trained),
        layers=int(said["n_layer"]),
        width=int(said["n_embd"]),
        heads=int(said["n_head"]),
        hidden=int(said.get("n_inner") or 4 * int(said["n_embd"])),
        norm="layer",
        positions="learned",
        activation="gelu",
        bias=True,
        norm_epsilon=float(said.get("layer_norm_epsilon", 1e-5)),
    )
    # with and without the name of the part that holds everything
    base = "transformer." if "transformer.wte.weight" in tensors else ""
    linear = {"qkv": "attn.c_attn", "attention_out": "attn.c_proj", "up": "mlp.c_fc", "down": "mlp.c_proj"}
    norms = {"attention_norm": "ln_1", "mlp_norm": "ln_2"}

    def arrays() -> Iterator[tuple[str, Array]]:
        yield "token_embedding", tensors[f"{base}wte.weight"]
        yield "position_embedding", tensors[f"{base}wpe.weight"][: config.context]
        for layer in range(config.layers):
            ours, theirs = f"blocks.{layer}", f"{base}h.{layer}"
            for name, their_name in linear.items():
                # its linear maps are kept (in, out)
                yield f"{ours}.{name}", tensors[f"{theirs}.{their_name}.weight"].T
                yield f"{ours}.{name}.bias", tensors[f"{theirs}.{their_name}.bias"]
            for name, their_name in norms.items():
                yield f"{ours}.{name}", tensors[f"{theirs}.{their_name}.weight"]
                yield f"{ours}.{name}.bias", tensors[f"{theirs}.{their_name}.bias"]
        yield "final_norm", tensors[f"{base}ln_f.weight"]
        yield "final_norm.bias", tensors[f"{base}ln_f.bias"]

    return config, arrays()


def _tensors(path: Path) -> Iterator[tuple[str, Array]]:
    """Every tensor of every file, in float32."""
    index = path / "model.safetensors.index.json"
    if index.exists():
        files = sorted(set(json.loads(index.read_bytes())["weight_map"].values()))
    else:
        files = ["model.safetensors"]
    for name in files:
        if Path(name).name != name:
            raise ValueError(f"{name} lies outside the folder")
        yield from read_safetensors(path / name)


def read_safetensors(path: Path) -> Iterator[tuple[str, Array]]:
    """The tensors of a file, in float32. Reads bfloat16, which NumPy has no name for. Raises ValueError."""
    with path.open("rb") as file:
        size = int.from_bytes(file.read(8), "little")
        if size > path.stat().st_size:
            raise ValueError(f"{path.name} is cut short")
        header = json.loads(file.read(size))
    data = (
        np.memmap(path, np.uint8, "r", offset=8 + size)
        if path.stat().st_size > 8 + size
        else np.empty(0, np.uint8)
    )
    for name, told in header.items():
        if name == "__metadata__":
            continue
        start, end = told["data_offsets"]
        if end > len(data):
            raise ValueError(f"{path.name} is cut short")
        yield name, _floats(np.asarray(data[start:end]), told["dtype"]).reshape(told["shape"])


def _floats(data: Array | Any, kind: str) -> Array:
    match kind:
        case "F32" | "F16" | "F64":
            return np.asarray(data.view(f"<f{int(kind[1:]) // 8}"), np.float32)
        case "BF16":  # the upper half of a float32
            return (data.view("<u2").astype(np.uint32) << 16).view(np.float32)
    raise ValueError(f"{kind} holds no weights")


# ── out ───────────────────────────────────────────────────────────────────────────────────────────


def write_folder(
    path: Path, config: ModelConfig, weights: Parameters, tokenizer: Tokenizer, *, chats: bool = False
) -> None:
    """A Llama as Hugging Face keeps it; `chats`: it learnt ChatML, and says so. All or nothing.

    Raises CannotExport for a model that is not shaped as Llama, DiskFull.
    """
    if not config.llama_shaped:
        raise CannotExport(kind=config.kind)
    draft = path.with_name(path.name + ".new")
    shutil.rmtree(draft, ignore_errors=True)
    try:
        draft.mkdir(parents=True)
        save_file(_llama_tensors(config, weights), draft / "model.safetensors", {"format": "pt"})
        tokenizer.save(draft / "tokenizer.json")
        ends = tokenizer.turn_end if chats else tokenizer.end
        _put(draft / "config.json", _llama_config(config, tokenizer.end, ends))
        told = {
            "tokenizer_class": "PreTrainedTokenizerFast",
            "bos_token": END,
            "eos_token": TURN_END if chats else END,
            "pad_token": END,
            "model_max_length": config.context,
            **({"chat_template": CHATML} if chats else {}),
        }
        _put(draft / "tokenizer_config.json", told)
        old = path.with_name(path.name + ".old")
        shutil.rmtree(old, ignore_errors=True)
        if path.exists():
            path.rename(old)
        draft.rename(path)
        shutil.rmtree(old, ignore_errors=True)
    except OSError as error:
        shutil.rmtree(draft, ignore_errors=True)
        raise DiskFull(str(error), path=str(path.parent), kept=0) from error


def _put(path: Path, value: Mapping[str, Any]) -> None:
    with path.open("w", encoding="utf-8") as file:
        json.dump(value, file, indent=2, ensure_ascii=False)
        file.flush()
        os.fsync(file.fileno())


def _llama_config(config: ModelConfig, begin: int, end: int) -> dict[str, Any]:
    return {
        "architectures": ["LlamaForCausalLM"],
        "model_type": "llama",
        "vocab_size": config.vocab,
        "hidden_size": config.width,
        "intermediate_size": config.inner,
        "num_hidden_layers": config.layers,
        "num_attention_heads": config.heads,
        "num_key_value_heads": config.key_heads,
        "head_dim": config.head_width,
        "hidden_act": "silu",
        "max_position_embeddings": config.context,
        "rms_norm_eps": config.norm_epsilon,
        "rope_theta": config.rope_base,
        "rope_parameters": {"rope_type": "default", "rope_theta": config.rope_base},
        "attention_bias": False,
        "mlp_bias": False,
        "tie_word_embeddings": config.tied,
        "bos_token_id": begin,
        "eos_token_id": end,
        "torch_dtype": "float32",
        "initializer_range": 0.02,
    }


def _llama_tensors(config: ModelConfig, weights: Parameters) -> dict[str, Array]:
    keys = config.key_heads * config.head_width
    tensors: dict[str, Array] = {"model.embed_tokens.weight": weights["token_embedding"]}
    for layer in range(config.layers):
        ours, theirs = f"blocks.{layer}", f"model.layers.{layer}"
        q, k, v = np.split(weights[f"{ours}.qkv"], [config.width, config.width + keys])
        gate, up = np.split(weights[f"{ours}.up"], 2)
        tensors |= {
            f"{theirs}.input_layernorm.weight": weights[f"{ours}.attention_norm"],
            f"{theirs}.self_attn.q_proj.weight": q,
            f"{theirs}.self_attn.k_proj.weight": k,
            f"{theirs}.self_attn.v_proj.weight": v,
            f"{theirs}.self_attn.o_proj.weight": weights[f"{ours}.attention_out"],
            f"{theirs}.post_attention_layernorm.weight": weights[f"{ours}.mlp_norm"],
            f"{theirs}.mlp.gate_proj.weight": gate,
            f"{theirs}.mlp.up_proj.weight": up,
            f"{theirs}.mlp.down_proj.weight": weights[f"{ours}.down"],
        }
    tensors["model.norm.weight"] = weights["final_norm"]
    if not config.tied:
        tensors["lm_head.weight"] = weights["head"]
    return {name: np.array(array, np.float32, order="C") for name, array in tensors.items()}
