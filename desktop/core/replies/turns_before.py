"""What came before a question in its chat: turns as the model sees them, and summaries of those that left."""

from array import array
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from desktop.core.chats.thread import StoreThread
from desktop.core.replies.layout import Turn, stored_piece
from desktop.core.replies.saver import ReplySaver
from desktop.core.types import Chat, Origin, StoredMessage

READ_AT_ONCE: Final = 32  # messages


class ChatSummaries:
    """Conforms to `summaries.Kept`: summaries lie in the store, and go with their chat."""

    def __init__(self, store: StoreThread) -> None:
        self._store = store

    def find(self, messages: Sequence[int]) -> tuple[int, str] | None:
        return self._store.call(lambda chats: chats.summary(messages))

    def keep(self, message: int, text: str) -> None:
        self._store.call(lambda chats: chats.keep_summary(message, text))


class MessagesBefore:
    """The messages of a path before a question, read anew and a few at a time whenever they are gone through:
    a plan goes through all of a long chat, and never has it in memory whole.
    """

    def __init__(
        self, store: StoreThread, saver: ReplySaver, chat: int, path: "array[int]", question: int
    ) -> None:
        """`question` 0, or none of the path: all of them."""
        self._store = store
        self._saver = saver
        self._chat = chat
        self._numbers = path[: path.index(question)] if question in path else path

    def __iter__(self) -> Iterator[StoredMessage]:
        for first in range(0, len(self._numbers), READ_AT_ONCE):
            numbers = self._numbers[first : first + READ_AT_ONCE]
            yield from self._saver.as_written(self._read(numbers))

    def _read(self, numbers: "array[int]") -> tuple[StoredMessage, ...]:
        return self._store.call(lambda chats: chats.some(self._chat, numbers))


class TurnsBefore:
    """The turns of such messages that got an answer, as the model saw them."""

    def __init__(self, messages: Iterable[StoredMessage]) -> None:
        self._messages = messages

    def __iter__(self) -> Iterator[Turn]:
        asked: StoredMessage | None = None
        for stored in self._messages:
            if stored.role == "user":
                asked = stored
            elif stored.text and asked is not None:
                pinned = asked.pinned or stored.pinned
                origin: Origin = "pinned" if pinned else "history"
                yield Turn((stored_piece(asked, origin), stored_piece(stored, origin)), pinned)
                asked = None


def messages_before(chat: Chat, question: int) -> tuple[StoredMessage, ...]:
    """Of a chat that was read whole. `question` 0, or none of its messages: all of them."""
    number = next((n for n, stored in enumerate(chat.messages) if stored.id == question), None)
    return chat.messages[:number]
