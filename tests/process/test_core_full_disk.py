"""The disk is full while a reply is written: there is no page left in the file, or no byte on the disk."""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from desktop.core.errors import CoreError
from desktop.core.events import StorageProblem, TextAdded
from desktop.core.services import Services
from tests.fakes.house import PATIENCE_S, Heard, house

MOUNTS = sys.platform == "linux" and os.getuid() == 0


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """The data folder on a disk of four megabytes."""
    folder = tmp_path / "data"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=4m,mode=700", "tmpfs", str(folder)]
    subprocess.run(mount, check=True, capture_output=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill_disk(folder: Path) -> Path:
    """A file that leaves not one byte."""
    ballast = folder / "ballast"
    with ballast.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(4096))
    return ballast


def set_disk(core: Services, *, full: bool) -> None:
    """What SQLite does at SQLITE_FULL, without filling the disk of the machine."""
    pages = 1 if full else 1_000_000  # less than there are means: not one more
    core._store.call(lambda chats: chats._db.execute(f"PRAGMA max_page_count = {pages}").fetchall())


@pytest.mark.slow
def test_a_reply_written_on_a_full_disk_stays_in_memory_and_is_saved_when_there_is_room(
    tmp_path: Path,
) -> None:
    with house(tmp_path) as core:
        heard, works_again = Heard(), threading.Event()
        core.subscribe(heard)
        chat = core.create_chat().result(PATIENCE_S).info.id
        core.set_setting("context_tokens", 100_000).result(PATIENCE_S)  # room for a reply without end
        # the rest of the question's database page is soon full, and the reply needs another one
        operation = core.send(chat, "!long " + "x" * 3000)
        begun, troubled = threading.Event(), threading.Event()
        operation.subscribe(lambda event: begun.set() if isinstance(event, TextAdded) else None)
        assert begun.wait(PATIENCE_S)
        set_disk(core, full=True)

        def follow(event: object) -> None:
            if isinstance(event, StorageProblem):
                (works_again if event.problem is None else troubled).set()

        core.subscribe(follow)
        assert troubled.wait(PATIENCE_S)
        assert heard.of(StorageProblem)[0].problem.code == "disk_full"
        operation.cancel()
        reply = operation.result(PATIENCE_S)
        assert reply.state == "stopped"
        # the store still has the old text, and the person sees the new one
        assert core._store.call(lambda chats: chats.message(reply.id)).state == "streaming"
        assert core.open_chat(chat).result(PATIENCE_S).messages[-1] == reply

        set_disk(core, full=False)
        assert works_again.wait(PATIENCE_S)
        assert core._store.call(lambda chats: chats.message(reply.id)) == reply
        assert heard.of(StorageProblem)[-1] == StorageProblem(None)


def test_a_question_that_cannot_be_saved_is_refused_before_anything_else(tmp_path: Path) -> None:
    with house(tmp_path) as core:
        chat = core.create_chat().result(PATIENCE_S).info.id
        set_disk(core, full=True)
        with pytest.raises(CoreError) as refused:
            core.send(chat, "a long question " * 5_000).result(PATIENCE_S)
        assert refused.value.problem().code == "disk_full"
        assert core.engine_pid is None
        set_disk(core, full=False)
        assert core.send(chat, "a question").result(PATIENCE_S).state == "complete"


@pytest.mark.slow
@pytest.mark.skipif(not MOUNTS, reason="needs to mount")
def test_on_a_disk_without_a_byte_left_a_reply_stays_and_is_saved_when_there_is_room(
    tmp_path: Path, small_disk: Path
) -> None:
    with house(tmp_path) as core:
        troubled, works_again = threading.Event(), threading.Event()
        chat = core.create_chat().result(PATIENCE_S).info.id
        core.set_setting("context_tokens", 100_000).result(PATIENCE_S)
        operation = core.send(chat, "!long")
        written: list[str] = []
        begun = threading.Event()

        def read(event: object) -> None:
            if isinstance(event, TextAdded):
                written.append(event.text)
                if sum(map(len, written)) > 100:
                    begun.set()

        operation.subscribe(read)
        assert begun.wait(PATIENCE_S)

        def follow(event: object) -> None:
            if isinstance(event, StorageProblem):
                (works_again if event.problem is None else troubled).set()

        core.subscribe(follow)
        ballast = fill_disk(small_disk)
        assert troubled.wait(PATIENCE_S)
        assert not operation.done  # it is written on
        operation.cancel()
        reply = operation.result(PATIENCE_S)
        assert len(reply.text) > 100
        assert core.open_chat(chat).result(PATIENCE_S).messages[-1] == reply
        with pytest.raises(CoreError) as refused:
            core.send(chat, "another question " * 2000).result(PATIENCE_S)
        assert refused.value.problem().code == "disk_full"

        ballast.unlink()
        assert works_again.wait(PATIENCE_S)
        assert core._store.call(lambda chats: chats.message(reply.id)) == reply
        assert core.send(chat, "another question").result(PATIENCE_S).state == "complete"
    with house(tmp_path) as core:
        assert core.open_chat(chat).result(PATIENCE_S).messages[1].text == reply.text


@pytest.mark.slow
@pytest.mark.skipif(not MOUNTS, reason="needs to mount")
def test_a_program_closed_on_a_full_disk_keeps_all_that_was_saved(tmp_path: Path, small_disk: Path) -> None:
    with house(tmp_path) as core:
        chat = core.create_chat().result(PATIENCE_S).info.id
        saved = core.send(chat, "a question").result(PATIENCE_S)
        gone = core.create_chat().result(PATIENCE_S).info.id
        core.send(gone, "a question").result(PATIENCE_S)
        core.delete_chat(gone).result(PATIENCE_S)
        ballast = fill_disk(small_disk)
    ballast.unlink()
    with house(tmp_path) as core:
        assert core.open_chat(chat).result(PATIENCE_S).messages[-1] == saved
        assert core._store.call(lambda chats: chats.problem) is None
