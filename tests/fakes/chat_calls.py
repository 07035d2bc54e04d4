"""Chats and the trees of their messages, as the fake core offers them."""

from collections.abc import Callable
from typing import Any

from desktop.core.errors import ReplyRunning
from desktop.core.operations import Operation
from desktop.core.types import Chat, ChatInfo, FilePart
from tests.fakes.chats import FakeChats
from tests.fakes.prompts import FakePromptStore
from tests.fakes.replies import FakeReply


class FakeChatCalls:
    """What `FakeCore` inherits."""

    chats: FakeChats
    settings: dict[str, object]
    replies: list[FakeReply]
    prompt_store: FakePromptStore
    _now: Callable[..., Operation[Any]]
    _change_chats: Callable[..., Operation[Any]]

    def create_chat(self, *, temporary: bool = False) -> Operation[Chat]:
        prompt = str(self.settings["system_prompt"])
        asked = (True,) if temporary else ()
        return self._change_chats(
            "create_chat", lambda: self.chats.create(prompt, temporary=temporary), *asked
        )

    def keep_chat(self, chat: int) -> Operation[Chat]:
        def work() -> Chat:
            self._refuse_while_replying(chat)
            return self.chats.keep(chat)

        return self._change_chats("keep_chat", work, chat)

    def open_chat(self, chat: int) -> Operation[Chat]:
        return self._now("open_chat", lambda: self.chats.get(chat), chat)

    def rename_chat(self, chat: int, title: str) -> Operation[None]:
        return self._change_chats("rename_chat", lambda: self.chats.rename(chat, title), chat, title)

    def pin_chat(self, chat: int, pinned: bool) -> Operation[None]:
        return self._change_chats("pin_chat", lambda: self.chats.pin(chat, pinned), chat, pinned)

    def delete_chat(self, chat: int) -> Operation[None]:
        return self._change_chats("delete_chat", lambda: self.chats.delete(chat), chat)

    def restore_chat(self, chat: int) -> Operation[None]:
        return self._change_chats("restore_chat", lambda: self.chats.restore(chat), chat)

    def search_chats(self, query: str) -> Operation[tuple[ChatInfo, ...]]:
        return self._now("search_chats", lambda: self.chats.infos(query), query)

    def set_system_prompt(self, chat: int, text: str) -> Operation[None]:
        return self._now("set_system_prompt", lambda: self.prompt_store.keep_text(chat, text), chat, text)

    def set_collections(self, chat: int, names: tuple[str, ...]) -> Operation[None]:
        return self._now("set_collections", lambda: self.chats.set_collections(chat, names), chat, names)

    def pin_message(self, message: int, pinned: bool) -> Operation[None]:
        return self._now("pin_message", lambda: self.chats.pin_message(message, pinned), message, pinned)

    def rate_message(self, reply: int, rating: int) -> Operation[None]:
        return self._now("rate_message", lambda: self.chats.rate(reply, rating), reply, rating)

    # ── the tree ──

    def activate(self, message: int) -> Operation[Chat]:
        return self._tree("activate", message, lambda: self.chats.activate(message))

    def edit_message(
        self, message: int, text: str, files: tuple[FilePart, ...] | None = None
    ) -> Operation[Chat]:
        with_files = () if files is None else (files,)
        return self._tree(
            "edit_message", message, lambda: self.chats.edit(message, text, files), text, *with_files
        )

    def delete_message(self, message: int) -> Operation[Chat]:
        return self._tree("delete_message", message, lambda: self.chats.delete_message(message))

    def restore_message(self, message: int) -> Operation[Chat]:
        return self._tree("restore_message", message, lambda: self.chats.restore_message(message))

    def branch_chat(self, message: int) -> Operation[Chat]:
        return self._change_chats("branch_chat", lambda: self.chats.branch(message), message)

    def _tree(self, name: str, message: int, work: Callable[[], Chat], *arguments: object) -> Operation[Chat]:
        def alone() -> Chat:
            self._refuse_while_replying(self.chats.chat_of(message))
            return work()

        return self._change_chats(name, alone, message, *arguments)

    def _refuse_while_replying(self, chat: int) -> None:
        if any(not reply.over and reply.reply.chat == chat for reply in self.replies):
            raise ReplyRunning(chat=chat)
