"""Read the header of a GGUF file without loading it and without native code.

Holds the reader and its checks; every refusal is one of `engine.errors`' model file errors. Does not
read tensor data, does not map the file (a file cut short under a mapping kills the process), keeps no
vocabulary. Format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
"""

import os
import re
import stat
import struct
from collections import Counter
from pathlib import Path
from typing import BinaryIO, Final, NoReturn

import msgspec

from engine import gguf_types as gguf
from engine.errors import (
    ModelDamaged,
    ModelEmpty,
    ModelMissing,
    ModelNameUnreadable,
    ModelTruncated,
    ModelUnreadable,
    NotGguf,
)
from engine.gguf_facts import Facts, Scalar, Value
from engine.gguf_shape import ModelShape, Tensor, shape_of

# what no real model reaches; a header beyond it is a lie that would only cost memory or time
MAX_PAIRS: Final = 1 << 16
MAX_TENSORS: Final = 1 << 17
MAX_KEY_BYTES: Final = (1 << 16) - 1
MAX_STRING_BYTES: Final = 1 << 24
MAX_ITEMS: Final = 1 << 26
MAX_TENSOR_NAME_BYTES: Final = 63  # GGML_MAX_NAME, with its closing zero
MAX_DIMENSIONS: Final = 4  # GGML_MAX_DIMS
MAX_ELEMENTS: Final = (1 << 63) - 1
MAX_LAYERS: Final = 512  # LLAMA_MAX_LAYERS: llama.cpp aborts its process beyond it
KEPT_ITEMS: Final = 4096  # longer arrays are vocabularies: counted, not kept
BLOCK_BYTES: Final = 1 << 18

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


def inspect(path: str | Path) -> ModelHeader:
    """Read and check the header of the GGUF file at `path`.

    Reads the header's bytes only, however large the file. Raises ModelMissing, ModelUnreadable,
    ModelNameUnreadable, ModelEmpty, NotGguf, ModelTruncated or ModelDamaged, and nothing else.
    """
    name = str(path)
    shown = name.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if shown != name:
        raise ModelNameUnreadable(path=shown)
    try:
        with _open(name) as file:
            size_bytes = os.fstat(file.fileno()).st_size
            if size_bytes == 0:
                raise ModelEmpty(path=name)
            return _read(_Reader(file, name, size_bytes))
    except OSError as error:  # the disk failed while we read
        raise ModelUnreadable(str(error), path=name) from error


def _open(name: str) -> BinaryIO:
    """Open a regular file. A pipe or a device would block or never end."""
    try:
        if not stat.S_ISREG(os.stat(name).st_mode):  # noqa: PTH116 (Path("") is the current folder)
            raise NotGguf("not a regular file", path=name)
        return Path(name).open("rb")
    except (FileNotFoundError, NotADirectoryError, ValueError) as error:  # ValueError: a zero byte in it
        raise ModelMissing(path=name) from error
    except OSError as error:
        raise ModelUnreadable(str(error), path=name) from error


