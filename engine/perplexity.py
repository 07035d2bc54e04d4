"""How well a model predicts a text: its perplexity, as llama.cpp's own perplexity tool reckons it.

The exponential of the mean negative log-likelihood, in nats, over windows of 512 tokens that do not overlap;
of each window the second half counts, so that every counted token had context to be predicted from, and the
first token gives way to the model's begin-of-text token where it has one. Source: tools/perplexity of
llama.cpp; https://huggingface.co/docs/transformers/perplexity. Knows no quantization.
"""

import math
from collections.abc import Sequence
from typing import Final

from engine.devices import allowed, usable
from engine.errors import Cancelled, PerplexityUndefined, TextTooShort
from engine.fit import Wanted, choose
from engine.gguf_header import inspect_whole
from engine.llama import Library, Model
from engine.llama.scores import ScoringContext
from engine.protocol import Measured, MeasurePerplexity, Progress
from engine.quantization import check_source
from engine.runtime import Emit, default_threads
from engine.stop import StopFlag

WINDOW_TOKENS: Final = 512
FIRST_COUNTED: Final = WINDOW_TOKENS // 2
MOST_NATS: Final = 700.0  # a larger exponential is no float any more
LEAST_WINDOWS: Final = 2  # llama.cpp's tool refuses less


def measured(library: Library, request: MeasurePerplexity, emit: Emit, stop: StopFlag) -> Measured:
    """The perplexity of the model at `request.path` on `request.text`.

    Raises ModelFileError, DeviceUnknown, TextTooShort, DecodeFailed and Cancelled.
    """
    header = inspect_whole(request.path)
    check_source(header)
    devices = allowed(usable(library.devices(), request.devices), request.memory_limit_bytes)
    fit = choose(header, devices, Wanted(WINDOW_TOKENS))
    fit.check_room(request.path)

    def loading(done: float) -> None:
        emit(Progress("loading", min(1.0, done)))

    gpus = [device.name for device in devices if device.kind != "cpu"]
    model = Model(library, request.path, fit.placement.gpu_layers, loading, stop, gpus)
    try:
        threads = request.threads or default_threads()
        context = ScoringContext(library, model, request.path, WINDOW_TOKENS, threads)
        try:
            context.watch(stop)
            loss, counted = _loss(context, _tokens(model, request.text), model.prepended, emit, stop)
        finally:
            context.close()
    finally:
        model.close()
    if not math.isfinite(loss):
        raise PerplexityUndefined(path=request.path)
    return Measured(math.exp(min(loss / counted, MOST_NATS)), counted)


def _tokens(model: Model, text: str) -> list[int]:
    begin = [] if model.prepended is None else [model.prepended]
    return begin + model.tokenize(text, special=False)


def _loss(
    context: ScoringContext, tokens: Sequence[int], begin: int | None, emit: Emit, stop: StopFlag
) -> tuple[float, int]:
    """The sum of the losses, in nats, and over how many tokens."""
    windows = len(tokens) // WINDOW_TOKENS
    if windows < LEAST_WINDOWS:
        raise TextTooShort(found_tokens=len(tokens), needed_tokens=LEAST_WINDOWS * WINDOW_TOKENS)
    loss, counted = 0.0, 0
    for number in range(windows):
        emit(Progress("measuring", number / windows))
        window = list(tokens[number * WINDOW_TOKENS : (number + 1) * WINDOW_TOKENS])
        if begin is not None:
            window[0] = begin
        for losses in context.losses(window, FIRST_COUNTED):
            if stop:
                raise Cancelled
            loss += math.fsum(losses)
            counted += len(losses)
    emit(Progress("measuring", 1.0))
    return loss, counted
