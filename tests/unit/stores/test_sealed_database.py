"""The factory with a key: what lies on the disk, and what a wrong or a missing key is taken for."""

import os
from contextlib import closing
from pathlib import Path

import pytest

from rag.database import attach_for_reading, copy_database, open_database, open_for_reading
from rag.errors import DatabaseDamaged, DatabaseKey
from rag.sealing import Form, Key, fits, form_of

FIRST = "CREATE TABLE animals (name TEXT); INSERT INTO animals VALUES ('capybara at night')"
SECOND = "ALTER TABLE animals ADD COLUMN legs INTEGER NOT NULL DEFAULT 4"


@pytest.fixture
def key() -> Key:
    return Key(os.urandom(32))


def everything(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.iterdir())


def test_no_file_of_an_encrypted_database_holds_a_word_of_it(tmp_path: Path, key: Key) -> None:
    with closing(open_database(tmp_path / "a.db", [FIRST], key=key)) as db:
        assert db.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        db.execute("INSERT INTO animals VALUES ('capybara at noon')")
        assert b"capybara" not in everything(tmp_path)  # the journal is not folded into the file yet
        assert (tmp_path / "a.db-wal").stat().st_size > 0
    assert form_of(tmp_path / "a.db") is Form.SEALED
    assert b"capybara" not in everything(tmp_path)
    with closing(open_for_reading(tmp_path / "a.db", key=key)) as db:
        assert db.execute("SELECT count(*) FROM animals").fetchone() == (2,)


@pytest.mark.parametrize("other", [None, Key(bytes(32))])
def test_another_key_or_none_is_no_damage(tmp_path: Path, key: Key, other: Key | None) -> None:
    path = tmp_path / "a.db"
    open_database(path, [FIRST], key=key).close()
    before = path.read_bytes()
    assert fits(key, path)
    assert not fits(other, path)
    for open_it in (
        lambda: open_database(path, [FIRST], key=other),
        lambda: open_for_reading(path, key=other),
        lambda: open_for_reading(path, key=other, damaged=True),
        lambda: copy_database(path, tmp_path / "copy.db", key=other),
    ):
        with pytest.raises(DatabaseKey):
            open_it()
    assert path.read_bytes() == before


def test_a_damaged_encrypted_file_is_damaged_also_where_its_sign_is_gone(tmp_path: Path, key: Key) -> None:
    path = tmp_path / "a.db"
    open_database(path, [FIRST], key=key).close()
    raw = bytearray(path.read_bytes())
    raw[100] ^= 0xFF
    path.write_bytes(raw)
    with pytest.raises(DatabaseDamaged):
        open_database(path, [FIRST], key=key)
    path.write_bytes(bytes(len(raw)))
    with pytest.raises(DatabaseDamaged):
        open_database(path, [FIRST], key=key)


def test_an_encrypted_file_whose_sign_alone_is_gone_still_opens(tmp_path: Path, key: Key) -> None:
    path = tmp_path / "a.db"
    open_database(path, [FIRST], key=key).close()
    path.write_bytes(bytes(16) + path.read_bytes()[16:])
    with closing(open_database(path, [FIRST], key=key)) as db:
        assert db.execute("SELECT count(*) FROM animals").fetchone() == (1,)


def test_a_plain_file_is_read_as_it_is_by_whoever_has_a_key(tmp_path: Path, key: Key) -> None:
    path = tmp_path / "a.db"
    open_database(path, [FIRST]).close()
    with closing(open_database(path, [FIRST], key=key)) as db:
        assert db.execute("SELECT count(*) FROM animals").fetchone() == (1,)
    assert form_of(path) is Form.PLAIN


def test_copies_are_encrypted_like_what_they_are_copies_of(tmp_path: Path, key: Key) -> None:
    path = tmp_path / "a.db"
    open_database(path, [FIRST], key=key).close()
    open_database(path, [FIRST, SECOND], keep_older=True, key=key).close()
    copy_database(path, tmp_path / "copy.db", key=key)
    for copy in (tmp_path / "a.db.version-1", tmp_path / "copy.db"):
        assert form_of(copy) is Form.SEALED
        with closing(open_for_reading(copy, key=key)) as db:
            assert db.execute("SELECT name FROM animals").fetchone() == ("capybara at night",)


@pytest.mark.parametrize("here_sealed", [True, False])
@pytest.mark.parametrize("there_sealed", [True, False])
def test_encrypted_and_plain_files_can_be_read_side_by_side(
    tmp_path: Path, key: Key, here_sealed: bool, there_sealed: bool
) -> None:
    open_database(tmp_path / "there.db", [FIRST], key=key if there_sealed else None).close()
    with closing(open_database(tmp_path / "here.db", [], key=key if here_sealed else None)) as db:
        attach_for_reading(db, tmp_path / "there.db", "there", key)
        assert db.execute("SELECT count(*) FROM there.animals").fetchone() == (1,)


def test_a_key_shows_nothing_of_itself(key: Key) -> None:
    assert key.secret.hex() not in f"{key} {key!r} {[key]}"
    with pytest.raises(ValueError):
        Key(b"short")
