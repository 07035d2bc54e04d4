"""What an engine worker answers."""

from typing import Literal

import msgspec

from engine.devices import Device
from engine.errors import ErrorInfo
from engine.protocol.reply_values import TokenDetail
from engine.protocol.values import LoadedEmbedder, LoadedModel, PromptToken, Stats, TensorShare


class Ready(msgspec.Struct, frozen=True, tag=True):
    """First frame of a worker, with id 0."""

    protocol: int
    pid: int
    runtime: str  # e.g. "llama-cpp-python 0.3.36"


class Progress(msgspec.Struct, frozen=True, tag=True):
    """`done` runs from 0 to 1 within `stage`."""

    stage: Literal["loading", "reading_prompt", "quantizing", "measuring", "embedding"]
    done: float


class Loaded(msgspec.Struct, frozen=True, tag=True):
    model: LoadedModel


class Unloaded(msgspec.Struct, frozen=True, tag=True):
    pass


class Token(msgspec.Struct, frozen=True, tag=True):
    """The text of one or more tokens; whole UTF-8 characters only. Joined, they are the reply.

    `details` are there when alternatives were asked for: of the tokens told so far, in their order. A
    frame at the end may have details and no text.
    """

    text: str
    details: tuple[TokenDetail, ...] = ()


class Thought(msgspec.Struct, frozen=True, tag=True):
    """What the model thinks before it answers, as text like `Token`'s. No part of the reply."""

    text: str


class Done(msgspec.Struct, frozen=True, tag=True):
    stats: Stats


class Counted(msgspec.Struct, frozen=True, tag=True):
    """Tokens of each conversation, in order, and what the loaded context window holds."""

    tokens: tuple[int, ...]
    context_tokens: int


class Rendered(msgspec.Struct, frozen=True, tag=True):
    """The first `cached_tokens` of the prompt need no evaluation."""

    tokens: tuple[PromptToken, ...]
    cached_tokens: int
    context_tokens: int


class Devices(msgspec.Struct, frozen=True, tag=True):
    """The devices, and which llama.cpp knows them: "built-in", or a runtime folder's name."""

    devices: tuple[Device, ...]
    runtime: str


class ChatSwitched(msgspec.Struct, frozen=True, tag=True):
    held_tokens: int  # in the cache now


class Quantized(msgspec.Struct, frozen=True, tag=True):
    """What a quantization came to. `shares`: the types of its tensors, that of most weights first.

    `fell_back`: how many tensors got another type than the mix has for them, as their rows are no whole
    blocks of it. `lossy_source`: what was quantized before was quantized once more.
    """

    size_bytes: int
    shares: tuple[TensorShare, ...]
    fell_back: int = 0
    lossy_source: bool = False


class Measured(msgspec.Struct, frozen=True, tag=True):
    """The exponential of the mean loss, in nats, over `tokens` tokens of the text."""

    perplexity: float
    tokens: int


class EmbedderLoaded(msgspec.Struct, frozen=True, tag=True):
    model: LoadedEmbedder


class Embedded(msgspec.Struct, frozen=True, tag=True):
    """`vectors`: float32, little-endian, (texts, dimensions), in the order of the texts."""

    vectors: bytes
    dimensions: int
    cut_tokens: tuple[int, ...]  # of each text: how many of its tokens did not fit and were left out


class Failed(msgspec.Struct, frozen=True, tag=True):
    error: ErrorInfo


Event = (
    Ready
    | Progress
    | Loaded
    | Unloaded
    | Token
    | Thought
    | Done
    | Counted
    | Rendered
    | Devices
    | ChatSwitched
    | Quantized
    | Measured
    | EmbedderLoaded
    | Embedded
    | Failed
)
TERMINAL = (
    Loaded,
    Unloaded,
    Done,
    Counted,
    Rendered,
    Devices,
    ChatSwitched,
    Quantized,
    Measured,
    EmbedderLoaded,
    Embedded,
    Failed,
)
