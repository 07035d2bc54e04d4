"""What a worker can do with a model, as an interface, and what both sides of it agree on.

The real runtime is `engine.session`; tests bring a fake one. Knows no llama.cpp and no pipe.
"""

import os
import secrets
from collections.abc import Callable, Sequence
from typing import Final, Protocol

import psutil

from engine.errors import BadGrammar, BadSchema, NoSuchToken, TextTooLong, TooManyTexts
from engine.grammar import checked
from engine.json_schema import schema_grammar
from engine.protocol import (
    ChatSwitched,
    Counted,
    CountTokens,
    Devices,
    Done,
    Embed,
    Embedded,
    EmbedderLoaded,
    Event,
    ForgetChat,
    Generate,
    Loaded,
    LoadEmbedder,
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
from engine.sampling import MAX_ALTERNATIVES, MAX_SEED, between, check_sampling, check_stops
from engine.stop import StopFlag

Emit = Callable[[Event], None]

MIN_CONTEXT_TOKENS: Final = 32
MAX_CONTEXT_TOKENS: Final = 1 << 24
MAX_ADAPTERS: Final = 8
MIN_TEXT_TOKENS: Final = 8
MAX_TEXTS: Final = 4096
MAX_TEXT_CHARACTERS: Final = 1 << 17
MAX_ADAPTER_SCALE: Final = 100.0


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

    def load_embedder(self, request: LoadEmbedder, emit: Emit, stop: StopFlag) -> EmbedderLoaded:
        """Load a model that embeds in place of the one before. Raises Cancelled as `load` does."""

    def embed(self, request: Embed, emit: Emit, stop: StopFlag) -> Embedded:
        """Turn texts into vectors. Raises Cancelled when `stop` is set meanwhile."""


def check(request: Generate) -> None:
    """Raise for the first value that native code must not see. Needs no model.

    Raises BadSetting, TextEmpty, TextTooLong, TooManyTexts. Grammars are for `grammar_of`.
    """
    between("messages", len(request.messages), 1, 1 << 20)
    check_sampling(request.sampling)
    check_stops(request.stop)
    if request.max_tokens is not None:
        between("max_tokens", request.max_tokens, 0, 1 << 31)
    between("alternatives", request.alternatives, 0, MAX_ALTERNATIVES)
    between("adapters", len(request.adapters), 0, MAX_ADAPTERS)
    for adapter in request.adapters:
        between("adapter_scale", adapter.scale, -MAX_ADAPTER_SCALE, MAX_ADAPTER_SCALE)


def check_begins(tokens: Sequence[int], vocabulary_tokens: int) -> None:
    """Raises NoSuchToken."""
    for token in tokens:
        if not 0 <= token < vocabulary_tokens:
            raise NoSuchToken(token=token, vocabulary=vocabulary_tokens)


def grammar_of(request: Generate) -> str:
    """The checked grammar that the reply follows, "" for none. Raises BadGrammar, BadSchema."""
    if request.json_schema:
        if request.grammar:
            raise BadGrammar(reason="beside_schema", line=1, column=1)
        return _checked_schema(request.json_schema)
    return checked(request.grammar) if request.grammar else ""


def _checked_schema(schema: str) -> str:
    try:
        return checked(schema_grammar(schema))
    except BadGrammar as error:  # its line and column are of a text that nobody wrote
        reason = str(error.params["reason"])
        shown = reason if reason in ("endless", "left_recursion") else "too_large"
        raise BadSchema(str(error), reason=shown, name="", place="#") from error


def check_load(request: LoadModel) -> None:
    """Raise BadSetting for a context window, a number of threads or of layers that cannot be."""
    if request.context_tokens is not None:
        between("context_tokens", request.context_tokens, MIN_CONTEXT_TOKENS, MAX_CONTEXT_TOKENS)
    if request.threads is not None:
        between("threads", request.threads, 1, 512)
    between("gpu_layers", request.gpu_layers, -1, 1 << 16)


def check_load_embedder(request: LoadEmbedder) -> None:
    """Raise BadSetting for a length of texts, a number of threads or of layers that cannot be."""
    if request.text_tokens is not None:
        between("text_tokens", request.text_tokens, MIN_TEXT_TOKENS, MAX_CONTEXT_TOKENS)
    if request.threads is not None:
        between("threads", request.threads, 1, 512)
    between("gpu_layers", request.gpu_layers, -1, 1 << 16)


def check_embed(request: Embed) -> None:
    """Raise TooManyTexts, and TextTooLong for one whose counting alone would keep a stop waiting."""
    if len(request.texts) > MAX_TEXTS:
        raise TooManyTexts(name="texts", count=len(request.texts), limit=MAX_TEXTS)
    longest = max(map(len, request.texts), default=0)
    if longest > MAX_TEXT_CHARACTERS:
        raise TextTooLong(name="texts", length=longest, limit=MAX_TEXT_CHARACTERS)


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
