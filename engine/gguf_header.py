"""Read the header of a GGUF file without loading it and without native code.

Holds the reader and its checks; every refusal is one of `engine.errors`' model file errors. Does not
read tensor data, does not map the file (a file cut short under a mapping kills the process), keeps no
vocabulary. Format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
"""

import math
import os
import re
import stat
import struct
from collections import Counter
from pathlib import Path
from typing import BinaryIO, Final

import msgspec

from engine import gguf_types as gguf
from engine.errors import (
    ModelEmpty,
    ModelFileError,
    ModelMissing,
    ModelNameUnreadable,
    ModelTruncated,
    ModelUnreadable,
    NotGguf,
)
from engine.gguf_facts import Facts, Scalar, Value
from engine.gguf_reader import MAX_STRING_BYTES, KnownTexts, Reader
from engine.gguf_shape import ModelShape, Tensor, shape_of

# what no real model reaches; a header beyond it is a lie that would only cost memory or time
MAX_PAIRS: Final = 1 << 16
MAX_TENSORS: Final = 1 << 17
MAX_KEY_BYTES: Final = (1 << 16) - 1
MAX_ITEMS: Final = 1 << 26
MAX_TENSOR_NAME_BYTES: Final = 63  # GGML_MAX_NAME, with its closing zero
MAX_DIMENSIONS: Final = 4  # GGML_MAX_DIMS
MAX_ELEMENTS: Final = (1 << 63) - 1
MAX_LAYERS: Final = 512  # LLAMA_MAX_LAYERS: llama.cpp aborts its process beyond it
KEPT_ITEMS: Final = 4096  # longer arrays are vocabularies: counted, not kept
MAX_ALIGNMENT: Final = 1 << 18

# of a tensor with so many dimensions: their extents, its type, where its data stand
_ROWS: Final = {count: struct.Struct(f"<{count}QIQ") for count in range(1, MAX_DIMENSIONS + 1)}
_CHECKSUM: Final = re.compile(r"(sha256[-_])?[0-9a-f]{32,64}")


class ModelHeader(msgspec.Struct, frozen=True):
    """What a GGUF file says of itself. A number it does not state is 0, a text ""."""

    path: str
    name: str
    architecture: str
    parameters: int
    quantization: str
    size_bytes: int
    trained_context_tokens: int
    layers: int
    heads: int
    heads_kv: int
    embedding_length: int
    sliding_window_tokens: int
    vocabulary: int
    tokenizer: str
    licence: str
    chat_template: str | None
    causal: bool  # False: the file says that it embeds text and cannot write any
    tensors: int
    split_files: int  # above 1: this is one part of several
    shape: ModelShape

    @property
    def title(self) -> str:
        """What people know the model by: its file's name, since `name` is often that of a training run.

        Stores that keep files under their checksum leave only `name`.
        """
        stem = Path(self.path).stem
        if self.name and _CHECKSUM.fullmatch(stem):
            return self.name
        ending = rf"[.\-_]{re.escape(self.quantization)}$"
        return re.sub(ending, "", stem, flags=re.IGNORECASE) if self.quantization else stem


def inspect(path: str | Path, known: KnownTexts | None = None) -> ModelHeader:
    """Read and check the header of the GGUF file at `path`.

    Reads the header's bytes only, however large the file. With `known`, a vocabulary that begins and ends as
    one of another file is passed over unread, for lists of many files; whoever loads a model goes without.
    Raises ModelMissing, ModelUnreadable, ModelNameUnreadable, ModelEmpty, NotGguf, ModelTruncated or
    ModelDamaged, and nothing else.
    """
    name = str(path)
    shown = name.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if shown != name:
        raise ModelNameUnreadable(path=shown)
    try:
        with _open(name) as file:
            return _read_file(file, name, known)
    except OSError as error:  # the disk failed while we read
        raise ModelUnreadable(str(error), path=name) from error


