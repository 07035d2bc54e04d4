"""What is written and not sent, what attached files weigh, and the tree of a chat. Frozen values."""

import msgspec

from desktop.core.types import FilePart, MessageState
from engine.protocol import Role


class Draft(msgspec.Struct, frozen=True):
    """What stands in the composer of a chat."""

    text: str
    files: tuple[FilePart, ...] = ()


class EditDraft(msgspec.Struct, frozen=True):
    """A message that is being edited: what it is to say, and with which files."""

    chat: int
    message: int
    text: str
    files: tuple[FilePart, ...] = ()


class ReadingFile(msgspec.Struct, frozen=True, tag=True):
    """While a file is read to be attached: pages done. 0 of 0: it waits for its turn."""

    done: int
    pages: int


class FilesSize(msgspec.Struct, frozen=True):
    """What a draft weighs in tokens: each file by itself, and all that must be in the prompt with them.

    More than `limit_tokens` cannot be sent: some room is kept for the reply.
    """

    tokens: tuple[int, ...]
    needed_tokens: int
    limit_tokens: int

    @property
    def fits(self) -> bool:
        return self.needed_tokens <= self.limit_tokens


class TreeNode(msgspec.Struct, frozen=True):
    """A message in the tree of its chat. `words` are its first ones, or the names of its files."""

    id: int
    parent: int | None
    role: Role
    state: MessageState
    words: str
    created_at: float  # seconds since the epoch
    model: str = ""
    edited: bool = False
    pinned: bool = False
    rating: int = 0


class ChatTree(msgspec.Struct, frozen=True):
    """Every message of every branch, parents before their children; `shown` is the path that is shown."""

    chat: int
    nodes: tuple[TreeNode, ...]
    shown: tuple[int, ...]
