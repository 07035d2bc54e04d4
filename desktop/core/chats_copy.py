"""The good copy of the chats' database: beside it, of what was read in full and found sound. Mends nothing.

It holds every row and no search index, which can be made anew. What is deleted for good leaves it too.
packaging/decisions/0099 says when it is made and what it costs.
"""

import contextlib
import logging
import shutil
import sqlite3
import threading
import time
from collections.abc import Iterable
from pathlib import Path

from desktop.core.chats_schema import MIGRATIONS
from rag.database import (
    attach_for_reading,
    open_database,
    open_for_reading,
    put_on_disk,
    transaction,
    translate,
)
from rag.errors import DatabaseDamaged, RagError

SUFFIX = ".good"
SPARE_BYTES = 50_000_000  # what a copy must leave free on the disk

log = logging.getLogger(__name__)


class GoodCopy:
    """May be used from any thread. One thing is done at a time, and `stop` ends it."""

    def __init__(self, path: Path) -> None:
        """`path`: of the database that is copied."""
        self._source = path
        self.path = path.with_name(path.name + SUFFIX)
        self._part = path.with_name(path.name + SUFFIX + ".part")
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

    def check(self) -> bool:
        """Read the whole database. False where that was stopped. Raises DatabaseDamaged or another RagError."""
        with self._busy:
            reading = open_for_reading(self._source)
            try:
                self._reading = reading
                finding = str(reading.execute("PRAGMA quick_check(1)").fetchone()[0])
            except sqlite3.Error as error:
                if self._stopped.is_set():
                    return False
                raise translate(error, self._source) from error
            finally:
                self._reading = None
                reading.close()
        if finding != "ok":
            raise DatabaseDamaged(finding, file=str(self._source))
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
                raise translate(error, self._source) from error
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

    def forget(self, chats: Iterable[int], messages: Iterable[int]) -> None:
        """Take what was deleted for good out of the copy; where that fails the copy goes as a whole."""
        self.stop()
        with self._busy:
            if not self.path.exists():
                return
            try:
                copy = open_database(self.path, MIGRATIONS, journal="delete")
                try:
                    with transaction(copy):
                        for table, numbers in (("chats", chats), ("messages", messages)):
                            copy.executemany(
                                f"DELETE FROM {table} WHERE id = ?",  # noqa: S608  our own names
                                [(number,) for number in numbers],
                            )
                finally:
                    copy.close()
            except (RagError, sqlite3.Error) as error:
                log.warning("the copy of the chats is given up: %s", error)
                self.drop()

    def drop(self) -> None:
        with contextlib.suppress(OSError):
            self.path.unlink(missing_ok=True)

    def _has_room(self) -> bool:
        try:
            needed_bytes = self._source.stat().st_size + SPARE_BYTES
            free_bytes = shutil.disk_usage(self._source.parent).free
        except OSError as error:
            log.warning("no copy of the chats: %s", error)
            return False
        if free_bytes < needed_bytes:
            log.warning("no copy of the chats: %d bytes are free, %d needed", free_bytes, needed_bytes)
        return free_bytes >= needed_bytes

    def _write(self) -> None:
        self._part.unlink(missing_ok=True)
        copy = open_database(self._part, MIGRATIONS, journal="off")
        try:
            self._reading = copy
            copy.execute("PRAGMA foreign_keys = OFF")  # they hold in the source, in whatever order rows come
            attach_for_reading(copy, self._source, "source")
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
