"""What can still be read of a damaged chats' database, in a new one; what cannot, from the last good copy.

The damaged file is only read, and is moved aside when the new one is complete: a kill at any moment leaves
one of them in its place. packaging/decisions/0099 says what is saved in which order.
"""

import contextlib
import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

import msgspec

from desktop.core.chats import leftovers, rows
from desktop.core.chats.carve import carve
from desktop.core.chats.good_copy import SUFFIX as GOOD
from desktop.core.chats.good_copy import columns, plain_tables
from desktop.core.chats.schema import MIGRATIONS
from desktop.core.types import MessageState, TextPart
from rag.database import open_database, open_for_reading, set_aside, transaction
from rag.errors import RagError
from rag.salvage import Row, readable_rows
from rag.sealed_pages import mend_sums
from rag.sealing import Form, Key, form_of
from rag.sqlite import sqlite3

PART, WHOLE, MENDED = ".rescued.part", ".rescued", ".rescued.part-mended"

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Rescued:
    """`kept`: where the damaged file lies now. `from_copy`: messages that only the good copy had."""

    kept: Path
    chats: int = 0
    messages: int = 0
    from_copy: int = 0


def rescue(path: Path, key: Key | None = None) -> Rescued:
    """Put a sound database in the place of the damaged one at `path`.

    Raises DiskFull or another RagError, and leaves everything as it was, where the new one cannot be written.
    """
    # a plain file that could not be encrypted because it is damaged is read as what it is
    reading = None if form_of(path) is Form.PLAIN else key
    part, source = _beside(path, PART), _readable_form(path, reading)
    _remove(part)
    db = open_database(part, MIGRATIONS, key=key)
    try:
        db.execute("PRAGMA foreign_keys = OFF")  # until everything that is there has come
        with transaction(db):
            doubtful = _take_all(db, source, reading)
            doubtful += _take_carved(db, source, reading)
        own = _count(db, "messages")
        with transaction(db):
            doubtful += _take_all(db, path.with_name(path.name + GOOD), key)
            for table, row in doubtful:  # better than nothing, and only where there is nothing
                _insert(db, table, row)
        messages = _count(db, "messages")
        with transaction(db):
            _mend(db)
            fill_search(db)
        chats = _count(db, "chats")
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        db.close()
        _remove(_beside(path, MENDED))
    part.replace(_beside(path, WHOLE))
    return Rescued(finish(path) or path, chats, messages, messages - own)


def _readable_form(path: Path, key: Key | None) -> Path:
    """An encrypted page with one wrong byte is refused whole: a copy with new sums gives the rest."""
    if key is None:
        return path
    mended = _beside(path, MENDED)
    _remove(mended)
    mend_sums(path, mended, key)
    return mended


def finish(path: Path) -> Path | None:
    """Put a rescue that is complete in its place, also one that a kill interrupted there.

    Gives where the damaged file lies; None where there was nothing to finish.
    """
    whole = _beside(path, WHOLE)
    if not whole.exists():
        return None
    kept = set_aside(path)
    leftovers.set_aside_at(kept)
    whole.replace(path)
    _beside(kept, "-shm").unlink(missing_ok=True)  # it only helps to share what the other two hold
    wal = _beside(kept, "-wal")
    if wal.exists() and not wal.stat().st_size:
        wal.unlink()
    return kept


def fill_search(db: sqlite3.Connection) -> None:
    """Make the search index anew from the messages, inside a transaction."""
    for table in ("message_words", "title_words"):
        (made,) = db.execute("SELECT sql FROM sqlite_master WHERE name = ?", (table,)).fetchone()
        db.execute(f"DROP TABLE {table}")
        db.execute(made)
    db.execute("INSERT INTO title_words (rowid, text) SELECT id, title FROM chats")
    for number, parts in db.execute("SELECT id, parts FROM messages WHERE state != 'streaming'"):
        with contextlib.suppress(msgspec.MsgspecError):
            text = rows.searchable(rows.parts(parts))
            if text:
                db.execute("INSERT INTO message_words (rowid, text) VALUES (?, ?)", (number, text))


def _take_all(db: sqlite3.Connection, source: Path, key: Key | None) -> list[tuple[str, Row]]:
    """Add every sound row that is not there yet. Gives those that had to be mended: (table, row)."""
    if not source.exists():
        return []
    try:
        damaged = open_for_reading(source, damaged=True, key=key)
    except RagError as error:
        log.warning("nothing can be read of %s: %s", source.name, error)
        return []
    try:
        damaged.text_factory = _readable_text
        return [(table, row) for table in plain_tables(db)[:-1] for row in _take(db, damaged, table)]
    finally:
        damaged.close()


def _readable_text(raw: bytes) -> str:
    return raw.decode("utf-8", "replace")


def _take_carved(db: sqlite3.Connection, path: Path, key: Key | None) -> list[tuple[str, Row]]:
    """Add rows that the tables no longer lead to. Gives those that had to be mended."""
    names = {table: columns(db, table) for table in _MENDED}
    doubtful: list[tuple[str, Row]] = []
    try:
        for table, number, values in carve(path, key):
            read: Row = {**dict(zip(names[table], values, strict=False)), "id": number}
            sound = _MENDED[table](dict(read))
            if sound == read:
                _insert(db, table, read)
            elif sound is not None:
                doubtful.append((table, sound))
    except OSError as error:
        log.warning("nothing can be carved from %s: %s", path.name, error)
    return doubtful


def _take(db: sqlite3.Connection, damaged: sqlite3.Connection, table: str) -> Iterator[Row]:
    known = set(columns(db, table))
    mended = _MENDED.get(table)
    for read in readable_rows(damaged, table):
        row = {name: value for name, value in read.items() if name in known}
        sound = row if mended is None else mended(dict(row))
        if sound == row:
            _insert(db, table, row)
        elif sound is not None:
            yield sound