def _read_file(file: BinaryIO, name: str, known: KnownTexts | None) -> ModelHeader:
    size_bytes = os.fstat(file.fileno()).st_size
    if size_bytes == 0:
        raise ModelEmpty(path=name)
    reader = Reader(file, name, size_bytes, known)
    try:
        return _read(reader)
    except ModelFileError:
        if not reader.jumped:
            raise
    # what was taken for a known vocabulary was another: read every word of it
    file.seek(0)
    return _read(Reader(file, name, size_bytes))


def _open(name: str) -> BinaryIO:
    """Open a regular file. A pipe or a device would block or never end."""
    try:
        if not stat.S_ISREG(os.stat(name).st_mode):  # noqa: PTH116 (Path("") is the current folder)
            raise NotGguf("not a regular file", path=name)
        return Path(name).open("rb", buffering=0)
    except (FileNotFoundError, NotADirectoryError, ValueError) as error:  # ValueError: a zero byte in it
        raise ModelMissing(path=name) from error
    except OSError as error:
        raise ModelUnreadable(str(error), path=name) from error


def _read(reader: Reader) -> ModelHeader:
    if reader.size_bytes < len(gguf.MAGIC) or reader.take(4) != gguf.MAGIC:
        raise NotGguf(path=reader.path)
    version = reader.number("I")
    if version not in gguf.VERSIONS:
        swapped = int.from_bytes(version.to_bytes(4, "little"), "big")
        reader.damaged("big-endian" if swapped in gguf.VERSIONS else f"GGUF version {version}")
    tensor_count = reader.number("Q")
    pair_count = reader.number("Q")
    if pair_count > MAX_PAIRS:
        reader.damaged(f"{pair_count} metadata entries")
    if tensor_count > MAX_TENSORS:
        reader.damaged(f"{tensor_count} tensors")
    facts = _read_pairs(reader, pair_count)
    tensors = _read_tensors(reader, tensor_count)
    _check_data(reader, facts, tensors)
    return _header(reader, facts, tensors)


def _read_pairs(reader: Reader, count: int) -> Facts:
    values: dict[str, Value] = {}
    lengths: dict[str, int] = {}
    for _ in range(count):
        key = reader.text(MAX_KEY_BYTES)
        if key in values:
            reader.damaged(f"{key} stands twice")
        kind = reader.number("I")
        if kind == gguf.ARRAY:
            values[key], lengths[key] = _read_array(reader)
        else:
            values[key] = _read_scalar(reader, kind)
    return Facts(values, lengths, reader.damaged)


def _read_scalar(reader: Reader, kind: int) -> Scalar:
    if kind == gguf.STRING:
        return reader.text(MAX_STRING_BYTES)
    if kind == gguf.BOOL:
        return reader.number("B") != 0
    code = gguf.SCALARS.get(kind)
    if code is None:
        reader.damaged(f"value type {kind}")
    return reader.scalar(code)


def _read_array(reader: Reader) -> tuple[tuple[Scalar, ...], int]:
    """The items when they are few, else none of them; and how many there are."""
    kind = reader.number("I")
    count = reader.number("Q")
    if count > MAX_ITEMS:
        reader.damaged(f"an array of {count} items")
    if kind == gguf.STRING:
        if count > KEPT_ITEMS:
            reader.skip_texts(count)
            return (), count
        return tuple(reader.text(MAX_STRING_BYTES) for _ in range(count)), count
    code = gguf.SCALARS.get(kind)
    if code is None:  # also arrays in arrays, which llama.cpp does not read either
        reader.damaged(f"an array of value type {kind}")
    size = struct.calcsize(f"<{code}")
    if reader.position + size * count > reader.size_bytes:
        reader.ends_early()
    if count > KEPT_ITEMS:
        reader.skip(size * count)
        return (), count
    return struct.unpack(f"<{count}{code}", reader.take(size * count)), count


def _read_tensors(reader: Reader, count: int) -> list[Tensor]:
    tensors: list[Tensor] = []
    names: set[str] = set()
    for _ in range(count):
        name = reader.text(MAX_TENSOR_NAME_BYTES)
        if name in names:
            reader.damaged(f"tensor {name} stands twice")
        names.add(name)
        tensors.append(_read_tensor(reader, name))
    return tensors


