"""What came before a question in its chat: turns as the model sees them, and summaries of those that left."""

from collections.abc import Sequence

from desktop.core.chats.thread import StoreThread
from desktop.core.replies.layout import Turn, stored_piece
from desktop.core.types import Chat, Origin, StoredMessage


class ChatSummaries:
    """Conforms to `summaries.Kept`: summaries lie in the store, and go with their chat."""

    def __init__(self, store: StoreThread) -> None:
        self._store = store

    def find(self, messages: Sequence[int]) -> tuple[int, str] | None:
        return self._store.call(lambda chats: chats.summary(messages))

    def keep(self, message: int, text: str) -> None:
        self._store.call(lambda chats: chats.keep_summary(message, text))


def turns_before(chat: Chat, question: int) -> tuple[Turn, ...]:
    """The turns before `question` that got an answer, as the model saw them. 0: all of them."""
    turns: list[Turn] = []
    asked: StoredMessage | None = None
    for stored in chat.messages:
        if stored.id == question:
            break
        if stored.role == "user":
            asked = stored
        elif stored.text and asked is not None:
            pinned = asked.pinned or stored.pinned
            origin: Origin = "pinned" if pinned else "history"
            turns.append(Turn((stored_piece(asked, origin), stored_piece(stored, origin)), pinned))
            asked = None
    return tuple(turns)
