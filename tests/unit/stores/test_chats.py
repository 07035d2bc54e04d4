"""The store of chats: what it keeps, finds, forgets and refuses."""

import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop.core.chats.store import ChatStore
from desktop.core.errors import Reported, UnknownChat, UnknownMessage
from desktop.core.types import Excerpt, ExcerptsPart, FilePart, ImagePart, Problem, TextPart
from desktop.core.types.composing import Draft
from engine.protocol import Stats

STATS = Stats(12, 3, 40, 0.25, 31.5, "end", 7)
EXCERPT = Excerpt(1, 10, 20, "museum.pdf", "Museum", 2, 100, 120, "A ticket costs 8 euros.")


class Clock:
    """Time that moves when asked to."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        self.now += 1
        return self.now


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "chats.sqlite3"


@pytest.fixture
def store(path: Path) -> Iterator[ChatStore]:
    opened = ChatStore(path, Clock())
    yield opened
    opened.close()


def turn(store: ChatStore, chat: int, question: str, answer: str = "Yes.") -> tuple[int, int]:
    asked, reply = store.add_turn(chat, [TextPart(question)], "tiny")
    store.finish(reply.id, answer, "complete", STATS)
    return asked.id, reply.id


def bytes_on_disk(folder: Path) -> bytes:
    return b"\n".join(file.read_bytes() for file in sorted(folder.iterdir())).lower()


def test_a_finished_turn_reads_back_as_it_was_written(store: ChatStore) -> None:
    chat = store.create_chat("Be brief.", ["museums", "trains"]).info.id
    parts = [TextPart("What is this?"), FilePart("notes.txt", "some notes"), ImagePart("a.png", "image/png")]
    question, reply = store.add_turn(chat, parts, "tiny")
    store.set_excerpts(question.id, ExcerptsPart((EXCERPT,)))
    finished = store.finish(reply.id, "A note. [1]", "complete", STATS)

    read = store.chat(chat)

    assert read.system_prompt == "Be brief."
    assert read.collections == ("museums", "trains")
    assert [m.role for m in read.messages] == ["user", "assistant"]
    assert read.messages[0].parts == (*parts, ExcerptsPart((EXCERPT,)))
    assert read.messages[0].excerpts == (EXCERPT,)
    assert read.messages[1] == finished
    assert finished.stats == STATS
    assert finished.model == "tiny"
    assert finished.parent == question.id


def test_a_failed_reply_keeps_its_text_and_its_problem(store: ChatStore) -> None:
    chat = store.create_chat().info.id
    _, reply = store.add_turn(chat, [TextPart("Hello")])
    problem = Problem("engine_died", {"how": "SIGSEGV"}, "last line")
    store.finish(reply.id, "Half a", "failed", problem=problem)
    assert store.message(reply.id).problem == problem
    assert store.message(reply.id).text == "Half a"


def test_a_new_try_is_a_sibling_and_the_old_one_stays(store: ChatStore) -> None:
    chat = store.create_chat().info.id
    question, first = turn(store, chat, "Sing", "La")
    second = store.add_reply(first, "tiny")
    store.finish(second.id, "Lalala", "complete")
    assert [m.text for m in store.chat(chat).messages] == ["Sing", "Lalala"]
    assert [m.id for m in store.activate(first).messages] == [question, first]
    assert {m.id for m in store.tree(chat)} == {question, first, second.id}


def test_activating_a_message_shows_its_branch_down_to_the_newest_end(store: ChatStore) -> None:
    chat = store.create_chat().info.id
    first_question, first = turn(store, chat, "One")
    turn(store, chat, "Two")
    other = store.add_reply(first)
    store.finish(other.id, "Other", "complete")
    assert len(store.chat(chat).messages) == 2
    assert [m.text for m in store.activate(first_question).messages] == ["One", "Other"]
    assert [m.text for m in store.activate(first).messages] == ["One", "Yes.", "Two", "Yes."]


def test_the_title_comes_from_the_first_question_cut_at_a_word(store: ChatStore) -> None:
    chat = store.create_chat().info.id
    turn(store, chat, "  How does one\nmake bread rise well in a cold kitchen when the yeast is old?")
    turn(store, chat, "Another question")
    title = store.chat(chat).info.title
    assert title == "How does one make bread rise well in a cold kitchen when…"
    assert len(title) <= 60


def test_a_title_without_a_space_is_cut_all_the_same(store: ChatStore) -> None:
    chat = store.create_chat().info.id
    turn(store, chat, "x" * 200)
    assert store.chat(chat).info.title == "x" * 59 + "…"


@pytest.mark.parametrize("query", ["cuanto", "CUÁNTO cuesta", "pingüi", "piramide", "bread recipe", "rec"])
def test_a_chat_is_found_by_title_or_text_without_accents_and_by_beginnings(
    store: ChatStore, query: str
) -> None:
    chat = store.create_chat().info.id
    turn(store, chat, "¿Cuánto cuesta la entrada?", "Los pingüinos no pagan. Pirámide.")
    turn(store, chat, "bread")
    store.rename(chat, "Recipes for Sunday")
    turn(store, store.create_chat().info.id, "Something else")
    assert [info.id for info in store.list_chats(query)] == [chat]


@pytest.mark.parametrize("query", ['"', "*", "AND", "a OR", "NEAR(", "-x", "¿?", "col:x", "'"])
def test_a_query_is_words_and_never_an_expression(store: ChatStore, query: str) -> None:
    turn(store, store.create_chat().info.id, "Nothing to see")
    assert store.list_chats(query) == ()


def test_a_renamed_chat_is_no_longer_found_by_its_old_title(store: ChatStore) -> None:
    chat = store.create_chat().info.id
    store.rename(chat, "Zanzibar")
    store.rename(chat, "Lisbon")
    assert store.list_chats("zanzibar") == ()
    assert [info.title for info in store.list_chats("lisbon")] == ["Lisbon"]


def test_pinned_chats_come_first_then_the_last_used(store: ChatStore) -> None:
    ids = [store.create_chat().info.id for _ in range(3)]
    for chat in ids:
        turn(store, chat, f"Question {chat}")
    turn(store, ids[0], "Again")
    store.pin(ids[1], True)
    assert [info.id for info in store.list_chats()] == [ids[1], ids[0], ids[2]]
    assert [info.pinned for info in store.list_chats()] == [True, False, False]


def test_a_deleted_chat_is_in_no_list_and_can_be_restored_after_a_restart_too(path: Path) -> None:
    store = ChatStore(path)
    kept, late = store.create_chat().info.id, store.create_chat().info.id
    for chat in (kept, late):
        turn(store, chat, "Hello there")
        store.delete(chat)
        assert store.list_chats("hello") == ()
        with pytest.raises(UnknownChat):
            store.chat(chat)
    store.restore(kept)
    assert [info.id for info in store.list_chats("hello")] == [kept]
    store.close()

    again = ChatStore(path)
    assert [info.id for info in again.list_chats()] == [kept]
    assert [info.id for info in again.trash()] == [late]
    again.restore(late)
    assert [message.text for message in again.chat(late).messages] == ["Hello there", "Yes."]
    again.close()


@pytest.mark.parametrize(("days", "kept"), [(30, True), (3, False), (0, False)])
@pytest.mark.parametrize("killed", [False, True])
def test_the_trash_keeps_a_chat_for_its_days_and_no_longer(
    path: Path, days: int, kept: bool, killed: bool
) -> None:
    clock = Clock()
    store = ChatStore(path, clock, lambda: days)
    chat = store.create_chat().info.id
    turn(store, chat, "Hello")
    store.delete(chat)
    if killed:
        store._db.close()  # no purge
    else:
        store.close()
    clock.now += 4 * 86_400
    again = ChatStore(path, clock, lambda: days)
    assert [info.id for info in again.trash()] == ([chat] if kept else [])
    again.close()


def test_a_deleted_chat_leaves_no_word_in_any_file(path: Path) -> None:
    store = ChatStore(path)
    other = store.create_chat().info.id
    turn(store, other, "ordinary question", "ordinary answer " * 400)
    chat = store.create_chat("wombatprompt", ["wombatcollection"]).info.id
    for number in range(30):
        question, reply = store.add_turn(chat, [TextPart(f"wombatquestion {number}")], "wombatmodel")
        store.set_excerpts(question.id, ExcerptsPart((EXCERPT,)))
        for length in (10, 500, 3000):  # growing into overflow pages
            store.save_text(reply.id, "wombattext " * length)
        store.finish(reply.id, "wombatreply", "failed", STATS, Problem("wombatproblem"))
    store.rename(chat, "wombattitle")
    turn(store, other, "ordinary question")
    assert b"wombat" in bytes_on_disk(path.parent)

    store.delete(chat)
    assert store.purge() == 0, "it is in the trash"
    store.erase([chat])

    # the journal too, and before the store closes
    assert b"wombat" not in bytes_on_disk(path.parent)
    assert [info.id for info in store.list_chats("ordinary")] == [other]
    store.close()
    assert b"wombat" not in bytes_on_disk(path.parent)


def test_a_chat_of_thousands_of_messages_is_deleted_for_good_like_any_other(path: Path) -> None:
    store = ChatStore(path)
    store._db.execute("PRAGMA synchronous = OFF")
    other = store.create_chat().info.id
    turn(store, other, "ordinary question")
    chats = [store.create_chat(temporary=temporary).info.id for temporary in (False, False, True)]
    for chat in chats:
        for number in range(700):
            turn(store, chat, f"Question {number}")
    store.erase([chats[0], chats[2]])
    store.delete_message(store.chat(chats[1]).messages[1].id)
    store.close()
    again = ChatStore(path)
    assert [message.text for message in again.chat(chats[1]).messages] == ["Question 0"]
    assert [info.id for info in again.list_chats("yes")] == [other]
    again.close()


def test_files_are_private(path: Path) -> None:
    path.touch(mode=0o644)
    store = ChatStore(path)
    turn(store, store.create_chat().info.id, "Hello")
    modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}
    store.close()
    assert len(modes) == 3  # with WAL and shared memory
    assert set(modes.values()) == {0o600}


def test_a_reply_cut_off_by_a_kill_is_interrupted_keeps_its_text_and_can_be_found(path: Path) -> None:
    store = ChatStore(path)
    chat = store.create_chat().info.id
    _, reply = store.add_turn(chat, [TextPart("Tell me")])
    store.save_text(reply.id, "Once upon a")
    assert store.message(reply.id).state == "streaming"
    store._db.close()

    again = ChatStore(path)
    read = again.message(reply.id)
    assert (read.state, read.text) == ("interrupted", "Once upon a")
    assert [info.id for info in again.list_chats("upon")] == [chat]
    again.close()


def test_a_draft_outlives_a_kill_and_goes_with_its_chat(path: Path) -> None:
    store = ChatStore(path)
    chat = store.create_chat().info.id
    store.pin(chat, True)
    store.save_draft(chat, "Tell me of the wombat")
    store._db.close()

    again = ChatStore(path)
    assert again.drafts() == {chat: Draft("Tell me of the wombat")}
    again.erase([chat])
    again.close()
    assert b"wombat" not in bytes_on_disk(path.parent)


def test_a_finished_reply_is_not_overwritten_by_a_late_save(store: ChatStore) -> None:
    _, reply = turn(store, store.create_chat().info.id, "Hello", "Whole")
    with pytest.raises(UnknownMessage):
        store.save_text(reply, "Half")
    assert store.message(reply).text == "Whole"


def test_chats_never_used_are_dropped_at_the_next_start_and_prepared_ones_stay(path: Path) -> None:
    store = ChatStore(path, Clock())
    store.create_chat()
    prepared = [store.create_chat().info.id for _ in range(3)]
    store.set_system_prompt(prepared[0], "You are a pirate.")
    store.set_collections(prepared[1], ["ships"])
    store.pin(prepared[2], True)
    store.close()
    again = ChatStore(path)
    assert {info.id for info in again.list_chats()} == set(prepared)
    again.close()


def test_text_with_broken_unicode_is_kept_readable(store: ChatStore) -> None:
    chat = store.create_chat("\ud83d").info.id
    _, reply = store.add_turn(chat, [TextPart("half \ud83d a pair\x00"), FilePart("\udc00", "\udfff")])
    store.finish(reply.id, "and \ude00 back", "complete")
    store.rename(chat, "title \ud800")
    read = store.chat(chat)
    assert read.messages[0].text.startswith("half ")
    assert read.messages[1].text.endswith(" back")
    assert read.info.title.startswith("title ")


def test_what_does_not_exist_is_named(store: ChatStore) -> None:
    for attempt in (store.chat, store.delete, store.restore, store.tree):
        with pytest.raises(UnknownChat) as caught:
            attempt(99)
        assert caught.value.params == {"chat": 99}
    for attempt_on_message in (store.message, store.add_reply, store.activate):
        with pytest.raises(UnknownMessage) as caught_message:
            attempt_on_message(99)
        assert caught_message.value.params == {"message": 99}
    with pytest.raises(UnknownChat):
        store.add_turn(99, [TextPart("Hello")])


def test_a_file_from_a_newer_version_is_refused_and_left_alone(path: Path) -> None:
    store = ChatStore(path)
    turn(store, store.create_chat().info.id, "Hello")
    store._db.execute("PRAGMA user_version = 99")
    store.close()
    before = path.read_bytes()
    with pytest.raises(Reported) as caught:
        ChatStore(path)
    assert caught.value.problem().code == "database_too_new"
    assert caught.value.problem().params["found"] == 99
    assert path.read_bytes() == before
