"""Folders, archive, trash, copies and titles in the store of chats."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop.core.chats.store import ChatStore
from desktop.core.errors import BadFolderName, FolderInItself, UnknownChat, UnknownFolder
from desktop.core.types import TextPart


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ChatStore]:
    opened = ChatStore(tmp_path / "chats.sqlite3")
    yield opened
    opened.close()


def new(store: ChatStore, question: str = "Hello") -> int:
    chat = store.create_chat().info.id
    _, reply = store.add_turn(chat, [TextPart(question)])
    store.finish(reply.id, "Yes.", "complete")
    return chat


def test_folders_are_in_each_other_and_in_the_order_of_their_names(store: ChatStore) -> None:
    work = store.create_folder("  work  of\n2026 ")
    store.create_folder("Álbum")
    inside = store.create_folder("Banners", work.id)
    assert [(f.name, f.parent) for f in store.folders()] == [
        ("Banners", work.id),
        ("work of 2026", 0),
        ("Álbum", 0),
    ]
    store.rename_folder(inside.id, "Zebras")
    store.move_folder(inside.id, 0)
    assert ("Zebras", 0) in [(f.name, f.parent) for f in store.folders()]


def test_a_folder_cannot_be_moved_into_itself_or_what_it_holds(store: ChatStore) -> None:
    top = store.create_folder("top")
    middle = store.create_folder("middle", top.id)
    low = store.create_folder("low", middle.id)
    for target in (top.id, middle.id, low.id):
        with pytest.raises(FolderInItself):
            store.move_folder(top.id, target)
    assert {f.name: f.parent for f in store.folders()} == {"top": 0, "middle": top.id, "low": middle.id}


def test_a_folder_that_is_deleted_leaves_what_it_held_where_it_was_itself(store: ChatStore) -> None:
    top = store.create_folder("top")
    middle = store.create_folder("middle", top.id)
    low = store.create_folder("low", middle.id)
    shown, archived, deleted = new(store), new(store), new(store)
    for chat in (shown, archived, deleted):
        store.move(chat, middle.id)
    store.archive(archived, True)
    store.delete(deleted)

    assert store.delete_folder(middle.id) == top.id

    store.restore(deleted)
    assert {info.id: info.folder for info in store.list_chats()} == dict.fromkeys(
        (shown, archived, deleted), top.id
    )
    assert {f.id: f.parent for f in store.folders()} == {top.id: 0, low.id: top.id}
    assert store.delete_folder(top.id) == 0
    assert {info.folder for info in store.list_chats()} == {0}


def test_names_and_numbers_that_do_not_do_are_refused(store: ChatStore) -> None:
    chat = new(store)
    with pytest.raises(BadFolderName):
        store.create_folder(" \n ")
    with pytest.raises(UnknownFolder):
        store.create_folder("x", 99)
    with pytest.raises(UnknownFolder):
        store.move(chat, 99)
    for attempt in (store.delete_folder, lambda folder: store.rename_folder(folder, "x")):
        with pytest.raises(UnknownFolder):
            attempt(99)
    for of_chat in (lambda n: store.move(n, 0), lambda n: store.archive(n, True), store.duplicate):
        with pytest.raises(UnknownChat):
            of_chat(99)
    with pytest.raises(UnknownChat):
        store.erase([chat, 99])
    assert store.chat(chat)


def test_what_is_archived_stays_in_the_list_with_its_mark_and_is_found(store: ChatStore) -> None:
    chat = new(store, "a walrus")
    store.archive(chat, True)
    assert [(i.id, i.archived) for i in store.list_chats("walrus")] == [(chat, True)]
    assert [found.info.archived for found in store.find("walrus").chats] == [True]
    store.archive(chat, False)
    assert [i.archived for i in store.list_chats()] == [False]


def test_the_trash_lists_what_was_deleted_last_first(store: ChatStore) -> None:
    first, second, third = new(store), new(store), new(store)
    for chat in (second, first):
        store.delete(chat)
    assert [info.id for info in store.trash()] == [first, second]
    assert all(info.deleted_at > 0 for info in store.trash())
    assert store.trashed() == 2
    store.restore(first)
    assert {info.id for info in store.list_chats()} == {first, third}
    assert store.trashed() == 1


def test_only_what_is_deleted_for_good_goes_and_what_was_deleted_in_other_chats_can_come_back(
    store: ChatStore,
) -> None:
    gone, other = new(store, "walrus"), new(store, "ordinary")
    question = store.chat(other).messages[0].id
    store.delete_message(question)
    store.erase([gone])
    assert store.restore_message(question).messages[0].id == question
    assert store.find("walrus").chats == ()
    with pytest.raises(UnknownChat):
        store.restore(gone)


def test_a_copy_has_every_branch_and_shows_the_same_one(store: ChatStore) -> None:
    folder = store.create_folder("work")
    chat = store.create_chat("Be brief.", ["museums"]).info.id
    store.move(chat, folder.id)
    store.set_reply_values(chat, {"temperature": 0.2})
    _, reply = store.add_turn(chat, [TextPart("A walrus?")])
    store.finish(reply.id, "Yes.", "complete")
    other = store.add_reply(reply.id)
    store.finish(other.id, "No.", "complete")
    store.rate(other.id, 1)
    store.activate(reply.id)

    made = store.duplicate(chat)

    assert (made.info.title, made.info.folder) == ("A walrus? (2)", folder.id)
    assert (made.system_prompt, made.collections) == ("Be brief.", ("museums",))
    assert store.reply_values(made.info.id) == {"temperature": 0.2}
    assert [message.text for message in made.messages] == ["A walrus?", "Yes."]
    assert [(m.text, m.rating) for m in store.tree(made.info.id)] == [
        ("A walrus?", 0),
        ("Yes.", 0),
        ("No.", 1),
    ]
    assert {found.info.id for found in store.find("walrus").chats} == {chat, made.info.id}


def test_a_model_s_title_takes_the_place_of_the_question_s_and_never_of_a_person_s(store: ChatStore) -> None:
    chat, named = new(store, "How much is the ticket?"), new(store)
    store.rename(named, "Mine")
    assert (store.wants_title(chat), store.wants_title(named)) == (True, False)
    assert store.take_title(chat, "Museum prices")
    assert not store.take_title(named, "Greetings")
    assert not store.wants_title(chat), "it is made once"
    assert {i.id: i.title for i in store.list_chats()} == {chat: "Museum prices", named: "Mine"}
    assert [found.info.id for found in store.find("prices").chats] == [chat]


def test_a_model_without_a_title_leaves_the_question_s_for_good(store: ChatStore) -> None:
    chat = new(store, "How much?")
    store.take_title(chat, "")
    assert store.chat(chat).info.title == "How much?"
    assert not store.wants_title(chat)


def test_chats_from_before_keep_the_titles_they_have(tmp_path: Path) -> None:
    from desktop.core.chats import file as chats_file
    from desktop.core.chats import schema as chats_schema

    path = tmp_path / "old.sqlite3"
    before = chats_schema.MIGRATIONS[: chats_schema.MIGRATIONS.index(chats_schema.ORGANIZED)]
    db = chats_file.open_database(path, before)
    db.execute("INSERT INTO chats (title, created_at, updated_at, pinned) VALUES ('Mine', 1, 1, 1)")
    db.close()
    store = ChatStore(path)
    (info,) = store.list_chats()
    assert (info.folder, info.archived, info.deleted_at) == (0, False, 0.0)
    assert not store.wants_title(info.id)
    store.close()
