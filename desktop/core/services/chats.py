"""Chats and their messages as the core offers them: lists, trees. Has nothing answered."""

from collections.abc import Callable

from desktop.core.chats.store import ChatStore
from desktop.core.chats.thread import R, StoreThread
from desktop.core.events import ChatsChanged
from desktop.core.operations import Operation
from desktop.core.replies.citations import with_citations
from desktop.core.replies.conversation import Conversations
from desktop.core.replies.kv_states import KvStates
from desktop.core.replies.saver import ReplySaver
from desktop.core.settings import Settings
from desktop.core.statuses import Hub
from desktop.core.types import Chat, ChatInfo, FilePart


class ChatServices:
    """What `Services` inherits. Its methods are described in `desktop.core.contract.chats.ChatsCore`."""

    _store: StoreThread
    _saver: ReplySaver
    _states: KvStates
    _settings: Settings
    _hub: Hub
    _conversations: Conversations

    def create_chat(self, *, temporary: bool = False) -> Operation[Chat]:
        prompt = self._settings.text("system_prompt")
        return self._change(lambda chats: chats.create_chat(prompt, temporary=temporary), "create chat")

    def keep_chat(self, chat: int) -> Operation[Chat]:
        return self._conversations.change_chat(chat, lambda chats: chats.keep(chat))

    def open_chat(self, chat: int) -> Operation[Chat]:
        return self._store.operation(
            lambda chats: with_citations(self._saver.with_unsaved(chats.chat(chat))), "open chat"
        )

    def rename_chat(self, chat: int, title: str) -> Operation[None]:
        return self._change(lambda chats: chats.rename(chat, title), "rename chat")

    def pin_chat(self, chat: int, pinned: bool) -> Operation[None]:
        return self._change(lambda chats: chats.pin(chat, pinned), "pin chat")

    def delete_chat(self, chat: int) -> Operation[None]:
        def work(chats: ChatStore) -> None:
            chats.delete(chat)
            self._states.drop(chat)

        self._conversations.stop(chat)
        return self._change(work, "delete chat")

    def restore_chat(self, chat: int) -> Operation[None]:
        return self._change(lambda chats: chats.restore(chat), "restore chat")

    def search_chats(self, query: str) -> Operation[tuple[ChatInfo, ...]]:
        return self._store.operation(lambda chats: chats.list_chats(query), "search chats")

    def set_system_prompt(self, chat: int, text: str) -> Operation[None]:
        return self._change(lambda chats: chats.set_system_prompt(chat, text), "set system prompt")

    def set_collections(self, chat: int, names: tuple[str, ...]) -> Operation[None]:
        return self._change(lambda chats: chats.set_collections(chat, names), "set collections")

    def _change(self, work: Callable[[ChatStore], R], name: str) -> Operation[R]:
        """Do something to the chats and tell the list as it is then."""

        def change(chats: ChatStore) -> R:
            result = work(chats)
            self._publish_chats(chats)
            return result

        return self._store.operation(change, name)

    def _tell_chats(self) -> None:
        self._store.submit(self._publish_chats)

    def _publish_chats(self, chats: ChatStore) -> None:
        listed = (*chats.temporary_chats(), *chats.list_chats())
        self._hub.publish(ChatsChanged(listed, chats.folders(), chats.trashed()))

    def pin_message(self, message: int, pinned: bool) -> Operation[None]:
        return self._store.operation(lambda chats: chats.pin_message(message, pinned), "pin message")

    def rate_message(self, reply: int, rating: int) -> Operation[None]:
        return self._store.operation(lambda chats: chats.rate(reply, rating), "rate message")

    # ── the tree ──

    def activate(self, message: int) -> Operation[Chat]:
        return self._conversations.change(message, lambda chats: chats.activate(message))

    def edit_message(
        self, message: int, text: str, files: tuple[FilePart, ...] | None = None
    ) -> Operation[Chat]:
        return self._conversations.change(message, lambda chats: chats.edit(message, text, files))

    def delete_message(self, message: int) -> Operation[Chat]:
        def work(chats: ChatStore) -> Chat:
            chat = chats.delete_message(message)
            self._states.drop(chat.info.id)  # which has its words
            return chat

        return self._conversations.change(message, work)

    def restore_message(self, message: int) -> Operation[Chat]:
        return self._conversations.change(message, lambda chats: chats.restore_message(message))

    def branch_chat(self, message: int) -> Operation[Chat]:
        return self._change(lambda chats: chats.branch(message), "branch chat")
