"""A damaged file of chats: what is saved of it, from where, and what the person is told."""

from pathlib import Path

import pytest

from desktop.core.chats import file as chats_file
from desktop.core.chats import rescue as chats_rescue
from desktop.core.chats.carve import carve
from desktop.core.chats.store import ChatStore
from desktop.core.errors import Reported
from desktop.core.types import Chat
from rag.database import set_aside
from rag.errors import DiskFull
from tests.unit.stores.damaged_files import CHATS, before, damage, fill, overwrite, path, turn, written

__all__ = ["before", "path", "written"]  # fixtures


def shown_in(store: ChatStore) -> dict[int, Chat]:
    return {info.id: store.chat(info.id) for info in store.list_chats()}


DAMAGES = [
    "not a database",
    "empty pages at its beginning",
    "cut short",
    "overwritten inside",
    "its end lost",
]


@pytest.mark.parametrize("how", DAMAGES)
def test_with_a_good_copy_a_damaged_file_loses_nothing_and_is_kept_as_it_was(
    path: Path, before: dict[int, Chat], how: str
) -> None:
    content = damage(path, how)

    opened = ChatStore(path)

    assert opened.problem is not None
    told = opened.problem.params
    assert (opened.problem.code, told["saved_chats"], told["saved_messages"]) == (
        "database_damaged",
        CHATS,
        6 * CHATS,
    )
    assert Path(str(told["kept_as"])).read_bytes() == content
    assert shown_in(opened) == before
    assert len(opened.list_chats("answer")) == CHATS
    turn(opened, opened.create_chat().info.id, "It works again")
    opened.close()
    again = ChatStore(path)
    assert again.problem is None
    assert len(again.list_chats()) == CHATS + 1
    again.close()


def test_without_a_copy_every_row_that_can_be_read_is_saved_and_reachable(
    path: Path, before: dict[int, Chat]
) -> None:
    path.with_name(path.name + ".good").unlink()
    damage(path, "its end lost")

    opened = ChatStore(path)

    assert opened.problem is not None
    saved = [message for info in opened.list_chats() for message in opened.tree(info.id)]
    assert opened.problem.params["saved_messages"] == len(saved)
    assert 0 < len(saved) < 6 * CHATS
    known = {message.id: message.parts for chat in before.values() for message in chat.messages}
    sound = [message for message in saved if known[message.id] == message.parts]
    assert len(saved) - len(sound) < 3  # those whose end was lost are kept with their beginning
    for message in saved:
        assert message in opened.activate(message.id).messages
    opened.close()


@pytest.mark.parametrize("how", ["its head lost", "empty pages at its beginning", "cut short"])
def test_rows_that_no_table_leads_to_any_more_are_found_by_their_form(
    path: Path, before: dict[int, Chat], how: str
) -> None:
    path.with_name(path.name + ".good").unlink()
    store = ChatStore(path)
    late = store.create_chat().info.id
    turn(store, late, "Long and late " * 2000)  # on pages of its own
    store._db.close()
    damage(path, how)

    opened = ChatStore(path)

    assert opened.problem is not None
    saved = [message for info in opened.list_chats() for message in opened.tree(info.id)]
    known = {message.id: message.parts for chat in before.values() for message in chat.messages}
    assert len(saved) > (2 * CHATS if how == "cut short" else 5 * CHATS)
    for message in saved:
        assert message in opened.activate(message.id).messages
        assert message.chat == late or known[message.id] == message.parts
    if how != "cut short":
        assert opened.chat(late).messages[0].text == ("Long and late " * 2000).strip() + " "
    opened.close()


@pytest.mark.usefixtures("before")
def test_what_was_erased_is_not_found_by_its_form(path: Path) -> None:
    store = ChatStore(path)
    store.erase([3, 4])
    path.with_name(path.name + ".good").unlink()
    store._db.close()
    damage(path, "its head lost")
    opened = ChatStore(path)
    assert {info.id for info in opened.list_chats()} == set(range(1, CHATS + 1)) - {3, 4}
    opened.close()


@pytest.mark.usefixtures("before")
def test_the_journal_is_read_by_form_too_up_to_the_last_change_that_was_finished(path: Path) -> None:
    store = ChatStore(path)
    turn(store, 1, "Long and late " * 2000)
    journal = path.with_name(path.name + "-wal").read_bytes()
    store._db.close()
    path.write_bytes(bytes(len(path.read_bytes())))
    path.with_name(path.name + "-wal").write_bytes(journal[:-4096])  # the end of the answer was not written

    found = [str(values[4]) for table, _, values in carve(path) if table == "messages"]

    assert any("Long and late " * 2000 in parts for parts in found)
    assert not any("Answer to Long" in parts for parts in found)


