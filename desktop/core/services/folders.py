"""Many chats at once, as the core offers them: folders, archive, trash, search. Has nothing answered."""

from collections.abc import Callable, Sequence

from desktop.core.chats.store import ChatStore
from desktop.core.chats.thread import R, StoreThread
from desktop.core.exchange.safety import SafetyCopies
from desktop.core.operations import Operation, start
from desktop.core.replies.conversation import Conversations
from desktop.core.replies.kv_states import KvStates
from desktop.core.types import Chat, ChatInfo
from desktop.core.types.chats import Folder, Found


class FolderServices:
    """What `Services` inherits. Its methods are described in `desktop.core.contract.folders.FoldersCore`."""

    _store: StoreThread
    _states: KvStates
    _safety: SafetyCopies
    _conversations: Conversations
    _change: Callable[[Callable[[ChatStore], R], str], Operation[R]]

    def create_folder(self, name: str, parent: int = 0) -> Operation[Folder]:
        return self._change(lambda chats: chats.create_folder(name, parent), "create folder")

    def rename_folder(self, folder: int, name: str) -> Operation[None]:
        return self._change(lambda chats: chats.rename_folder(folder, name), "rename folder")

    def move_folder(self, folder: int, parent: int) -> Operation[None]:
        return self._change(lambda chats: chats.move_folder(folder, parent), "move folder")

    def delete_folder(self, folder: int) -> Operation[int]:
        return self._change(lambda chats: chats.delete_folder(folder), "delete folder")

    def move_chats(self, chats: Sequence[int], folder: int) -> Operation[None]:
        return self._each(chats, lambda store, chat: store.move(chat, folder), "move chats")

    def archive_chats(self, chats: Sequence[int], archived: bool) -> Operation[None]:
        return self._each(chats, lambda store, chat: store.archive(chat, archived), "archive chats")

    def duplicate_chat(self, chat: int) -> Operation[Chat]:
        return self._change(lambda chats: chats.duplicate(chat), "duplicate chat")

    def delete_chats(self, chats: Sequence[int]) -> Operation[None]:
        def delete(store: ChatStore, chat: int) -> None:
            store.delete(chat)
            self._states.drop(chat)  # which has its words

        self._stop(chats)
        return self._each(chats, delete, "delete chats")

    def restore_chats(self, chats: Sequence[int]) -> Operation[None]:
        return self._each(chats, lambda store, chat: store.restore(chat), "restore chats")

    def list_trash(self) -> Operation[tuple[ChatInfo, ...]]:
        return self._store.operation(lambda chats: chats.trash(), "list trash")

    def erase_chats(self, chats: Sequence[int]) -> Operation[None]:
        numbers = tuple(chats)

        def work(store: ChatStore) -> None:
            store.erase(numbers)
            for chat in numbers:
                self._states.drop(chat)

        self._stop(numbers)
        return self._erase(work, "erase chats")

    def empty_trash(self) -> Operation[int]:
        def work(store: ChatStore) -> int:
            numbers = [info.id for info in store.trash()]
            store.erase(numbers)
            return len(numbers)

        return self._erase(work, "empty trash")

    def _erase(self, work: Callable[[ChatStore], R], name: str) -> Operation[R]:
        """Done when no file has them any more."""

        def erase(_: Operation[R]) -> R:
            result = self._change(work, name).result()
            self._safety.follow()
            return result

        return start(erase, name)

    def find_in_chats(self, query: str) -> Operation[Found]:
        return self._store.operation(lambda chats: chats.find(query), "find in chats")

    def _each(
        self, chats: Sequence[int], work: Callable[[ChatStore, int], None], name: str
    ) -> Operation[None]:
        numbers = tuple(chats)

        def change(store: ChatStore) -> None:
            for chat in numbers:
                work(store, chat)

        return self._change(change, name)

    def _stop(self, chats: Sequence[int]) -> None:
        """The replies of chats that are about to go."""
        for chat in chats:
            self._conversations.stop(chat)
