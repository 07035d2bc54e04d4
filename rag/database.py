"""Open every SQLite database of the program: chats and library alike. Knows no table.

One factory, so that file modes, durability, migrations and encryption at rest have one place. Whoever has a
key hands it to every call: what is made is then encrypted, and what is plain is read as it is, as a backup
that comes in may be. packaging/decisions/0180
"""

import contextlib
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Literal
from urllib.parse import quote

from rag.errors import (
    DatabaseDamaged,
    DatabaseError,
    DatabaseKey,
    DatabaseLocked,
    DatabaseTooNew,
    DatabaseUnreadable,
    DiskFull,
    RagError,
)
from rag.sealing import Form, Key, fits, form_of
from rag.sqlite import ENCRYPTS, sqlite3

BUSY_TIMEOUT_MS = 5000
COPIED_PAGES = 2048  # between two looks at whether somebody wants it to stop
IN_MEMORY = ":memory:"
FULL_BELOW_BYTES = 1_000_000  # a disk with less free than this counts as full

Journal = Literal["wal", "delete", "off"]


def open_database(
    path: Path,
    migrations: Sequence[str],
    *,
    keep_older: bool = False,
    journal: Journal = "wal",
    key: Key | None = None,
    any_schema: bool = False,
) -> sqlite3.Connection:
    """Open `path`, create it where it is missing, and bring it to the newest schema.

    `migrations` is append-only: SQL scripts without transaction statements, the n-th of which takes the
    schema from version n to n + 1. Each runs in a transaction of its own with foreign keys unchecked, as
    rebuilding a table needs. With `keep_older` a copy of the file as it was is kept beside it (see
    `older_versions`) before its first migration, and nothing is migrated while there is no room for one.
    `journal` "off": for a file that is thrown away unless it is finished. `any_schema`: of whatever version.

    The connection is in autocommit mode (see `transaction`), belongs to the calling thread, and overwrites
    what it deletes. Raises DatabaseDamaged, DatabaseTooNew, DatabaseUnreadable, DatabaseLocked, DiskFull,
    or DatabaseKey where the file is encrypted and `key` is not what it is encrypted with.
    """
    make_private(path)
    connection = _connect(path, key)
    try:
        _configure(connection, journal)
        if not any_schema:
            _migrate(connection, path, migrations, keep_older, key)
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
        _migrate(connection, Path(IN_MEMORY), migrations, keep_older=False, key=None)
        connection.execute("PRAGMA foreign_keys = ON")
    except BaseException:
        connection.close()
        raise
    return connection


def open_for_reading(path: Path, *, damaged: bool = False, key: Key | None = None) -> sqlite3.Connection:
    """Beside whoever owns the database, on any thread: it changes nothing, and holds up no writer.

    `damaged`: read what there is, also of a file that is shorter than it says. Raises what `open_database`
    raises; of a damaged one, only reading it tells.
    """
    connection = _connect(path, key, reading=True)
    try:
        try:
            connection.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
            if damaged:
                # leaves the checks of the header out: https://www.sqlite.org/pragma.html#pragma_writable_schema
                connection.execute("PRAGMA writable_schema = ON")
            else:
                connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        except BaseException:
            connection.close()
            raise
    except sqlite3.Error as error:
        raise translate(error, path) from error
    return connection


def attach_for_reading(connection: sqlite3.Connection, path: Path, name: str, key: Key | None = None) -> None:
    """Let `connection` read another database as `name`. Raises sqlite3.Error."""
    attach(connection, _for_reading(path), name, key_for(path, key))


def attach(connection: sqlite3.Connection, address: str, name: str, key: Key | None) -> None:
    """What is attached without a word about its key is opened with that of `connection`'s first file."""
    if ENCRYPTS:
        connection.execute(f"ATTACH ? AS {name} KEY ?", (address, key.spelled if key else ""))
    else:
        connection.execute(f"ATTACH ? AS {name}", (address,))


def older_versions(path: Path) -> list[Path]:
    """The copies that were kept of a database before it was migrated: at most one, unless it was in use."""
    return sorted(path.parent.glob(f"{path.name}.version-*"))


def copy_database(
    source: Path,
    target: Path,
    tell: Callable[[float], None] = lambda _done: None,
    key: Key | None = None,
) -> None:
    """Copy a database that others may be writing, as it is at one moment, into a new file, encrypted like it.

    The file is for this user alone. Holds up no writer. `tell` hears 0..1 now and then; what it raises
    ends the copying. Raises what `open_database` raises.
    """
    make_private(target)
    try:
        with (
            closing(open_for_reading(source, key=key)) as here,
            closing(_connect(target, key_for(source, key))) as copy,
        ):
            here.execute("BEGIN")
            here.execute("SELECT count(*) FROM sqlite_master").fetchone()  # from here on it stands still
            here.backup(
                copy,
                pages=COPIED_PAGES,
                sleep=0.01,
                progress=lambda _, left, all_: tell(1 - left / max(1, all_)),
            )
            copy.execute("PRAGMA journal_mode = DELETE")  # one file, without a journal beside it
    except sqlite3.Error as error:
        raise translate(error, source) from error


