"""The good copy beside the chats: when it is made, that it is private, and what leaves it."""

import stat
import threading
import time
from pathlib import Path

import pytest

from desktop.core.chats import file as chats_file
from desktop.core.chats.good_copy import GoodCopy
from desktop.core.chats.keeper import ChatsKeeper
from desktop.core.chats.store import ChatStore
from desktop.core.events import StorageProblem
from tests.unit.stores.damaged_files import before, damage, fill, overwrite, path, turn

__all__ = ["before", "path"]  # fixtures


def test_what_a_killed_program_wrote_is_copied_by_the_next_one_that_is_closed(path: Path) -> None:
    fill(path, 1)
    store = ChatStore(path)
    turn(store, 1, "Written before the kill")
    store._db.close()
    ChatStore(path).close()
    path.write_bytes(b"damaged")
    store = ChatStore(path)
    assert [info.id for info in store.list_chats("kill")] == [1]
    store.close()


def test_the_copy_is_private_and_as_new_as_the_last_close(path: Path) -> None:
    fill(path, 2)
    good = path.with_name(path.name + ".good")
    assert stat.S_IMODE(good.stat().st_mode) == 0o600
    first = good.stat().st_mtime_ns
    ChatStore(path).close()  # nothing changed
    assert good.stat().st_mtime_ns == first
    store = ChatStore(path)
    turn(store, store.create_chat().info.id, "One more")
    store.close()
    assert b"One more" in good.read_bytes()
    assert {file.name for file in path.parent.iterdir()} == {path.name, good.name}


def on_disk(folder: Path) -> bytes:
    return b"\n".join(file.read_bytes() for file in folder.iterdir())


@pytest.mark.parametrize("killed", [False, True])
def test_what_is_deleted_for_good_leaves_the_copy_too_even_after_a_kill(path: Path, killed: bool) -> None:
    fill(path, 3)
    store = ChatStore(path)
    wombat = store.create_chat("wombatprompt").info.id
    turn(store, wombat, "wombat " * 2000)
    store.close()
    assert on_disk(path.parent).count(b"wombatprompt") == 2
    store = ChatStore(path)
    if killed:  # between the two files
        store.copy._behind.touch()
        chats_file.erase(store._db, [wombat])
        store._db.close()
        assert b"wombat" in on_disk(path.parent)
        store = ChatStore(path)
    else:
        store.erase([wombat])
    assert b"wombat" not in on_disk(path.parent)
    store._db.close()

    damage(path, "not a database")
    opened = ChatStore(path)
    assert len(opened.list_chats()) == 3
    opened.close()


def test_a_copy_that_is_being_made_is_given_up_for_a_deletion(path: Path) -> None:
    fill(path, 3)
    store = ChatStore(path)
    copy = store.copy
    reading, go_on = threading.Event(), threading.Event()
    write = copy._write

    def slowly() -> None:
        write()
        reading.set()
        go_on.wait(10)

    copy._write = slowly
    made: list[bool] = []
    thread = threading.Thread(target=lambda: made.append(copy.make()))
    thread.start()
    assert reading.wait(10)
    stopping = threading.Thread(target=copy.stop)
    stopping.start()
    while not copy._stopped.is_set():
        pass
    go_on.set()
    thread.join()
    stopping.join()
    assert made == [False]
    assert not list(path.parent.glob("*.part"))
    copy._write = write
    assert copy.make()
    store.close()


def test_a_large_file_is_checked_and_copied_while_the_program_runs(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chats_file, "CHECKED_AT_START_BYTES", 0)
    fill(path, 3)
    path.with_name(path.name + ".good").unlink()
    told = threading.Event()
    problems: list[StorageProblem] = []

    def publish(problem: StorageProblem) -> None:
        problems.append(problem)
        told.set()

    copy = GoodCopy(path)
    keeper = ChatsKeeper(copy, publish, first_s=0.0, every_s=0.01)
    while not copy.path.exists():
        assert not problems
    keeper.close()
    overwrite(path, b'"Question 1 0 Question 1 0')
    keeper = ChatsKeeper(copy, publish, first_s=0.0, every_s=0.01)
    assert told.wait(10)
    keeper.close()
    assert problems[0].problem is not None
    assert problems[0].problem.code == "database_damaged"
    opened = ChatStore(path)  # at the next start
    assert opened.problem is not None
    assert len(opened.list_chats()) == 3
    opened.close()


def test_chats_whose_file_is_away_for_a_while_are_copied_when_it_is_back(path: Path) -> None:
    fill(path, 1)
    path.with_name(path.name + ".good").unlink()
    elsewhere = path.replace(path.with_name("elsewhere"))
    copy = GoodCopy(path)
    keeper = ChatsKeeper(copy, lambda _: None, first_s=0.0, every_s=0.01)
    looked = time.monotonic() + 0.2
    while time.monotonic() < looked:
        assert not copy.path.exists()
    elsewhere.replace(path)
    latest = time.monotonic() + 30
    while not copy.path.exists() and time.monotonic() < latest:
        time.sleep(0.01)
    keeper.close()
    assert copy.path.exists()


def test_no_copy_is_made_where_it_would_fill_the_disk(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(path, 1)
    copy = GoodCopy(path)
    made = copy.path.stat().st_mtime_ns
    monkeypatch.setattr("desktop.core.chats.good_copy.SPARE_BYTES", 10**18)
    assert not copy.make()
    assert copy.path.stat().st_mtime_ns == made


def test_a_restored_backup_leaves_no_copy_of_what_it_took_the_place_of(path: Path, tmp_path: Path) -> None:
    there = tmp_path / "backup" / path.name
    there.parent.mkdir()
    fill(there, 2)
    here = tmp_path / "data" / path.name
    here.parent.mkdir()
    store = ChatStore(here)
    turn(store, store.create_chat().info.id, "wombat " * 50)
    store.copy.make()
    store.replace_all(there)
    assert b"wombat" not in on_disk(here.parent)
    assert len(store.list_chats("question")) == 2
    store.close()
    here.write_bytes(b"damaged")
    opened = ChatStore(here)
    assert len(opened.list_chats()) == 2
    opened.close()
