"""A model from the workshop as a GGUF file that llama.cpp runs as it runs Llama. Trains nothing.

Keys and tensors: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
"""

import contextlib
import os
from pathlib import Path
from typing import Final, Literal

import numpy as np
from gguf import GGMLQuantizationType, GGUFReader, GGUFValueType, GGUFWriter, LlamaFileType, TokenType
from gguf.quants import quantize

from engine.train.config import ModelConfig
from engine.train.errors import CannotExport, DiskFull
from engine.train.parameters import Parameters
from engine.train.parts import Array
from engine.train.tokenizer import SPECIAL, Tokenizer

FileKind = Literal["F32", "F16", "Q8_0"]
KINDS: Final[dict[FileKind, tuple[GGMLQuantizationType, LlamaFileType]]] = {
    "F32": (GGMLQuantizationType.F32, LlamaFileType.ALL_F32),
    "F16": (GGMLQuantizationType.F16, LlamaFileType.MOSTLY_F16),
    "Q8_0": (GGMLQuantizationType.Q8_0, LlamaFileType.MOSTLY_Q8_0),
}
# what a file made after another says for itself
OURS: Final = ("general.architecture", "general.file_type", "general.name")
CHATML: Final = (
    "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + "
    "'<|im_end|>' + '\\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"
)


def write_gguf(
    path: Path,
    config: ModelConfig,
    weights: Parameters,
    tokenizer: Tokenizer,
    *,
    name: str,
    kind: FileKind = "F16",
    chats: bool = False,
) -> None:
    """Write the file, all or nothing. `chats`: the model learnt ChatML, and says so.

    Raises CannotExport for a model that is not shaped as Llama, DiskFull.
    """
    if not config.llama_shaped:
        raise CannotExport(kind=config.kind)
    draft = path.with_name(path.name + ".new")
    try:
        writer = GGUFWriter(draft, "llama")
        _describe(writer, config, name, kind)
        _add_tokenizer(writer, tokenizer, chats=chats)
        _add_tensors(writer, config, weights, kind)
        _finish(writer, draft, path)
    except OSError as error:
        with contextlib.suppress(OSError):
            draft.unlink(missing_ok=True)
        raise DiskFull(str(error), path=str(path.parent), kept=0) from error


def _describe(writer: GGUFWriter, config: ModelConfig, name: str, kind: FileKind) -> None:
    writer.add_type("model")
    writer.add_name(name)
    writer.add_file_type(KINDS[kind][1])
    writer.add_block_count(config.layers)
    writer.add_context_length(config.context)
    writer.add_embedding_length(config.width)
    writer.add_feed_forward_length(config.inner)
    writer.add_head_count(config.heads)
    writer.add_head_count_kv(config.key_heads)
    writer.add_layer_norm_rms_eps(config.norm_epsilon)
    writer.add_rope_dimension_count(config.head_width)
    writer.add_rope_freq_base(config.rope_base)
    writer.add_vocab_size(config.vocab)


def _add_tokenizer(writer: GGUFWriter, tokenizer: Tokenizer, *, chats: bool) -> None:
    vocabulary = tokenizer.vocabulary
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")  # the only name whose cuts are those of `tokenizers`' ByteLevel
    writer.add_token_list(vocabulary)
    writer.add_token_types(
        [TokenType.CONTROL if token in SPECIAL else TokenType.NORMAL for token in vocabulary]
    )
    writer.add_token_merges(tokenizer.merges)
    writer.add_bos_token_id(tokenizer.end)
    writer.add_eos_token_id(tokenizer.turn_end if chats else tokenizer.end)
    writer.add_eot_token_id(tokenizer.turn_end)
    writer.add_pad_token_id(tokenizer.end)
    writer.add_add_bos_token(False)
    writer.add_add_space_prefix(False)
    if chats:
        writer.add_chat_template(CHATML)


def write_like(
    path: Path, source: Path, config: ModelConfig, weights: Parameters, *, name: str, kind: FileKind = "F16"
) -> None:
    """The model with everything but its weights as it stands in `source`: tokenizer, template, all that its
    file says. Raises DiskFull."""
    reader = GGUFReader(source)
    draft = path.with_name(path.name + ".new")
    try:
        writer = GGUFWriter(draft, "llama")
        for key, field in reader.fields.items():
            if key.startswith("GGUF.") or key in OURS:
                continue
            inner = field.types[-1] if field.types[0] == GGUFValueType.ARRAY else None
            writer.add_key_value(key, field.contents(), field.types[0], sub_type=inner)
        writer.add_name(name)
        writer.add_file_type(KINDS[kind][1])
        _add_tensors(writer, config, weights, kind)
        _finish(writer, draft, path)
    except OSError as error:
        with contextlib.suppress(OSError):
            draft.unlink(missing_ok=True)
        raise DiskFull(str(error), path=str(path.parent), kept=0) from error