def copy_open(connection: sqlite3.Connection, target: Path, key: Key | None = None) -> None:
    """Copy what an open connection sees into a new file for this user alone, also where its own file is gone.

    `key`: what the connection was opened with. Raises sqlite3.Error, OSError or RagError.
    """
    make_private(target)
    with closing(_connect(target, key)) as copy:
        connection.backup(copy)
    put_on_disk(target)


def replace_contents(connection: sqlite3.Connection, source: Path, key: Key | None = None) -> None:
    """Have `connection`'s database hold what `source` holds: all of it, or what it held before.

    Both have to be encrypted with `key`, or neither: see `rag.converting`.
    """
    with closing(open_for_reading(source, key=key)) as there:
        there.backup(connection)


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


def make_private(path: Path) -> None:
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


def key_for(path: Path, key: Key | None) -> Key | None:
    """The key with which a file is to be opened: none for a plain one. Raises DatabaseKey."""
    try:
        form, fitting = form_of(path), fits(key, path)
    except OSError as error:
        raise DatabaseUnreadable(str(error), file=str(path)) from error
    if not fitting or (key is not None and not ENCRYPTS):
        raise DatabaseKey(file=str(path))
    return None if form is Form.PLAIN else key


def _connect(path: Path, key: Key | None, *, reading: bool = False) -> sqlite3.Connection:
    """In autocommit mode. Raises RagError."""
    # by address: what is attached to it can then be opened for reading alone
    address, own = _for_reading(path) if reading else address_of(path), key_for(path, key)
    try:
        connection = sqlite3.connect(address, uri=True, isolation_level=None, check_same_thread=not reading)
        if ENCRYPTS:
            connection.execute("PRAGMA cipher_log = off")  # else what is damaged is told on stderr
        if own is not None:
            connection.execute(f'PRAGMA key = "{own.spelled}"')
    except sqlite3.Error as error:
        raise translate(error, path) from error
    return connection


def _configure(connection: sqlite3.Connection, journal: Journal) -> None:
    connection.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
    connection.execute(f"PRAGMA journal_mode = {journal}")
    connection.execute(f"PRAGMA synchronous = {'OFF' if journal == 'off' else 'NORMAL'}")
    connection.execute("PRAGMA secure_delete = ON")
    connection.execute("PRAGMA temp_store = MEMORY")


def _for_reading(path: Path) -> str:
    return f"{address_of(path)}?mode=ro"


def address_of(path: Path) -> str:
    """A file's address, as SQLite reads it. `as_uri` would have a folder of the network taken for a host."""
    absolute = path.absolute().as_posix()
    return "file://" + quote(os.fsencode(absolute if absolute.startswith("/") else f"/{absolute}"))


def _keep_older(connection: sqlite3.Connection, path: Path, version: int, key: Key | None) -> None:
    """Copy the whole database beside itself, and delete the copies of versions before."""
    kept = path.with_name(f"{path.name}.version-{version}")
    part = kept.with_name(kept.name + ".part")
    try:
        size_bytes = path.stat().st_size
        if shutil.disk_usage(path.parent).free < size_bytes + FULL_BELOW_BYTES:
            raise DiskFull(f"{size_bytes} bytes for {kept.name}", folder=str(path.parent))
        part.unlink(missing_ok=True)
        make_private(part)
        copy = _connect(part, key_for(path, key))
        try:
            connection.backup(copy)
        finally:
            copy.close()
        put_on_disk(part)
        part.replace(kept)
        for older in older_versions(path):
            if older != kept:
                older.unlink(missing_ok=True)
    except OSError as error:
        raise DatabaseUnreadable(str(error), file=str(path)) from error
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)


def put_on_disk(file: Path) -> None:
    """Return when a finished file would outlive a power cut. Raises OSError."""
    descriptor = os.open(file, os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _migrate(
    connection: sqlite3.Connection,
    path: Path,
    migrations: Sequence[str],
    keep_older: bool,
    key: Key | None,
) -> None:
    found: int = connection.execute("PRAGMA user_version").fetchone()[0]
    if found > len(migrations):
        raise DatabaseTooNew(file=str(path), found=found, known=len(migrations))
    if keep_older and 0 < found < len(migrations):
        _keep_older(connection, path, found, key)
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
