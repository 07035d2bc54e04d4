"""Models of any size with random weights, that llama.cpp loads and runs: they write nonsense."""

from pathlib import Path

import gguf
import numpy as np

from tests.fakes.engine_files import CHAT_TEMPLATE
from tests.fakes.engine_models import add_byte_vocabulary
from tests.fakes.engine_shapes import Shape

LLAMA_LIKE = Shape("llama", 1024, 1024, 8, 4096, 16, 4, 64)
GEMMA_LIKE = Shape("gemma3", 8192, 1024, 12, 4096, 4, 1, 256, tied=True, window_tokens=512)
LARGE = Shape("llama", 32_768, 2560, 40, 8192, 20, 4, 128)
TYPE = gguf.GGMLQuantizationType.Q8_0
ROWS = 64  # so many rows of a large tensor are drawn and repeated: drawing gigabytes takes minutes
SMALL_ELEMENTS = 1 << 20  # of a tensor whose rows are all drawn


def write_random_model(path: Path, shape: Shape, tensors_each: int = 0) -> Path:
    """A GGUF file of this shape in Q8_0; with `tensors_each`, files of so many tensors, named after `path`.

    Architectures: llama, gemma3.
    """
    writer = gguf.GGUFWriter(path, shape.architecture, split_max_tensors=tensors_each)
    add_shape(writer, shape)
    add_byte_vocabulary(writer, shape.vocabulary)
    writer.add_chat_template(CHAT_TEMPLATE)
    add_tensors(writer, shape)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def add_shape(writer: gguf.GGUFWriter, shape: Shape) -> None:
    """The numbers of its config."""
    writer.add_block_count(shape.layers)
    writer.add_context_length(131_072)
    writer.add_embedding_length(shape.width)
    writer.add_feed_forward_length(shape.feed_forward)
    writer.add_head_count(shape.heads)
    writer.add_head_count_kv(shape.heads_kv)
    writer.add_key_length(shape.head_length)
    writer.add_value_length(shape.head_length)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_vocab_size(shape.vocabulary)
    if shape.window_tokens:
        writer.add_sliding_window(shape.window_tokens)


def add_tensors(writer: gguf.GGUFWriter, shape: Shape) -> None:
    """Random weights."""
    for name, extents in _tensors(shape).items():
        _add(writer, f"{name}.weight", extents)


def _tensors(shape: Shape) -> dict[str, tuple[int, ...]]:
    width, inner, kept = (
        shape.width,
        shape.heads * shape.head_length,
        shape.heads_kv * shape.head_length,
    )
    found: dict[str, tuple[int, ...]] = {"token_embd": (shape.vocabulary, width), "output_norm": (width,)}
    if not shape.tied:
        found["output"] = (shape.vocabulary, width)
    for layer in range(shape.layers):
        rows: dict[str, tuple[int, ...]] = {
            "attn_norm": (width,),
            "attn_q": (inner, width),
            "attn_k": (kept, width),
            "attn_v": (kept, width),
            "attn_output": (width, inner),
            "ffn_norm": (width,),
            "ffn_gate": (shape.feed_forward, width),
            "ffn_up": (shape.feed_forward, width),
            "ffn_down": (width, shape.feed_forward),
        }
        if shape.architecture == "gemma3":
            rows |= dict.fromkeys(("post_attention_norm", "post_ffw_norm"), (width,))
            rows |= dict.fromkeys(("attn_q_norm", "attn_k_norm"), (shape.head_length,))
        found |= {f"blk.{layer}.{name}": extents for name, extents in rows.items()}
    return found


def _add(writer: gguf.GGUFWriter, name: str, extents: tuple[int, ...]) -> None:
    if len(extents) == 1:
        writer.add_tensor(name, np.ones(extents, np.float32))
        return
    rows, columns = extents
    own = rows if rows * columns <= SMALL_ELEMENTS else ROWS
    drawn = np.random.default_rng(len(name)).standard_normal((own, columns)).astype(np.float32) * 0.02
    packed = gguf.quantize(drawn, TYPE)
    writer.add_tensor(name, np.tile(packed, (-(-rows // own), 1))[:rows], raw_dtype=TYPE)
