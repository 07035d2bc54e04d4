"""Quantize one file: foreseen, done, with progress. Chooses no name and deletes nothing."""

from collections import Counter
from pathlib import Path
from typing import Final

from engine.errors import Cancelled
from engine.gguf_header import inspect_whole
from engine.llama import Library
from engine.llama.quantize import QuantizeLog, TensorChange, run_quantizer
from engine.protocol import Progress, Quantize, Quantized, TensorShare
from engine.quantization import check_source, metadata_bytes, type_named
from engine.runtime import Emit, default_threads
from engine.stop import StopFlag

ALIGNMENT: Final = 32  # llama.cpp writes its files with this one, whatever the source's was
WHOLE_TYPES: Final = {"F64", "F32", "F16", "BF16"}


def quantized(library: Library, request: Quantize, emit: Emit, stop: StopFlag) -> Quantized:
    """Do what `request` says. Raises ModelFileError, UnknownQuantization, QuantizationNeedsMatrix,
    QuantizeFailed and, before it has begun, Cancelled.
    """
    to = type_named(request.quantization)
    header = inspect_whole(request.path)
    check_source(header)
    threads = request.threads or default_threads()

    def run(*, predict: bool, progress: "_Progress | None" = None) -> QuantizeLog:
        return run_quantizer(
            library,
            request.path,
            request.target,
            to.file_type,
            threads,
            predict=predict,
            on_tensor=progress or (lambda _change: None),
        )

    foreseen = run(predict=True)
    if request.predict:
        return _told(foreseen, metadata_bytes(header))
    if stop:
        raise Cancelled
    done = run(predict=False, progress=_Progress(emit, foreseen.changes))
    emit(Progress("quantizing", 1.0))
    size_bytes = Path(request.target).stat().st_size
    return _told(done, size_bytes - _data_bytes(done))


class _Progress:
    """Told by the weights behind us: an embedding can be half of a small model."""

    def __init__(self, emit: Emit, foreseen: list[TensorChange]) -> None:
        self._emit = emit
        self._total = max(1, sum(change.weights for change in foreseen))
        self._behind = 0
        self._told = -1

    def __call__(self, change: TensorChange) -> None:
        percent = 100 * self._behind // self._total
        if percent > self._told:
            self._told = percent
            self._emit(Progress("quantizing", min(1.0, self._behind / self._total)))
        self._behind += change.weights


def _told(log: QuantizeLog, other_bytes: int) -> Quantized:
    tensors: Counter[str] = Counter()
    weights: Counter[str] = Counter()
    for change in log.changes:
        tensors[change.after.name] += 1
        weights[change.after.name] += change.weights
    return Quantized(
        size_bytes=_data_bytes(log) + other_bytes,
        shares=tuple(TensorShare(name, tensors[name], count) for name, count in weights.most_common()),
        fell_back=log.fell_back,
        lossy_source=any(
            change.before != change.after and not {change.before.name, change.after.name} & WHOLE_TYPES
            for change in log.changes
        ),
    )


def _data_bytes(log: QuantizeLog) -> int:
    return sum(-(-change.size_bytes // ALIGNMENT) * ALIGNMENT for change in log.changes)
