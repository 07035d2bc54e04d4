"""Make tiny models that llama.cpp really runs, whose every next token is known in advance.

The model is a table: an embedding per token that is 1 in one place, layers that add nothing, and an
output matrix that says what follows. Its vocabulary is the 256 bytes, so that characters outside of ASCII
come in several tokens, and three control tokens.
"""

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import gguf
import numpy as np
import numpy.typing as npt

from tests.fakes.engine_files import CHAT_TEMPLATE

REPLY = "AOlé_😀-fin."  # no byte twice: each has one successor
WIDTH = 288  # vocabulary and embedding length, a multiple of 32
FEED_FORWARD = 32
HEADS = 9
END_OF_TEXT, IM_START, IM_END = 256, 257, 258
OPENS, CLOSES = 259, 260  # control tokens around a thought, in a model that thinks
THOUGHT = "Hm, 7?"  # shares no byte with the reply
LIKELY, LESS_LIKELY = 2.0, 1.9
ASIDES = "BCDEFGH"  # what a reply may begin with in place of A, a little less likely


def write_tiny_model(
    path: Path,
    endless: bool = False,
    template: str | None = CHAT_TEMPLATE,
    context_tokens: int = 65536,
    tags: tuple[str, str] | None = None,
) -> Path:
    """A GGUF file that answers REPLY at temperature 0, once or without end. Byte tokens, no BOS.

    With `tags`, which become control tokens, it writes THOUGHT between them before it answers.
    """
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_name("Tiny")
    writer.add_license("cc0-1.0")
    writer.add_file_type(gguf.LlamaFileType.ALL_F32)
    writer.add_block_count(1)
    writer.add_context_length(context_tokens)
    writer.add_embedding_length(WIDTH)
    writer.add_feed_forward_length(FEED_FORWARD)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_vocab_size(WIDTH)
    add_byte_vocabulary(writer, WIDTH, tags or ())
    if template is not None:
        writer.add_chat_template(template)
    for name, tensor in _tensors(endless, tags is not None).items():
        writer.add_tensor(f"{name}.weight", tensor)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def add_byte_vocabulary(writer: gguf.GGUFWriter, tokens: int, more: Sequence[str] = ()) -> None:
    """The 256 bytes, three control tokens and `more`, and unused ones up to `tokens`."""
    control = ["<|endoftext|>", "<|im_start|>", "<|im_end|>", *more]
    unused = [f"<unused{number}>" for number in range(tokens - 256 - len(control))]
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")
    writer.add_token_list([*_byte_texts(), *control, *unused])
    kinds = (
        [gguf.TokenType.NORMAL] * 256
        + [gguf.TokenType.CONTROL] * len(control)
        + [gguf.TokenType.UNUSED] * len(unused)
    )
    writer.add_token_types([int(kind) for kind in kinds])
    writer.add_token_merges(["q q"])  # llama.cpp wants the list; "qq" is no token, so nothing is merged
    writer.add_eos_token_id(IM_END)
    writer.add_add_bos_token(False)


def _byte_texts() -> list[str]:
    """How GPT-2's vocabulary writes each byte: printable ones as they are, the others from 256 on."""
    printable = {*range(33, 127), *range(161, 173), *range(174, 256)}
    others = iter(range(256, 512))
    return [chr(byte) if byte in printable else chr(next(others)) for byte in range(256)]


def _tensors(endless: bool, thinks: bool) -> dict[str, npt.NDArray[np.float32]]:
    square = np.zeros((WIDTH, WIDTH), np.float32)
    return {
        "token_embd": np.eye(WIDTH, dtype=np.float32),
        "output": successors(endless, thinks),
        "output_norm": np.ones(WIDTH, np.float32),
        "blk.0.attn_norm": np.ones(WIDTH, np.float32),
        "blk.0.ffn_norm": np.ones(WIDTH, np.float32),
        "blk.0.attn_q": square,
        "blk.0.attn_k": square,
        "blk.0.attn_v": square,
        "blk.0.attn_output": square,
        "blk.0.ffn_gate": np.zeros((FEED_FORWARD, WIDTH), np.float32),
        "blk.0.ffn_up": np.zeros((FEED_FORWARD, WIDTH), np.float32),
        "blk.0.ffn_down": np.zeros((WIDTH, FEED_FORWARD), np.float32),
    }


def successors(endless: bool, thinks: bool) -> npt.NDArray[np.float32]:
    """The output matrix (next token, token): how likely one follows the other."""
    output = np.zeros((WIDTH, WIDTH), np.float32)
    data = REPLY.encode()
    before = [ord("\n")]  # a prompt ends with a new line
    if thinks:
        before += [OPENS, *THOUGHT.encode(), CLOSES]
    for token, after in pairwise([*before, data[0]]):
        output[after, token] = LIKELY
    for byte in ASIDES.encode() if not thinks else b"":
        output[byte, ord("\n")] = LESS_LIKELY
        output[data[1], byte] = LIKELY
    for byte, after in pairwise(data):
        output[after, byte] = LIKELY
    output[data[0] if endless else IM_END, data[-1]] = LIKELY
    return output
