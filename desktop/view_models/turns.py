"""A message as the conversation shows it, and how it is made from a stored one. Frozen values, no Qt."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final, Literal

import msgspec
from msgspec.structs import replace

from desktop.core.answers import said
from desktop.core.replies.citations import cite, nearest, written
from desktop.core.types import (
    Citation,
    Excerpt,
    ExcerptsPart,
    FilePart,
    MessageState,
    Part,
    Problem,
    StoredMessage,
    ThoughtsPart,
)
from engine.protocol import Role, Stats

# Keys of turns that are not stored yet. One reply runs per chat, so there is never a second pair in sight.
# Numbers in the store are above 0, those of temporary chats far below.
QUESTION_KEY: Final = -1
REPLY_KEY: Final = -2
NOT_STORED: Final = (QUESTION_KEY, REPLY_KEY)

ActivityKind = Literal[
    "waiting",
    "other_side",
    "searching",
    "visiting",
    "summarizing",
    "loading",
    "reading",
    "thinking",
    "writing",
]


class Activity(msgspec.Struct, frozen=True):
    """What a reply on its way is busy with. `done`: 0..1 where it is known."""

    kind: ActivityKind
    done: float | None = None


class Sources(msgspec.Struct, frozen=True):
    """What stands under a reply from documents.

    "cited": the reply refers to these. "nearest": it refers to none, and these pages were closest to the
    question. "nothing": no passage was found, so the reply is the model's own. "told": none was, and the
    reply says so. `looked`: how the documents were asked, without what they gave.
    """

    kind: Literal["cited", "nearest", "nothing", "told"]
    citations: tuple[Citation, ...] = ()
    looked: ExcerptsPart = ExcerptsPart(())


class Turn(msgspec.Struct, frozen=True):
    """One message of the path that is shown. `key`: its number in the store, or one of `NOT_STORED`.

    `searched`: documents were asked for this reply; `excerpts` are what it may cite, `citations` what it
    does cite. `asked`: the question, for a reply; `looked`: how documents were asked for it, without what
    they gave. `thoughts`: what the model thought first; while it still does, there is no text.
    `versions`: the keys of all that stand at its place; (): it alone.
    """

    key: int
    role: Role
    text: str
    state: MessageState = "complete"
    model: str = ""
    stats: Stats | None = None
    problem: Problem | None = None
    activity: Activity | None = None
    searched: bool = False
    excerpts: tuple[Excerpt, ...] = ()
    citations: tuple[Citation, ...] = ()
    asked: str = ""
    looked: ExcerptsPart = ExcerptsPart(())
    thoughts: ThoughtsPart | None = None
    versions: tuple[int, ...] = ()
    edited: bool = False
    pinned: bool = False
    rating: int = 0
    files: tuple[FilePart, ...] = ()

    @property
    def stored(self) -> bool:
        return self.key not in NOT_STORED

    @property
    def version(self) -> int:
        """Which of its versions it is, counted from 1."""
        return self.versions.index(self.key) + 1 if self.key in self.versions else 1

    def beside(self, step: int) -> int | None:
        """The key of the version `step` places on; None where there is none."""
        at = self.version - 1 + step
        return self.versions[at] if 0 <= at < len(self.versions) else None

    @property
    def is_reply(self) -> bool:
        return self.role == "assistant"

    @property
    def settled(self) -> bool:
        """It neither grows nor ended badly: its text alone decides how high it stands."""
        return self.state not in ("failed", "streaming")

    @property
    def cut_short(self) -> bool:
        """A reply that a person, the end of the program or its length limit ended."""
        at_limit = self.stats is not None and self.stats.stop_reason == "length"
        return self.is_reply and bool(self.text) and (self.state in ("stopped", "interrupted") or at_limit)

    @property
    def sources(self) -> Sources | None:
        """None for a reply that asked no documents, and while one that names no source yet still grows."""
        if self.citations:
            return Sources("cited", self.citations, self.looked)
        if not (self.searched and self.text) or self.state == "streaming":
            return None
        if self.excerpts:
            return Sources("nearest", nearest(self.excerpts), self.looked)
        return Sources("told" if said.is_nothing_found(self.text) else "nothing", (), self.looked)

    @property
    def may_be_doubted(self) -> bool:
        """A finished reply that a model wrote from documents."""
        return bool(self.is_reply and self.text and self.excerpts) and (
            self.state != "streaming" and self.looked.way != "page"
        )


class ContextUse(msgspec.Struct, frozen=True):
    """Tokens of the last prompt and reply, and what the window holds. `dropped`: oldest messages left out."""

    used_tokens: int
    limit_tokens: int
    dropped: int = 0

    @classmethod
    def after(cls, stats: Stats, limit_tokens: int, dropped: int = 0) -> "ContextUse":
        """What the window holds once a reply of this cost is written."""
        return cls(stats.prompt_tokens + stats.generated_tokens, limit_tokens, dropped)


def cited(
    text: str, excerpts: tuple[Excerpt, ...], *, finished: bool, asked: str = ""
) -> tuple[Citation, ...]:
    """The excerpts a reply refers to. A reply that still grows has only those that it names itself."""
    return cite(text, excerpts, asked) if finished or written(text, excerpts) else ()


def asked_documents(question: StoredMessage) -> bool:
    """Whether documents were asked for this question, found or not."""
    return any(isinstance(part, ExcerptsPart) for part in question.parts)


def looked_in(parts: Iterable[Part]) -> ExcerptsPart:
    """How documents were asked for a question with these parts, without what they gave."""
    found = next((part for part in parts if isinstance(part, ExcerptsPart)), ExcerptsPart(()))
    return replace(found, excerpts=())


def turn_of(
    message: StoredMessage,
    excerpts: tuple[Excerpt, ...] = (),
    *,
    searched: bool = False,
    asked: str = "",
    looked: ExcerptsPart = ExcerptsPart(()),  # noqa: B008  a frozen value
    citations: tuple[Citation, ...] | None = None,
) -> Turn:
    """A stored message as a turn. `excerpts`: those frozen into the question that a reply answers.
    `citations` None: they are looked for."""
    reply = message.role == "assistant"
    if citations is None and reply:
        citations = cited(message.text, excerpts, finished=message.state != "streaming", asked=asked)
    return Turn(
        key=message.id,
        role=message.role,
        text=message.text,
        state=message.state,
        model=message.model,
        stats=message.stats,
        problem=message.problem,
        searched=searched and reply,
        excerpts=excerpts if reply else (),
        citations=citations or (),
        asked=asked if reply else "",
        looked=looked if reply else ExcerptsPart(()),
        thoughts=message.thoughts,
        versions=message.versions,
        edited=message.edited,
        pinned=message.pinned,
        rating=message.rating,
        files=message.files,
    )


def answered(
    reply: StoredMessage, question: StoredMessage, citations: tuple[Citation, ...] | None = None
) -> Turn:
    """A stored message as a turn, with what its question found. `citations` None: they are looked for."""
    return turn_of(
        reply,
        question.excerpts,
        searched=asked_documents(question),
        asked=question.text,
        looked=looked_in(question.parts),
        citations=citations,
    )


def turns_of(
    messages: Iterable[StoredMessage],
    citations: Mapping[int, tuple[Citation, ...]] = MappingProxyType({}),
) -> list[Turn]:
    """The turns of a path, replies with the excerpts of their question. System messages stay out.
    `citations`: see `Chat`."""
    turns: list[Turn] = []
    question: StoredMessage | None = None
    for message in messages:
        if message.role == "system":
            continue
        if message.role == "user":
            question = message
        if question is None:
            turns.append(turn_of(message))
        else:
            turns.append(answered(message, question, citations.get(message.id)))
    return turns


def alone(turn: Turn) -> Turn:
    """Without its versions: for a side of a comparison, whose other side is one of them."""
    return replace(turn, versions=()) if turn.versions else turn
