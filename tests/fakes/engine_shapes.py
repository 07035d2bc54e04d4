"""Headers of models as people download them: true tables of tensors, and holes for their data.

The files claim gigabytes and take some megabytes of the disk; llama.cpp could not run them.
"""

from dataclasses import dataclass, field
from pathlib import Path

from engine.gguf_types import TENSOR_TYPES
from tests.fakes import engine_files as files
from tests.fakes.engine_files import pair

F32, Q8_0, Q4_K, Q6_K = 0, 8, 12, 14


@dataclass(frozen=True)
class Shape:
    """The numbers of a model's config. Q4_K_M as llama.cpp's quantizer mixes it."""

    architecture: str
    vocabulary: int
    width: int
    layers: int
    feed_forward: int
    heads: int
    heads_kv: int
    head_length: int
    tied: bool = False
    window_tokens: int = 0
    experts: int = 0
    experts_used: int = 0
    more: dict[str, int | list[int]] = field(default_factory=dict)


LLAMA_8B = Shape("llama", 128_256, 4096, 32, 14_336, 32, 8, 128)
QWEN_4B = Shape("qwen3", 151_936, 2560, 36, 9728, 32, 8, 128, tied=True)
GEMMA_12B = Shape("gemma3", 262_208, 3840, 48, 15_360, 16, 8, 256, tied=True, window_tokens=1024)
QWEN_30B_MOE = Shape("qwen3moe", 151_936, 2048, 48, 768, 32, 4, 128, experts=128, experts_used=8)
SMALL = Shape("llama", 4096, 512, 4, 1536, 8, 4, 64)


def write_shape(
    path: Path, shape: Shape, context_tokens: int = 131_072, more: list[bytes] | None = None
) -> Path:
    """A file with the header of such a model, as long as the model would be.

    `more`: metadata in place of a vocabulary of empty words.
    """
    pairs = [*_pairs(shape, context_tokens), *(_words(shape) if more is None else more)]
    return _write(path, pairs, _tensors(shape))


def write_split_shape(folder: Path, shape: Shape, count: int) -> list[Path]:
    """The same in `count` files, as llama.cpp's gguf-split cuts it: the first one has all metadata."""
    folder.mkdir(exist_ok=True)
    tensors, paths = _tensors(shape), []
    for number in range(count):
        pairs = [pair("split.no", number), pair("split.count", count)]
        part = tensors[len(tensors) * number // count : len(tensors) * (number + 1) // count]
        path = folder / f"model-{number + 1:05}-of-{count:05}.gguf"
        paths.append(
            _write(path, [*([] if number else [*_pairs(shape, 131_072), *_words(shape)]), *pairs], part)
        )
    return paths


def _write(path: Path, pairs: list[bytes], tensors: list[tuple[str, tuple[int, ...], int]]) -> Path:
    rows, at = [], 0
    for name, extents, kind in tensors:
        rows.append(files.tensor(name, extents, kind, at))
        elements = 1
        for extent in extents:
            elements *= extent
        size = elements // TENSOR_TYPES[kind].block * TENSOR_TYPES[kind].size_bytes
        at += -(-size // files.ALIGNMENT) * files.ALIGNMENT
    header = files.gguf(pairs, rows, 0)
    with path.open("wb") as file:
        file.write(header)
        file.truncate(len(header) + at)  # a hole: nothing is written
    return path


def _pairs(shape: Shape, context_tokens: int) -> list[bytes]:
    keys: dict[str, int | list[int]] = {
        "block_count": shape.layers,
        "context_length": context_tokens,
        "embedding_length": shape.width,
        "feed_forward_length": shape.feed_forward,
        "attention.head_count": shape.heads,
        "attention.head_count_kv": shape.heads_kv,
        "attention.key_length": shape.head_length,
        "attention.value_length": shape.head_length,
    }
    if shape.window_tokens:
        keys["attention.sliding_window"] = shape.window_tokens
    if shape.experts:
        keys |= {
            "expert_count": shape.experts,
            "expert_used_count": shape.experts_used,
            "expert_feed_forward_length": shape.feed_forward,
        }
    return [
        pair("general.architecture", shape.architecture),
        pair("general.file_type", 15),
        *(pair(f"{shape.architecture}.{key}", value) for key, value in (keys | shape.more).items()),
    ]


def _words(shape: Shape) -> list[bytes]:
    return [
        pair("tokenizer.ggml.model", "gpt2"),
        pair("tokenizer.ggml.tokens", [""] * shape.vocabulary),
        pair("tokenizer.chat_template", files.CHAT_TEMPLATE),
    ]


def _tensors(shape: Shape) -> list[tuple[str, tuple[int, ...], int]]:
    width, inner = shape.width, shape.heads * shape.head_length
    found: list[tuple[str, tuple[int, ...], int]] = [
        ("token_embd.weight", (width, shape.vocabulary), Q6_K if shape.tied else Q4_K),
        ("output_norm.weight", (width,), F32),
    ]
    if not shape.tied:
        found.append(("output.weight", (width, shape.vocabulary), Q6_K))
    for layer in range(shape.layers):
        fine = Q6_K if layer % 2 else Q4_K  # half of these two stay finer
        rows: list[tuple[str, tuple[int, ...], int]] = [
            ("attn_norm", (width,), F32),
            ("ffn_norm", (width,), F32),
            ("attn_q", (width, inner), Q4_K),
            ("attn_k", (width, shape.heads_kv * shape.head_length), Q4_K),
            ("attn_v", (width, shape.heads_kv * shape.head_length), fine),
            ("attn_output", (inner, width), Q4_K),
        ]
        experts = (shape.experts,) if shape.experts else ()
        ending = "_exps" if experts else ""
        rows += [
            (f"ffn_gate{ending}", (width, shape.feed_forward, *experts), Q4_K),
            (f"ffn_up{ending}", (width, shape.feed_forward, *experts), Q4_K),
            (f"ffn_down{ending}", (shape.feed_forward, width, *experts), fine),
        ]
        found += [(f"blk.{layer}.{name}.weight", extents, kind) for name, extents, kind in rows]
    return found
