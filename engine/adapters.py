"""Check a LoRA adapter's file against the model it is to change, before native code sees it.

llama.cpp takes its process down on a value of the wrong type, on a rank that differs within a pair, and
writes nonsense for values that are no numbers. Loads nothing: `engine.llama.adapters` does. Layout:
convert_lora_to_gguf.py and src/llama-adapter.cpp of llama.cpp.
"""

import math
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, NoReturn

import msgspec
import numpy as np

from engine.errors import (
    BadAdapter,
    ModelDamaged,
    ModelEmpty,
    ModelFileError,
    ModelMissing,
    ModelTruncated,
    ModelUnreadable,
)
from engine.gguf_header import whole_tables
from engine.gguf_shape import Tensor
from engine.gguf_table import Table, read_table

ALPHA: Final = "adapter.lora.alpha"
INVOCATION: Final = "adapter.alora.invocation_tokens"
FLOAT32: Final = 6  # GGUF's value type
CHUNK_BYTES: Final = 1 << 26

# how values of each type are looked at: of Q8_0, a block's scale alone can be no number
_VALUES: Final[Mapping[str, Any]] = {
    "F32": np.dtype("<f4"),
    "F16": np.dtype("<f2"),
    "BF16": np.dtype("<u2"),
    "Q8_0": np.dtype([("scale", "<f2"), ("values", "i1", 32)]),
}
_BF16_EXPONENT: Final = 0x7F80

# a file that could be an adapter if it were whole, or there
_REASONS: Final[Mapping[type[ModelFileError], str]] = {
    ModelMissing: "adapter_missing",
    ModelUnreadable: "adapter_unreadable",
    ModelEmpty: "adapter_cut",
    ModelTruncated: "adapter_cut",
    ModelDamaged: "adapter_damaged",
}


class BaseModel(msgspec.Struct, frozen=True):
    """What an adapter must fit: the extents of the model's tensors, from the fastest on, by name."""

    name: str
    architecture: str
    extents: dict[str, tuple[int, ...]]


def base_model(path: str, name: str) -> BaseModel:
    """Of a model that has been loaded, all its files together. Raises what reading headers raises."""
    tables = whole_tables(path)
    extents = {tensor.name: tensor.extents for table in tables for tensor in table.tensors}
    return BaseModel(name, tables[0].facts.text("general.architecture"), extents)


def check_adapter(path: str, base: BaseModel) -> None:
    """Raises BadAdapter."""
    try:
        _Check(read_table(path), base).run()
    except ModelFileError as error:  # no whole GGUF file, or a key of the wrong type
        reason = _REASONS.get(type(error), "no_adapter")
        raise BadAdapter(str(error), reason=reason, name="", path=path, model=base.name) from error
    except OSError as error:
        raise BadAdapter(str(error), reason="no_adapter", name="", path=path, model=base.name) from error


class _Check:
    def __init__(self, table: Table, base: BaseModel) -> None:
        self._table, self._base = table, base

    def run(self) -> None:
        facts = self._table.facts
        if facts.text("general.type") != "adapter" or facts.text("adapter.type") != "lora":
            self._fail("no_adapter")
        if facts.number("split.count") > 1:
            self._fail("no_adapter")
        architecture = facts.text("general.architecture")
        if architecture != self._base.architecture:
            self._fail("other_architecture", architecture)
        if facts.has(INVOCATION):
            self._fail("alora")
        self._alpha()
        pairs = self._pairs()
        if not pairs:
            self._fail("no_tensors")
        for name, (first, second) in pairs.items():
            self._shape(name, first, second)
        self._numbers()

    def _alpha(self) -> None:
        """llama.cpp ends its process when this is anything but a float of 32 bits, and does not ask."""
        key = struct.pack("<Q", len(ALPHA)) + ALPHA.encode()
        with Path(self._table.path).open("rb") as file:
            head = file.read(self._table.data_at)
        at = head.find(key)
        while at >= 0:
            kind, value = struct.unpack_from("<If", head, at + len(key))
            if kind != FLOAT32 or not math.isfinite(value):
                self._fail("not_numbers", ALPHA)
            at = head.find(key, at + 1)

    def _pairs(self) -> dict[str, tuple[Tensor, Tensor]]:
        halves: dict[str, dict[str, Tensor]] = {}
        for tensor in self._table.tensors:
            name, _, half = tensor.name.rpartition(".")
            if half not in ("lora_a", "lora_b"):
                if tensor.name.endswith("_norm.weight"):
                    continue  # llama.cpp passes over them
                self._fail("tensor_name", tensor.name)
            if tensor.type.name not in _VALUES:
                self._fail("tensor_type", tensor.name)
            halves.setdefault(name, {})[half] = tensor
        for name, found in halves.items():
            if len(found) < 2:
                self._fail("half_a_pair", name)
        return {name: (found["lora_a"], found["lora_b"]) for name, found in halves.items()}

    def _shape(self, name: str, first: Tensor, second: Tensor) -> None:
        """A of (inputs, rank), B of (rank, outputs); of the token embeddings A is (rank, tokens)."""
        wanted = self._base.extents.get(name)
        if wanted is None:
            self._fail("no_such_tensor", name)
        model, a, b = _four(wanted), _four(first.extents), _four(second.extents)
        if name.endswith("token_embd.weight"):
            fits = (b[1], a[1], a[0]) == (model[0], model[1], b[0])
        else:
            fits = (a[0], b[1], a[1]) == (model[0], model[1], b[0])
        if len(wanted) < 2 or not fits or a[2:] != model[2:] or b[2:] != model[2:]:
            self._fail("tensor_shape", name)

    def _numbers(self) -> None:
        with Path(self._table.path).open("rb") as file:
            for tensor in self._table.tensors:
                kind = _VALUES.get(tensor.type.name)
                if kind is None:
                    continue  # a norm
                file.seek(self._table.data_at + tensor.offset_bytes)
                left = tensor.size_bytes
                while left:
                    data = file.read(min(left, CHUNK_BYTES - CHUNK_BYTES % kind.itemsize))
                    if not data or not _finite(np.frombuffer(data, kind), tensor.type.name):
                        self._fail("not_numbers", tensor.name)
                    left -= len(data)

    def _fail(self, reason: str, name: str = "") -> NoReturn:
        raise BadAdapter(reason=reason, name=name, path=self._table.path, model=self._base.name)


def _four(extents: tuple[int, ...]) -> tuple[int, ...]:
    return extents + (1,) * (4 - len(extents))


def _finite(values: Any, kind: str) -> bool:
    if kind == "BF16":
        return not bool(((values & _BF16_EXPONENT) == _BF16_EXPONENT).any())
    return bool(np.isfinite(values["scale"] if kind == "Q8_0" else values).all())
