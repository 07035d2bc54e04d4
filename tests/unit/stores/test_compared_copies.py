"""A chat whose branches are compared, and its copies: each goes on comparing its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop.core.chats.store import ChatStore
from desktop.core.types import TextPart
from desktop.core.types.comparing import Side

SIDES = (Side(prompt="Be brief."), Side(model="/models/other.gguf"))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ChatStore]:
    store = ChatStore(tmp_path / "chats.sqlite3")
    yield store
    store.close()


def compared(store: ChatStore, chat: int, question: str) -> None:
    turns = store.add_compared_turns(chat, [TextPart(question)], SIDES, ("one", "other"))
    for number, (_, reply) in enumerate(turns):
        store.finish(reply.id, f"Answer {number} to {question}", "complete")


def sides(store: ChatStore, chat: int) -> list[list[str]]:
    found = store.comparison(chat)
    assert found.kept
    assert tuple(side.side for side in found.sides) == SIDES
    assert all(message.chat == chat for side in found.sides for message in side.messages)
    return [[message.text for message in side.messages] for side in found.sides]


def test_a_temporary_chat_that_is_kept_goes_on_comparing(store: ChatStore) -> None:
    chat = store.create_chat(temporary=True).info.id
    compared(store, chat, "How much?")
    compared(store, chat, "And now?")
    before = sides(store, chat)
    kept = store.keep(chat).info.id
    assert sides(store, kept) == before
    compared(store, kept, "Still?")
    assert [len(side) for side in sides(store, kept)] == [6, 6]


def test_a_copy_compares_its_own_branches(store: ChatStore) -> None:
    chat = store.create_chat().info.id
    compared(store, chat, "How much?")
    before = sides(store, chat)
    copy = store.duplicate(chat).info.id
    compared(store, copy, "And now?")
    assert sides(store, chat) == before
    assert [len(side) for side in sides(store, copy)] == [4, 4]


def test_a_comparison_that_lost_a_branch_is_not_kept_in_a_copy(store: ChatStore) -> None:
    chat = store.create_chat().info.id
    compared(store, chat, "How much?")
    store.delete_message(store.comparison(chat).sides[1].messages[-1].id)
    assert not store.comparison(store.duplicate(chat).info.id).kept
