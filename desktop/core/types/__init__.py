"""Values that the core hands to view models and commands. Frozen; no behaviour beyond small reads."""

from typing import Literal

import msgspec

from engine.protocol import Role, Stats, TokenDetail

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


# how documents answered: by the nearest passages, read whole, each visited in turn, or by the index alone
Way = Literal["passages", "whole", "every", "page"]


# what a person wishes of that; "automatic": as the question's words and the settings say
Reading = Literal["automatic", "passages", "whole", "every"]


class ExcerptsPart(msgspec.Struct, frozen=True, tag="excerpts"):
    """What retrieval found for this turn: frozen, so that the prompt's prefix stays the same.

    `query`: what was searched for, where that is not the question itself. `read` of `documents` could be
    asked; 0 of 0: nobody counted. `indexing` were still to be indexed then.
    """

    excerpts: tuple[Excerpt, ...]
    way: Way = "passages"
    query: str = ""
    read: int = 0
    documents: int = 0
    indexing: int = 0


class FilePart(msgspec.Struct, frozen=True, tag="file"):
    """A file a person attached, by name, with the text taken from it.

    `path` is where it lay then; "": it is a text that was pasted. `pages` of a PDF, whose texts stand one
    after the other with a form feed between them; 0 of any other.
    """

    name: str
    text: str
    path: str = ""
    pages: int = 0


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
    temporary: bool = False  # in memory alone: it leaves nothing on disk, and is gone when the program ends
    folder: int = 0  # 0: in none
    archived: bool = False  # out of the list, found by search
    deleted_at: float = 0.0  # 0: it is not in the trash


class Chat(msgspec.Struct, frozen=True):
    """A chat as the conversation shows it: the path from the first message to the active leaf.

    `citations`: what replies of it cite, by their numbers, as far as that was looked for already.
    """

    info: ChatInfo
    system_prompt: str
    collections: tuple[str, ...]  # document collections switched on for this chat
    messages: tuple[StoredMessage, ...]
    citations: dict[int, tuple[Citation, ...]] = {}


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
    """A token as the model receives it. Part of a character shows as U+FFFD.

    `message`: the number of the chat's message whose words it is of; 0: of none that is stored.
    """

    id: int
    text: str
    origin: Origin
    message: int = 0


class PlannedPrompt(msgspec.Struct, frozen=True):
    """What the model would receive if the draft were sent now. `tokens` only where they were asked for."""

    plan: ContextPlan
    tokens: tuple[ShownToken, ...] = ()


DoubtKind = Literal["no_such_source", "not_in_source"]


class Doubt(msgspec.Struct, frozen=True):
    """Characters [start:end] of a reply to look at twice.

    "no_such_source": a citation of an excerpt that there is not. "not_in_source": a number or a name that
    stands neither in what its sentence cites (in any excerpt, where it cites none) nor in the question.
    """

    start: int
    end: int
    kind: DoubtKind
    what: str  # as it stands in the reply


class Answer(msgspec.Struct, frozen=True):
    """A whole reply outside the store, for commands. `looked`: how documents were asked, without what they
    gave."""

    text: str
    excerpts: tuple[Excerpt, ...]
    citations: tuple[Citation, ...]
    stats: Stats
    plan: ContextPlan
    thoughts: str = ""
    details: tuple[TokenDetail, ...] = ()
    looked: ExcerptsPart = ExcerptsPart(())
    doubts: tuple[Doubt, ...] = ()
