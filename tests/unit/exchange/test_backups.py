"""Backups: whole while writing goes on, checked before anything is touched; a restore loses nothing."""

import json
import os
import signal
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop.core.errors import CoreError
from desktop.core.exchange.backup_form import CHATS, MANIFEST
from desktop.core.exchange.errors import BackupDamaged, BackupTooNew, NotABackup
from desktop.core.places import Places
from desktop.core.services import Services, open_core
from desktop.core.types import TextPart
from desktop.core.types.prompts import PromptContent


@pytest.fixture
def places(tmp_path: Path) -> Places:
    return Places(data=tmp_path / "data", models=tmp_path / "models")


@pytest.fixture
def core(places: Places) -> Iterator[Services]:
    opened = open_core(places, others=())
    yield opened
    opened.close()


def said(core: Services, text: str) -> int:
    """A chat with a finished turn."""

    def work(chats):  # type: ignore[no-untyped-def]
        chat = chats.create_chat("Be kind.").info.id
        _question, reply = chats.add_turn(chat, (TextPart(text),))
        chats.finish(reply.id, f"Answer to {text}", "complete")
        return chat

    return core._store.call(work)


def titles(core: Services) -> list[str]:
    return sorted(info.title for info in core.search_chats("").result(10))


def test_a_backup_comes_back_into_a_fresh_installation_whole(core: Services, tmp_path: Path) -> None:
    chat = said(core, "First")
    core.set_setting("excerpts", 7).result(10)
    core.save_preset("mine", {"temperature": 0.3}).result(10)
    core._store.call(lambda chats: chats.save_prompt("k1", PromptContent("Mine", "Be {{mood}}"), ""))
    info = core.back_up(str(tmp_path / "b.zip")).result(20)
    assert (info.chats, info.messages, info.prompts) == (1, 2, 1)
    assert (tmp_path / "b.zip").stat().st_mode & 0o077 == 0
    before = core._store.call(lambda chats: chats.outgoing(chat))
    other = open_core(Places(data=tmp_path / "other", models=tmp_path / "models"), others=())
    try:
        done = other.restore_backup(str(tmp_path / "b.zip")).result(20)
        assert (done.added, done.updated, done.unchanged, done.prompts) == (1, 0, 0, 1)
        assert other._store.call(lambda chats: chats.outgoing(chats.all_chats()[0])) == before
        assert other.setting("excerpts") == 7
        assert [preset.name for preset in other.list_presets().result(10) if preset.own] == ["mine"]
        assert not list((tmp_path / "other").glob(".backup-*"))
    finally:
        other.close()


def test_merging_loses_nothing_of_what_is_here_and_knows_what_it_has(core: Services, tmp_path: Path) -> None:
    chat = said(core, "First")
    core.back_up(str(tmp_path / "b.zip")).result(20)
    core.rename_chat(chat, "Renamed since").result(10)
    said(core, "Second")
    gone = core._store.call(lambda chats: chats.chat(chat).messages[1].id)
    core.delete_message(gone).result(10)
    core.set_setting("excerpts", 9).result(10)
    done = core.restore_backup(str(tmp_path / "b.zip")).result(20)
    assert (done.added, done.updated, done.unchanged) == (0, 1, 0)
    assert titles(core) == ["Renamed since", "Second"]
    assert core.setting("excerpts") == 9
    again = core.restore_backup(str(tmp_path / "b.zip")).result(20)
    assert (again.added, again.updated, again.unchanged) == (0, 0, 1)


def test_replacing_puts_what_was_here_into_a_backup_first(core: Services, tmp_path: Path) -> None:
    said(core, "First")
    core.back_up(str(tmp_path / "b.zip")).result(20)
    said(core, "Second")
    core.set_setting("excerpts", 9).result(10)
    done = core.restore_backup(str(tmp_path / "b.zip"), replace=True).result(20)
    assert titles(core) == ["First"]
    assert core.setting("excerpts") == 5
    assert done.kept_as.startswith(str(core.places.data))
    said(core, "Third")
    back = core.restore_backup(done.kept_as, replace=True).result(20)
    assert titles(core) == ["First", "Second"]
    assert back.backup.chats == 2


def test_writing_goes_on_while_a_backup_is_made(core: Services, tmp_path: Path) -> None:
    for number in range(30):
        said(core, f"Before {number} " + "word " * 2000)
    stop = threading.Event()
    written = 0

    def write() -> None:
        nonlocal written
        while not stop.is_set():
            said(core, f"Meanwhile {written}")
            written += 1

    writer = threading.Thread(target=write)
    writer.start()
    try:
        info = core.back_up(str(tmp_path / "b.zip")).result(30)
    finally:
        stop.set()
        writer.join()
    assert 30 <= info.chats <= 30 + written
    assert core.look_into_backup(str(tmp_path / "b.zip")).result(20).chats == info.chats


