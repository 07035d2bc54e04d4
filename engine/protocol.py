"""Frames between the core and the engine worker. Values only; no I/O, no llama.cpp.

A frame is one msgpack message on the worker's own pipe (`Connection.send_bytes`). The first frame a
worker sends is `Ready`. Every request is answered by any number of events with the request's id, the
last of which is terminal: one of `TERMINAL`. Requests are served in order by one inference thread, but
that CountTokens and Render do not wait for a reply that is being written;
`Cancel` is taken by the reader thread at once.
"""

from typing import Literal

import msgspec

from engine.devices import Device
from engine.errors import ErrorInfo
from engine.reply_values import Adapter as Adapter
from engine.reply_values import Alternative as Alternative
from engine.reply_values import Bias as Bias
from engine.reply_values import Sampling as Sampling
from engine.reply_values import Templating as Templating
from engine.reply_values import Thinking as Thinking
from engine.reply_values import TokenDetail as TokenDetail

PROTOCOL = 1

Role = Literal["system", "user", "assistant"]
StopReason = Literal["end", "length", "stop", "cancelled"]
KvType = Literal["f16", "q8_0", "q4_0"]  # how the KV cache is stored
SteppedDown = Literal["context_tokens", "gpu_layers"]  # lowered after a load that failed


class Message(msgspec.Struct, frozen=True):
    """One turn as the chat template sees it. `thoughts`: what an assistant thought before `content`; only
    a template that asks for them gets them."""

    role: Role
    content: str
    thoughts: str = ""


class TemplateFacts(msgspec.Struct, frozen=True):
    """What a chat template turned out to be when it was tried.

    `why`: what a broken one failed with. `folds_system`: it has no place for a system prompt, which then
    stands in front of the first question. `variables`: what it reads beside the usual ones. `can_think`: one
    of them switches a model's thoughts on and off.
    """

    state: Literal["fine", "none", "broken"]
    why: str = ""
    folds_system: bool = False
    variables: tuple[str, ...] = ()
    can_think: bool = False


# ── requests ──────────────────────────────────────────────────────────────────────────────────────


class LoadModel(msgspec.Struct, frozen=True, tag=True):
    """Load a GGUF file, dropping the model loaded before. Events: Progress*, Loaded | Failed."""

    path: str
    context_tokens: int | None = None  # None: what the model was trained with, at most 8192, if it fits
    gpu_layers: int = -1  # -1: as many as fit
    threads: int | None = None
    kv_type: KvType | None = None  # None: the finest that fits
    memory_limit_bytes: int = 0  # of the machine's own memory, for this model; 0: what is free
    vocabulary_only: bool = False  # no weights: it counts and renders, and cannot write
    devices: tuple[str, ...] | None = None  # GPUs by name; None: those that there are; empty: none of them


class UnloadModel(msgspec.Struct, frozen=True, tag=True):
    """Events: Unloaded."""


class Generate(msgspec.Struct, frozen=True, tag=True):
    """Continue a conversation. Events: Progress* (prompt being read), (Thought | Token)*, Done | Failed."""

    messages: tuple[Message, ...]
    sampling: Sampling = Sampling()
    max_tokens: int | None = None  # None: as much as the context window holds
    stop: tuple[str, ...] = ()
    job: bool = False  # beside the chat, whose cache stays as it is: a title, a summary
    # guess ahead from the text itself where that pays; batches, and so roundings, then vary with the time
    speculate: bool = False
    grammar: str = ""  # GBNF whose rule "root" the reply follows
    json_schema: str = ""  # a JSON schema that the reply follows; not beside a grammar
    adapters: tuple[Adapter, ...] = ()  # those of this reply and no others
    alternatives: int = 0  # how many tokens to tell beside each one that was drawn
    templating: Templating = Templating()
    continues: bool = False  # the last message is the beginning of the reply, which goes on from there


class CountTokens(msgspec.Struct, frozen=True, tag=True):
    """Render each conversation with the model's template and count. Events: Counted | Failed."""

    conversations: tuple[tuple[Message, ...], ...]
    templating: Templating = Templating()


class Render(msgspec.Struct, frozen=True, tag=True):
    """The prompt of a conversation by its tokens, and what of it the cache holds. Events: Rendered | Failed.

    `cuts[i]` are ascending character offsets that divide message `i` into segments. Served, like CountTokens,
    while a reply is being written.
    """

    messages: tuple[Message, ...]
    cuts: tuple[tuple[int, ...], ...] = ()
    templating: Templating = Templating()


class ListDevices(msgspec.Struct, frozen=True, tag=True):
    """What models can be placed on, with the memory that is free now. Events: Devices | Failed."""


class SwitchChat(msgspec.Struct, frozen=True, tag=True):
    """Whose turn is next: the KV cache of the chat before goes to its file, that of this one comes from its.

    `file` "": a chat of which nothing may be kept. `limit_bytes`: of all files in that folder; 0: keep none.
    Events: ChatSwitched, whatever becomes of the files, | Failed without a model.
    """

    file: str
    limit_bytes: int
    adapters: tuple[Adapter, ...] = ()  # what it computes with: its file is for these alone


class ForgetChat(msgspec.Struct, frozen=True, tag=True):
    """Delete a chat's file, and do not write it again. Events: ChatSwitched."""

    file: str


