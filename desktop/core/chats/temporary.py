"""Temporary chats' database: in memory, with numbers below zero; and a chat's way from it into a file.

Knows the schema by what it refers to, so that a column or a table that is added later comes along.
"""

from collections.abc import Iterator

from desktop.core.chats.schema import MIGRATIONS
from rag.database import open_in_memory, transaction
from rag.sqlite import sqlite3

# its chats and messages count up from here: below zero for good, and in reach of 32 bits
FIRST_NUMBER = -1_000_000_000


def open_temporary() -> sqlite3.Connection:
    db = open_in_memory(MIGRATIONS)
    with transaction(db):
        # AUTOINCREMENT goes on from the largest number that is in the table, or ever was: a chat and a
        # message that are never shown stand there first
        db.execute(
            "INSERT INTO chats (id, created_at, updated_at, deleted_at) VALUES (?, 0, 0, 0)", (FIRST_NUMBER,)
        )
        db.execute(
            "INSERT INTO messages (id, chat, role, parts, state, created_at) "
            "VALUES (?1, ?1, 'system', '[]', 'complete', 0)",
            (FIRST_NUMBER,),
        )
        db.execute("UPDATE sqlite_sequence SET seq = ?", (FIRST_NUMBER,))
    return db


def forget(db: sqlite3.Connection, chat: int) -> None:
    """Take a chat out of the memory for good."""
    with transaction(db):
        messages = "SELECT id FROM messages WHERE chat = ?"
        db.execute(f"DELETE FROM message_words WHERE rowid IN ({messages})", (chat,))  # noqa: S608
        db.execute("DELETE FROM title_words WHERE rowid = ?", (chat,))
        # a chain of more than a thousand messages is too long for SQLite to follow from one to the next
        db.execute("UPDATE messages SET parent = NULL WHERE chat = ?", (chat,))
        db.execute("DELETE FROM chats WHERE id = ?", (chat,))


def copy_chat(
    source: sqlite3.Connection, target: sqlite3.Connection, chat: int
) -> tuple[int, dict[int, int]]:
    """Copy a chat with all that belongs to it, inside a transaction of `target`.

    Gives its number there, and those of its messages by their old ones. Messages that are deleted stay
    behind. The search index of `target`, and numbers inside a text, are for the caller to put right.
    """
    number = _copied(source, target, "chats", chat, {"active_leaf": None})
    numbers: dict[int, int] = {}
    for message, parent in source.execute(
        "SELECT id, parent FROM messages WHERE chat = ? AND deleted_with IS NULL ORDER BY id", (chat,)
    ).fetchall():
        changes = {"chat": number, "parent": numbers.get(parent)}
        numbers[message] = _copied(source, target, "messages", message, changes)
    (leaf,) = source.execute("SELECT active_leaf FROM chats WHERE id = ?", (chat,)).fetchone()
    target.execute("UPDATE chats SET active_leaf = ? WHERE id = ?", (numbers.get(leaf), number))
    for table, column, of in _beside(source):
        renumbered = {chat: number} if of == "chats" else numbers
        for old, new in renumbered.items():
            _copy_rows(source, target, table, column, old, {column: new})
    return number, numbers


def _copied(
    source: sqlite3.Connection,
    target: sqlite3.Connection,
    table: str,
    number: int,
    changes: dict[str, int | None],
) -> int:
    return _copy_rows(source, target, table, "id", number, {"id": None, **changes})


def _copy_rows(
    source: sqlite3.Connection,
    target: sqlite3.Connection,
    table: str,
    column: str,
    value: int,
    changes: dict[str, int | None],
) -> int:
    """Copy the rows that have `value` in `column`. Gives the number of the last one."""
    found = source.execute(f"SELECT * FROM {table} WHERE {column} = ?", (value,))  # noqa: S608  our own names
    names = [description[0] for description in found.description]
    last = 0
    for row in found.fetchall():
        values = {**dict(zip(names, row, strict=True)), **changes}
        places = ", ".join("?" * len(values))
        cursor = target.execute(
            f"INSERT INTO {table} ({', '.join(values)}) VALUES ({places})",  # noqa: S608
            tuple(values.values()),
        )
        last = int(cursor.lastrowid or 0)
    return last


def _beside(db: sqlite3.Connection) -> Iterator[tuple[str, str, str]]:
    """Tables that keep something of a chat or of a message: (table, its column, "chats" or "messages")."""
    for (table,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
        if table in ("chats", "messages"):
            continue
        for reference in db.execute(f"PRAGMA foreign_key_list({table})").fetchall():
            of, column = reference[2], reference[3]
            if of in ("chats", "messages"):
                yield table, column, of
