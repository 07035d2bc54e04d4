"""Whether the database of chats is sound. Reads beside its owner; what it writes, the owner does."""

import contextlib
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, Protocol, TypeVar

from desktop.core.chats import file as chats_file
from desktop.core.chats.rescue import fill_search
from desktop.core.chats.schema import MIGRATIONS
from desktop.core.errors import Reported
from desktop.core.types.health import Finding
from rag.checking import faults
from rag.database import open_for_reading, transaction, translate
from rag.errors import DatabaseTooNew, RagError
from rag.sealing import Form, Key, form_of
from rag.sqlite import sqlite3

_WORDS = ("message_words", "title_words")
_MOST_LINES = 20

R = TypeVar("R")


class Owner(Protocol):
    """The thread that owns the chats, see `desktop.core.chats.thread.StoreThread`."""

    def call(self, work: Callable[[Any], R]) -> R: ...


def look_at_chats(
    path: Path, owner: Owner | None, *, thorough: bool, repair: bool, key: Key | None = None
) -> Iterator[Finding]:
    """`owner` None: nobody has the file open, and nothing in it can be mended now."""
    if not path.exists():
        yield Finding("chats", "no_chats_yet")
        return
    if owner is None and key is None and form_of(path) is Form.SEALED:
        yield Finding("chats", "chats_locked", "notice")
        return
    try:
        with closing(open_for_reading(path, key=key)) as db:
            yield from _file(db, path, thorough=thorough, repair=repair)
    except RagError as error:
        yield _failed(error)
    except sqlite3.Error as error:
        yield _failed(translate(error, path))
    if owner is not None:
        yield from _search(owner, repair=repair)


def _file(db: sqlite3.Connection, path: Path, *, thorough: bool, repair: bool) -> Iterator[Finding]:
    version: int = db.execute("PRAGMA user_version").fetchone()[0]
    if version > len(MIGRATIONS):
        raise DatabaseTooNew(file=str(path), found=version, known=len(MIGRATIONS))
    lines = faults(db, _MOST_LINES, thorough=thorough)
    lost = len(db.execute("PRAGMA foreign_key_check").fetchall())
    if lines or lost:
        if repair:
            chats_file.suspect(path)  # its owner saves what can be read when it starts the next time
        params: dict[str, Any] = {"count": len(lines) + lost, "path": str(path)}
        state: Any = "repairable" if not repair else ""
        yield Finding("chats", "chats_waiting" if repair else "chats_damaged", "trouble", params, state=state)
        return
    chats, messages = (
        db.execute(f"SELECT count(*) FROM {table}").fetchone()[0]  # noqa: S608  our own names
        for table in ("chats", "messages")
    )
    told = {"chats": chats, "messages": messages, "size_bytes": path.stat().st_size, "version": version}
    yield Finding("chats", "chats_sound", params=told)


def _search(owner: Owner, *, repair: bool) -> Iterator[Finding]:
    """The index that finds words in chats. FTS5 writes its checks as commands, so the owner asks."""
    if owner.call(lambda store: _words_are_sound(store._db)):  # noqa: SLF001  the same room
        return
    if repair:
        with contextlib.suppress(sqlite3.Error):
            owner.call(lambda store: _fill(store._db))  # noqa: SLF001
            yield Finding("chats", "chat_words_wrong", "trouble", state="repaired")
            return
    yield Finding("chats", "chat_words_wrong", "trouble", state="repairable")


def _words_are_sound(db: sqlite3.Connection) -> bool:
    try:
        for table in _WORDS:
            db.execute(f"INSERT INTO {table} ({table}) VALUES ('integrity-check')")  # noqa: S608
        missing: int = db.execute(
            "SELECT count(*) FROM chats WHERE title != '' AND id NOT IN (SELECT rowid FROM title_words)"
        ).fetchone()[0]
    except sqlite3.Error:
        return False
    return not missing


def _fill(db: sqlite3.Connection) -> None:
    with transaction(db):
        fill_search(db)


def _failed(error: RagError) -> Finding:
    return Finding("chats", "failed", "trouble", problem=Reported.of(error).problem())
