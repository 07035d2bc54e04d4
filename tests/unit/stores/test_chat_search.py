"""Searching what was said: what is found, in which order, and what is shown of it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.core.chats import search as chats_search
from desktop.core.chats.store import ChatStore
from desktop.core.found_words import marks_in, snippet_of, terms_of
from desktop.core.types import TextPart


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ChatStore]:
    opened = ChatStore(tmp_path / "chats.sqlite3")
    yield opened
    opened.close()


def say(store: ChatStore, chat: int, question: str, answer: str = "Yes.") -> tuple[int, int]:
    asked, reply = store.add_turn(chat, [TextPart(question)])
    store.finish(reply.id, answer, "complete")
    return asked.id, reply.id


def new(store: ChatStore, question: str, answer: str = "Yes.", title: str = "Untitled") -> int:
    chat = store.create_chat().info.id
    say(store, chat, question, answer)
    store.rename(chat, title)
    return chat


def found(store: ChatStore, query: str) -> list[int]:
    return [chat.info.id for chat in store.find(query).chats]


def test_hits_come_by_chat_with_the_words_marked_the_newest_first(store: ChatStore) -> None:
    old, new_one = new(store, "Where is Málaga?"), new(store, "No town here")
    say(store, new_one, "Malaga or Cádiz?", "MÁLAGA,\n\nof course.")

    result = store.find("málaga")

    assert [(chat.info.id, chat.hits) for chat in result.chats] == [(new_one, 2), (old, 1)]
    answer, question = result.chats[0].messages
    assert (answer.role, question.role) == ("assistant", "user")
    assert answer.snippet == "MÁLAGA, of course."
    assert [answer.snippet[a:b] for a, b in answer.marks] == ["MÁLAGA"]
    assert [question.snippet[a:b] for a, b in question.marks] == ["Malaga"]
    assert not result.more


def test_a_title_that_holds_the_words_comes_first(store: ChatStore) -> None:
    titled = new(store, "nothing", title="The night train")
    said = new(store, "A night train to Lisbon")
    result = store.find("night train")
    assert [chat.info.id for chat in result.chats] == [titled, said]
    assert [result.chats[0].info.title[a:b] for a, b in result.chats[0].title_marks] == ["night", "train"]
    assert result.chats[0].messages == ()


def test_quotation_marks_want_the_words_as_they_stand(store: ChatStore) -> None:
    exact, other = new(store, "the red house"), new(store, "a house that is red")
    assert set(found(store, "red house")) == {exact, other}
    assert found(store, '"red house"') == [exact]
    assert found(store, "«the red» hou") == [exact]
    assert found(store, '"red hou"') == [], "a whole word"
    assert set(found(store, '"red')) == {exact, other}, "a mark that is not closed yet"


def test_words_that_stand_in_several_messages_find_the_chat(store: ChatStore) -> None:
    chat, other = new(store, "about otters", "they eat crabs"), new(store, "otters alone")
    assert found(store, "otters crabs") == [chat]
    assert other not in found(store, "otters crabs")
    assert [m.role for m in store.find("otters crabs").chats[0].messages] == ["assistant", "user"]


def test_what_is_deleted_is_not_found_and_other_branches_are(store: ChatStore) -> None:
    chat = store.create_chat().info.id
    _, reply = say(store, chat, "Which?", "the walrus")
    again = store.add_reply(reply)
    store.finish(again.id, "the otter", "complete")
    assert store.find("walrus").chats[0].messages[0].message == reply, "out of sight, and found"
    store.delete_message(reply)
    assert found(store, "walrus") == []
    store.delete(chat)
    assert found(store, "otter") == []


def test_a_word_that_stands_everywhere_gives_the_newest_and_says_that_there_is_more(
    store: ChatStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chats_search, "LOOKED_AT", 6)
    chats = [new(store, "otter", "otter") for _ in range(5)]
    result = store.find("otter")
    assert [chat.info.id for chat in result.chats] == chats[:-4:-1]
    assert result.more


@pytest.mark.parametrize("query", ["", " ", "?!", '""', "“”", "_", "'"])
def test_without_a_word_nothing_is_found(store: ChatStore, query: str) -> None:
    new(store, "anything")
    assert store.find(query).chats == ()


@given(st.text(max_size=30))
def test_no_query_is_an_expression(query: str) -> None:
    for term in terms_of(query):
        assert term.words
        assert all(word and '"' not in word for word in term.words)


@given(st.text(max_size=300), st.text(alphabet="aáAb \n.", max_size=8))
def test_marks_lie_in_their_text_and_a_snippet_is_short(text: str, query: str) -> None:
    terms = terms_of(query)
    for start, end in marks_in(text, terms):
        assert 0 <= start < end <= len(text)
    snippet, marks = snippet_of(text, terms)
    assert len(snippet) <= 132
    assert all(0 <= start < end <= len(snippet) for start, end in marks)


def test_a_snippet_stands_around_the_first_hit_on_one_line() -> None:
    text = "word " * 100 + "\n\n  the walrus\tsleeps " + "word " * 100
    snippet, marks = snippet_of(text, terms_of("walr"))
    assert snippet.startswith("…word")
    assert snippet.endswith("word…")
    assert [snippet[a:b] for a, b in marks] == ["walrus"]
    assert "the walrus sleeps" in snippet


def test_marks_mind_neither_accents_nor_case_and_end_with_the_word() -> None:
    text = "Los años, el ANO y un anotador"
    assert [text[a:b] for a, b in marks_in(text, terms_of("ano"))] == ["años", "ANO", "anotador"]
    assert [text[a:b] for a, b in marks_in(text, terms_of('"ano"'))] == ["ANO"]
    phrase = "tail entail tail-end"
    assert [phrase[a:b] for a, b in marks_in(phrase, terms_of('"tail end"'))] == ["tail", "end"]


@given(st.lists(st.text("abcdefgh", min_size=1, max_size=12), max_size=60))
def test_the_hit_stands_in_what_two_narrow_lines_show_of_a_snippet(before: list[str]) -> None:
    _piece, marks = snippet_of(" ".join([*before, "zebra", *before]), terms_of("zebra"))
    assert marks[0][1] <= 36
