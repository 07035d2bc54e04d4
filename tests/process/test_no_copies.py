"""What is deleted for good leaves what the program keeps for safety too: backups before a restore, files of
older versions, damaged files that were set aside, halves that a kill left. A person's own backup stays.

Every byte below the data folder is read, and what is packed is unpacked for it.
"""

import os
import time
import zipfile
from pathlib import Path

import pytest

from desktop.core.chats.leftovers import KEPT_S
from desktop.core.chats.store import ChatStore
from desktop.core.places import Places
from desktop.core.services import Services, open_core
from desktop.core.types import TextPart
from tests.process.test_no_traces import MARK, PATIENCE_S, traces, wait_until


@pytest.fixture
def places(tmp_path: Path) -> Places:
    return Places(data=tmp_path / "data", models=tmp_path / "models")


def opened(places: Places) -> Services:
    return open_core(places, others=())


def said(core: Services, text: str) -> int:
    def work(chats: ChatStore) -> int:
        chat = chats.create_chat().info.id
        _, reply = chats.add_turn(chat, (TextPart(text),), "tiny")
        chats.finish(reply.id, f"Answer to {text}", "complete")
        return chat

    return core._store.call(work)


def found(places: Places) -> list[str]:
    """Files of the data folder with the mark in them, also inside what is packed."""
    names = traces(places.data)
    for archive in places.data.rglob("*.zip"):
        try:
            with zipfile.ZipFile(archive) as packed:
                words = b"".join(packed.read(name) for name in packed.namelist())
        except zipfile.BadZipFile:
            continue
        if MARK.encode() in words.lower():
            names.append(str(archive.relative_to(places.data)))
    return names


def replaced(core: Services, backup: Path) -> Path:
    """The copy that the program made of what was here."""
    return Path(core.restore_backup(str(backup), replace=True).result(PATIENCE_S).kept_as)


def titles(core: Services) -> set[str]:
    return {info.title for info in core.search_chats("").result(PATIENCE_S)}


def test_a_chat_that_is_deleted_for_good_is_taken_out_of_the_copy_before_a_restore(
    places: Places, tmp_path: Path
) -> None:
    own = tmp_path / "own.zip"
    core = opened(places)
    try:
        said(core, f"{MARK} question")
        core.back_up(str(own)).result(PATIENCE_S)
        mine = own.read_bytes()
        said(core, "Only here")
        kept = replaced(core, own)
        made_at = kept.stat().st_mtime
        assert f"backups/{kept.name}" in found(places)
        (chat,) = [info.id for info in core.search_chats("").result(PATIENCE_S)]

        core.erase_chats([chat]).result(PATIENCE_S)

        assert found(places) == []
        assert [file.name for file in kept.parent.iterdir()] == [kept.name]
        assert kept.stat().st_mtime == pytest.approx(made_at)
        assert kept.stat().st_mode & 0o077 == 0
        assert core.look_into_backup(str(kept)).result(PATIENCE_S).chats == 1
        replaced(core, kept)
        assert titles(core) == {"Only here"}
    finally:
        core.close()
    assert own.read_bytes() == mine


@pytest.mark.parametrize("way", ["trash emptied", "too old"])
def test_whatever_ends_a_chat_it_leaves_everything_that_the_program_keeps(
    places: Places, tmp_path: Path, way: str
) -> None:
    core = opened(places)
    chat = said(core, f"{MARK} question")
    core.back_up(str(tmp_path / "own.zip")).result(PATIENCE_S)
    kept = replaced(core, tmp_path / "own.zip")
    core.close()
    whole = places.chats_file.read_bytes()
    beside = (".damaged-1", ".damaged-1-wal", ".version-3", ".version-3.part", ".good.part", ".rescued.part")
    core = opened(places)
    try:
        core.delete_chat(chat).result(PATIENCE_S)
        for suffix in beside:
            places.chats_file.with_name(places.chats_file.name + suffix).write_bytes(whole)
        if way == "trash emptied":
            core.empty_trash().result(PATIENCE_S)
            assert not [name for name in found(places) if not name.endswith(".part")]
        else:
            core._store.call(
                lambda chats: chats._db.execute("UPDATE chats SET deleted_at = 1 WHERE id = ?", (chat,))
            )
    finally:
        core.close()
    (places.data / ".backup-1-abc").mkdir()
    (places.data / ".backup-1-abc" / "chats.sqlite3").write_bytes(whole)
    core = opened(places)  # what a kill left goes at the start, when nobody else works there
    core.close()
    assert found(places) == []
    assert kept.exists()


def test_a_kill_before_the_copies_were_cleaned_leaves_it_to_the_next_start(
    places: Places, tmp_path: Path
) -> None:
    core = opened(places)
    said(core, f"{MARK} question")
    core.back_up(str(tmp_path / "own.zip")).result(PATIENCE_S)
    kept = replaced(core, tmp_path / "own.zip")
    core._store.call(lambda chats: chats.erase(chats.all_chats()))
    core._safety.follow = lambda: None  # type: ignore[method-assign]  the process is gone before
    core.close()
    assert found(places) == [f"backups/{kept.name}"]
    core = opened(places)
    try:
        wait_until(lambda: found(places) == [])
        assert core.look_into_backup(str(kept)).result(PATIENCE_S).chats == 0
    finally:
        core.close()


def test_a_copy_that_cannot_be_cleaned_goes_whole(places: Places, tmp_path: Path) -> None:
    core = opened(places)
    try:
        said(core, f"{MARK} question")
        core.back_up(str(tmp_path / "own.zip")).result(PATIENCE_S)
        kept = replaced(core, tmp_path / "own.zip")
        kept.write_bytes(kept.read_bytes()[:-40])
        core.erase_chats(core._store.call(ChatStore.all_chats)).result(PATIENCE_S)
        assert not kept.exists()
    finally:
        core.close()


def test_copies_and_damaged_files_stay_for_their_days_and_no_longer(places: Places, tmp_path: Path) -> None:
    core = opened(places)
    said(core, "A question")
    core.back_up(str(tmp_path / "own.zip")).result(PATIENCE_S)
    kept = replaced(core, tmp_path / "own.zip")
    core.close()
    places.chats_file.write_bytes(b"hello " * 1000)
    damaged = [places.chats_file.with_name(places.chats_file.name + f".damaged-{n}") for n in (1, 2)]
    for start in range(2):  # also where one of them was found just now
        core = opened(places)
        assert titles(core) == {"A question"}
        core.close()
        assert (damaged[0].exists(), kept.exists()) == (True, True), start
    damaged[1].write_bytes(b"")
    old = time.time() - KEPT_S - 10
    for file in (damaged[0], kept):
        os.utime(file, (old, old))
    core = opened(places)
    core.close()
    assert [file.exists() for file in (*damaged, kept)] == [False, True, False]
