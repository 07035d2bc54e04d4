"""What may be asked of the core about chats and the tree of their messages. Has nothing answered."""

from typing import Protocol

from desktop.core.operations import Operation
from desktop.core.types import Chat, ChatInfo, FilePart


class ChatsCore(Protocol):
    """The part of `desktop.core.contract.Core` that keeps what was said."""

    # ── chats ──

    def create_chat(self, *, temporary: bool = False) -> Operation[Chat]:
        """`temporary`: in memory alone, with numbers below zero; gone when the program ends.

        Every other call works on it. It is told among the chats while it is there, and never found.
        """
        ...

    def keep_chat(self, chat: int) -> Operation[Chat]:
        """Store a temporary chat: the result has its messages under new numbers, and the old one is gone.

        While a reply of it is on its way this ends in ReplyRunning.
        """
        ...

    def open_chat(self, chat: int) -> Operation[Chat]: ...

    def rename_chat(self, chat: int, title: str) -> Operation[None]: ...

    def pin_chat(self, chat: int, pinned: bool) -> Operation[None]: ...

    def delete_chat(self, chat: int) -> Operation[None]:
        """Into the trash, which keeps it for the days that the setting `trash_days` says."""
        ...

    def restore_chat(self, chat: int) -> Operation[None]:
        """Out of the trash."""
        ...

    def search_chats(self, query: str) -> Operation[tuple[ChatInfo, ...]]:
        """Chats whose title or messages hold the words; all chats for an empty query."""
        ...

    def set_system_prompt(self, chat: int, text: str) -> Operation[None]: ...

    def set_collections(self, chat: int, names: tuple[str, ...]) -> Operation[None]: ...

    def pin_message(self, message: int, pinned: bool) -> Operation[None]:
        """Keep its turn in the context window whatever else leaves, or no longer."""
        ...

    def rate_message(self, reply: int, rating: int) -> Operation[None]:
        """1: a good reply, -1: a bad one, 0: no opinion."""
        ...

    # ── the tree of a chat's messages: each result is the path that is shown now ──
    #    While a reply of the chat is on its way they end in ReplyRunning.

    def activate(self, message: int) -> Operation[Chat]:
        """Show the branch through a message, down to its newest end."""
        ...

    def edit_message(
        self, message: int, text: str, files: tuple[FilePart, ...] | None = None
    ) -> Operation[Chat]:
        """Have a message of either side say `text`: as a sibling, with copies of what follows.

        `files` are the ones that it has then; None: those that it had.
        """
        ...

    def delete_message(self, message: int) -> Operation[Chat]:
        """Take a message and all that follows it away."""
        ...

    def restore_message(self, message: int) -> Operation[Chat]:
        """Undo a deletion of this run of the program, and show what came back."""
        ...

    def branch_chat(self, message: int) -> Operation[Chat]:
        """A new chat with copies of everything up to a message."""
        ...
