"""Quantizing and measuring as the fake runtime does it: real small files, and figures known beforehand."""

import signal
import time
from collections.abc import Callable
from pathlib import Path

from engine.errors import Cancelled, ModelTooLarge, QuantizeFailed, TextTooShort
from engine.gguf_header import inspect
from engine.protocol import Measured, MeasurePerplexity, Progress, Quantize, Quantized, TensorShare
from engine.quantization import TYPES, check_source, type_named
from engine.runtime import Emit
from engine.stop import StopFlag
from tests.fakes.engine_files import fake_model
from tests.fakes.native import die, hang

LEAST_WORDS = 8
WEIGHTS = 1088  # of `fake_model`


def quantized(request: Quantize, emit: Emit, stop: StopFlag) -> Quantized:
    to = type_named(request.quantization)
    header = inspect(request.path)
    check_source(header)
    data = fake_model(header.name, header.chat_template, header.trained_context_tokens, to.file_type)
    told = Quantized(len(data), (TensorShare("F32", 2, WEIGHTS),), lossy_source=header.quantization != "F16")
    if request.predict:
        return told
    trick = header.name.removeprefix("fake:")
    target = Path(request.target)
    target.write_bytes(data[: len(data) // 2])
    match trick:
        case "crash":
            die(signal.SIGSEGV)
        case "hang":
            emit(Progress("quantizing", 0.5))
            hang()
        case "refuse":
            raise QuantizeFailed("quantized data validation failed", path=request.path)
        case "broken":
            return told
    _steps(trick, lambda done: emit(Progress("quantizing", done)))
    target.write_bytes(data)
    return told


def measured(request: MeasurePerplexity, emit: Emit, stop: StopFlag) -> Measured:
    header = inspect(request.path)
    check_source(header)
    if header.name == "fake:no-memory":
        raise ModelTooLarge(path=request.path, needed_bytes=9_000_000_000, free_bytes=1_000_000_000)
    words = len(request.text.split())
    if words < LEAST_WORDS:
        raise TextTooShort(found_tokens=words, needed_tokens=LEAST_WORDS)

    def tell(done: float) -> None:
        if stop:
            raise Cancelled
        emit(Progress("measuring", done))

    _steps(header.name.removeprefix("fake:"), tell)
    known = TYPES.get(header.quantization)
    return Measured(20.0 + 8.0 / (known.bits if known else 16.0), words // 2)


def _steps(trick: str, tell: Callable[[float], None]) -> None:
    steps = 40 if trick == "slow" else 4
    for step in range(steps + 1):
        tell(step / steps)
        if trick == "slow":
            time.sleep(0.05)
