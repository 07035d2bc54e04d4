"""Open every SQLite database of the program: chats and library alike. Knows no table.

One factory, so that file modes, durability, migrations and, one day, encryption at rest have one place.
"""

import os
import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from rag.errors import (
    DatabaseDamaged,
    DatabaseError,
    DatabaseLocked,
    DatabaseTooNew,
    DatabaseUnreadable,
    DiskFull,
    RagError,
)

BUSY_TIMEOUT_MS = 5000
IN_MEMORY = ":memory:"
FULL_BELOW_BYTES = 1_000_000  # a disk with less free than this counts as full


def open_database(path: Path, migrations: Sequence[str]) -> sqlite3.Connection:
    """Open `path`, create it where it is missing, and bring it to the newest schema.

    `migrations` is append-only: SQL scripts without transaction statements, the n-th of which takes the
    schema from version n to n + 1. Each runs in a transaction of its own with foreign keys unchecked, as
    rebuilding a table needs. The connection is in autocommit mode (see `transaction`), belongs to the
    calling thread, and overwrites what it deletes.

    Raises DatabaseDamaged, DatabaseTooNew, DatabaseUnreadable, DatabaseLocked or DiskFull.
    """
    _make_private(path)
    try:
        connection = sqlite3.connect(path, isolation_level=None)
    except sqlite3.Error as error:
        raise translate(error, path) from error
    try:
        _configure(connection)
        _migrate(connection, path, migrations)
        connection.execute("PRAGMA foreign_keys = ON")
    except sqlite3.Error as error:
        connection.close()
        raise translate(error, path) from error
    except BaseException:
        connection.close()
        raise
    return connection


def open_in_memory(migrations: Sequence[str]) -> sqlite3.Connection:
    """A database of the newest schema that is in no file, not even while it sorts; gone when it is closed."""
    connection = sqlite3.connect(IN_MEMORY, isolation_level=None)
    try:
        connection.execute("PRAGMA temp_store = MEMORY")
        _migrate(connection, Path(IN_MEMORY), migrations)
        connection.execute("PRAGMA foreign_keys = ON")
    except BaseException:
        connection.close()
        raise
    return connection


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Everything inside is kept, or nothing. Takes the write lock at once."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        # SQLite has rolled back by itself after a full disk; a second ROLLBACK would hide the cause
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def translate(error: sqlite3.Error, path: Path) -> RagError:
    """A SQLite error as one of ours. `path` is the database it happened in."""
    # https://www.sqlite.org/rescode.html: the low byte is the primary code
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
    file, detail = str(path), f"{getattr(error, 'sqlite_errorname', '')}: {error}"
    # under WAL a full disk can also show as an I/O error of the shared memory file
    full = code == sqlite3.SQLITE_FULL or (
        code in (sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN) and _no_room(path.parent)
    )
    if full:
        return DiskFull(detail, folder=str(path.parent))
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return DatabaseDamaged(detail, file=file)
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return DatabaseLocked(detail, file=file)
    unreadable = (
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_PERM,
        sqlite3.SQLITE_READONLY,
    )
    return DatabaseUnreadable(detail, file=file) if code in unreadable else DatabaseError(detail, file=file)


def set_aside(path: Path) -> Path:
    """Move a damaged database and its journal out of the way, deleting nothing. Gives its new place.

    Raises DatabaseUnreadable when the folder does not allow it.
    """
    number = 1
    while (kept := path.with_name(f"{path.name}.damaged-{number}")).exists():
        number += 1
    try:
        for suffix in ("-wal", "-shm", ""):  # the database last: half a move can be repeated
            part = path.with_name(path.name + suffix)
            if part.exists():
                part.rename(kept.with_name(kept.name + suffix))
    except OSError as error:
        raise DatabaseUnreadable(str(error), file=str(path)) from error
    return kept


def _make_private(path: Path) -> None:
    """Create the file before SQLite does, so that nobody else can read it at any moment.

    SQLite gives its journal files the mode of the database.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        if path.stat().st_mode & 0o077:
            path.chmod(0o600)
    except OSError as error:
        if _no_room(path.parent):
            raise DiskFull(str(error), folder=str(path.parent)) from error
        raise DatabaseUnreadable(str(error), file=str(path)) from error


def _configure(connection: sqlite3.Connection) -> None:
    connection.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("PRAGMA secure_delete = ON")
    connection.execute("PRAGMA temp_store = MEMORY")


def _migrate(connection: sqlite3.Connection, path: Path, migrations: Sequence[str]) -> None:
    found: int = connection.execute("PRAGMA user_version").fetchone()[0]
    if found > len(migrations):
        raise DatabaseTooNew(file=str(path), found=found, known=len(migrations))
    for version in range(found, len(migrations)):
        try:
            connection.executescript(
                f"BEGIN IMMEDIATE;\n{migrations[version]}\n;PRAGMA user_version = {version + 1};\nCOMMIT;"
            )
        except sqlite3.Error:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise


def _no_room(folder: Path) -> bool:
    try:
        return shutil.disk_usage(folder).free < FULL_BELOW_BYTES
    except OSError:
        return False