@pytest.mark.parametrize("place", [0.02, 0.3, 0.6, 0.9])
def test_a_damaged_backup_is_refused_before_anything_is_touched(
    core: Services, tmp_path: Path, place: float
) -> None:
    said(core, "First " + "word " * 5000)
    file = tmp_path / "b.zip"
    core.back_up(str(file)).result(20)
    raw = bytearray(file.read_bytes())
    at = int(len(raw) * place)
    raw[at : at + 40] = bytes(byte ^ 0xFF for byte in raw[at : at + 40])
    (tmp_path / "bad.zip").write_bytes(raw)
    (tmp_path / "cut.zip").write_bytes(raw[:at])
    before = titles(core)
    for name in ("bad.zip", "cut.zip"):
        for replace in (False, True):
            with pytest.raises((BackupDamaged, NotABackup)):
                core.restore_backup(str(tmp_path / name), replace=replace).result(20)
    assert titles(core) == before
    assert not (core.places.data / "backups").exists()


def test_a_newer_or_a_strange_file_is_refused_in_words(core: Services, tmp_path: Path) -> None:
    file, newer, strange = tmp_path / "b.zip", tmp_path / "newer.zip", tmp_path / "strange.zip"
    core.back_up(str(file)).result(20)
    for field in ("version", "schema"):
        with zipfile.ZipFile(file) as old, zipfile.ZipFile(newer, "w") as new:
            manifest = json.loads(old.read(MANIFEST)) | {field: 999}
            new.writestr(MANIFEST, json.dumps(manifest))
            new.writestr(CHATS, old.read(CHATS))
        with pytest.raises(BackupTooNew):
            core.restore_backup(str(newer)).result(20)
    with zipfile.ZipFile(strange, "w") as archive:
        archive.writestr("conversations.json", "[]")
    (tmp_path / "text").write_text("hello")
    for path in (strange, tmp_path / "text", tmp_path / "nothing"):
        with pytest.raises(NotABackup):
            core.look_into_backup(str(path)).result(20)


def test_a_backup_that_is_imported_is_named_as_what_it_is(core: Services, tmp_path: Path) -> None:
    core.back_up(str(tmp_path / "b.zip")).result(20)
    with pytest.raises(CoreError) as refused:
        core.import_chats(str(tmp_path / "b.zip")).result(20)
    assert refused.value.problem().code == "is_backup"


KILLED = """
import sys
from pathlib import Path
from desktop.core.places import Places
from desktop.core.services import open_core
core = open_core(Places(data=Path(sys.argv[1]), models=Path(sys.argv[2])), others=())
print("open", flush=True)
core.restore_backup(sys.argv[3], replace=sys.argv[4] == "replace").result(60)
print("done", flush=True)
"""


@pytest.mark.slow
@pytest.mark.parametrize("way", ["replace", "merge"])
def test_a_restore_killed_in_the_middle_loses_nothing(places: Places, tmp_path: Path, way: str) -> None:
    core = open_core(places, others=())
    for number in range(40):
        said(core, f"Old {number} " + "word " * 500)
    core.back_up(str(tmp_path / "b.zip")).result(30)
    for chat in core._store.call(lambda chats: chats.all_chats())[:20]:
        core.rename_chat(chat, f"Here {chat}").result(10)
    said(core, "Only here")
    core.close()
    backup = str(tmp_path / "b.zip")
    for wait_s in (0.0, 0.02, 0.05, 0.1, 0.15, 0.2):
        arguments = (str(places.data), str(places.models), backup, way)
        process = subprocess.Popen([sys.executable, "-c", KILLED, *arguments], stdout=subprocess.PIPE)
        assert process.stdout is not None
        process.stdout.readline()
        try:
            process.wait(wait_s)
        except subprocess.TimeoutExpired:
            os.kill(process.pid, signal.SIGKILL)
        process.wait()
        process.stdout.close()
        core = open_core(places, others=())
        found = titles(core)
        files = (places.data / "backups").glob("*.zip")
        kept = [core.look_into_backup(str(file)).result(20) for file in files]
        assert core._store.call(lambda chats: chats.problem) is None
        # either all of the old chats are here, or all of the backup's with the old ones in a backup beside
        beside = max((info.chats for info in kept), default=0)
        assert len(found) == 41 or (way == "replace" and len(found) == 40 and beside == 41)
        if len(found) == 40:
            newest = max(kept, key=lambda info: info.chats)
            core.restore_backup(newest.path, replace=True).result(30)
            assert len(titles(core)) == 41
        core.close()
