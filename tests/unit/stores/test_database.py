"""The factory of databases: modes, migrations, and SQLite's errors in our words."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from rag.database import open_database, open_for_reading, set_aside, transaction, translate
from rag.errors import (
    DatabaseDamaged,
    DatabaseError,
    DatabaseLocked,
    DatabaseTooNew,
    DatabaseUnreadable,
    DiskFull,
)
from rag.sqlite import sqlite3

FIRST = "CREATE TABLE animals (name TEXT); INSERT INTO animals VALUES ('owl; ''night'' bird')"
SECOND = "ALTER TABLE animals ADD COLUMN legs INTEGER NOT NULL DEFAULT 2"


def test_migrations_run_once_each_in_order_and_keep_what_is_there(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    open_database(path, [FIRST]).close()
    open_database(path, [FIRST]).close()
    db = open_database(path, [FIRST, SECOND])
    assert db.execute("SELECT name, legs FROM animals").fetchall() == [("owl; 'night' bird", 2)]
    assert db.execute("PRAGMA user_version").fetchone() == (2,)
    db.close()


def test_a_migration_that_fails_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    open_database(path, [FIRST]).close()
    with pytest.raises(DatabaseError):
        open_database(path, [FIRST, "DROP TABLE animals; SELECT * FROM nowhere"])
    db = open_database(path, [FIRST])
    assert db.execute("SELECT count(*) FROM animals").fetchone() == (1,)
    db.close()


def test_connections_are_private_durable_and_forget_what_is_deleted(tmp_path: Path) -> None:
    db = open_database(tmp_path / "sub" / "a.db", [FIRST])
    pragmas = {
        name: db.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("journal_mode", "foreign_keys", "secure_delete", "busy_timeout")
    }
    assert pragmas == {"journal_mode": "wal", "foreign_keys": 1, "secure_delete": 1, "busy_timeout": 5000}
    assert stat.S_IMODE((tmp_path / "sub" / "a.db").stat().st_mode) == 0o600
    db.close()


def test_a_transaction_keeps_everything_or_nothing(tmp_path: Path) -> None:
    db = open_database(tmp_path / "a.db", [FIRST])

    def change_and_fail() -> None:
        with transaction(db):
            db.execute("DELETE FROM animals")
            db.execute("SELECT * FROM nowhere")

    with pytest.raises(sqlite3.OperationalError):
        change_and_fail()
    assert db.execute("SELECT count(*) FROM animals").fetchone() == (1,)
    with transaction(db):
        db.execute("DELETE FROM animals")
    assert db.execute("SELECT count(*) FROM animals").fetchone() == (0,)
    db.close()


def test_a_later_schema_is_refused(tmp_path: Path) -> None:
    open_database(tmp_path / "a.db", [FIRST, SECOND]).close()
    with pytest.raises(DatabaseTooNew) as caught:
        open_database(tmp_path / "a.db", [FIRST])
    assert caught.value.params == {"file": str(tmp_path / "a.db"), "found": 2, "known": 1}


def test_what_is_no_database_is_damaged_and_what_is_no_file_unreadable(tmp_path: Path) -> None:
    (tmp_path / "a.db").write_bytes(b"not a database at all" * 100)
    with pytest.raises(DatabaseDamaged):
        open_database(tmp_path / "a.db", [FIRST])
    with pytest.raises(DatabaseUnreadable):
        open_database(tmp_path, [FIRST])


def test_a_locked_database_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rag.database.BUSY_TIMEOUT_MS", 20)
    first = open_database(tmp_path / "a.db", [FIRST])
    second = open_database(tmp_path / "a.db", [FIRST])
    with transaction(first), pytest.raises(sqlite3.OperationalError) as caught, transaction(second):
        pass
    assert isinstance(translate(caught.value, tmp_path / "a.db"), DatabaseLocked)
    first.close()
    second.close()


def test_a_full_disk_is_named_and_what_was_there_stays(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    db = open_database(path, [FIRST])
    db.execute("PRAGMA max_page_count = 4")  # SQLite's own full disk
    with pytest.raises(sqlite3.OperationalError) as caught, transaction(db):
        db.execute("INSERT INTO animals VALUES (zeroblob(100000))")
    error = translate(caught.value, path)
    assert isinstance(error, DiskFull)
    assert error.params == {"folder": str(tmp_path)}
    assert db.execute("SELECT count(*) FROM animals").fetchone() == (1,)
    db.close()


def test_setting_aside_moves_every_part_and_never_replaces_an_earlier_one(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    kept = []
    for content in ("one", "two"):
        for suffix in ("", "-wal", "-shm"):
            (tmp_path / f"a.db{suffix}").write_text(content + suffix)
        kept.append(set_aside(path))
    assert [file.read_text() for file in kept] == ["one", "two"]
    assert [Path(f"{file}-wal").read_text() for file in kept] == ["one-wal", "two-wal"]
    assert not path.exists()


def test_the_factory_brings_no_heavy_library_with_it() -> None:
    code = (
        "import sys, rag.database; print([m for m in ('numpy', 'chromadb', 'PySide6') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("folder", ["a b", "50%", "100%25", "what?", "no#1", "Año", "file:", "x&mode=ro"])
def test_a_database_opens_wherever_it_lies(tmp_path: Path, folder: str) -> None:
    path = tmp_path / folder / "a.db"
    open_database(path, [FIRST]).close()
    assert path.stat().st_size
    reading = open_for_reading(path)
    assert reading.execute("SELECT count(*) FROM animals").fetchone() == (1,)
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        reading.execute("DELETE FROM animals")
    reading.close()


@pytest.mark.skipif(sys.platform != "linux", reason="names are text elsewhere")
def test_a_folder_whose_name_is_no_text_holds_a_database_too(tmp_path: Path) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff")) / "a.db"
    open_database(path, [FIRST]).close()
    reading = open_for_reading(path)
    assert reading.execute("SELECT count(*) FROM animals").fetchone() == (1,)
    reading.close()
