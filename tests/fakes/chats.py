"""Chats in memory, as the fake core keeps them: a tree of messages each, nothing on disk."""

import itertools
import threading
import time
import unicodedata

from msgspec.structs import replace

from desktop.core.chats.rows import edited_parts
from desktop.core.errors import UnknownChat, UnknownMessage
from desktop.core.stream_safe import normalized
from desktop.core.types import Chat, ChatInfo, Excerpt, ExcerptsPart, FilePart, StoredMessage, TextPart
from engine.protocol import Role

TITLE_LENGTH = 60


def folded(text: str) -> str:
    """Lower case without accents, as the store's search compares."""
    split = normalized("NFD", text.lower())
    return "".join(letter for letter in split if not unicodedata.combining(letter))


class FakeChats:
    """Every method may be called from any thread."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._chats: dict[int, Chat] = {}
        self._deleted: dict[int, Chat] = {}
        self._messages: dict[int, StoredMessage] = {}
        self._gone: dict[int, int] = {}  # deleted messages, by the one that took them
        self._ids = itertools.count(1)
        self._temporary_ids = itertools.count(-1_000_000_000)  # as the store's: below zero, and rising

    def create(
        self,
        system_prompt: str = "",
        title: str = "",
        updated_at: float | None = None,
        *,
        temporary: bool = False,
    ) -> Chat:
        now = time.time() if updated_at is None else updated_at
        with self._lock:
            number = next(self._temporary_ids if temporary else self._ids)
            info = ChatInfo(
                id=number, title=title, created_at=now, updated_at=now, pinned=False, temporary=temporary
            )
            return self._keep(Chat(info, system_prompt, (), ()))

    def keep(self, chat: int) -> Chat:
        """A stored chat in place of a temporary one."""
        with self._lock:
            old = self.get(chat)
            if not old.info.temporary:
                raise UnknownChat(chat=chat)
            number = next(self._ids)
            numbers: dict[int | None, int | None] = {None: None}
            for message in [m for m in self._messages.values() if m.chat == chat and m.id not in self._gone]:
                new = numbers[message.id] = self._number()
                self._messages[new] = replace(message, id=new, chat=number, parent=numbers[message.parent])
            shown = tuple(self._messages[numbers[message.id] or 0] for message in old.messages)
            info = replace(old.info, id=number, temporary=False)
            del self._chats[chat]
            self._keep(replace(old, info=info, messages=shown))
            return self.get(number)

    def get(self, chat: int) -> Chat:
        with self._lock:
            if chat not in self._chats:
                raise UnknownChat(chat=chat)
            kept = self._chats[chat]
            path = [self.message(message.id) for message in kept.messages]
            return replace(kept, messages=tuple(path))

    def infos(self, query: str | None = None) -> tuple[ChatInfo, ...]:
        """None: all there are, as the core tells them. A query finds no temporary chat."""
        words = folded(query or "").split()
        with self._lock:
            found = [
                chat.info
                for chat in self._chats.values()
                if self._holds(chat, words) and (query is None or not chat.info.temporary)
            ]
        return tuple(
            sorted(
                found,
                key=lambda info: (not info.temporary, not info.pinned, -info.updated_at, -info.id),
            )
        )

    def rename(self, chat: int, title: str) -> None:
        self._change_info(chat, title=title)

    def pin(self, chat: int, pinned: bool) -> None:
        self._change_info(chat, pinned=pinned)

    def delete(self, chat: int) -> None:
        with self._lock:
            old = self.get(chat)
            self._deleted[chat] = replace(old, info=replace(old.info, deleted_at=time.time()))
            del self._chats[chat]

    def restore(self, chat: int) -> None:
        with self._lock:
            if chat not in self._deleted:
                raise UnknownChat(chat=chat)
            old = self._deleted.pop(chat)
            self._chats[chat] = replace(old, info=replace(old.info, deleted_at=0.0))

    def duplicate(self, chat: int) -> Chat:
        with self._lock:
            old = self.get(chat)
            made = self.create(old.system_prompt, f"{old.info.title} (2)").info
            numbers: dict[int | None, int | None] = {None: None}
            for message in [m for m in self._messages.values() if m.chat == chat and m.id not in self._gone]:
                new = numbers[message.id] = self._number()
                self._messages[new] = replace(message, id=new, chat=made.id, parent=numbers[message.parent])
            shown = tuple(self._messages[numbers[message.id] or 0] for message in old.messages)
            info = replace(made, folder=old.info.folder)
            self._keep(replace(old, info=info, messages=shown))
            return self.get(made.id)

    def set_system_prompt(self, chat: int, text: str) -> None:
        with self._lock:
            self._keep(replace(self.get(chat), system_prompt=text))

    def set_collections(self, chat: int, names: tuple[str, ...]) -> None:
        with self._lock:
            self._keep(replace(self.get(chat), collections=names))

    def rename_collection(self, name: str, new_name: str) -> None:
        with self._lock:
            for chat in [self.get(info.id) for info in self.infos()]:
                names = tuple(new_name if one == name else one for one in chat.collections)
                self._keep(replace(chat, collections=names))

    def _number(self, chat: int = 0) -> int:
        """Above every number there is: a test may have put messages in by itself. Below zero for a temporary
        chat's."""
        if chat < 0:
            return next(self._temporary_ids)
        return max(next(self._ids), max(self._messages, default=0) + 1)

    # ── messages ──

    def add_message(
        self,
        chat: int,
        role: Role,
        text: str = "",
        *,
        model: str = "",
        at: float | None = None,
        files: tuple[FilePart, ...] = (),
    ) -> StoredMessage:
        """Append to the active path; an assistant's message starts out streaming."""
        now = time.time() if at is None else at
        with self._lock:
            old = self.get(chat)
            message = StoredMessage(
                id=self._number(chat),
                chat=chat,
                parent=old.messages[-1].id if old.messages else None,
                role=role,
                parts=(*((TextPart(text),) if text else ()), *files),
                state="streaming" if role == "assistant" else "complete",
                created_at=now,
                model=model,
            )
            title = old.info.title or _title(text or next((file.name for file in files), ""))
            info = replace(old.info, title=title, updated_at=now)
            self._keep(replace(old, info=info, messages=(*old.messages, message)))
        return self.message(message.id)

    def cut_before(self, message: int) -> StoredMessage:
        """Take `message` and what follows off the active path; give what is then the last."""
        with self._lock:
            old = self.message(message)
            self._show(old.chat, old.parent)
            return self.get(old.chat).messages[-1]

    def change(self, message: StoredMessage) -> StoredMessage:
        """Put `message` in the place of the one with its id."""
        with self._lock:
            self._chat_of(message.id)
            self._messages[message.id] = message
        return self.message(message.id)

    def set_excerpts(
        self, message: StoredMessage, excerpts: tuple[Excerpt, ...] | ExcerptsPart
    ) -> StoredMessage:
        part = excerpts if isinstance(excerpts, ExcerptsPart) else ExcerptsPart(excerpts)
        return self.change(replace(message, parts=(*message.parts, part)))

    def pin_message(self, message: int, pinned: bool) -> None:
        self.change(replace(self.message(message), pinned=pinned))

    def rate(self, reply: int, rating: int) -> None:
        if self.message(reply).role != "assistant":
            raise UnknownMessage(message=reply)
        self.change(replace(self.message(reply), rating=rating))

    def chat_of(self, message: int) -> int:
        """Of a message that may be deleted."""
        if message not in self._messages:
            raise UnknownMessage(message=message)
        return self._messages[message].chat

    def message(self, number: int) -> StoredMessage:
        with self._lock:
            if number not in self._messages or number in self._gone:
                raise UnknownMessage(message=number)
            kept = self._messages[number]
            beside = tuple(n for n in self._children(kept.chat, kept.parent))
            return replace(kept, versions=beside if len(beside) > 1 else ())

    # ── the tree ──

    def all_of(self, chat: int) -> tuple[StoredMessage, ...]:
        """Every message of every branch."""
        with self._lock:
            self.get(chat)
            there = (m for n, m in sorted(self._messages.items()) if n not in self._gone)
            return tuple(message for message in there if message.chat == chat)

    def activate(self, message: int) -> Chat:
        with self._lock:
            chat = self.message(message).chat
            self._show(chat, self._end(message))
            return self.get(chat)

    def edit(self, message: int, text: str, files: tuple[FilePart, ...] | None = None) -> Chat:
        with self._lock:
            old = self.message(message)
            following = self._following(old)
            new = self._edited(old, text, files)
            self._show(old.chat, self._copy(following, old.chat, new))
            return self.get(old.chat)

    def edit_question(
        self, message: int, text: str, files: tuple[FilePart, ...] | None = None
    ) -> StoredMessage:
        """A sibling that asks `text`; the answer is to be added."""
        with self._lock:
            old = self.message(message)
            if old.role != "user":
                raise UnknownMessage(message=message)
            new = self._edited(old, text, files)
            self._show(old.chat, new)
            return self.message(new)

    def reopen(self, reply: int) -> StoredMessage:
        with self._lock:
            old = self.message(reply)
            if old.role != "assistant" or not old.text:
                raise UnknownMessage(message=reply)
            if self._end(reply) != reply:
                reply = self._copy([reply], old.chat, old.parent) or reply
            self._messages[reply] = replace(self._messages[reply], state="streaming", problem=None)
            self._show(old.chat, reply)
            return self.message(reply)

    def branch(self, message: int) -> Chat:
        with self._lock:
            old = self.message(message)
            chat = self.get(old.chat)
            title = f"{chat.info.title} (2)"
            made = self.create(chat.system_prompt, title, temporary=chat.info.temporary).info.id
            self._keep(replace(self.get(made), collections=chat.collections))
            self._show(made, self._copy(self._path(message), made, None))
            return self.get(made)

    def delete_message(self, message: int) -> Chat:
        with self._lock:
            old = self.message(message)
            shown = [kept.id for kept in self.get(old.chat).messages]
            taken = {message}
            for number, kept in sorted(self._messages.items()):
                if kept.parent in taken and number not in self._gone:
                    taken.add(number)
            self._gone.update(dict.fromkeys(taken, message))
            if message in shown:
                others = self._children(old.chat, old.parent)
                self._show(old.chat, self._end(others[-1]) if others else old.parent)
            return self.get(old.chat)

    def restore_message(self, message: int) -> Chat:
        with self._lock:
            if self._gone.get(message) != message:
                raise UnknownMessage(message=message)
            back = {self._gone.get(number) for number in self._path(message)}
            self._gone = {number: by for number, by in self._gone.items() if by not in back}
            return self.activate(message)

    def _children(self, chat: int, parent: int | None) -> list[int]:
        return [
            number
            for number, kept in sorted(self._messages.items())
            if (kept.chat, kept.parent) == (chat, parent) and number not in self._gone
        ]

    def _end(self, message: int) -> int:
        while below := self._children(self._messages[message].chat, message):
            message = below[-1]
        return message

    def _path(self, message: int | None) -> list[int]:
        path: list[int] = []
        while message is not None:
            path.insert(0, message)
            message = self._messages[message].parent
        return path

    def _following(self, message: StoredMessage) -> list[int]:
        shown = [kept.id for kept in self.get(message.chat).messages]
        path = shown if message.id in shown else self._path(self._end(message.id))
        return path[path.index(message.id) + 1 :]

    def _edited(self, old: StoredMessage, text: str, files: tuple[FilePart, ...] | None) -> int:
        new = self._number(old.chat)
        parts = edited_parts(old.parts, text, files)
        self._messages[new] = replace(
            old, id=new, parts=parts, state="complete", stats=None, problem=None, edited=True, rating=0
        )
        return new

    def _copy(self, path: list[int], chat: int, parent: int | None) -> int | None:
        for message in path:
            new = self._number(chat)
            self._messages[new] = replace(self._messages[message], id=new, chat=chat, parent=parent)
            parent = new
        return parent

    def _show(self, chat: int, leaf: int | None) -> None:
        path = tuple(self._messages[number] for number in self._path(leaf))
        if chat not in self._chats:
            raise UnknownChat(chat=chat)
        self._keep(replace(self._chats[chat], messages=path))

    def _chat_of(self, message: int) -> Chat:
        chat = self._chats.get(self.message(message).chat)
        if chat is None:
            raise UnknownMessage(message=message)
        return chat

    def _change_info(self, chat: int, **changes: object) -> None:
        with self._lock:
            old = self.get(chat)
            self._keep(replace(old, info=replace(old.info, **changes)))

    def _keep(self, chat: Chat) -> Chat:
        for message in chat.messages:
            self._messages[message.id] = replace(message, versions=())
        self._chats[chat.info.id] = chat
        return chat

    def _holds(self, chat: Chat, words: list[str]) -> bool:
        text = folded(" ".join([chat.info.title, *self._said(chat.info.id)]))
        return all(word in text for word in words)

    def _said(self, chat: int) -> list[str]:
        return [
            message.text
            for message in self._messages.values()
            if message.chat == chat and message.id not in self._gone
        ]


def _title(text: str) -> str:
    line = " ".join(text.split())
    if len(line) <= TITLE_LENGTH:
        return line
    return line[:TITLE_LENGTH].rsplit(" ", 1)[0] + "…"
