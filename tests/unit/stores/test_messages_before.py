"""What a plan reads of a chat: the messages before a question, a few at a time."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from desktop.core.chats.store import ChatStore
from desktop.core.chats.thread import StoreThread
from desktop.core.errors import StorageFull, UnknownChat
from desktop.core.replies.saver import ReplySaver
from desktop.core.replies.turns_before import READ_AT_ONCE, MessagesBefore, TurnsBefore, messages_before
from desktop.core.types import StoredMessage, TextPart

TURNS = 2 * READ_AT_ONCE


@pytest.fixture
def store(tmp_path: Path) -> Iterator[StoreThread]:
    thread = StoreThread(lambda: ChatStore(tmp_path / "chats.sqlite3"))
    yield thread
    thread.close()


@pytest.fixture
def saver(store: StoreThread) -> ReplySaver:
    return ReplySaver(store, lambda _problem: None, retry_every_s=60.0)


def filled(store: StoreThread, *, temporary: bool = False) -> int:
    """A chat with an abandoned branch, a pin and a failed reply in it."""

    def work(chats: ChatStore) -> int:
        chat = chats.create_chat(temporary=temporary).info.id
        for number in range(TURNS):
            question, reply = chats.add_turn(chat, (TextPart(f"Question {number}?"),))
            if number == 5:
                chats.finish(reply.id, "", "failed")
                continue
            chats.finish(reply.id, f"Answer {number}.", "complete")
            if number == 7:
                again = chats.add_reply(reply.id)
                chats.finish(again.id, "Another answer.", "complete")
            if number == 9:
                chats.pin_message(question.id, True)
        return chat

    return store.call(work)


def before(store: StoreThread, saver: ReplySaver, chat: int, question: int) -> MessagesBefore:
    head, path = store.call(lambda chats: chats.head(chat))
    assert head.messages == ()
    return MessagesBefore(store, saver, chat, path, question)


@pytest.mark.parametrize("temporary", [False, True])
def test_they_are_the_messages_of_the_path_that_is_shown(
    store: StoreThread, saver: ReplySaver, temporary: bool
) -> None:
    chat = filled(store, temporary=temporary)
    whole = store.call(lambda chats: chats.chat(chat, costs=False))
    for question in (0, whole.messages[0].id, whole.messages[70].id, whole.messages[-2].id):
        read = before(store, saver, chat, question)
        assert tuple(read) == messages_before(whole, question)
        assert tuple(read) == tuple(read)  # as often as somebody wants
        turns = tuple(TurnsBefore(read))
        assert turns == tuple(TurnsBefore(messages_before(whole, question)))
    said = [piece.message.content for turn in turns for piece in turn.pieces]
    assert "Another answer." in said
    assert "Answer 7." not in said
    assert "Question 5?" not in said  # nothing was answered
    assert [turn.pieces[0].message.content for turn in turns if turn.pinned] == ["Question 9?"]


def test_never_more_than_a_few_are_read_at_once(
    store: StoreThread, saver: ReplySaver, monkeypatch: pytest.MonkeyPatch
) -> None:
    chat = filled(store)
    asked: list[int] = []
    real = ChatStore.some

    def some(self: ChatStore, chat: int, numbers: list[int]) -> tuple[StoredMessage, ...]:
        asked.append(len(numbers))
        return real(self, chat, numbers)

    monkeypatch.setattr(ChatStore, "some", some)
    assert len(tuple(before(store, saver, chat, 0))) == 2 * TURNS
    assert max(asked) == READ_AT_ONCE


def test_a_reply_that_the_disk_refused_is_among_them_as_it_was_written(
    store: StoreThread, saver: ReplySaver
) -> None:
    chat = filled(store)
    last = store.call(lambda chats: chats.chat(chat)).messages[-1]
    written = replace(last, parts=(TextPart("All of it."),))

    def refused(_chats: ChatStore) -> StoredMessage:
        raise StorageFull(folder="here")

    saver.store_or_keep(written, refused)
    assert tuple(before(store, saver, chat, 0))[-1].text == "All of it."


def test_a_chat_that_is_gone_is_told(store: StoreThread) -> None:
    with pytest.raises(UnknownChat):
        store.call(lambda chats: chats.head(4711))


def test_messages_of_another_chat_are_not_given(store: StoreThread) -> None:
    chat, other = filled(store), filled(store)
    numbers = store.call(lambda chats: chats.head(other))[1]
    assert store.call(lambda chats: chats.some(chat, numbers)) == ()


def test_a_few_messages_are_looked_up_without_going_through_the_chat(store: StoreThread) -> None:
    def steps(chats: ChatStore, chat: int) -> int:
        count = 0

        def step() -> int:
            nonlocal count
            count += 1
            return 0

        numbers = chats.head(chat)[1][1:4]  # for the first one its siblings are looked for in the chat
        chats._db.set_progress_handler(step, 10)
        assert len(chats.some(chat, numbers)) == 3
        chats._db.set_progress_handler(None, 0)
        return count

    def short(chats: ChatStore) -> int:
        chat = chats.create_chat().info.id
        for _ in range(2):
            chats.finish(chats.add_turn(chat, (TextPart("Why?"),))[1].id, "So.", "complete")
        return chat

    few, many = store.call(short), filled(store)
    assert store.call(lambda chats: steps(chats, many)) < 2 * store.call(lambda chats: steps(chats, few))