def _insert(db: sqlite3.Connection, table: str, row: Row) -> None:
    places = ", ".join("?" * len(row))
    with contextlib.suppress(sqlite3.IntegrityError):
        db.execute(
            f"INSERT OR IGNORE INTO {table} ({', '.join(row)}) VALUES ({places})",  # noqa: S608
            tuple(row.values()),
        )


# ── values that were overwritten ──


def _message(row: Row) -> Row | None:
    """A row of messages as the store can read it; None where it is not one."""
    if not isinstance(row.get("chat"), int):
        return None
    row["role"] = row["role"] if row.get("role") in ("system", "user", "assistant") else "user"
    row["state"] = row["state"] if row.get("state") in get_args(MessageState) else "interrupted"
    if _decodable(row.get("parts"), rows.parts) is None:
        row["parts"] = rows.encode((TextPart(str(row.get("parts")).rstrip("\0")),))
    for name, decode in (("stats", rows.stats), ("problem", rows.problem)):
        if name in row:
            row[name] = _decodable(row[name], decode)
    return _with_numbers(row, "parent", "deleted_with", "created_at", "pinned", "edited", "rating")


def _chat(row: Row) -> Row:
    row["title"] = str(row.get("title") or "")
    row["system_prompt"] = str(row.get("system_prompt") or "")
    row["collections"] = _decodable(row.get("collections"), rows.names) or "[]"
    if "reply_values" in row:
        row["reply_values"] = _decodable(row["reply_values"], rows.values) or "{}"
    return _with_numbers(row, "active_leaf", "pinned", "created_at", "updated_at", "deleted_at")


_MENDED: dict[str, Callable[[Row], Row | None]] = {"messages": _message, "chats": _chat}
_NULL = ("parent", "deleted_with", "active_leaf", "deleted_at")  # where there is no number


def _with_numbers(row: Row, *names: str) -> Row:
    """The row with a number in each of these columns that it has."""
    for name in names:
        if name in row and not isinstance(row[name], int | float):
            row[name] = None if name in _NULL else 0
    return row


def _decodable(value: object, decode: Callable[[str], object]) -> str | None:
    if value is None:
        return None
    try:
        decode(str(value))
    except msgspec.MsgspecError:
        return None
    return str(value)


# ── what hangs together ──


def _mend(db: sqlite3.Connection) -> None:
    """Give every message a chat and a place in its tree, and every chat an end to show."""
    db.execute(
        "INSERT INTO chats (id, created_at, updated_at) SELECT chat, min(created_at), max(created_at) "
        "FROM messages WHERE chat NOT IN (SELECT id FROM chats) GROUP BY chat"
    )
    # where the message before is lost: after the one that was written before it
    db.execute(
        """UPDATE messages SET parent = (
               SELECT max(o.id) FROM messages o WHERE o.chat = messages.chat AND o.id < messages.id)
           WHERE parent IS NOT NULL AND NOT EXISTS (
               SELECT 1 FROM messages p
               WHERE p.id = messages.parent AND p.chat = messages.chat AND p.id < messages.id)"""
    )
    db.execute(
        """UPDATE chats SET active_leaf = (
               SELECT max(m.id) FROM messages m WHERE m.chat = chats.id AND m.deleted_with IS NULL)
           WHERE NOT EXISTS (
               SELECT 1 FROM messages m
               WHERE m.id = chats.active_leaf AND m.chat = chats.id AND m.deleted_with IS NULL)"""
    )
    for chat, parts, _ in db.execute(
        "SELECT m.chat, m.parts, min(m.id) FROM messages m JOIN chats c ON c.id = m.chat "
        "WHERE m.role = 'user' AND c.title = '' GROUP BY m.chat"
    ).fetchall():
        title = rows.title_of(rows.searchable(rows.parts(parts)))
        db.execute("UPDATE chats SET title = ? WHERE id = ?", (title, chat))
    db.execute("DELETE FROM drafts WHERE chat IS NOT NULL AND chat NOT IN (SELECT id FROM chats)")
    # the draft for a new chat has no number by which the copy's would be known as the same
    db.execute(
        "DELETE FROM drafts WHERE chat IS NULL AND rowid > (SELECT min(rowid) FROM drafts WHERE chat IS NULL)"
    )
    for table, number, _, reference in db.execute("PRAGMA foreign_key_check").fetchall():
        _let_go(db, table, number, reference)


def _let_go(db: sqlite3.Connection, table: str, number: int, reference: int) -> None:
    """A row that refers to something that is lost no longer does; one that cannot be without it goes."""
    references = db.execute(f"PRAGMA foreign_key_list({table})").fetchall()
    column = next(row[3] for row in references if row[0] == reference)
    needed = {row[1] for row in db.execute(f"PRAGMA table_info({table})") if row[3] or row[5]}
    if column in needed:
        db.execute(f"DELETE FROM {table} WHERE rowid = ?", (number,))  # noqa: S608  our own names
    else:
        db.execute(f"UPDATE {table} SET {column} = NULL WHERE rowid = ?", (number,))  # noqa: S608


def _count(db: sqlite3.Connection, table: str) -> int:
    return int(db.execute(f"SELECT count(*) FROM {table}").fetchone()[0])  # noqa: S608


def _beside(path: Path, suffix: str) -> Path:
    return path.with_name(path.name + suffix)


def _remove(path: Path) -> None:
    for suffix in ("-wal", "-shm", ""):
        with contextlib.suppress(OSError):
            _beside(path, suffix).unlink(missing_ok=True)