def test_what_is_newer_than_the_copy_comes_from_the_damaged_file(path: Path, before: dict[int, Chat]) -> None:
    store = ChatStore(path)
    late = store.create_chat().info.id
    turn(store, late, "Written after the copy")
    store.rename(1, "A new name")
    store._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    store._db.close()  # as a kill leaves it: no new copy
    overwrite(path, b'"Question 5 0 Question 5 0')

    opened = ChatStore(path)

    assert opened.problem is not None
    after = shown_in(opened)
    assert after.pop(late).messages[0].text == "Written after the copy"
    assert after.pop(1).info.title == "A new name"
    assert {chat: shown.messages for chat, shown in after.items()} == {
        chat: shown.messages for chat, shown in before.items() if chat != 1
    }
    opened.close()


def test_a_file_without_anything_to_read_and_without_a_copy_starts_anew_and_says_so(path: Path) -> None:
    fill(path, 1)
    path.with_name(path.name + ".good").unlink()
    content = damage(path, "not a database")
    opened = ChatStore(path)
    assert opened.problem is not None
    assert "saved_messages" not in opened.problem.params
    assert Path(str(opened.problem.params["kept_as"])).read_bytes() == content
    assert opened.list_chats() == ()
    opened.close()


@pytest.mark.parametrize("moved", [False, True])
def test_a_rescue_that_was_killed_before_its_last_step_is_finished(
    path: Path, before: dict[int, Chat], moved: bool
) -> None:
    whole = path.with_name(path.name + chats_rescue.WHOLE)
    whole.write_bytes(path.read_bytes())
    damage(path, "not a database")
    if moved:
        set_aside(path)
    opened = ChatStore(path)
    assert shown_in(opened) == before
    assert not whole.exists()
    assert len(list(path.parent.glob("*.damaged-1"))) == 1
    opened.close()


@pytest.mark.usefixtures("before")
def test_a_rescue_that_finds_no_room_changes_nothing(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = damage(path, "overwritten inside")

    def full(*_: object) -> None:
        raise DiskFull("no page left", folder=str(path.parent))

    with monkeypatch.context() as patched:
        patched.setattr(chats_rescue, "fill_search", full)
        with pytest.raises(Reported) as refused:
            ChatStore(path)
    assert refused.value.problem().code == "disk_full"
    assert path.read_bytes() == content
    opened = ChatStore(path)
    assert len(opened.list_chats()) == CHATS
    opened.close()


@pytest.mark.usefixtures("before")
def test_a_search_index_that_cannot_be_read_is_made_anew_without_a_word(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store = ChatStore(path)
    store._db.execute("UPDATE message_words_data SET block = zeroblob(length(block)) WHERE id > 10")
    store._db.close()
    store = ChatStore(path)
    assert store.problem is None
    assert len(store.list_chats("answer")) == CHATS
    turn(store, store.create_chat().info.id, "wombat")
    assert len(store.list_chats("wombat")) == 1
    assert "made anew" in caplog.text
    assert not path.with_name(path.name + chats_file.SUSPECT).exists()
    store.close()


@pytest.mark.usefixtures("before")
def test_a_suspected_file_that_is_sound_gets_a_new_search_index(path: Path) -> None:
    store = ChatStore(path)
    store._db.execute("DELETE FROM message_words_data WHERE id > 10")
    store._db.close()
    chats_file.suspect(path)
    store = ChatStore(path)
    assert store.problem is None
    found = store._db.execute("SELECT rowid FROM message_words WHERE message_words MATCH 'answer'")
    assert len(found.fetchall()) == 3 * CHATS
    store.close()


def test_a_file_found_damaged_while_it_is_used_is_rescued_at_the_next_start_however_large(
    path: Path, before: dict[int, Chat], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chats_file, "CHECKED_AT_START_BYTES", 0)
    overwrite(path, b'"Question 5 0 Question 5 0')
    store = ChatStore(path)
    assert store.problem is None  # too large to be read at the start
    codes = set()
    for chat in before:
        try:
            store.chat(chat)
        except Reported as error:
            codes.add(error.problem().code)
    assert codes == {"database_damaged"}
    store._db.close()

    opened = ChatStore(path)
    assert opened.problem is not None
    assert shown_in(opened) == before
    opened.close()
