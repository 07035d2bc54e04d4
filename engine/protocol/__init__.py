"""Frames between the core and the engine worker. Values only; no I/O, no llama.cpp.

A frame is one msgpack message on the worker's own pipe (`Connection.send_bytes`). The first frame a
worker sends is `Ready`. Every request is answered by any number of events with the request's id, the
last of which is terminal: one of `TERMINAL`. Requests are served in order by one inference thread, but
that CountTokens and Render do not wait for a reply that is being written;
`Cancel` is taken by the reader thread at once.
"""

import msgspec

from engine.protocol.events import (
    TERMINAL,
    ChatSwitched,
    Counted,
    Devices,
    Done,
    Embedded,
    EmbedderLoaded,
    Event,
    Failed,
    Loaded,
    Measured,
    Progress,
    Quantized,
    Ready,
    Rendered,
    Thought,
    Token,
    Unloaded,
)
from engine.protocol.reply_values import (
    Adapter,
    Alternative,
    Bias,
    Sampling,
    Templating,
    Thinking,
    TokenDetail,
)
from engine.protocol.requests import (
    Cancel,
    CountTokens,
    Embed,
    ForgetChat,
    Generate,
    ListDevices,
    LoadEmbedder,
    LoadModel,
    MeasurePerplexity,
    Quantize,
    Render,
    Request,
    Shutdown,
    SwitchChat,
    UnloadModel,
)
from engine.protocol.values import (
    KvType,
    LoadedEmbedder,
    LoadedModel,
    Message,
    Pooling,
    PromptToken,
    ReplyRecord,
    Role,
    Stats,
    SteppedDown,
    StopReason,
    TemplateFacts,
    TensorShare,
)

__all__ = [
    "PROTOCOL",
    "TERMINAL",
    "Adapter",
    "Alternative",
    "Bias",
    "Cancel",
    "ChatSwitched",
    "CountTokens",
    "Counted",
    "Devices",
    "Done",
    "Embed",
    "Embedded",
    "EmbedderLoaded",
    "Event",
    "EventFrame",
    "Failed",
    "ForgetChat",
    "Generate",
    "KvType",
    "ListDevices",
    "LoadEmbedder",
    "LoadModel",
    "Loaded",
    "LoadedEmbedder",
    "LoadedModel",
    "MeasurePerplexity",
    "Measured",
    "Message",
    "Pooling",
    "Progress",
    "PromptToken",
    "Quantize",
    "Quantized",
    "Ready",
    "Render",
    "Rendered",
    "ReplyRecord",
    "Request",
    "RequestFrame",
    "Role",
    "Sampling",
    "Shutdown",
    "Stats",
    "SteppedDown",
    "StopReason",
    "SwitchChat",
    "TemplateFacts",
    "Templating",
    "TensorShare",
    "Thinking",
    "Thought",
    "Token",
    "TokenDetail",
    "UnloadModel",
    "Unloaded",
]

PROTOCOL = 1


class RequestFrame(msgspec.Struct, frozen=True):
    id: int
    body: Request


class EventFrame(msgspec.Struct, frozen=True):
    id: int
    body: Event
