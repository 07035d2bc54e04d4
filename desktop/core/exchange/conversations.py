"""A conversation on its way in or out: the tree of its messages, free of any file's shape. Reads nothing."""

import hashlib
from typing import Final, Literal

import msgspec

from desktop.core.types import MessageState, Param, Part, Problem
from desktop.core.types.prompts import KeptPrompt
from engine.protocol import Role, Stats, TokenDetail

Origin = Literal["sobremesa", "chatgpt", "claude", "openwebui", "lmstudio", "jan"]
OWN: Final = "sobremesa"

# what of a conversation could not come along; desktop.words.exchange says it
NoteKind = Literal[
    "broken_messages",
    "doubled_messages",
    "lost_parents",
    "circles",
    "images",
    "sounds",
    "files",
    "unknown_content",
]


class Note(msgspec.Struct, frozen=True):
    """`count` things of a kind that stayed behind or were mended; `names` of those that have one."""

    kind: NoteKind
    count: int
    names: tuple[str, ...] = ()


class Node(msgspec.Struct, frozen=True):
    """A message. `key` is its name inside its conversation; parents come before their children."""

    key: str
    parent: str | None
    role: Role
    parts: tuple[Part, ...]
    created_at: float  # seconds since the epoch, here and below
    model: str = ""
    state: MessageState = "complete"
    stats: Stats | None = None
    problem: Problem | None = None
    pinned: bool = False
    edited: bool = False
    rating: int = 0
    tokens: tuple[TokenDetail, ...] = ()
    summary: str = ""  # of everything up to here


class Conversation(msgspec.Struct, frozen=True):
    """A chat. `leaf` is the key of the message at the end of the branch that was shown."""

    origin: Origin
    key: str
    title: str
    created_at: float
    updated_at: float
    nodes: tuple[Node, ...]
    leaf: str | None = None
    system_prompt: str = ""
    collections: tuple[str, ...] = ()
    reply_values: dict[str, Param] = {}
    pinned: bool = False
    archived: bool = False
    titled_by: str = "person"
    folder: tuple[str, ...] = ()  # from the outermost one in
    prompt: KeptPrompt = KeptPrompt()
    notes: tuple[Note, ...] = ()

    @property
    def uid(self) -> str:
        """The chat's name everywhere: the same conversation, exported again, has the same."""
        return self.key if self.origin == OWN else f"{self.origin}:{self.key}"

    @property
    def digest(self) -> str:
        """Of all that would be stored: the same when the conversation did not change since."""
        stored = msgspec.structs.replace(self, notes=())
        return hashlib.sha256(msgspec.msgpack.encode(stored)).hexdigest()
