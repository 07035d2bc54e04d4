"""Values about many chats at once: folders, what a search found. Frozen; no behaviour."""

import msgspec

from desktop.core.types import ChatInfo
from engine.protocol import Role

Span = tuple[int, int]  # of a text: from this character up to, not with, that one


class Folder(msgspec.Struct, frozen=True):
    """A folder of chats. `parent` 0: it is in no other."""

    id: int
    name: str
    parent: int = 0


class FoundMessage(msgspec.Struct, frozen=True):
    """A message that a search found. `marks` are the found words in `snippet`, a piece of its text."""

    message: int
    role: Role
    created_at: float  # seconds since the epoch
    snippet: str
    marks: tuple[Span, ...]


class FoundChat(msgspec.Struct, frozen=True):
    """A chat that a search found, with the newest of its hits.

    `hits` is how many of its messages were found in all; `title_marks` are the found words in its title.
    """

    info: ChatInfo
    title_marks: tuple[Span, ...]
    messages: tuple[FoundMessage, ...]
    hits: int


class Found(msgspec.Struct, frozen=True):
    """What a search found. `more`: there is more than it gives."""

    chats: tuple[FoundChat, ...] = ()
    more: bool = False