class Quantize(msgspec.Struct, frozen=True, tag=True):
    """Write `path`, quantized, to `target`, which may be half written when it fails. Touches no loaded model.

    Nothing stops it but the end of its process. Events: Progress*, Quantized | Failed.
    """

    path: str
    target: str
    quantization: str  # one of `engine.quantization.TYPES`
    threads: int | None = None
    predict: bool = False  # write nothing: say what would come of it


class MeasurePerplexity(msgspec.Struct, frozen=True, tag=True):
    """How well the model at `path` predicts a text, in windows of 512 tokens. Drops the loaded model.

    Events: Progress*, Measured | Failed.
    """

    path: str
    text: str
    threads: int | None = None
    devices: tuple[str, ...] | None = None  # as in LoadModel
    memory_limit_bytes: int = 0  # as in LoadModel


class Cancel(msgspec.Struct, frozen=True, tag=True):
    """Stop request `target`. A load ends in Failed(code="cancelled"), a reply in Done("cancelled")."""

    target: int


class Shutdown(msgspec.Struct, frozen=True, tag=True):
    """Leave in order. The worker also leaves when its pipe closes."""


Request = (
    LoadModel
    | UnloadModel
    | Generate
    | CountTokens
    | Render
    | ListDevices
    | SwitchChat
    | ForgetChat
    | Quantize
    | MeasurePerplexity
    | Cancel
    | Shutdown
)


# ── events ────────────────────────────────────────────────────────────────────────────────────────


class Ready(msgspec.Struct, frozen=True, tag=True):
    """First frame of a worker, with id 0."""

    protocol: int
    pid: int
    runtime: str  # e.g. "llama-cpp-python 0.3.36"


class Progress(msgspec.Struct, frozen=True, tag=True):
    """`done` runs from 0 to 1 within `stage`."""

    stage: Literal["loading", "reading_prompt", "quantizing", "measuring"]
    done: float


class LoadedModel(msgspec.Struct, frozen=True):
    """What is known of a model once it is loaded."""

    path: str
    name: str
    architecture: str
    parameters: int
    size_bytes: int
    context_tokens: int
    trained_context_tokens: int
    layers: int
    gpu_layers: int
    devices: tuple[str, ...]
    has_chat_template: bool
    kv_type: KvType = "f16"
    stepped_down: tuple[SteppedDown, ...] = ()
    wanted_context_tokens: int = 0  # what it could have had; more than it has where memory was short
    vocabulary_only: bool = False  # it counts and renders; `context_tokens` is what it would get
    template: TemplateFacts | None = None
    suggested_template: str = ""  # one of ours whose markers its vocabulary knows, for a file without one


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


class ReplyRecord(msgspec.Struct, frozen=True):
    """What a reply was made with: enough to ask for the same again.

    Same model, record and prompt, a cold cache and no speculation give the same reply.
    """

    sampling: Sampling  # its seed is the one that was used
    max_tokens: int | None = None
    stop: tuple[str, ...] = ()
    grammar: str = ""
    json_schema: str = ""
    adapters: tuple[Adapter, ...] = ()
    templating: Templating = Templating()
    runtime: str = ""
    model: str = ""  # its path
    kv_type: KvType = "f16"
    context_tokens: int = 0
    gpu_layers: int = 0
    threads: int = 0  # at most: other programs may have had a core meanwhile
    batch_tokens: int = 0
    speculate: bool = False


class Thought(msgspec.Struct, frozen=True, tag=True):
    """What the model thinks before it answers, as text like `Token`'s. No part of the reply."""

    text: str


class Stats(msgspec.Struct, frozen=True):
    """What a reply cost. `ttft_s` counts from the worker taking up the request to its first token."""

    prompt_tokens: int
    reused_tokens: int
    generated_tokens: int
    ttft_s: float
    tokens_per_s: float
    stop_reason: StopReason
    seed: int
    drafted_tokens: int = 0  # guessed ahead
    accepted_tokens: int = 0  # of these, the ones that the model wrote
    record: ReplyRecord | None = None
    thought_tokens: int = 0  # of the generated ones

    @property
    def repeatable(self) -> bool:
        """Whether the record alone gives this reply again: nothing was reused, nothing guessed ahead."""
        return self.record is not None and not self.reused_tokens and not self.drafted_tokens


class Done(msgspec.Struct, frozen=True, tag=True):
    stats: Stats


class Counted(msgspec.Struct, frozen=True, tag=True):
    """Tokens of each conversation, in order, and what the loaded context window holds."""

    tokens: tuple[int, ...]
    context_tokens: int


class PromptToken(msgspec.Struct, frozen=True, array_like=True):
    """A token of a prompt as the template writes it; part of a character shows as U+FFFD.

    `message`: whose text it is, -1 for the template's own; `segment`: which piece of that message.
    """

    id: int
    text: str
    message: int = -1
    segment: int = 0


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


class TensorShare(msgspec.Struct, frozen=True):
    """How many tensors are of one type, such as "Q5_0", and how many weights they have together."""

    type: str
    tensors: int
    weights: int


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
    | Failed
)
TERMINAL = (Loaded, Unloaded, Done, Counted, Rendered, Devices, ChatSwitched, Quantized, Measured, Failed)


class RequestFrame(msgspec.Struct, frozen=True):
    id: int
    body: Request


class EventFrame(msgspec.Struct, frozen=True):
    id: int
    body: Event
