"""Encrypting, and making plain again, is killed with SIGKILL step by step: no file is lost or halved."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import msgspec
import pytest

from desktop.core.chats.store import ChatStore
from desktop.core.encryption import key_file
from desktop.core.encryption.opening import begin
from desktop.core.exchange.backup import clear_staging
from desktop.core.exchange.opened_backup import OpenedBackup
from desktop.core.exchange.safety import SafetyCopies
from desktop.core.exchange.whole_files import WholeFiles
from desktop.core.operations import Operation
from desktop.core.places import Places
from desktop.core.types import TextPart
from rag.checking import faults
from rag.database import open_for_reading
from rag.sealing import Form, Key, form_of
from rag.store.opening import DATABASE
from rag.store.writer import LibraryWriter

ROOT = Path(__file__).parents[2]
WORD = b"capybara"
PASSPHRASE = "correct horse battery"  # noqa: S105  of this test
KILLS = 24  # each way, spread over all steps

Child = subprocess.Popen[str]

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform == "win32", reason="there are no forks"),
]


@pytest.fixture
def child() -> Iterator[Child]:
    command = [sys.executable, "-m", "tests.process.converting_child"]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
    ) as process:
        yield process
        assert process.stdin is not None
        process.stdin.close()


def filled(places: Places) -> None:
    """Chats with a good copy and a copy before a restore, a library, a vector index, a damaged file."""
    places.create()
    store = ChatStore(places.chats_file, keyring=places.keyring)
    for number in range(20):
        chat = store.create_chat().info.id
        store.add_turn(chat, (TextPart(f"Where does capybara {number} sleep?"),))
    with closing(LibraryWriter(places.library_dir / DATABASE, places.keyring.key)) as writer:
        writer.set_fact("note", "capybara in the library")
    SafetyCopies(places).make(Operation())
    store.close()
    (places.library_dir / "chroma").mkdir()
    (places.library_dir / "chroma" / "vectors.bin").write_bytes(WORD)
    places.chats_file.with_name(places.chats_file.name + ".damaged-1").write_bytes(WORD)


def told(child: Child, places: Places, key: Key, file: key_file.KeyFile, *, seal: bool, step: int) -> str:
    assert child.stdin is not None
    assert child.stdout is not None
    text = msgspec.json.encode(file).decode()
    line = [str(places.data.parent), key.secret.hex(), text, seal, step]
    child.stdin.write(json.dumps(line) + "\n")
    return child.stdout.readline().split()[1]


def check_whole(places: Places, key: Key) -> None:
    """Both databases are there and sound, each plain or encrypted."""
    for file, table, count in (
        (places.chats_file, "messages", 20),
        (places.library_dir / DATABASE, "facts", 1),
    ):
        assert form_of(file) in (Form.PLAIN, Form.SEALED)
        with closing(open_for_reading(file, key=key)) as db:
            assert faults(db) == []
            assert db.execute(f"SELECT count(*) FROM {table}").fetchone()[0] >= count  # noqa: S608


def holding(word: bytes, folder: Path) -> list[str]:
    return [file.name for file in folder.rglob("*") if file.is_file() and word in file.read_bytes()]


def finished(places: Places, key: Key, *, sealed: bool) -> None:
    """The next start does what was left."""
    again = Places(places.data, places.models)
    again.keyring.key = key
    clear_staging(again)  # as every start does, in this order
    WholeFiles(again.unfinished_dir).clear()
    assert begin(again) is None
    assert not list(places.data.rglob("*.part*"))
    store = ChatStore(again.chats_file, keyring=again.keyring)
    assert store.problem is None
    assert len(store.list_chats("capybara")) == 20
    store.close()
    form = Form.SEALED if sealed else Form.PLAIN
    assert {form_of(file) for file in (places.chats_file, places.library_dir / DATABASE)} == {form}
    (copy,) = places.safety_dir.glob("*.zip")
    with OpenedBackup(copy) as opened:
        opened.check(Operation(), places.models.parent)
    assert form_of(places.models.parent / "chats.sqlite3") is form
    if sealed:
        assert holding(WORD, places.data) == []
        assert not (places.library_dir / "chroma").exists()
    else:
        assert not (places.data / key_file.NAME).exists()


@pytest.mark.parametrize("seal", [True, False])
def test_a_kill_at_any_step_leaves_every_file_whole_and_the_next_start_goes_on(
    tmp_path: Path, child: Child, seal: bool
) -> None:
    key = Key(os.urandom(32))
    file = key_file.wrapped(key, PASSPHRASE, "on")
    whole = Places(tmp_path / "whole" / "data", tmp_path / "whole" / "models")
    if not seal:
        whole.keyring.key = key
    filled(whole)
    if not seal:
        key_file.write(whole.data, file)

    def copied(name: str) -> Places:
        shutil.copytree(tmp_path / "whole", tmp_path / name)
        return Places(tmp_path / name / "data", tmp_path / name / "models")

    places = copied("counted")
    steps = int(told(child, places, key, file, seal=seal, step=-1))
    finished(places, key, sealed=seal)
    assert steps > KILLS
    killed = 0
    for number in range(KILLS):
        places = copied(str(number))
        step = 1 + number * (steps - 1) // (KILLS - 1)
        killed += told(child, places, key, file, seal=seal, step=step) == "killed"
        check_whole(places, key)
        told_there = key_file.read(places.data)
        if told_there is None:  # killed before the first byte of it was written, or after the last one
            assert form_of(places.chats_file) is Form.PLAIN
        elif not seal and told_there.state == "on":
            assert form_of(places.chats_file) is Form.SEALED
        else:
            finished(places, key, sealed=seal)
        shutil.rmtree(places.data.parent)
    assert killed >= KILLS - 1
