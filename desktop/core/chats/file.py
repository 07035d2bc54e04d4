"""The file of the chats: opened, checked, rescued when damaged, tidied after a kill, purged for good."""

import contextlib
from collections.abc import Iterable
from pathlib import Path

from desktop.core.chats import rescue as chats_rescue
from desktop.core.chats import rows
from desktop.core.chats.leftovers import KEPT_DAYS
from desktop.core.chats.schema import MIGRATIONS
from desktop.core.types import Param, Problem
from rag.checking import faults
from rag.database import open_database, transaction, translate
from rag.errors import DatabaseDamaged
from rag.sealing import Key
from rag.sqlite import sqlite3

# checking reads the whole file: about 0.1 s for this much; a larger one is checked while the program runs
CHECKED_AT_START_BYTES = 32_000_000
SUSPECT = ".suspect"  # beside the database: it is to be checked at the next start, however large it is
CACHE_KIB = 512  # of pages that the system keeps too; SQLite would keep 2 MB


def open_chats(path: Path, key: Key | None = None) -> tuple[sqlite3.Connection, Problem | None]:
    """Open or create the database. In place of a damaged one comes what could be saved of it; the problem
    says how much, and where the damaged one lies. Raises RagError for whatever else keeps it from opening.
    """
    chats_rescue.finish(path)
    try:
        connection = _open_checked(path, key)
        problem = None
    except DatabaseDamaged as error:
        saved = chats_rescue.rescue(path, key)
        problem = Problem(error.code, _told(path, saved), error.detail)
        connection = _open_checked(path, key)
    with contextlib.suppress(OSError):
        _suspect(path).unlink(missing_ok=True)
    return connection, problem


def suspect(path: Path) -> None:
    """The database was found damaged while it was in use: the next start is to rescue it."""
    with contextlib.suppress(OSError):
        _suspect(path).touch(mode=0o600)


def _suspect(path: Path) -> Path:
    return path.with_name(path.name + SUSPECT)


def _told(path: Path, saved: chats_rescue.Rescued) -> dict[str, Param]:
    told: dict[str, Param] = {"file": str(path), "kept_as": str(saved.kept), "days": KEPT_DAYS}
    if saved.chats:
        told.update(saved_chats=saved.chats, saved_messages=saved.messages)
    return told


def tidy(db: sqlite3.Connection) -> None:
    """What a killed program left: half a reply, and chats that were made and never used."""
    with transaction(db):
        for number, parts in db.execute(
            "SELECT id, parts FROM messages WHERE state = 'streaming'"
        ).fetchall():
            db.execute("UPDATE messages SET state = 'interrupted' WHERE id = ?", (number,))
            db.execute("DELETE FROM message_words WHERE rowid = ?", (number,))
            db.execute(
                "INSERT INTO message_words (rowid, text) VALUES (?, ?)",
                (number, rows.searchable(rows.parts(parts))),
            )
        db.execute(
            "DELETE FROM chats WHERE title = '' AND pinned = 0 AND updated_at = created_at "
            "AND NOT EXISTS (SELECT 1 FROM messages WHERE messages.chat = chats.id)"
        )


def trashed_before(db: sqlite3.Connection, deleted_before: float) -> list[int]:
    """The chats that are in the trash since before then."""
    found = db.execute(
        "SELECT id FROM chats WHERE deleted_at IS NOT NULL AND deleted_at < ?", (deleted_before,)
    )
    return [row[0] for row in found]


def names_of(db: sqlite3.Connection, chats: Iterable[int]) -> list[str]:
    """The `uid`s of these chats that no other chat has."""
    found = db.execute(
        "SELECT DISTINCT uid FROM chats c, json_each(?1) gone ON c.id = gone.value WHERE NOT EXISTS ("
        "SELECT 1 FROM chats o WHERE o.uid = c.uid AND o.id NOT IN (SELECT value FROM json_each(?1)))",
        (rows.encode(list(chats)),),
    )
    return [row[0] for row in found]


def purge(db: sqlite3.Connection, gone: list[int]) -> int:
    """Remove what nobody can bring back any more: deleted messages and prompts, and these chats. Gives the
    number of chats.
    """
    pruned = [row[0] for row in db.execute("SELECT id FROM messages WHERE deleted_with IS NOT NULL")]
    prompts = db.execute("DELETE FROM prompts WHERE deleted_at IS NOT NULL").rowcount
    return _remove(db, gone, pruned, prompts=prompts)


def erase(db: sqlite3.Connection, chats: Iterable[int]) -> int:
    """Remove these chats now, wherever they are. Gives the number of those there were."""
    return _remove(db, list(chats), [])


def _remove(db: sqlite3.Connection, chats: list[int], messages: list[int], prompts: int = 0) -> int:
    """From tables, search index and journal. `prompts`: how many of those went already."""
    if not chats and not messages and not prompts:
        return 0
    gone, pruned = rows.encode(chats), rows.encode(messages)
    with transaction(db):
        db.execute(
            "DELETE FROM message_words WHERE rowid IN (SELECT value FROM json_each(?) UNION ALL "
            "SELECT id FROM messages WHERE chat IN (SELECT value FROM json_each(?)))",
            (pruned, gone),
        )
        # a chain of more than a thousand messages is too long for SQLite to follow from one to the next
        db.execute(
            "UPDATE messages SET parent = NULL WHERE id IN (SELECT value FROM json_each(?)) "
            "OR chat IN (SELECT value FROM json_each(?))",
            (pruned, gone),
        )
        db.execute("DELETE FROM messages WHERE id IN (SELECT value FROM json_each(?))", (pruned,))
        db.execute("DELETE FROM title_words WHERE rowid IN (SELECT value FROM json_each(?))", (gone,))
        count = db.execute("DELETE FROM chats WHERE id IN (SELECT value FROM json_each(?))", (gone,)).rowcount
    # FTS5 only marks words as deleted until segments merge. Its secure-delete option came with SQLite
    # 3.42, after Debian 12's, and spares the words of rows that were replaced before it was set.
    # https://www.sqlite.org/fts5.html#the_optimize_command
    for table in ("message_words", "title_words"):
        db.execute(f"INSERT INTO {table} ({table}) VALUES ('optimize')")  # noqa: S608  our own text
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return count


def _open_checked(path: Path, key: Key | None) -> sqlite3.Connection:
    connection = open_database(path, MIGRATIONS, keep_older=True, key=key)
    try:
        # a finished turn is not lost to a power cut either
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
        finding, suspected = "ok", _suspect(path).exists()
        if path.stat().st_size <= CHECKED_AT_START_BYTES or suspected:
            finding = "".join(faults(connection)) or "ok"
        if suspected and finding == "ok":  # the check does not read the search index
            with transaction(connection):
                chats_rescue.fill_search(connection)
    except sqlite3.Error as error:
        connection.close()
        raise translate(error, path) from error
    if finding != "ok":
        connection.close()
        raise DatabaseDamaged(finding, file=str(path))
    return connection
