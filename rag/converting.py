"""Make an encrypted database of a plain one, or a plain one of an encrypted one. Knows no table.

The new file is written beside the old one, compared with it, and takes its place: a kill at any moment leaves
the one or the other, whole. Nobody else may have the database open.
"""

import contextlib
import os
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Final

from rag.checking import faults
from rag.database import (
    address_of,
    attach,
    make_private,
    open_database,
    open_for_reading,
    put_on_disk,
    translate,
)
from rag.errors import DatabaseDamaged, DatabaseUnreadable, DiskFull
from rag.sealing import Form, Key, form_of
from rag.sqlite import sqlite3

PART: Final = ".converting.part"
_STEPS: Final = 100_000  # of SQLite's machine, between two looks at how far it is
_CHUNK_BYTES: Final = 1 << 20


def convert(
    path: Path, key: Key, *, sealed: bool, tell: Callable[[float], None] = lambda _done: None
) -> bool:
    """Have the database at `path` encrypted with `key`, or plain. False: it is so already, or there is none.

    `tell` hears 0..1 now and then. Raises DatabaseDamaged, DiskFull or another DatabaseError; then the file
    is as it was.
    """
    try:
        form = form_of(path)
    except OSError as error:
        raise DatabaseUnreadable(str(error), file=str(path)) from error
    if form is Form.EMPTY or form is (Form.SEALED if sealed else Form.PLAIN):
        return False
    part = path.with_name(path.name + PART)
    part.unlink(missing_ok=True)
    try:
        with closing(open_database(path, (), key=key, any_schema=True)) as old:
            _fold(old)
            _write(old, part, key if sealed else None, tell)
            _compare(old, part, key)
        put_on_disk(part)
        with _erased(path):
            part.replace(path)
        _put_folder_on_disk(path.parent)
    except sqlite3.Error as error:
        raise translate(error, path) from error
    except OSError as error:
        full = DiskFull if error.errno == 28 else DatabaseUnreadable
        raise full(str(error), file=str(path), folder=str(path.parent)) from error
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
    tell(1.0)
    return True


def drop_parts(folder: Path) -> None:
    """What a kill left half written: it may be plain."""
    for part in folder.glob(f"*{PART}*"):
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)


def _fold(old: sqlite3.Connection) -> None:
    """Bring what is in the journal into the file, which fails where anybody else has it open."""
    old.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    if str(old.execute("PRAGMA journal_mode = DELETE").fetchone()[0]) != "delete":
        raise sqlite3.OperationalError("the journal is in use")


def _write(old: sqlite3.Connection, part: Path, key: Key | None, tell: Callable[[float], None]) -> None:
    size_bytes = max(1, old.execute("PRAGMA page_count").fetchone()[0] * 4096)

    def look() -> int:
        with contextlib.suppress(OSError):
            tell(min(0.9, 0.9 * part.stat().st_size / size_bytes))
        return 0

    make_private(part)
    attach(old, address_of(part), "made", key)
    old.execute("PRAGMA made.journal_mode = OFF")  # it is thrown away unless it is finished
    old.execute("PRAGMA made.synchronous = OFF")
    old.set_progress_handler(look, _STEPS)
    try:
        # https://www.zetetic.net/sqlcipher/sqlcipher-api/#sqlcipher_export
        old.execute("SELECT sqlcipher_export('made')").fetchall()
    finally:
        old.set_progress_handler(None, 0)
    version = old.execute("PRAGMA main.user_version").fetchone()[0]
    old.execute(f"PRAGMA made.user_version = {int(version)}")
    old.execute("DETACH made")


def _compare(old: sqlite3.Connection, part: Path, key: Key) -> None:
    """The new file is sound, and every table has as many rows. Raises DatabaseDamaged."""
    with closing(open_for_reading(part, key=key)) as new:
        problem = faults(new)
        for table in _tables(old):
            here, there = (_count(db, table) for db in (old, new))
            if here != there:
                problem.append(f"{table}: {here} rows, {there} in the copy")
    if problem:
        raise DatabaseDamaged(problem[0], file=str(part))


def _tables(db: sqlite3.Connection) -> list[str]:
    rows = db.execute("PRAGMA main.table_list").fetchall()
    return sorted(row[1] for row in rows if row[2] in ("table", "shadow") and row[1] != "sqlite_schema")


def _count(db: sqlite3.Connection, table: str) -> int:
    quoted = table.replace('"', '""')
    return int(db.execute(f'SELECT count(*) FROM "{quoted}"').fetchone()[0])  # noqa: S608  our own tables


@contextlib.contextmanager
def _erased(path: Path) -> Iterator[None]:
    """Inside, another file takes the place of `path`; what stood in the old one is overwritten afterwards.

    A solid-state disk may keep old blocks all the same, and a file that has another name is left alone.
    """
    if os.name != "posix":  # an open file cannot be replaced there
        yield
        return
    with path.open("r+b") as old:
        yield
        with contextlib.suppress(OSError):
            status = os.fstat(old.fileno())
            if status.st_nlink:
                return
            for at in range(0, status.st_size, _CHUNK_BYTES):
                old.write(bytes(min(_CHUNK_BYTES, status.st_size - at)))
            old.flush()
            os.fsync(old.fileno())


def _put_folder_on_disk(folder: Path) -> None:
    """So that the new name outlives a power cut."""
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
