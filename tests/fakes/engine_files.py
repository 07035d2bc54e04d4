"""Write small GGUF files for tests: headers right or wrong, with zeros for tensor data.

Not models that llama.cpp could run: `tests.fakes.engine_models` makes those.
"""

import struct
from pathlib import Path

Scalar = int | float | bool | str
CHAT_TEMPLATE = (
    "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\n' + message['content']"
    " + '<|im_end|>\n' }}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)
ALIGNMENT = 32


def text(value: str) -> bytes:
    data = value.encode()
    return struct.pack("<Q", len(data)) + data


def pair(key: str, value: Scalar | list[str] | list[int]) -> bytes:
    """One metadata entry: text, bool, uint32, float32, or an array of text or int32."""
    match value:
        case bool():
            return text(key) + struct.pack("<IB", 7, value)
        case int():
            return text(key) + struct.pack("<II", 4, value)
        case float():
            return text(key) + struct.pack("<If", 6, value)
        case str():
            return text(key) + struct.pack("<I", 8) + text(value)
        case [str(), *_]:
            return text(key) + struct.pack("<IIQ", 9, 8, len(value)) + b"".join(map(text, map(str, value)))
        case _:
            return text(key) + struct.pack(f"<IIQ{len(value)}i", 9, 5, len(value), *value)


def tensor(name: str, shape: tuple[int, ...], kind: int, offset_bytes: int) -> bytes:
    """One row of the tensor table; `kind` is a ggml type number."""
    return text(name) + struct.pack(f"<I{len(shape)}QIQ", len(shape), *shape, kind, offset_bytes)


def gguf(
    pairs: list[bytes],
    tensors: list[bytes],
    data_bytes: int,
    version: int = 3,
    counts: tuple[int, int] | None = None,
) -> bytes:
    """A whole file. `counts`: what the header claims of tensors and pairs, if not the truth."""
    claimed = counts or (len(tensors), len(pairs))
    head = b"GGUF" + struct.pack("<IQQ", version, *claimed) + b"".join(pairs) + b"".join(tensors)
    return head + bytes(-len(head) % ALIGNMENT) + bytes(data_bytes)


def fake_model(
    name: str = "Fake",
    template: str | None = CHAT_TEMPLATE,
    context_tokens: int = 2048,
    file_type: int = 15,
) -> bytes:
    """A file that the header reader takes for a model of 1,088 parameters."""
    pairs = [
        pair("general.architecture", "llama"),
        pair("general.name", name),
        pair("general.license", "apache-2.0"),
        pair("general.file_type", file_type),
        pair("llama.block_count", 1),
        pair("llama.context_length", context_tokens),
        pair("llama.embedding_length", 64),
        pair("llama.attention.head_count", 4),
        pair("llama.attention.head_count_kv", 2),
        pair("tokenizer.ggml.model", "gpt2"),
        pair("tokenizer.ggml.tokens", ["<s>", "</s>", "a"]),
    ]
    if template is not None:
        pairs.append(pair("tokenizer.chat_template", template))
    tensors = [tensor("token_embd.weight", (32, 32), 0, 0), tensor("output_norm.weight", (64,), 0, 4096)]
    return gguf(pairs, tensors, 4096 + 256)


def write_fake_model(
    path: Path, does: str = "", template: str | None = CHAT_TEMPLATE, file_type: int = 15
) -> Path:
    """A file for the fake engine; `does` is one of its tricks, such as "crash"."""
    path.write_bytes(fake_model(f"fake:{does}" if does else "Fake", template, file_type=file_type))
    return path
