"""What the core asks of an engine worker."""

import msgspec

from engine.protocol.reply_values import Adapter, Sampling, Templating
from engine.protocol.values import KvType, Message, Pooling


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
    begins: tuple[int, ...] = ()  # tokens that the reply begins with; their text is told as if it were drawn
    cold: bool = False  # read the whole prompt anew, whatever the cache holds of it


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


class LoadEmbedder(msgspec.Struct, frozen=True, tag=True):
    """Load a GGUF file that embeds texts, dropping the model loaded before. Events: Progress*,
    EmbedderLoaded | Failed.

    `pooling` None: as the file says; a file that says nothing is refused.
    """

    path: str
    text_tokens: int | None = None  # of a text at most; None: what it was trained with, at most 2048
    pooling: Pooling | None = None
    gpu_layers: int = -1  # -1: as many as fit
    threads: int | None = None
    devices: tuple[str, ...] | None = None  # as in LoadModel
    memory_limit_bytes: int = 0  # as in LoadModel


class Embed(msgspec.Struct, frozen=True, tag=True):
    """Turn texts into vectors with the loaded embedding model. Events: Progress*, Embedded | Failed.

    Texts are taken as they are: a model's words before questions and passages stand in them already.
    """

    texts: tuple[str, ...]
    normalize: bool = True  # to unit length


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
    | LoadEmbedder
    | Embed
    | Cancel
    | Shutdown
)