class _Reader:
    """Takes values from the file in order, never more than the file holds, in blocks of some size."""

    def __init__(self, file: BinaryIO, path: str, size_bytes: int) -> None:
        self.path = path
        self.size_bytes = size_bytes
        self._file = file
        self._block = b""
        self._at = 0
        self._before = 0  # bytes of the file before the block

    @property
    def position(self) -> int:
        return self._before + self._at

    def damaged(self, why: str) -> NoReturn:
        raise ModelDamaged(f"{why} (byte {self.position})", path=self.path)

    def take(self, count: int) -> bytes:
        """The next `count` bytes. Raises ModelTruncated when the file ends before."""
        end = self._at + count
        if end > len(self._block):
            self._fill(count)
            end = count
        data = self._block[self._at : end]
        self._at = end
        return data

    def _fill(self, count: int) -> None:
        needed_bytes = self.position + count
        if needed_bytes > self.size_bytes:
            self.ends_early()
        rest = self._block[self._at :]
        self._before += self._at
        self._block = rest + self._file.read(max(count - len(rest), BLOCK_BYTES))
        self._at = 0
        if len(self._block) < count:  # the file shrank while we read it
            self.ends_early()

    def ends_early(self) -> NoReturn:
        """Before its header is complete: nobody knows how much is missing."""
        raise ModelTruncated(path=self.path)

    def number(self, code: str) -> int:
        """One value of an integer `code` of struct."""
        return int(self.scalar(code))

    def scalar(self, code: str) -> int | float:
        value: int | float = struct.unpack(f"<{code}", self.take(struct.calcsize(f"<{code}")))[0]
        return value

    def text(self, limit_bytes: int) -> str:
        length = self.number("Q")
        if length > limit_bytes:
            self.damaged(f"a text of {length} bytes")
        return self.take(length).decode("utf-8", "replace")

    def skip_texts(self, count: int) -> None:
        """Pass over `count` texts without keeping them: a vocabulary has a hundred thousand."""
        unpack = struct.Struct("<Q").unpack_from
        for _ in range(count):
            at = self._at
            if at + 8 <= len(self._block):
                length = unpack(self._block, at)[0]
                if at + 8 + length <= len(self._block):
                    self._at = at + 8 + length
                    continue
            length = self.number("Q")
            if length > MAX_STRING_BYTES:
                self.damaged(f"a text of {length} bytes")
            self.take(length)


def _read(reader: _Reader) -> ModelHeader:
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


def _read_pairs(reader: _Reader, count: int) -> Facts:
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


def _read_scalar(reader: _Reader, kind: int) -> Scalar:
    if kind == gguf.STRING:
        return reader.text(MAX_STRING_BYTES)
    if kind == gguf.BOOL:
        return reader.number("B") != 0
    code = gguf.SCALARS.get(kind)
    if code is None:
        reader.damaged(f"value type {kind}")
    return reader.scalar(code)


def _read_array(reader: _Reader) -> tuple[tuple[Scalar, ...], int]:
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
        left = size * count
        while left:
            left -= len(reader.take(min(left, BLOCK_BYTES)))
        return (), count
    return struct.unpack(f"<{count}{code}", reader.take(size * count)), count


def _read_tensors(reader: _Reader, count: int) -> list[Tensor]:
    tensors: list[Tensor] = []
    names: set[str] = set()
    for _ in range(count):
        name = reader.text(MAX_TENSOR_NAME_BYTES)
        if name in names:
            reader.damaged(f"tensor {name} stands twice")
        names.add(name)
        tensors.append(_read_tensor(reader, name))
    return tensors


def _read_tensor(reader: _Reader, name: str) -> Tensor:
    dimensions = reader.number("I")
    if not 1 <= dimensions <= MAX_DIMENSIONS:
        reader.damaged(f"tensor {name} has {dimensions} dimensions")
    shape = struct.unpack(f"<{dimensions}Q", reader.take(8 * dimensions))
    elements = 1
    for extent in shape:
        elements *= extent
    if not 0 < elements <= MAX_ELEMENTS:
        reader.damaged(f"tensor {name} has {elements} elements")
    number = reader.number("I")
    kind = gguf.TENSOR_TYPES.get(number)
    if kind is None:
        reader.damaged(f"tensor {name} has type {number}")
    if shape[0] % kind.block:
        reader.damaged(f"tensor {name} has rows of {shape[0]}, no multiple of {kind.block}")
    return Tensor(name, elements, kind, reader.number("Q"), elements // kind.block * kind.size_bytes)


def _check_data(reader: _Reader, facts: Facts, tensors: list[Tensor]) -> None:
    """Tensor data must follow each other without gap or overlap, as llama.cpp wants it, and fit in."""
    alignment = facts.number("general.alignment", gguf.DEFAULT_ALIGNMENT)
    if not 0 < alignment <= BLOCK_BYTES or alignment & (alignment - 1):
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


def _header(reader: _Reader, facts: Facts, tensors: list[Tensor]) -> ModelHeader:
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
