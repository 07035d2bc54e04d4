"""llama.cpp's quantizer: one call, and what its log says of it meanwhile. Decides on no type.

`llama_model_quantize` reports nothing but log lines and hears no wish to stop.
"""

import ctypes
import os
import re
from collections.abc import Callable
from typing import Final, NamedTuple

from engine.errors import QuantizeFailed
from engine.gguf_types import TENSOR_TYPES, TensorType
from engine.llama.api import api
from engine.llama.library import Library

# rows held in memory at once; llama.cpp's own 8 GiB would be all of a small machine
BUFFER_BYTES: Final = 256 << 20

_TENSOR: Final = re.compile(
    r"\[ *\d+/ *\d+\] (?P<name>\S+) +- \[(?P<extents>[\d, ]+)\], type = *(?P<type>\w+)"
)
_PREDICTED: Final = re.compile(r"size = +[\d.]+ MiB -> +[\d.]+ MiB \((?P<type>\w+)\)")
_CONVERTING: Final = re.compile(r"converting to (?P<type>\w+) ")
_FELL_BACK: Final = "-> falling back to"
_TYPES: Final = {kind.name.lower(): kind for kind in TENSOR_TYPES.values()}


class TensorChange(NamedTuple):
    """One tensor: what it was and what it becomes."""

    name: str
    weights: int
    before: TensorType
    after: TensorType

    @property
    def size_bytes(self) -> int:
        """Of what it becomes."""
        return self.weights // self.after.block * self.after.size_bytes


class QuantizeLog:
    """The tensors of a run, in order, from the pieces of its log."""

    def __init__(self, on_tensor: Callable[[TensorChange], None] = lambda _change: None) -> None:
        """`on_tensor` hears of each tensor once it is being worked on."""
        self.changes: list[TensorChange] = []
        self.fell_back = 0
        self._on_tensor = on_tensor

    def hear(self, piece: str) -> None:
        if _FELL_BACK in piece:
            self.fell_back += 1
        elif begun := _TENSOR.search(piece):
            self._begin(begun)
        elif (found := _CONVERTING.search(piece) or _PREDICTED.search(piece)) and self.changes:
            after = _TYPES.get(found["type"].lower())
            if after is not None:
                self.changes[-1] = self.changes[-1]._replace(after=after)

    def _begin(self, found: "re.Match[str]") -> None:
        kind = _TYPES.get(found["type"].lower())
        if kind is None:  # newer than our table: nothing is told of it
            return
        weights = 1
        for extent in found["extents"].split(","):
            weights *= int(extent)
        self.changes.append(TensorChange(found["name"], weights, kind, kind))
        self._on_tensor(self.changes[-1])


def run_quantizer(
    library: Library,
    source: str,
    target: str,
    file_type: int,
    threads: int,
    *,
    predict: bool,
    on_tensor: Callable[[TensorChange], None] = lambda _change: None,
) -> QuantizeLog:
    """Quantize `source` into `target`, or, with `predict`, only find out what would become of it.

    Raises QuantizeFailed; `target` may be half written then.
    """
    parameters = api.llama_model_quantize_default_params()
    parameters.ftype = file_type
    parameters.nthread = threads
    parameters.dry_run = predict
    parameters.max_buf_size = BUFFER_BYTES
    parameters.allow_requantize = True  # whether that is wise is told, not forbidden
    log = QuantizeLog(on_tensor)
    library.forget_log()
    with library.heard_by(log.hear):
        status = api.llama_model_quantize(os.fsencode(source), os.fsencode(target), ctypes.byref(parameters))
    if status != 0:
        raise QuantizeFailed(library.last_words(), path=source)
    return log
