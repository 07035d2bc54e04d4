"""Rows of a damaged SQLite table, one by one, as far as they can be read. Knows no table."""

import contextlib
import logging
from collections.abc import Iterator

from rag.sqlite import sqlite3

BEYOND = 10_000  # numbers that are tried after the last row that is known of
MOST_MISSES = 2_000_000  # about a minute of trying

Row = dict[str, object]

log = logging.getLogger(__name__)


def readable_rows(db: sqlite3.Connection, table: str, where: str = "1") -> Iterator[Row]:
    """Every row that can be read, by rising rowid. Where one cannot, the next ones are tried.

    `table` and `where` stand in the statement as they are: no place for what comes from outside.
    """
    last, misses, end = 0, 0, 0
    while True:
        try:
            found = db.execute(
                f"SELECT rowid, * FROM {table} WHERE rowid > ? AND {where} ORDER BY rowid",  # noqa: S608
                (last,),
            )
            names = [column[0] for column in found.description][1:]
            for row in found:
                last = row[0]
                yield dict(zip(names, row[1:], strict=True))
        except sqlite3.Error as error:
            if getattr(error, "sqlite_errorcode", 0) in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR):
                return  # no table of that name, or no database at all
            if not end:
                log.warning("%s after %d: %s", table, last, error)
                end = _last_number(db, table)
            last, misses = last + 1, misses + 1
            if last > end or misses > MOST_MISSES:
                return
        else:
            return


def _last_number(db: sqlite3.Connection, table: str) -> int:
    """The largest rowid that a damaged table may have."""
    numbers = [0]
    for query in (
        f"SELECT seq FROM sqlite_sequence WHERE name = '{table}'",  # noqa: S608
        f"SELECT rowid FROM {table} ORDER BY rowid DESC LIMIT 1",  # noqa: S608
    ):
        with contextlib.suppress(sqlite3.Error):
            numbers += [int(row[0]) for row in db.execute(query)]
    return max(numbers) + BEYOND