def _add_tensors(writer: GGUFWriter, config: ModelConfig, weights: Parameters, kind: FileKind) -> None:
    for tensor, array in tensors_of(config, weights).items():
        quantization = KINDS[kind][0] if array.ndim == 2 else GGMLQuantizationType.F32
        if quantization == GGMLQuantizationType.Q8_0 and array.shape[1] % 32:
            quantization = GGMLQuantizationType.F16  # whose rows need be no whole blocks
        writer.add_tensor(tensor, quantize(array, quantization), raw_dtype=quantization)


def _finish(writer: GGUFWriter, draft: Path, path: Path) -> None:
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    with draft.open("rb") as file:
        os.fsync(file.fileno())
    draft.replace(path)


def write_adapter(path: Path, config: ModelConfig, adapter: Parameters, alpha: float, *, name: str) -> None:
    """A LoRA adapter for the model that it was trained on, all or nothing. Raises DiskFull."""
    draft = path.with_name(path.name + ".new")
    try:
        writer = GGUFWriter(draft, "llama")
        writer.add_type("adapter")
        writer.add_name(name)
        writer.add_string("adapter.type", "lora")
        writer.add_float32("adapter.lora.alpha", alpha)
        for tensor, array in adapter_tensors(config, adapter).items():
            writer.add_tensor(tensor, array)
        _finish(writer, draft, path)
    except OSError as error:
        with contextlib.suppress(OSError):
            draft.unlink(missing_ok=True)
        raise DiskFull(str(error), path=str(path.parent), kept=0) from error


def adapter_tensors(config: ModelConfig, adapter: Parameters) -> dict[str, Array]:
    """`lora_a`: (rank, in), `lora_b`: (out, rank), under llama.cpp's names."""
    width, keys = config.width, config.key_heads * config.head_width
    tensors: dict[str, Array] = {}

    def put(name: str, a: Array, b: Array) -> None:
        tensors[f"{name}.weight.lora_a"] = np.ascontiguousarray(a, np.float32)
        tensors[f"{name}.weight.lora_b"] = np.ascontiguousarray(b, np.float32)

    for layer in range(config.layers):
        ours, theirs = f"blocks.{layer}", f"blk.{layer}"
        a, b = adapter[f"{ours}.qkv.lora_a"], adapter[f"{ours}.qkv.lora_b"]
        put(f"{theirs}.attn_q", a, interleaved(b[:width], config.heads))
        put(f"{theirs}.attn_k", a, interleaved(b[width : width + keys], config.key_heads))
        put(f"{theirs}.attn_v", a, b[width + keys :])
        put(
            f"{theirs}.attn_output",
            adapter[f"{ours}.attention_out.lora_a"],
            adapter[f"{ours}.attention_out.lora_b"],
        )
        a, b = adapter[f"{ours}.up.lora_a"], adapter[f"{ours}.up.lora_b"]
        gate, up = np.split(b, 2)
        put(f"{theirs}.ffn_gate", a, gate)
        put(f"{theirs}.ffn_up", a, up)
        put(f"{theirs}.ffn_down", adapter[f"{ours}.down.lora_a"], adapter[f"{ours}.down.lora_b"])
    return tensors


def tensors_of(config: ModelConfig, weights: Parameters) -> dict[str, Array]:
    """The parameters under llama.cpp's names, (out, in) each, float32."""
    tensors: dict[str, Array] = {"token_embd.weight": weights["token_embedding"]}
    keys = config.key_heads * config.head_width
    for layer in range(config.layers):
        ours, theirs = f"blocks.{layer}", f"blk.{layer}"
        qkv = weights[f"{ours}.qkv"]
        q, k, v = qkv[: config.width], qkv[config.width : config.width + keys], qkv[config.width + keys :]
        gate, up = np.split(weights[f"{ours}.up"], 2)
        tensors |= {
            f"{theirs}.attn_norm.weight": weights[f"{ours}.attention_norm"],
            f"{theirs}.attn_q.weight": interleaved(q, config.heads),
            f"{theirs}.attn_k.weight": interleaved(k, config.key_heads),
            f"{theirs}.attn_v.weight": v,
            f"{theirs}.attn_output.weight": weights[f"{ours}.attention_out"],
            f"{theirs}.ffn_norm.weight": weights[f"{ours}.mlp_norm"],
            f"{theirs}.ffn_gate.weight": gate,
            f"{theirs}.ffn_up.weight": up,
            f"{theirs}.ffn_down.weight": weights[f"{ours}.down"],
        }
    tensors["output_norm.weight"] = weights["final_norm"]
    if not config.tied:
        tensors["output.weight"] = weights["head"]
    return {name: np.ascontiguousarray(array, np.float32) for name, array in tensors.items()}


def interleaved(rows: Array, heads: int) -> Array:
    """Rows of queries or keys as llama.cpp turns them: a pair's two halves beside each other.

    Here the pair is (i, i + half), there (2 i, 2 i + 1). `rows`: (heads * head width, ...).
    """
    return rows.reshape(heads, 2, -1, *rows.shape[1:]).swapaxes(1, 2).reshape(rows.shape)


def halved(rows: Array, heads: int) -> Array:
    """The way back from `interleaved`."""
    return rows.reshape(heads, -1, 2, *rows.shape[1:]).swapaxes(1, 2).reshape(rows.shape)
