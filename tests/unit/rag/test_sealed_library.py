"""An encrypted library: no index of vectors, no plain file beside it, and a rescue that stays encrypted."""

import os
from contextlib import closing
from pathlib import Path

import pytest

from rag.database import open_for_reading
from rag.errors import DatabaseKey
from rag.indexing.no_index import NoIndex
from rag.sealing import Form, Key, form_of
from rag.store import rescue
from rag.store.opening import DATABASE
from rag.store.queries import Queries
from rag.store.writer import LibraryWriter


@pytest.fixture
def key() -> Key:
    return Key(os.urandom(32))


@pytest.fixture
def path(tmp_path: Path, key: Key) -> Path:
    file = tmp_path / DATABASE
    with closing(LibraryWriter(file, key)) as writer:
        for number in range(300):
            writer.set_fact(f"fact {number}", "capybara " * 20)
    return file


def test_only_the_key_opens_it(path: Path, key: Key) -> None:
    for other in (None, Key(bytes(32))):
        with pytest.raises(DatabaseKey):
            Queries(path, other)
    with closing(Queries(path, key)) as queries:
        assert queries.fact("fact 7").startswith("capybara")


def test_a_vector_index_that_a_plain_library_left_is_deleted_and_none_is_made(path: Path, key: Key) -> None:
    folder = path.parent / "chroma"
    folder.mkdir()
    (folder / "vectors.bin").write_bytes(b"capybara")
    keeper = NoIndex(folder)
    with closing(LibraryWriter(path, key)) as writer:
        keeper.attach(writer)
        keeper.catch_up()
        assert keeper.stage("model", 1)
        assert keeper.current("model") is None
        assert keeper.begin_rebuild() is None
    assert not folder.exists()


def test_a_damaged_one_is_rescued_and_stays_encrypted(path: Path, key: Key) -> None:
    raw = bytearray(path.read_bytes())
    for page in (12, 15, 18):
        raw[page * 4096 + 2000] ^= 0xFF
    path.write_bytes(raw)
    rescue.ask(path)
    rescue.rescue(path, key)
    assert form_of(path) is Form.SEALED
    with closing(open_for_reading(path, key=key)) as db:
        assert db.execute("SELECT count(*) FROM facts").fetchone()[0] >= 290
    assert b"capybara" not in b"".join(file.read_bytes() for file in path.parent.iterdir() if file.is_file())
