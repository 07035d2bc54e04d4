"""Files of chats that cannot be used: locked, read-only, in the way. Refused in plain words, nothing lost."""

import os
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import rag.database
from desktop import words
from desktop.core.chats.store import ChatStore
from desktop.core.chats.thread import StoreThread
from desktop.core.errors import Reported
from desktop.core.types import TextPart
from rag.sqlite import sqlite3

MOUNTS = sys.platform == "linux" and os.getuid() == 0


@pytest.fixture
def path(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    return folder / "chats.sqlite3"


def fill(path: Path) -> None:
    store = ChatStore(path)
    _, reply = store.add_turn(store.create_chat().info.id, [TextPart("How much?")], "tiny")
    store.finish(reply.id, "Nine.", "complete")
    store.close()


def refused(path: Path) -> str:
    """The code with which opening is refused, in words that name the file."""
    with pytest.raises(Reported) as caught:
        ChatStore(path)
    problem = caught.value.problem()
    assert path.name in words.sentence(problem)
    assert words.hint(problem)
    return problem.code


def holds_its_chat(path: Path) -> bool:
    store = ChatStore(path)
    try:
        return [message.text for message in store.chat(1).messages] == ["How much?", "Nine."]
    finally:
        store.close()


def repeatedly(work: Callable[[], None]) -> None:
    while True:
        work()


@contextmanager
def mounted(folder: Path, *options: str) -> Iterator[None]:
    subprocess.run(["mount", *options, str(folder)], check=True, capture_output=True)
    try:
        yield
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def test_a_file_that_another_program_keeps_to_itself_is_refused_and_opens_afterwards(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(path)
    monkeypatch.setattr(rag.database, "BUSY_TIMEOUT_MS", 50)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("PRAGMA locking_mode = EXCLUSIVE")
    other.execute("BEGIN EXCLUSIVE")
    other.execute("UPDATE chats SET title = title")
    assert refused(path) == "database_locked"
    other.execute("COMMIT")
    other.close()
    assert holds_its_chat(path)


def test_a_change_while_another_program_writes_is_refused_and_works_afterwards(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(path)
    monkeypatch.setattr(rag.database, "BUSY_TIMEOUT_MS", 50)
    store = ChatStore(path)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(Reported) as caught:
        store.rename(1, "Another name")
    assert caught.value.problem().code == "database_locked"
    assert store.chat(1).info.title == "How much?"  # reading goes on
    other.execute("COMMIT")
    other.close()
    store.rename(1, "Another name")
    store.close()
    assert holds_its_chat(path)


def test_a_folder_in_the_place_of_the_file_is_refused(path: Path) -> None:
    path.mkdir()
    assert refused(path) == "database_unreadable"


@pytest.mark.skipif(MOUNTS or sys.platform == "win32", reason="root may write anywhere")
def test_a_file_one_may_not_write_is_refused(path: Path) -> None:
    fill(path)
    path.chmod(stat.S_IRUSR)
    assert refused(path) == "database_unreadable"
    path.chmod(0o600)
    assert holds_its_chat(path)


@pytest.mark.skipif(not MOUNTS, reason="needs to mount")
def test_a_folder_on_a_disk_that_is_read_only_is_refused(path: Path) -> None:
    fill(path)
    with mounted(path.parent, "-o", "bind,ro", str(path.parent)):
        assert refused(path) == "database_unreadable"
    assert holds_its_chat(path)


def test_the_database_is_used_by_the_one_thread_that_opened_it(path: Path) -> None:
    threads: set[int] = set()

    def open_store() -> ChatStore:
        threads.add(threading.get_ident())
        return ChatStore(path)

    def ask(chats: ChatStore) -> None:
        threads.add(threading.get_ident())
        chats.list_chats()

    store = StoreThread(open_store)
    for _ in range(20):
        store.call(ask)
    assert len(threads) == 1
    assert threading.get_ident() not in threads
    opened = store.call(lambda chats: chats)
    with pytest.raises(Reported, match="thread"):  # SQLite's own module refuses any other one
        opened.list_chats()
    store.close()


@pytest.mark.skipif(not MOUNTS, reason="needs to mount")
def test_on_a_full_disk_what_was_saved_stays_and_writing_goes_on_when_there_is_room(path: Path) -> None:
    with mounted(path.parent, "-t", "tmpfs", "-o", "size=1500k,mode=700", "tmpfs"):
        store = ChatStore(path)
        chat = store.create_chat().info.id
        ballast = path.with_name("ballast")
        ballast.write_bytes(bytes(600_000))
        written = 0

        def write() -> None:
            nonlocal written
            _, reply = store.add_turn(chat, [TextPart(f"Question {written} " * 200)], "tiny")
            store.finish(reply.id, "Answer", "complete")
            written += 1

        with pytest.raises(Reported) as caught:
            repeatedly(write)
        assert written > 3
        problem = caught.value.problem()
        assert problem.code == "disk_full"
        assert str(path.parent) in words.sentence(problem)
        answered = [message.text for message in store.chat(chat).messages].count("Answer")
        assert answered == written  # every turn that was told to be saved

        ballast.unlink()
        write()
        store.close()
        again = ChatStore(path)
        assert again.problem is None
        assert [message.text for message in again.chat(chat).messages].count("Answer") == written
        again.close()
