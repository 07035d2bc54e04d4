"""Values that the core hands to view models and commands. Frozen; no behaviour beyond small reads."""

from typing import Any, Literal

import msgspec

from engine.fit import Fit
from engine.protocol import Role, Stats, TemplateFacts, TensorShare, TokenDetail

Param = str | int | float


class Problem(msgspec.Struct, frozen=True):
    """An error as data: desktop.words turns code and parameters into a sentence and a hint.

    `detail` is native text for those who want it (the last log lines of a dead worker): never a sentence.
    """

    code: str
    params: dict[str, Param] = {}
    detail: str = ""


# ── parts of a message ────────────────────────────────────────────────────────────────────────────


class TextPart(msgspec.Struct, frozen=True, tag="text"):
    text: str


class Excerpt(msgspec.Struct, frozen=True):
    """A passage as it was given to the model, number `n` of its turn, kept with the turn for good."""

    n: int
    passage: int
    document: int
    file: str
    title: str
    page: int
    start: int
    end: int
    text: str
    heading: str = ""
    score: float = 0.0


class ExcerptsPart(msgspec.Struct, frozen=True, tag="excerpts"):
    """What retrieval found for this turn: frozen, so that the prompt's prefix stays the same."""

    excerpts: tuple[Excerpt, ...]


class FilePart(msgspec.Struct, frozen=True, tag="file"):
    """A file a person attached, by name, with the text taken from it."""

    name: str
    text: str


class ImagePart(msgspec.Struct, frozen=True, tag="image"):
    """An image a person attached, by the name under which the data folder keeps it."""

    name: str
    media_type: str


class ThoughtsPart(msgspec.Struct, frozen=True, tag="thoughts"):
    """What a reasoning model thought before it answered, and for how long. No part of the answer."""

    text: str
    seconds: float = 0.0


Part = TextPart | ExcerptsPart | FilePart | ImagePart | ThoughtsPart

MessageState = Literal["complete", "streaming", "stopped", "interrupted", "failed"]


class StoredMessage(msgspec.Struct, frozen=True):
    """One message of the tree. "interrupted": the program ended while it was being written.

    `versions` are the numbers of its siblings and its own, in the order in which they came.
    """

    id: int
    chat: int
    parent: int | None
    role: Role
    parts: tuple[Part, ...]
    state: MessageState
    created_at: float  # seconds since the epoch
    model: str = ""
    stats: Stats | None = None
    problem: Problem | None = None
    pinned: bool = False  # its turn never leaves the context window
    edited: bool = False  # a person changed what stood there
    rating: int = 0  # of a reply: 1 good, -1 bad
    versions: tuple[int, ...] = ()  # all that stand at its place, the oldest first; (): it alone

    @property
    def text(self) -> str:
        return "".join(part.text for part in self.parts if isinstance(part, TextPart))

    @property
    def files(self) -> "tuple[FilePart, ...]":
        return tuple(part for part in self.parts if isinstance(part, FilePart))

    @property
    def thoughts(self) -> ThoughtsPart | None:
        return next((part for part in self.parts if isinstance(part, ThoughtsPart)), None)

    @property
    def excerpts(self) -> tuple[Excerpt, ...]:
        return tuple(
            excerpt for part in self.parts if isinstance(part, ExcerptsPart) for excerpt in part.excerpts
        )


class Citation(msgspec.Struct, frozen=True):
    """`[n]` in a reply, resolved. `quote` is the text of the excerpt it points to.

    `attributed`: the model wrote no `[n]`; the excerpt was found to support the sentence afterwards.
    """

    n: int
    document: int
    file: str
    title: str
    page: int
    start: int
    end: int
    quote: str
    attributed: bool = False


# ── chats ─────────────────────────────────────────────────────────────────────────────────────────


class ChatInfo(msgspec.Struct, frozen=True):
    """A chat as the sidebar shows it. `title` is empty until the first turn."""

    id: int
    title: str
    created_at: float
    updated_at: float
    pinned: bool = False


class Chat(msgspec.Struct, frozen=True):
    """A chat as the conversation shows it: the path from the first message to the active leaf."""

    info: ChatInfo
    system_prompt: str
    collections: tuple[str, ...]  # document collections switched on for this chat
    messages: tuple[StoredMessage, ...]


# ── models ────────────────────────────────────────────────────────────────────────────────────────


# "own": the models folder; "folder": one that the person named; "file": the chosen one, from elsewhere
Source = Literal["own", "folder", "file", "lmstudio", "jan", "ollama", "gpt4all", "huggingface"]


class ModelFile(msgspec.Struct, frozen=True):
    """A model, from its header alone. `problem` set: it cannot be loaded.

    Of a model in several files, `path` is the first of them and `size_bytes` their sum. `label` is what its
    store calls it, where the file's name does not say it. `sha256` has one for each file, in hexadecimal; it
    is empty until somebody asked for it.
    """

    path: str
    name: str
    architecture: str = ""
    parameters: int = 0
    quantization: str = ""
    trained_context_tokens: int = 0
    layers: int = 0
    size_bytes: int = 0
    has_chat_template: bool = False
    licence: str = ""
    problem: Problem | None = None
    source: Source = "own"
    label: str = ""
    parts: int = 1
    sha256: tuple[str, ...] = ()
    fit: Fit | None = None  # of a file that was looked into: on this machine, at that time
    template: TemplateFacts | None = None  # of a file that was looked into