def _read_tensor(reader: Reader, name: str) -> Tensor:
    dimensions = reader.number("I")
    if not 1 <= dimensions <= MAX_DIMENSIONS:
        reader.damaged(f"tensor {name} has {dimensions} dimensions")
    *shape, number, offset_bytes = reader.values(_ROWS[dimensions])
    elements = math.prod(shape)
    if not 0 < elements <= MAX_ELEMENTS:
        reader.damaged(f"tensor {name} has {elements} elements")
    kind = gguf.TENSOR_TYPES.get(number)
    if kind is None:
        reader.damaged(f"tensor {name} has type {number}")
    if shape[0] % kind.block:
        reader.damaged(f"tensor {name} has rows of {shape[0]}, no multiple of {kind.block}")
    return Tensor(name, elements, kind, offset_bytes, elements // kind.block * kind.size_bytes)


def _check_data(reader: Reader, facts: Facts, tensors: list[Tensor]) -> None:
    """Tensor data must follow each other without gap or overlap, as llama.cpp wants it, and fit in."""
    alignment = facts.number("general.alignment", gguf.DEFAULT_ALIGNMENT)
    if not 0 < alignment <= MAX_ALIGNMENT or alignment & (alignment - 1):
        reader.damaged(f"an alignment of {alignment}")
    expected = 0
    for tensor in tensors:
        if tensor.offset_bytes != expected:
            reader.damaged(f"tensor {tensor.name} at {tensor.offset_bytes}, not at {expected}")
        expected += _padded(tensor.size_bytes, alignment)
    if not tensors:
        return
    last = tensors[-1]
    needed_bytes = _padded(reader.position, alignment) + last.offset_bytes + last.size_bytes
    if needed_bytes > reader.size_bytes:
        raise ModelTruncated(path=reader.path, missing_bytes=needed_bytes - reader.size_bytes)


def _padded(size_bytes: int, alignment: int) -> int:
    return -(-size_bytes // alignment) * alignment


def _header(reader: Reader, facts: Facts, tensors: list[Tensor]) -> ModelHeader:
    architecture = facts.text("general.architecture")
    layers = facts.number(f"{architecture}.block_count")
    if layers > MAX_LAYERS:
        reader.damaged(f"{layers} layers")
    heads = facts.number(f"{architecture}.attention.head_count")
    return ModelHeader(
        path=reader.path,
        name=facts.text("general.name") or Path(reader.path).stem,
        architecture=architecture,
        parameters=sum(tensor.elements for tensor in tensors),
        quantization=_quantization(facts, tensors),
        size_bytes=reader.size_bytes,
        trained_context_tokens=facts.number(f"{architecture}.context_length"),
        layers=layers,
        heads=heads,
        heads_kv=facts.number(f"{architecture}.attention.head_count_kv", heads),
        embedding_length=facts.number(f"{architecture}.embedding_length"),
        sliding_window_tokens=facts.number(f"{architecture}.attention.sliding_window"),
        vocabulary=facts.length("tokenizer.ggml.tokens"),
        tokenizer=facts.text("tokenizer.ggml.model"),
        licence=facts.text("general.license"),
        chat_template=facts.text("tokenizer.chat_template") or None,
        causal=facts.flag(f"{architecture}.attention.causal", default=True),
        tensors=len(tensors),
        split_files=facts.number("split.count"),
        shape=shape_of(facts, tensors, layers),
    )


def _quantization(facts: Facts, tensors: list[Tensor]) -> str:
    """The file type's name; without one, the tensor type that most parameters have."""
    if facts.has("general.file_type"):
        name = gguf.FILE_TYPES.get(facts.number("general.file_type"))
        if name is not None:
            return name
    weights: Counter[str] = Counter()
    for tensor in tensors:
        weights[tensor.type.name] += tensor.elements
    return weights.most_common(1)[0][0] if weights else ""
