"""The good copy of the chats' database: beside it, of what was read in full and found sound. Mends nothing.

It holds every row and no search index, which can be made anew. What is deleted for good leaves it too.
packaging/decisions/0099 says when it is made and what it costs.
"""

import contextlib
import logging
import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from desktop.core.chats.schema import MIGRATIONS
from desktop.core.encryption.keyring import Keyring
from rag.checking import faults
from rag.database import (
    attach_for_reading,
    older_versions,
    open_database,
    open_for_reading,
    put_on_disk,
    transaction,
    translate,
)
from rag.errors import DatabaseDamaged, RagError
from rag.sqlite import sqlite3

SUFFIX = ".good"
NUMBERED = {"messages": "id", "token_details": "message"}  # tables that may be large, and their keys
SPARE_BYTES = 50_000_000  # what a copy must leave free on the disk

log = logging.getLogger(__name__)


class GoodCopy:
    """May be used from any thread. One thing is done at a time, and `stop` ends it."""

    def __init__(self, path: Path, keyring: Keyring | None = None) -> None:
        """`path`: of the database that is copied."""
        self.source = path
        self.path = path.with_name(path.name + SUFFIX)
        self._part = path.with_name(path.name + SUFFIX + ".part")
        self._behind = path.with_name(path.name + SUFFIX + ".behind")
        self._keyring = keyring or Keyring()
        self._busy = threading.Lock()
        self._reading: sqlite3.Connection | None = None
        self._stopped = threading.Event()

    @property
    def age_s(self) -> float:
        """Infinite while there is none."""
        try:
            return time.time() - self.path.stat().st_mtime
        except OSError:
            return float("inf")

    @property
    def outdated(self) -> bool:
        """Whether the database was written after the copy was made. To be asked while it is not open."""
        written = [_modified(self.source), _modified(self.source.with_name(self.source.name + "-wal"))]
        return _modified(self.path) < max(written)

    def check(self) -> bool:
        """Read the whole database. False where that was stopped. Raises DatabaseDamaged or another."""
        with self._busy:
            reading = open_for_reading(self.source, key=self._keyring.key)
            try:
                self._reading = reading
                found = faults(reading)
            except sqlite3.Error as error:
                if self._stopped.is_set():
                    return False
                raise translate(error, self.source) from error
            finally:
                self._reading = None
                reading.close()
        if found:
            raise DatabaseDamaged(found[0], file=str(self.source))
        return True

    def make(self) -> bool:
        """Copy the database as it is now, in place of the copy before. False where it was stopped, or where
        there is no room. Raises DatabaseDamaged where the database cannot be read, or another RagError.
        """
        with self._busy:
            if not self._has_room():
                return False
            try:
                self._write()
                if self._stopped.is_set():
                    return False
                self._part.replace(self.path)
            except sqlite3.Error as error:
                if self._stopped.is_set():
                    return False
                raise translate(error, self.source) from error
            except OSError as error:
                log.warning("no copy of the chats: %s", error)
                return False
            finally:
                with contextlib.suppress(OSError):
                    self._part.unlink(missing_ok=True)
        return True

    def stop(self) -> None:
        """End what is being done, and wait until nothing reads the database any more."""
        self._stopped.set()
        while not self._busy.acquire(timeout=0.02):
            reading = self._reading
            if reading is not None:
                with contextlib.suppress(sqlite3.Error):  # it may be closed by now
                    reading.interrupt()
        self._stopped.clear()
        self._busy.release()

    @contextlib.contextmanager
    def at_rest(self) -> Iterator[None]:
        """Nobody reads or writes the database and its copy inside."""
        self.stop()
        with self._busy:
            yield

    @contextlib.contextmanager
    def in_step(self, db: sqlite3.Connection) -> Iterator[None]:
        """What is deleted for good inside leaves the copy too, also where a kill comes in between. `db`: the
        connection it is deleted with. Copies of older versions go as a whole.
        """
        self.stop()
        before, late = db.total_changes, self._behind.exists()
        with contextlib.suppress(OSError):
            if self.path.exists():
                self._behind.touch(mode=0o600)
        yield
        with self._busy, contextlib.suppress(OSError):
            if late or db.total_changes != before:
                for older in older_versions(self.source):
                    older.unlink(missing_ok=True)
                self._follow()
            self._behind.unlink(missing_ok=True)

    def _follow(self) -> None:
        """Take out of the copy what the database has no more; where that fails the copy goes as a whole."""
        if not self.path.exists():
            return
        try:
            copy = open_database(self.path, MIGRATIONS, journal="delete", key=self._keyring.key)
            try:
                copy.execute("PRAGMA foreign_keys = OFF")
                attach_for_reading(copy, self.source, "source", self._keyring.key)
                with transaction(copy):
                    for table in plain_tables(copy)[:-1]:
                        _follow(copy, table)
            finally:
                copy.close()
        except (RagError, sqlite3.Error) as error:
            log.warning("the copy of the chats is given up: %s", error)
            self.path.unlink(missing_ok=True)

    def drop(self) -> None:
        """Delete the copy, and those of older versions: the database holds something else now."""
        with self._busy, contextlib.suppress(OSError):
            for file in (self.path, *older_versions(self.source)):
                file.unlink(missing_ok=True)

    def _has_room(self) -> bool:
        try:
            needed_bytes = self.source.stat().st_size + SPARE_BYTES
            free_bytes = shutil.disk_usage(self.source.parent).free
        except OSError as error:
            log.warning("no copy of the chats: %s", error)
            return False
        if free_bytes < needed_bytes:
            log.warning("no copy of the chats: %d bytes are free, %d needed", free_bytes, needed_bytes)
        return free_bytes >= needed_bytes

    def _write(self) -> None:
        self._part.unlink(missing_ok=True)
        copy = open_database(self._part, MIGRATIONS, journal="off", key=self._keyring.key)
        try:
            self._reading = copy
            copy.execute("PRAGMA foreign_keys = OFF")  # they hold in the source, in whatever order rows come
            attach_for_reading(copy, self.source, "source", self._keyring.key)
            with transaction(copy):  # one view of the source from the first table to the last
                for table in plain_tables(copy):
                    if table == "sqlite_sequence":
                        copy.execute("DELETE FROM main.sqlite_sequence")
                    names = ", ".join(columns(copy, table))
                    copy.execute(
                        f"INSERT INTO main.{table} ({names}) SELECT {names} FROM source.{table}"  # noqa: S608
                    )
        finally:
            self._reading = None
            copy.close()
        put_on_disk(self._part)


