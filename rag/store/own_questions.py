"""A person's own questions in library.db: kept with the document that answers them. Searches nothing."""

import random
import time
from collections.abc import Sequence

from rag.database import transaction
from rag.errors import UnknownDocument, UnknownPage
from rag.found_values import Hit
from rag.question_frames import NewQuestion, OwnQuestion
from rag.sqlite import sqlite3
from rag.store.values import marks

_KEPT = (
    "SELECT q.id, c.name, q.text, d.id, d.path, d.title, q.page, q.quote, q.made, q.accepted"
    " FROM questions q JOIN documents d ON d.id = q.document JOIN collections c ON c.id = d.collection"
    " WHERE d.removed_at = 0 AND c.removed_at = 0"
)
_DROP = "DELETE FROM questions WHERE id IN "
LEAST_CHARACTERS = 200  # of a passage that a question is made from


def add(db: sqlite3.Connection, new: NewQuestion) -> int:
    """Its number. Raises UnknownDocument or UnknownPage where the library has no such page."""
    row = db.execute(
        "SELECT g.text FROM documents d JOIN pages g ON g.document = d.id AND g.generation = d.generation"
        " WHERE d.id = ? AND g.number = ? AND d.removed_at = 0",
        (new.document, new.page),
    ).fetchone()
    if row is None:
        raise _not_there(db, new.document, new.page)
    quote = str(row[0])[new.start : new.end].strip()
    values = (new.text, new.document, new.page, quote)
    known = db.execute(
        "SELECT id FROM questions WHERE text = ? AND document = ? AND page = ? AND quote = ?", values
    ).fetchone()
    if known is not None:
        return int(known[0])
    with transaction(db):
        made = db.execute(
            "INSERT INTO questions (text, document, page, quote, made, accepted, added_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (*values, new.made, not new.made, time.time()),
        )
    return int(made.lastrowid or 0)


def _not_there(db: sqlite3.Connection, document: int, page: int) -> UnknownDocument | UnknownPage:
    select = "SELECT pages FROM documents WHERE id = ? AND removed_at = 0 AND generation > 0"
    row = db.execute(select, (document,)).fetchone()
    if row is None:
        return UnknownDocument(document=document, page=page)
    return UnknownPage(document=document, page=page, pages=int(row[0]))


def accept(db: sqlite3.Connection, number: int, text: str) -> int:
    """1 where it is there."""
    with transaction(db):
        return db.execute("UPDATE questions SET text = ?, accepted = 1 WHERE id = ?", (text, number)).rowcount


def drop(db: sqlite3.Connection, numbers: Sequence[int]) -> int:
    """How many there were."""
    with transaction(db):
        return db.execute(_DROP + marks(len(numbers)), tuple(numbers)).rowcount


def listed(db: sqlite3.Connection, collection: str = "") -> tuple[OwnQuestion, ...]:
    """The oldest first; no collection: of all."""
    rows = db.execute(_KEPT + " AND (?1 = '' OR c.name = ?1) ORDER BY q.id", (collection,))
    return tuple(_question(row) for row in rows)


def one(db: sqlite3.Connection, number: int) -> OwnQuestion | None:
    row = db.execute(_KEPT + " AND q.id = ?", (number,)).fetchone()
    return None if row is None else _question(row)


def sample(db: sqlite3.Connection, collection: int, count: int, seed: int) -> tuple[Hit, ...]:
    """Passages of some length, each document's turn coming round, none that a question asks for."""
    chance = random.Random(seed)  # noqa: S311 - which passages come first is no secret
    by_document: dict[int, list[int]] = {}
    for passage, document in db.execute(
        "SELECT p.id, d.id FROM documents d JOIN passages p"
        " ON p.document = d.id AND p.generation = d.generation"
        ' WHERE d.collection = ? AND d.generation > 0 AND d.removed_at = 0 AND p."end" - p.start >= ?',
        (collection, LEAST_CHARACTERS),
    ):
        by_document.setdefault(document, []).append(passage)
    turns = [chance.sample(passages, len(passages)) for passages in by_document.values()]
    chance.shuffle(turns)
    found: list[Hit] = []
    while turns and len(found) < count:
        turns = [turn for turn in turns if turn]
        for turn in turns:
            hit = _passage(db, turn.pop())
            if len(found) < count and not _asked_for(db, hit):
                found.append(hit)
    return tuple(found)


def _passage(db: sqlite3.Connection, number: int) -> Hit:
    row: tuple[int, int, str, str, int, int, int, str, str] = db.execute(
        'SELECT p.id, d.id, d.path, d.title, g.number, p.start, p."end",'
        ' substr(g.text, p.start + 1, p."end" - p.start), p.heading'
        " FROM passages p JOIN pages g ON g.id = p.page JOIN documents d ON d.id = p.document WHERE p.id = ?",
        (number,),
    ).fetchone()
    return Hit(*row, score=0.0)


def _asked_for(db: sqlite3.Connection, hit: Hit) -> bool:
    select = "SELECT 1 FROM questions WHERE document = ? AND page = ? AND quote = ?"
    return db.execute(select, (hit.document, hit.page, hit.text.strip())).fetchone() is not None


def _question(row: tuple[int, str, str, int, str, str, int, str, int, int]) -> OwnQuestion:
    *_, made, accepted = row
    return OwnQuestion(*row[:8], made=bool(made), accepted=bool(accepted))
