"""What can still be read of a damaged library.db, in a new one. The damaged file is moved aside, unchanged.

Collections, followed folders, the list of documents, a person's own questions and all vectors are taken, row
by row. Documents whose file is there are read anew, and embed only what has no vector; of those whose file is
gone, or which lie in the trash, the pages are taken where every one of them can be read. Asked for by a
person, never done by itself: `ask` leaves a mark, and whoever opens the library next does it. A kill at any
moment leaves the damaged file or the new one in its place, and the mark.
"""

import contextlib
import logging
import os
import shutil
from pathlib import Path

from rag.database import open_database, open_for_reading, set_aside, transaction
from rag.errors import RagError
from rag.salvage import Row, readable_rows
from rag.sealed_pages import mend_sums
from rag.sealing import Form, Key, form_of
from rag.sqlite import sqlite3
from rag.store.schema import MIGRATIONS

MARK, PART, WHOLE, MENDED = ".rescue", ".rescued.part", ".rescued", ".rescued.part-mended"
DERIVED = "chroma"  # beside it: made anew from the vectors

_FIRST = ("collections", "folders", "documents", "models", "vectors", "facts", "questions")
_FIND_WORDS = (
    "INSERT INTO passage_words (rowid, heading, text) SELECT t.id, t.heading, t.text"
    " FROM passage_texts t JOIN passages p ON p.id = t.id"
    " JOIN documents d ON d.id = p.document AND d.generation = p.generation"
)

log = logging.getLogger(__name__)


def ask(path: Path) -> None:
    """Have whoever opens this library next save what can be read of it. Raises OSError."""
    os.close(os.open(_beside(path, MARK), os.O_CREAT | os.O_WRONLY, 0o600))


def is_asked(path: Path) -> bool:
    return _beside(path, MARK).exists()


def rescue(path: Path, key: Key | None = None) -> None:
    """Put a sound library in the place of the damaged one, encrypted where there is a key.

    Raises a RagError, and leaves everything as it was, where the new one cannot be written.
    """
    whole = _beside(path, WHOLE)
    if not whole.exists():  # else a kill came between
        part = _beside(path, PART)
        mended = _beside(path, MENDED)
        source = path
        if key is not None and form_of(path) not in (
            Form.PLAIN,
            Form.EMPTY,
        ):  # a page with one wrong byte would be refused whole
            _remove(mended)
            mend_sums(path, mended, key)
            source = mended
        _write(part, source, key)
        _remove(mended)
        part.replace(whole)
    shutil.rmtree(path.parent / DERIVED, ignore_errors=True)
    if path.exists():
        log.warning("%s was damaged and lies in %s", path.name, set_aside(path).name)
    whole.replace(path)
    _beside(path, MARK).unlink(missing_ok=True)


def _write(part: Path, source: Path, key: Key | None = None) -> None:
    """A whole library of what can be read of `source`."""
    _remove(part)
    db = open_database(part, MIGRATIONS, key=key)
    try:
        db.execute("PRAGMA foreign_keys = OFF")  # until everything that is there has come
        with transaction(db):
            _take(db, source, key)
            _mend(db)
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        db.close()


def _take(db: sqlite3.Connection, source: Path, key: Key | None) -> None:
    try:
        damaged = open_for_reading(source, damaged=True, key=key)
    except RagError as error:
        log.warning("nothing can be read of %s: %s", source.name, error)
        return
    with contextlib.closing(damaged):
        damaged.text_factory = lambda raw: raw.decode("utf-8", "replace")
        for table in _FIRST:
            for row in readable_rows(damaged, table):
                _insert(db, table, row)
        for document, generation, pages, passages in _without_a_file(db):
            _take_text(db, damaged, document, generation, (pages, passages))
        _take_numbers(db, damaged)


def _without_a_file(db: sqlite3.Connection) -> list[tuple[int, int, int, int]]:
    """Documents that cannot be read anew: number, generation, pages and passages that each should have."""
    rows = db.execute("SELECT id, generation, pages, passages, path, removed_at FROM documents").fetchall()
    # not Path.exists(): it raises where a folder may not be entered
    return [tuple(row[:4]) for row in rows if row[5] or not os.path.exists(str(row[4]))]  # noqa: PTH110


def _take_text(
    db: sqlite3.Connection, damaged: sqlite3.Connection, document: int, generation: int, of: tuple[int, int]
) -> None:
    """A document's pages and passages, all or none."""
    where = f"document = {int(document)} AND generation = {int(generation)}"
    pages = list(readable_rows(damaged, "pages", where))
    passages = list(readable_rows(damaged, "passages", where))
    if (len(pages), len(passages)) != of or not pages:
        return
    for table, rows in (("pages", pages), ("passages", passages)):
        for row in rows:
            _insert(db, table, row)


def _take_numbers(db: sqlite3.Connection, damaged: sqlite3.Connection) -> None:
    """No number is used twice: a Chroma server may keep that of a passage."""
    for row in readable_rows(damaged, "sqlite_sequence"):
        if isinstance(row["seq"], int) and isinstance(row["name"], str):
            db.execute("DELETE FROM sqlite_sequence WHERE name = ? AND seq < ?", (row["name"], row["seq"]))
            db.execute(
                "INSERT INTO sqlite_sequence (name, seq) SELECT ?1, ?2"
                " WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = ?1)",
                (row["name"], row["seq"]),
            )


def _mend(db: sqlite3.Connection) -> None:
    """Everything belongs to something, and what has no text is to be read."""
    db.execute("INSERT OR IGNORE INTO collections (name, created_at) VALUES ('default', 0)")
    db.execute("DELETE FROM documents WHERE collection NOT IN (SELECT id FROM collections)")
    db.execute("DELETE FROM folders WHERE collection NOT IN (SELECT id FROM collections)")
    untold = "NOT EXISTS (SELECT 1 FROM pages WHERE document = documents.id)"
    db.execute(f"DELETE FROM documents WHERE removed_at > 0 AND {untold}")  # noqa: S608
    again = "UPDATE documents SET state = 'indexing', generation = 0, attempts = 0, error = NULL"
    db.execute(f"{again} WHERE removed_at = 0 AND left_out = 0 AND {untold}")
    db.execute("DELETE FROM questions WHERE document NOT IN (SELECT id FROM documents)")
    lengths = "SELECT 4 * dimensions FROM models WHERE id = vectors.model"
    db.execute(f"DELETE FROM vectors WHERE length(vector) IS NOT ({lengths})")  # noqa: S608
    db.execute("DELETE FROM facts WHERE name = 'index' OR name LIKE 'home %'")
    db.execute(_FIND_WORDS)


def _insert(db: sqlite3.Connection, table: str, row: Row) -> None:
    known = {str(one[1]) for one in db.execute(f"PRAGMA table_info({table})")}
    held = {name: value for name, value in row.items() if name in known}
    names, places = ", ".join(f'"{name}"' for name in held), ", ".join("?" * len(held))
    with contextlib.suppress(sqlite3.IntegrityError):
        db.execute(f"INSERT OR REPLACE INTO {table} ({names}) VALUES ({places})", tuple(held.values()))  # noqa: S608


def _remove(path: Path) -> None:
    for suffix in ("-wal", "-shm", ""):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def _beside(path: Path, ending: str) -> Path:
    return path.with_name(path.name + ending)