def _follow(copy: sqlite3.Connection, table: str) -> None:
    """Of a table with numbers the rows that are gone; the others, which are small, anew."""
    if table in NUMBERED:
        key = NUMBERED[table]
        copy.execute(f"DELETE FROM main.{table} WHERE {key} NOT IN (SELECT {key} FROM source.{table})")  # noqa: S608
        return
    names = ", ".join(columns(copy, table))
    copy.execute(f"DELETE FROM main.{table}")  # noqa: S608  our own names
    copy.execute(f"INSERT INTO main.{table} ({names}) SELECT {names} FROM source.{table}")  # noqa: S608


def _modified(file: Path) -> float:
    try:
        return file.stat().st_mtime
    except OSError:
        return -1.0


def plain_tables(db: sqlite3.Connection) -> list[str]:
    """The tables of a database that are no search index, and no part of one; sqlite_sequence last."""
    names = [
        row[1]
        for row in db.execute("PRAGMA main.table_list")
        if row[2] == "table" and row[1] not in ("sqlite_schema", "sqlite_sequence")
    ]
    return [*sorted(names), "sqlite_sequence"]


def columns(db: sqlite3.Connection, table: str) -> list[str]:
    return [row[1] for row in db.execute(f"PRAGMA main.table_info({table})")]
