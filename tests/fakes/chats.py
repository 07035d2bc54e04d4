"""Chats in memory, as the fake core keeps them: the active path of each, nothing on disk."""

import itertools
import threading
import time
import unicodedata

from msgspec.structs import replace

from desktop.core.errors import UnknownChat, UnknownMessage
from desktop.core.types import Chat, ChatInfo, Excerpt, ExcerptsPart, StoredMessage, TextPart
from engine.protocol import Role

TITLE_LENGTH = 60


def folded(text: str) -> str:
    """Lower case without accents, as the store's search compares."""
    split = unicodedata.normalize("NFD", text.lower())
    return "".join(letter for letter in split if not unicodedata.combining(letter))


class FakeChats:
    """Every method may be called from any thread."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._chats: dict[int, Chat] = {}
        self._deleted: dict[int, Chat] = {}
        self._ids = itertools.count(1)

    def create(self, system_prompt: str = "", title: str = "", updated_at: float | None = None) -> Chat:
        now = time.time() if updated_at is None else updated_at
        with self._lock:
            info = ChatInfo(id=next(self._ids), title=title, created_at=now, updated_at=now)
            return self._keep(Chat(info, system_prompt, (), ()))

    def get(self, chat: int) -> Chat:
        with self._lock:
            if chat not in self._chats:
                raise UnknownChat(chat=chat)
            return self._chats[chat]

    def infos(self, query: str = "") -> tuple[ChatInfo, ...]:
        words = folded(query).split()
        with self._lock:
            found = [chat.info for chat in self._chats.values() if self._holds(chat, words)]
        return tuple(sorted(found, key=lambda info: (not info.pinned, -info.updated_at, -info.id)))

    def rename(self, chat: int, title: str) -> None:
        self._change_info(chat, title=title)

    def pin(self, chat: int, pinned: bool) -> None:
        self._change_info(chat, pinned=pinned)

    def delete(self, chat: int) -> None:
        with self._lock:
            self._deleted[chat] = self.get(chat)
            del self._chats[chat]

    def restore(self, chat: int) -> None:
        with self._lock:
            if chat not in self._deleted:
                raise UnknownChat(chat=chat)
            self._chats[chat] = self._deleted.pop(chat)

    def set_system_prompt(self, chat: int, text: str) -> None:
        with self._lock:
            self._keep(replace(self.get(chat), system_prompt=text))

    def set_collections(self, chat: int, names: tuple[str, ...]) -> None:
        with self._lock:
            self._keep(replace(self.get(chat), collections=names))

    # ── messages ──

    def add_message(
        self, chat: int, role: Role, text: str = "", *, model: str = "", at: float | None = None
    ) -> StoredMessage:
        """Append to the active path; an assistant's message starts out streaming."""
        now = time.time() if at is None else at
        with self._lock:
            old = self.get(chat)
            message = StoredMessage(
                id=next(self._ids),
                chat=chat,
                parent=old.messages[-1].id if old.messages else None,
                role=role,
                parts=(TextPart(text),) if text else (),
                state="streaming" if role == "assistant" else "complete",
                created_at=now,
                model=model,
            )
            title = old.info.title or _title(text)
            info = replace(old.info, title=title, updated_at=now)
            self._keep(replace(old, info=info, messages=(*old.messages, message)))
        return message

    def cut_before(self, message: int) -> StoredMessage:
        """Take `message` and what follows off the active path; give what is then the last."""
        with self._lock:
            chat = self._chat_of(message)
            ids = [kept.id for kept in chat.messages]
            left = chat.messages[: ids.index(message)]
            self._keep(replace(chat, messages=left))
            return left[-1]

    def change(self, message: StoredMessage) -> StoredMessage:
        """Put `message` in the place of the one with its id."""
        with self._lock:
            chat = self._chat_of(message.id)
            messages = tuple(message if kept.id == message.id else kept for kept in chat.messages)
            self._keep(replace(chat, messages=messages))
        return message

    def set_excerpts(self, message: StoredMessage, excerpts: tuple[Excerpt, ...]) -> StoredMessage:
        return self.change(replace(message, parts=(*message.parts, ExcerptsPart(excerpts))))

    def pin_message(self, message: int, pinned: bool) -> None:
        with self._lock:
            kept = next(kept for kept in self._chat_of(message).messages if kept.id == message)
            self.change(replace(kept, pinned=pinned))

    def _chat_of(self, message: int) -> Chat:
        for chat in self._chats.values():
            if any(kept.id == message for kept in chat.messages):
                return chat
        raise UnknownMessage(message=message)

    def _change_info(self, chat: int, **changes: object) -> None:
        with self._lock:
            old = self.get(chat)
            self._keep(replace(old, info=replace(old.info, **changes)))

    def _keep(self, chat: Chat) -> Chat:
        self._chats[chat.info.id] = chat
        return chat

    def _holds(self, chat: Chat, words: list[str]) -> bool:
        text = folded(" ".join([chat.info.title, *(message.text for message in chat.messages)]))
        return all(word in text for word in words)


def _title(text: str) -> str:
    line = " ".join(text.split())
    if len(line) <= TITLE_LENGTH:
        return line
    return line[:TITLE_LENGTH].rsplit(" ", 1)[0] + "…"
