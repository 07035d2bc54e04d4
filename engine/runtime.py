"""What a worker can do with a model, as an interface, and what both sides of it agree on.

The real runtime is `engine.session`; tests bring a fake one. Knows no llama.cpp and no pipe.
"""

import math
import os
import secrets
from collections.abc import Callable
from typing import Final, Protocol

import psutil

from engine.errors import BadSetting
from engine.protocol import (
    ChatSwitched,
    Counted,
    CountTokens,
    Devices,
    Done,
    Event,
    ForgetChat,
    Generate,
    Loaded,
    LoadModel,
    Measured,
    MeasurePerplexity,
    Quantize,
    Quantized,
    Render,
    Rendered,
    Sampling,
    SwitchChat,
)
from engine.stop import StopFlag

Emit = Callable[[Event], None]

MIN_CONTEXT_TOKENS: Final = 32
MAX_CONTEXT_TOKENS: Final = 1 << 24
MAX_SEED: Final = (1 << 32) - 2  # the next number means "draw one" to llama.cpp


class Runtime(Protocol):
    """Serves one request at a time, from one thread; `count` and `render` also beside a `generate`, from
    another. Every method may raise an EngineError."""

    def prepare(self) -> None:
        """Do what can be done before the first request, such as loading the native library."""

    def load(self, request: LoadModel, emit: Emit, stop: StopFlag) -> Loaded:
        """Load a model in place of the one before. Raises Cancelled when `stop` is set meanwhile."""

    def unload(self) -> None:
        """Give the model's memory back. Nothing happens without one."""

    def generate(self, request: Generate, emit: Emit, stop: StopFlag) -> Done:
        """Emit a reply. A reply stopped by `stop` is Done all the same."""

    def count(self, request: CountTokens, stop: StopFlag) -> Counted:
        """Count. Raises Cancelled when `stop` is set meanwhile."""

    def render(self, request: Render) -> Rendered:
        """Show the prompt token by token."""

    def devices(self) -> Devices:
        """What a model can be placed on now."""

    def switch(self, request: SwitchChat) -> ChatSwitched:
        """Make the cache that of another chat."""

    def forget(self, request: ForgetChat) -> ChatSwitched:
        """Delete what is kept of a chat."""

    def quantize(self, request: Quantize, emit: Emit, stop: StopFlag) -> Quantized:
        """Write a smaller file. Native code hears no `stop`: whoever loses patience ends the process."""

    def measure(self, request: MeasurePerplexity, emit: Emit, stop: StopFlag) -> Measured:
        """Give the perplexity of a model. Raises Cancelled when `stop` is set meanwhile."""


def check(request: Generate) -> None:
    """Raise BadSetting for the first number that lies out of range; llama.cpp would abort or babble."""
    sampling = request.sampling
    _between("temperature", sampling.temperature, 0.0, 10.0)
    _between("top_k", sampling.top_k, 0, 1 << 20)
    _between("top_p", sampling.top_p, 0.0, 1.0)
    _between("min_p", sampling.min_p, 0.0, 1.0)
    _between("repeat_penalty", sampling.repeat_penalty, 0.1, 10.0)
    _between("messages", len(request.messages), 1, 1 << 20)
    if sampling.seed is not None:
        _between("seed", sampling.seed, 0, MAX_SEED)
    if request.max_tokens is not None:
        _between("max_tokens", request.max_tokens, 0, 1 << 31)


def check_load(request: LoadModel) -> None:
    """Raise BadSetting for a context window, a number of threads or of layers that cannot be."""
    if request.context_tokens is not None:
        _between("context_tokens", request.context_tokens, MIN_CONTEXT_TOKENS, MAX_CONTEXT_TOKENS)
    if request.threads is not None:
        _between("threads", request.threads, 1, 512)
    _between("gpu_layers", request.gpu_layers, -1, 1 << 16)


def seed_of(sampling: Sampling) -> int:
    return secrets.randbelow(MAX_SEED) if sampling.seed is None else sampling.seed


def default_threads() -> int:
    """One per physical core that this process may use: more of them only wait for each other."""
    allowed = len(allowed_cores())
    return max(1, min(allowed, psutil.cpu_count(logical=False) or allowed))


def allowed_cores() -> list[int]:
    """The numbers of the cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return sorted(os.sched_getaffinity(0))
    return list(range(os.cpu_count() or 1))


def _between(name: str, value: float, low: float, high: float) -> None:
    if not math.isfinite(value) or not low <= value <= high:
        # a frame's parameters must be finite numbers
        shown = value if math.isfinite(value) else str(value)
        raise BadSetting(name=name, value=shown, low=low, high=high)
