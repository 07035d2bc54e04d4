"""What may be asked of the core about many chats at once: folders, archive, trash, search, copies."""

from collections.abc import Sequence
from typing import Protocol

from desktop.core.operations import Operation
from desktop.core.types import Chat, ChatInfo
from desktop.core.types.chats import Folder, Found


class FoldersCore(Protocol):
    """The part of `desktop.core.contract.Core` that puts chats in order.

    What is asked for several chats ends in UnknownChat at the first that does not exist; those before it
    are done.
    """

    # ── folders: told with ChatsChanged ──

    def create_folder(self, name: str, parent: int = 0) -> Operation[Folder]:
        """`parent` 0: in no other. Ends in BadFolderName for an empty name."""
        ...

    def rename_folder(self, folder: int, name: str) -> Operation[None]: ...

    def move_folder(self, folder: int, parent: int) -> Operation[None]:
        """Ends in FolderInItself where `parent` is the folder or lies in it."""
        ...

    def delete_folder(self, folder: int) -> Operation[int]:
        """What it holds stays: in the folder that it was in itself, which is the result."""
        ...

    def move_chats(self, chats: Sequence[int], folder: int) -> Operation[None]:
        """Into a folder; 0: out of any."""
        ...

    def archive_chats(self, chats: Sequence[int], archived: bool) -> Operation[None]:
        """Out of the list, or back into it. Search finds them all the same."""
        ...

    def duplicate_chat(self, chat: int) -> Operation[Chat]:
        """A new chat with copies of every message of every branch."""
        ...

    # ── the trash ──

    def delete_chats(self, chats: Sequence[int]) -> Operation[None]:
        """As `delete_chat`."""
        ...

    def restore_chats(self, chats: Sequence[int]) -> Operation[None]: ...

    def list_trash(self) -> Operation[tuple[ChatInfo, ...]]:
        """What was deleted last comes first."""
        ...

    def erase_chats(self, chats: Sequence[int]) -> Operation[None]:
        """Delete for good, from the list or the trash: nothing of them stays in any file."""
        ...

    def empty_trash(self) -> Operation[int]:
        """Delete for good all that is in the trash. Gives the number of chats."""
        ...

    # ── search ──

    def find_in_chats(self, query: str) -> Operation[Found]:
        """Messages and titles that hold the words of a query, in all branches, grouped by chat.

        See `desktop.core.chats.search.SearchStore.find`. `activate` shows the branch of a message.
        """
        ...
