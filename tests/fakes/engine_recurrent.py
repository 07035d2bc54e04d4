"""Small models whose layers keep a state in place of all tokens, all of them or some; llama.cpp runs them.

They answer as the tiny model of `tests.fakes.engine_models` does. What their layers add is too little to
change that at temperature 0, and shows in the probabilities, by which a state that is not right is found out.
"""

from collections.abc import Mapping
from pathlib import Path

import gguf
import numpy as np
import numpy.typing as npt

from tests.fakes.engine_files import CHAT_TEMPLATE
from tests.fakes.engine_models import HEADS, WIDTH, add_byte_vocabulary, successors

Array = npt.NDArray[np.float32]
Extents = Mapping[str, tuple[int, ...]]

LAYERS = 2
INNER, STATE, KERNEL, RANK = 2 * WIDTH, 16, 4, 8
FEED_FORWARD = 32
# how much of what a layer comes to is added
ADDS = {"ssm_out": 0.35, "shortconv.out_proj": 0.08, "attn_output": 0.08, "ffn_down": 0.08}


def write_mamba(path: Path, endless: bool = False) -> Path:
    """Every layer is recurrent (Gu and Dao 2023, arXiv:2312.00752)."""
    writer = gguf.GGUFWriter(path, "mamba")
    writer.add_feed_forward_length(0)
    writer.add_head_count(0)
    writer.add_ssm_conv_kernel(KERNEL)
    writer.add_ssm_inner_size(INNER)
    writer.add_ssm_state_size(STATE)
    writer.add_ssm_time_step_rank(RANK)
    rows = {
        "attn_norm.weight": (WIDTH,),
        "ssm_in.weight": (2 * INNER, WIDTH),
        "ssm_conv1d.weight": (INNER, KERNEL),
        "ssm_conv1d.bias": (INNER,),
        "ssm_x.weight": (RANK + 2 * STATE, INNER),
        "ssm_dt.weight": (INNER, RANK),
        "ssm_dt.bias": (INNER,),
        "ssm_a": (INNER, STATE),
        "ssm_d": (INNER,),
        "ssm_out.weight": (WIDTH, INNER),
    }
    return _finish(writer, path, [rows] * LAYERS, "output_norm", endless)


def write_hybrid(path: Path, endless: bool = False) -> Path:
    """A layer of short convolutions, which are recurrent, and one of attention, as LFM2 has them."""
    writer = gguf.GGUFWriter(path, "lfm2")
    writer.add_feed_forward_length(FEED_FORWARD)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv([0, HEADS])
    writer.add_shortconv_l_cache(3)
    both = {
        "attn_norm.weight": (WIDTH,),
        "ffn_norm.weight": (WIDTH,),
        "ffn_gate.weight": (FEED_FORWARD, WIDTH),
        "ffn_up.weight": (FEED_FORWARD, WIDTH),
        "ffn_down.weight": (WIDTH, FEED_FORWARD),
    }
    convolution = {
        "shortconv.conv.weight": (WIDTH, 3),
        "shortconv.in_proj.weight": (3 * WIDTH, WIDTH),
        "shortconv.out_proj.weight": (WIDTH, WIDTH),
    }
    attention = {
        **{f"attn_{name}.weight": (WIDTH, WIDTH) for name in ("q", "k", "v", "output")},
        **{f"attn_{name}_norm.weight": (WIDTH // HEADS,) for name in ("q", "k")},
    }
    return _finish(writer, path, [both | convolution, both | attention], "token_embd_norm", endless)


def _finish(
    writer: gguf.GGUFWriter, path: Path, layers: list[dict[str, tuple[int, ...]]], norm: str, endless: bool
) -> Path:
    writer.add_name("Tiny recurrent")
    writer.add_block_count(LAYERS)
    writer.add_context_length(65_536)
    writer.add_embedding_length(WIDTH)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_vocab_size(WIDTH)
    add_byte_vocabulary(writer, WIDTH)
    writer.add_chat_template(CHAT_TEMPLATE)
    writer.add_tensor("token_embd.weight", np.eye(WIDTH, dtype=np.float32))
    writer.add_tensor(f"{norm}.weight", np.ones(WIDTH, np.float32))
    writer.add_tensor("output.weight", successors(endless, thinks=False))
    drawn = np.random.default_rng(3)
    for number, rows in enumerate(layers):
        for name, extents in rows.items():
            writer.add_tensor(f"blk.{number}.{name}", _tensor(name, extents, drawn))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def _tensor(name: str, extents: tuple[int, ...], drawn: np.random.Generator) -> Array:
    if name.endswith("norm.weight"):
        return np.ones(extents, np.float32)
    tensor = np.asarray(drawn.standard_normal(extents) * 0.1, dtype=np.float32)
    if name == "ssm_a":
        return -np.exp(tensor)  # states fade
    return tensor * np.float32(ADDS.get(name.removesuffix(".weight"), 1.0))
