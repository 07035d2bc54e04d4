"""Read the compact file of multilingual-e5-small; write it for sentence-transformers and as GGUF.

Knows the file's layout and the names that each form gives to a tensor. Fetches nothing, and draws no
ONNX graph (`e5_onnx.py` does). Needs the packages of the environment: run it with the environment's Python.
"""

from __future__ import annotations

import base64
import itertools
import json
import struct
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

BLOCK = 32
"""Weights per Q4_0 block: 18 bytes, a float16 scale and 32 nibbles, the low ones first, each less 8."""
BLOCK_BYTES = 18
MAX_TOKENS = 512

Report = Callable[[float], None]
"""Told the share that is done, 0 to 1."""


class NotTheFile(ValueError):
    """The file is not the multilingual-e5-small that this module knows."""


@dataclass(frozen=True)
class Shape:
    """The sizes of the network, as the file's head gives them."""

    hidden: int
    layers: int
    heads: int
    feed_forward: int
    vocabulary: int
    positions: int
    token_types: int
    epsilon: float


@dataclass(frozen=True)
class _Place:
    quantized: bool
    count: int
    offset: int
    size_bytes: int


class Weights:
    """The tensors of `e5-small-q4.bin`, read where they are asked for (the file is mapped, not loaded)."""

    def __init__(self, path: Path) -> None:
        self._data = np.memmap(path, dtype=np.uint8, mode="r")
        raw = memoryview(self._data)
        if bytes(raw[:4]) != b"E5S1":
            raise NotTheFile(path.name)
        head = struct.Struct("<I7ifi5iQ")
        version, *sizes, epsilon, block, pieces, _bos, _eos, _pad, _unk, text_bytes = head.unpack_from(raw, 4)
        if version != 1 or block != BLOCK:
            raise NotTheFile(path.name)
        self.shape = Shape(*sizes, epsilon=1e-12 if abs(epsilon - 1e-12) < 1e-15 else epsilon)
        at = 4 + head.size
        starts = np.frombuffer(raw, "<u4", pieces + 1, at)
        at += 4 * (pieces + 1)
        self.scores: NDArray[np.float32] = np.frombuffer(raw, "<f4", pieces, at)
        at += 4 * pieces
        text = bytes(raw[at : at + text_bytes])
        self.pieces = [text[a:b].decode() for a, b in itertools.pairwise(starts)]
        at += text_bytes
        _kind, normalizer_bytes = struct.unpack_from("<iI", raw, at)
        at += 8 + normalizer_bytes
        self._places = _read_places(raw, at)

    def _rows(self, count: int, name: str) -> tuple[int, int]:
        inner = self.shape.feed_forward if name.endswith("fo.w") else self.shape.hidden
        return count // inner, inner

    def blocks(self, name: str) -> NDArray[np.uint8]:
        """The Q4_0 blocks of a matrix as they lie in the file: (rows out, bytes of a row)."""
        place = self._places[name]
        rows, inner = self._rows(place.count, name)
        raw = self._data[place.offset : place.offset + place.size_bytes]
        return np.asarray(raw).reshape(rows, inner // BLOCK * BLOCK_BYTES)

    def tensor(self, name: str) -> NDArray[np.float32]:
        """A tensor as float32: matrices (out, in), the tables (rows, hidden), the others (length,)."""
        place = self._places[name]
        if place.quantized:
            return dequantize(self.blocks(name))
        values = np.frombuffer(self._data, "<f4", place.count, place.offset)
        if name in ("emb.pos", "emb.type"):
            return values.reshape(-1, self.shape.hidden)
        return values


def _read_places(raw: memoryview, at: int) -> dict[str, _Place]:
    places: dict[str, _Place] = {}
    entry = struct.Struct("<BIQQ")
    (count,) = struct.unpack_from("<i", raw, at)
    at += 4
    for _ in range(count):
        (length,) = struct.unpack_from("<H", raw, at)
        name = bytes(raw[at + 2 : at + 2 + length]).decode()
        at += 2 + length
        kind, values, offset, size = entry.unpack_from(raw, at)
        places[name] = _Place(kind == 1, values, offset, size)
        at += entry.size
    return places


def dequantize(blocks: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Q4_0 blocks (rows, bytes of a row) as float32 (rows, 32 values for every 18 bytes)."""
    rows = blocks.shape[0]
    cut = blocks.reshape(-1, BLOCK_BYTES)
    scale = np.ascontiguousarray(cut[:, :2]).view("<f2").astype(np.float32)
    nibbles = cut[:, 2:]
    values = np.concatenate([nibbles & 0x0F, nibbles >> 4], axis=1).astype(np.float32)
    values -= 8
    values *= scale
    return values.reshape(rows, -1)


# --- the folder for sentence-transformers ----------------------------------------------------------------

_BERT_TABLES = {
    "emb.word": "embeddings.word_embeddings.weight",
    "emb.pos": "embeddings.position_embeddings.weight",
    "emb.type": "embeddings.token_type_embeddings.weight",
    "emb.ln.w": "embeddings.LayerNorm.weight",
    "emb.ln.b": "embeddings.LayerNorm.bias",
}
_BERT_LAYER = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}


def write_folder(weights: Weights, tokenizer: Path, folder: Path, report: Report) -> None:
    """The model as sentence-transformers and transformers read it, in float32, with its tokenizer.

    Raises OSError when the disk is full or the folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in folder_texts(weights.shape).items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    text = json.dumps(plain_tokenizer(tokenizer), ensure_ascii=False, separators=(",", ":"))
    (folder / "tokenizer.json").write_text(text, encoding="utf-8")
    _write_safetensors(weights, folder / "model.safetensors", report)


def plain_tokenizer(tokenizer: Path) -> Any:
    """The tokenizer with space at line ends dropped, as SentencePiece, llama.cpp and transformers do it.

    As published it keeps a lone "▁" there, so that one text would have two embeddings by two ways.
    """
    content = json.loads(tokenizer.read_text(encoding="utf-8"))
    content["pre_tokenizer"] = {
        "type": "Sequence",
        "pretokenizers": [
            {"type": "WhitespaceSplit"},
            {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": True},
        ],
    }
    return content


def folder_texts(shape: Shape) -> dict[str, dict[str, Any] | list[dict[str, Any]]]:
    """The small JSON files of the folder, by their names."""
    special = {"bos_token": "<s>", "eos_token": "</s>", "sep_token": "</s>", "cls_token": "<s>"}
    special |= {"unk_token": "<unk>", "pad_token": "<pad>", "mask_token": "<mask>"}
    return {
        "config.json": {
            "architectures": ["BertModel"],
            "model_type": "bert",
            "hidden_act": "gelu",
            "hidden_size": shape.hidden,
            "intermediate_size": shape.feed_forward,
            "layer_norm_eps": shape.epsilon,
            "max_position_embeddings": shape.positions,
            "num_attention_heads": shape.heads,
            "num_hidden_layers": shape.layers,
            "pad_token_id": 0,
            "position_embedding_type": "absolute",
            "tokenizer_class": "XLMRobertaTokenizer",
            "torch_dtype": "float32",
            "type_vocab_size": shape.token_types,
            "vocab_size": shape.vocabulary,
        },
        "tokenizer_config.json": {
            **special,
            "tokenizer_class": "XLMRobertaTokenizer",
            "model_max_length": MAX_TOKENS,
            "clean_up_tokenization_spaces": True,
        },
        "special_tokens_map.json": dict(special),
        "modules.json": [
            {"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"},
            {"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
            {"idx": 2, "name": "2", "path": "2_Normalize", "type": "sentence_transformers.models.Normalize"},
        ],
        "sentence_bert_config.json": {"max_seq_length": MAX_TOKENS, "do_lower_case": False},
        "1_Pooling/config.json": {
            "word_embedding_dimension": shape.hidden,
            "pooling_mode_cls_token": False,
            "pooling_mode_mean_tokens": True,
            "pooling_mode_max_tokens": False,
            "pooling_mode_mean_sqrt_len_tokens": False,
        },
        "config_sentence_transformers.json": {
            "prompts": {"query": "query: ", "document": "passage: "},
            "default_prompt_name": None,
            "similarity_fn_name": "cosine",
        },
    }


def _write_safetensors(weights: Weights, target: Path, report: Report) -> None:
    # by hand, tensor by tensor: the library would hold all 470 MB twice
    names = dict(_BERT_TABLES)
    for layer in range(weights.shape.layers):
        for short, name in _BERT_LAYER.items():
            names[f"l{layer}.{short}.w"] = f"encoder.layer.{layer}.{name}.weight"
            names[f"l{layer}.{short}.b"] = f"encoder.layer.{layer}.{name}.bias"
    hidden = weights.shape.hidden
    shapes = {name: _shape_of(weights, short) for short, name in names.items()}
    # never used with mean pooling; without it transformers prints a report about what is missing
    shapes |= {"pooler.dense.weight": (hidden, hidden), "pooler.dense.bias": (hidden,)}
    header: dict[str, Any] = {"__metadata__": {"format": "pt"}}
    offset = 0
    for name, shape in shapes.items():
        size = 4 * int(np.prod(shape))
        header[name] = {"dtype": "F32", "shape": list(shape), "data_offsets": [offset, offset + size]}
        offset += size
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with target.open("wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for done, short in enumerate(names, start=1):
            file.write(weights.tensor(short).tobytes())
            report(done / len(names))
        file.write(bytes(4 * (hidden * hidden + hidden)))


def _shape_of(weights: Weights, name: str) -> tuple[int, ...]:
    place = weights._places[name]  # noqa: SLF001 - the same module
    if place.quantized:
        return weights._rows(place.count, name)  # noqa: SLF001
    if name in ("emb.pos", "emb.type"):
        return place.count // weights.shape.hidden, weights.shape.hidden
    return (place.count,)


# --- GGUF ------------------------------------------------------------------------------------------------

_GGUF_LAYER = {
    "q": "attn_q",
    "k": "attn_k",
    "v": "attn_v",
    "ao": "attn_output",
    "aln": "attn_output_norm",
    "fi": "ffn_up",
    "fo": "ffn_down",
    "oln": "layer_output_norm",
}
_GGUF_TABLES = {
    "emb.word": "token_embd.weight",
    "emb.pos": "position_embd.weight",
    "emb.type": "token_types.weight",
    "emb.ln.w": "token_embd_norm.weight",
    "emb.ln.b": "token_embd_norm.bias",
}


def write_gguf(weights: Weights, tokenizer: Path, target: Path, report: Report) -> None:
    """The model for llama.cpp: architecture `bert`, mean pooling, the Q4_0 blocks copied as they are.

    Raises OSError when the disk is full or the file cannot be written.
    """
    import gguf

    writer = gguf.GGUFWriter(target, "bert")
    shape = weights.shape
    writer.add_name("multilingual-e5-small")
    writer.add_license("mit")
    writer.add_context_length(shape.positions)
    writer.add_embedding_length(shape.hidden)
    writer.add_feed_forward_length(shape.feed_forward)
    writer.add_block_count(shape.layers)
    writer.add_head_count(shape.heads)
    writer.add_layer_norm_eps(shape.epsilon)
    writer.add_causal_attention(False)
    writer.add_pooling_type(gguf.PoolingType.MEAN)
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_Q4_0)
    _add_tokenizer(writer, weights, tokenizer)
    names = dict(_GGUF_TABLES)
    for layer in range(shape.layers):
        for short, name in _GGUF_LAYER.items():
            names[f"l{layer}.{short}.w"] = f"blk.{layer}.{name}.weight"
            names[f"l{layer}.{short}.b"] = f"blk.{layer}.{name}.bias"
    for done, (short, name) in enumerate(names.items(), start=1):
        if weights._places[short].quantized:  # noqa: SLF001
            writer.add_tensor(name, weights.blocks(short), raw_dtype=gguf.GGMLQuantizationType.Q4_0)
        else:
            writer.add_tensor(name, np.array(weights.tensor(short)))
        report(0.5 * done / len(names))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    report(1.0)


def _add_tokenizer(writer: Any, weights: Weights, tokenizer: Path) -> None:
    from gguf import TokenType

    shape = weights.shape
    spare = shape.vocabulary - len(weights.pieces)
    kinds = [TokenType.NORMAL] * len(weights.pieces) + [TokenType.UNUSED] * spare
    for control in ("<s>", "<pad>", "</s>", "<mask>"):
        kinds[weights.pieces.index(control)] = TokenType.CONTROL
    kinds[weights.pieces.index("<unk>")] = TokenType.UNKNOWN
    writer.add_tokenizer_model("t5")  # llama.cpp's name for a Unigram SentencePiece vocabulary
    writer.add_tokenizer_pre("default")
    writer.add_token_list([*weights.pieces, *(f"[PAD{i}]" for i in range(spare))])
    writer.add_token_scores([*map(float, weights.scores), *[-10000.0] * spare])
    writer.add_token_types([int(kind) for kind in kinds])
    writer.add_token_type_count(shape.token_types)
    writer.add_add_space_prefix(True)
    writer.add_remove_extra_whitespaces(True)
    writer.add_precompiled_charsmap(charsmap(tokenizer))
    writer.add_bos_token_id(0)
    writer.add_pad_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_sep_token_id(2)
    writer.add_unk_token_id(3)
    writer.add_mask_token_id(weights.pieces.index("<mask>"))
    writer.add_add_bos_token(True)
    writer.add_add_eos_token(True)


def charsmap(tokenizer: Path) -> bytes:
    """The precompiled character map of a `tokenizer.json`, which llama.cpp wants as plain bytes."""
    normalizer = json.loads(tokenizer.read_text(encoding="utf-8"))["normalizer"]
    for step in normalizer.get("normalizers", [normalizer]):
        if step["type"] == "Precompiled":
            return base64.b64decode(step["precompiled_charsmap"])
    raise NotTheFile(tokenizer.name)
