"""Small models that embed and that llama.cpp really runs: random weights, made here. They know no meaning."""

from pathlib import Path

import gguf
import numpy as np
import numpy.typing as npt

from tests.fakes.engine_models import add_byte_vocabulary
from tests.fakes.engine_random import add_shape, add_tensors
from tests.fakes.engine_shapes import Shape

Array = npt.NDArray[np.float32]

WIDTH, FEED_FORWARD, HEADS, LAYERS = 64, 128, 4, 3
LONGEST = 96  # tokens of a text, its first and last of the model's own included
PAD, UNKNOWN, FIRST, LAST = range(4)
LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789.,!?¿áéíóúñ"
WORDS = ("the", "boat", "harbour", "ticket", "costs", "seven", "euros", "a", "no", "keel")
LIKE_A_WRITER = Shape("llama", 384, 64, 2, 128, 4, 4, 32)  # as embedding models made of chat models are


def write_encoder(
    path: Path,
    pooling: gguf.PoolingType | None = gguf.PoolingType.MEAN,
    *,
    context_tokens: int = LONGEST,
    broken: bool = False,
) -> Path:
    """A BERT with a WordPiece vocabulary of letters and WORDS. `broken`: its weights are no numbers."""
    tokens = vocabulary()
    writer = gguf.GGUFWriter(path, "bert")
    writer.add_name("Tiny encoder")
    writer.add_block_count(LAYERS)
    writer.add_context_length(context_tokens)
    writer.add_embedding_length(WIDTH)
    writer.add_feed_forward_length(FEED_FORWARD)
    writer.add_head_count(HEADS)
    writer.add_layer_norm_eps(1e-12)
    writer.add_causal_attention(False)
    if pooling is not None:
        writer.add_pooling_type(pooling)
    writer.add_tokenizer_model("bert")
    writer.add_token_list(tokens)
    kinds = [gguf.TokenType.CONTROL] * 4 + [gguf.TokenType.NORMAL] * (len(tokens) - 4)
    writer.add_token_types([int(kind) for kind in kinds])
    writer.add_token_type_count(2)
    writer.add_bos_token_id(FIRST)
    writer.add_sep_token_id(LAST)
    writer.add_unk_token_id(UNKNOWN)
    writer.add_pad_token_id(PAD)
    drawn = np.random.default_rng(7)
    for name, extents in _tensors(len(tokens), context_tokens).items():
        tensor = (drawn.standard_normal(extents) * 0.2).astype(np.float32)
        if name.endswith("norm.weight"):
            tensor += 1.0
        writer.add_tensor(name, np.full_like(tensor, np.nan) if broken and "ffn_up" in name else tensor)
    _close(writer)
    return path


def write_decoder(path: Path, pooling: gguf.PoolingType | None = gguf.PoolingType.LAST) -> Path:
    """A model of a writer's layers that embeds, with a vocabulary of bytes."""
    writer = gguf.GGUFWriter(path, LIKE_A_WRITER.architecture)
    add_shape(writer, LIKE_A_WRITER)
    if pooling is not None:
        writer.add_pooling_type(pooling)
    add_byte_vocabulary(writer, LIKE_A_WRITER.vocabulary)
    add_tensors(writer, LIKE_A_WRITER)
    _close(writer)
    return path


def vocabulary() -> list[str]:
    """As llama.cpp's converter writes WordPiece: a mark before what begins a word, none before the rest."""
    begins = [f"\u2581{text}" for text in (*LETTERS, *(word for word in WORDS if len(word) > 1))]
    return ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *begins, *LETTERS]


def _tensors(tokens: int, context_tokens: int) -> dict[str, tuple[int, ...]]:
    found: dict[str, tuple[int, ...]] = {
        "token_embd.weight": (tokens, WIDTH),
        "token_types.weight": (2, WIDTH),
        "position_embd.weight": (context_tokens, WIDTH),
        "token_embd_norm.weight": (WIDTH,),
        "token_embd_norm.bias": (WIDTH,),
    }
    for layer in range(LAYERS):
        for name, rows, columns in (
            ("attn_q", WIDTH, WIDTH),
            ("attn_k", WIDTH, WIDTH),
            ("attn_v", WIDTH, WIDTH),
            ("attn_output", WIDTH, WIDTH),
            ("ffn_up", FEED_FORWARD, WIDTH),
            ("ffn_down", WIDTH, FEED_FORWARD),
        ):
            found[f"blk.{layer}.{name}.weight"] = (rows, columns)
            found[f"blk.{layer}.{name}.bias"] = (rows,)
        for name in ("attn_output_norm", "layer_output_norm"):
            found[f"blk.{layer}.{name}.weight"] = found[f"blk.{layer}.{name}.bias"] = (WIDTH,)
    return found


def _close(writer: gguf.GGUFWriter) -> None:
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