class ModelChoice(msgspec.Struct, frozen=True):
    """How a person wants one model to be spoken to: `engine.protocol.Templating` tells what each means."""

    template: str = ""
    source: str = ""
    arguments: dict[str, Any] = {}


class ImportedModel(msgspec.Struct, frozen=True):
    """`already`: the same bytes were in the models folder, so nothing was copied."""

    model: ModelFile
    already: bool = False


class HubFile(msgspec.Struct, frozen=True):
    """A model in a repository of the Hugging Face hub; of one in several files, `name` is the first of them.

    `fit`: on this machine, read from the file's header alone; None where that could not be read.
    `kept_bytes`: how much of it an earlier, paused download left here.
    """

    name: str
    size_bytes: int
    parts: int = 1
    quantization: str = ""
    fit: Fit | None = None
    kept_bytes: int = 0


class HubRepository(msgspec.Struct, frozen=True):
    """What a repository offers. `revision` is the commit that a download will take."""

    id: str  # "owner/name"
    revision: str
    files: tuple[HubFile, ...]
    licence: str = ""


class PausedDownload(msgspec.Struct, frozen=True):
    """A download that was paused or broke off; asking for the same file again continues it."""

    repository: str
    file: str
    revision: str
    kept_bytes: int
    total_bytes: int


class Measured(msgspec.Struct, frozen=True):
    """How well a model predicts a text: the exponential of its mean loss over `tokens` tokens, in nats."""

    perplexity: float
    tokens: int


class QuantizedModel(msgspec.Struct, frozen=True):
    """A model and the smaller one made of it; a measure is None where the model could not be run here.

    `unmeasured` says why it could not. `shares`: which types its tensors became, that of most weights first;
    `fell_back` of them got another one than the mix has for them, as their rows are no whole blocks of it.
    `lossy_source`: it was quantized before, so it lost twice.
    """

    model: ModelFile
    before_bytes: int
    after_bytes: int
    before: Measured | None = None
    after: Measured | None = None
    unmeasured: Problem | None = None
    shares: tuple[TensorShare, ...] = ()
    fell_back: int = 0
    lossy_source: bool = False


# ── how replies are made ──────────────────────────────────────────────────────────────────────────

ValueSource = Literal["chat", "model", "settings"]


class Preset(msgspec.Struct, frozen=True):
    """A named set of values for replies, by the names of their settings. `own`: the person made it."""

    name: str
    values: dict[str, Param]
    own: bool = False


class ReplyValues(msgspec.Struct, frozen=True):
    """The value of every reply setting as it counts for a chat and a model, and where it comes from."""

    values: dict[str, Param]
    sources: dict[str, ValueSource]


class ReplyOptions(msgspec.Struct, frozen=True):
    """What one reply is to have in place of the values that count otherwise. `values` win over `preset`.

    `grammar` is GBNF, `json_schema` a JSON schema; only one of them.
    """

    preset: str = ""
    values: dict[str, Param] = {}
    grammar: str = ""
    json_schema: str = ""


# ── context plan ──────────────────────────────────────────────────────────────────────────────────


# whose words a token of the prompt is: the template's own, or a part's
Origin = Literal[
    "template", "system", "summary", "examples", "pinned", "history", "files", "excerpts", "question"
]


class PlannedPart(msgspec.Struct, frozen=True):
    origin: Origin
    tokens: int


class ContextPlan(msgspec.Struct, frozen=True):
    """What goes into the context window, in tokens, and what stays out.

    `dropped_messages` stay out; `dropped` are those of them that stand in the chat, by number.
    `parts`, in the order of `Origin`, add up to `prompt_tokens`; empty where nobody asked for them.
    """

    limit_tokens: int
    prompt_tokens: int
    reply_tokens: int
    dropped_messages: int = 0
    dropped: tuple[int, ...] = ()
    parts: tuple[PlannedPart, ...] = ()
    cached_tokens: int = 0  # of the prompt, from its beginning: in the engine's cache already


class ShownToken(msgspec.Struct, frozen=True, array_like=True):
    """A token as the model receives it. Part of a character shows as U+FFFD."""

    id: int
    text: str
    origin: Origin


class PlannedPrompt(msgspec.Struct, frozen=True):
    """What the model would receive if the draft were sent now. `tokens` only where they were asked for."""

    plan: ContextPlan
    tokens: tuple[ShownToken, ...] = ()


class Answer(msgspec.Struct, frozen=True):
    """A whole reply outside the store, for commands."""

    text: str
    excerpts: tuple[Excerpt, ...]
    citations: tuple[Citation, ...]
    stats: Stats
    plan: ContextPlan
    thoughts: str = ""
    details: tuple[TokenDetail, ...] = ()
