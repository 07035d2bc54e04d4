"""Read the metadata and the tensor table of one GGUF file, without loading it and without native code.

Every refusal is one of `engine.errors`' model file errors. Does not read tensor data, keeps no vocabulary,
and does not know what a key means. Format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
"""

import math
import os
import stat
import struct
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple

from engine import gguf_types as gguf
from engine.errors import (
    ModelEmpty,
    ModelMissing,
    ModelNameUnreadable,
    ModelTruncated,
    ModelUnreadable,
    NotGguf,
)
from engine.gguf_facts import Facts, Scalar, Value
from engine.gguf_reader import MAX_STRING_BYTES, KnownTexts, Reader
from engine.gguf_shape import Tensor

# what no real model reaches; a header beyond it is a lie that would only cost memory or time
MAX_PAIRS: Final = 1 << 16
MAX_TENSORS: Final = 1 << 17
MAX_KEY_BYTES: Final = (1 << 16) - 1
MAX_ITEMS: Final = 1 << 26
MAX_TENSOR_NAME_BYTES: Final = 63  # GGML_MAX_NAME, with its closing zero
MAX_DIMENSIONS: Final = 4  # GGML_MAX_DIMS
MAX_ELEMENTS: Final = (1 << 63) - 1
KEPT_ITEMS: Final = 4096  # longer arrays are vocabularies: counted, not kept
MAX_ALIGNMENT: Final = 1 << 18

# of a tensor with so many dimensions: their extents, its type, where its data stand
_ROWS: Final = {count: struct.Struct(f"<{count}QIQ") for count in range(1, MAX_DIMENSIONS + 1)}


class Table(NamedTuple):
    """What stands before the tensor data."""

    path: str
    size_bytes: int  # of the file
    facts: Facts
    tensors: list[Tensor]
    data_at: int  # where the tensor data begin


def read_table(path: str | Path, known: KnownTexts | None = None) -> Table:
    """Read and check what the GGUF file at `path` says of itself.

    Raises ModelMissing, ModelUnreadable, ModelNameUnreadable, ModelEmpty, NotGguf, ModelTruncated or
    ModelDamaged, and nothing else.
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
            return _read(Reader(file, name, size_bytes, known))
    except OSError as error:  # the disk failed while we read
        raise ModelUnreadable(str(error), path=name) from error


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


def _read(reader: Reader) -> Table:
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
    data_at = _check_data(reader, facts, tensors)
    return Table(reader.path, reader.size_bytes, facts, tensors, data_at)


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
    size_bytes = elements // kind.block * kind.size_bytes
    return Tensor(name, elements, kind, offset_bytes, size_bytes, tuple(shape))


def _check_data(reader: Reader, facts: Facts, tensors: list[Tensor]) -> int:
    """Tensor data must follow each other without gap or overlap, as llama.cpp wants it, and fit in.

    Gives where they begin.
    """
    alignment = facts.number("general.alignment", gguf.DEFAULT_ALIGNMENT)
    if not 0 < alignment <= MAX_ALIGNMENT or alignment & (alignment - 1):
        reader.damaged(f"an alignment of {alignment}")
    expected = 0
    for tensor in tensors:
        if tensor.offset_bytes != expected:
            reader.damaged(f"tensor {tensor.name} at {tensor.offset_bytes}, not at {expected}")
        expected += _padded(tensor.size_bytes, alignment)
    data_at = _padded(reader.position, alignment)
    if not tensors:
        return data_at
    last = tensors[-1]
    needed_bytes = data_at + last.offset_bytes + last.size_bytes
    if needed_bytes > reader.size_bytes:
        raise ModelTruncated(path=reader.path, missing_bytes=needed_bytes - reader.size_bytes)
    return data_at


def _padded(size_bytes: int, alignment: int) -> int:
    return -(-size_bytes // alignment) * alignment
