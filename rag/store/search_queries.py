"""What a search reads of library.db. Changes nothing."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from rag.embedding.embedder import Floats
from rag.errors import UnknownCollection
from rag.protocol import Filters
from rag.search_values import Beside
from rag.sqlite import sqlite3
from rag.store.scope import Scope
from rag.store.values import marks

_PASSAGES = " FROM passages p"
_SEEN = " JOIN documents d ON d.id = p.document AND d.generation = p.generation"
_PAGES = " JOIN pages g ON g.id = p.page"
_WEIGHTS = "bm25(2.0, 1.0)"  # headings count double


class PassageRow(NamedTuple):
    """A passage with all that a hit shows. `vector` is None when this model has none for it."""

    id: int
    document: int
    file: str
    title: str
    page: int
    start: int
    end: int
    text: str
    heading: str
    language: str
    digest: bytes
    vector: bytes | None


class SearchQueries:
    """The part of `Queries` that finds passages."""

    _db: sqlite3.Connection

    def scope(
        self, collections: Sequence[str], documents: Sequence[int], filters: Filters | None = None
    ) -> Scope:
        """Names into numbers. Raises UnknownCollection."""
        numbers = []
        for name in collections:
            row = self._db.execute("SELECT id FROM collections WHERE name = ?", (name,)).fetchone()
            if row is None:
                raise UnknownCollection(name=name)
            numbers.append(int(row[0]))
        wanted = filters or Filters()
        return Scope(
            tuple(numbers),
            tuple(documents),
            wanted.first_page,
            wanted.last_page,
            wanted.since,
            wanted.until,
        )

    def passage_count(self, scope: Scope) -> int:
        """How many passages can be seen in a scope."""
        condition, values = scope.condition()
        if scope.paged:
            select = "SELECT count(*)" + _PASSAGES + _SEEN + _PAGES + " WHERE "
        else:
            select = "SELECT coalesce(sum(d.passages), 0) FROM documents d WHERE d.generation > 0 AND "
        return int(self._db.execute(select + condition, values).fetchone()[0])

    def model(self, fingerprint: str) -> int | None:
        """The number of an embedding model; None when it has never embedded anything here."""
        row = self._db.execute("SELECT id FROM models WHERE fingerprint = ?", (fingerprint,)).fetchone()
        return int(row[0]) if row else None

    def by_words(self, match: str, scope: Scope, most: int) -> dict[int, float]:
        """Passages that hold words of an FTS5 expression, best first, with their BM25 (larger is better)."""
        if scope.everything:  # the index of words holds only what can be seen
            select = (
                "SELECT rowid, -rank FROM passage_words WHERE passage_words MATCH ?"
                " AND rank MATCH ? ORDER BY rank LIMIT ?"
            )
            return dict(self._db.execute(select, (match, _WEIGHTS, most)).fetchall())
        condition, values = scope.condition()
        select = "SELECT w.rowid, -w.rank" + _PASSAGES + " JOIN passage_words w ON w.rowid = p.id"
        where = _joined(scope) + " WHERE w.passage_words MATCH ? AND w.rank MATCH ? AND "
        rows = self._db.execute(
            select + where + condition + " ORDER BY w.rank LIMIT ?", (match, _WEIGHTS, *values, most)
        )
        return dict(rows.fetchall())

    def holding(self, match: str, most: int) -> list[int]:
        """At most so many passages of the whole library that an FTS5 expression finds, in no order."""
        select = "SELECT rowid FROM passage_words WHERE passage_words MATCH ? LIMIT ?"
        return [int(row[0]) for row in self._db.execute(select, (match, most))]

    def nearest(self, model: int, vector: Floats, scope: Scope, most: int) -> list[int]:
        """Exact search: every vector in scope is compared. vector: (dimensions,), unit length."""
        condition, values = scope.condition()
        select = "SELECT p.id, v.vector" + _PASSAGES + _joined(scope)
        vectors = " JOIN vectors v ON v.model = ? AND v.digest = p.digest WHERE "
        rows = self._db.execute(select + vectors + condition, (model, *values))
        ids: list[int] = []
        scores: list[Floats] = []
        while batch := rows.fetchmany(4096):
            matrix = np.frombuffer(b"".join(row[1] for row in batch), dtype="<f4").reshape(len(batch), -1)
            scores.append(matrix @ vector)
            ids.extend(int(row[0]) for row in batch)
        if not ids:
            return []
        order = np.argsort(-np.concatenate(scores), kind="stable")[:most]
        return [ids[index] for index in order]

    def within(self, passages: Sequence[int], scope: Scope) -> list[int]:
        """Those that lie in a scope, in their order."""
        condition, values = scope.condition()
        select = "SELECT p.id" + _PASSAGES + _joined(scope) + " WHERE " + condition
        among = " AND p.id IN " + marks(len(passages))
        inside = {int(row[0]) for row in self._db.execute(select + among, (*values, *passages))}
        return [passage for passage in passages if passage in inside]

    def passages(self, model: int | None, ids: Sequence[int]) -> dict[int, PassageRow]:
        """The passages of these numbers that can be seen, by number."""
        select = (
            'SELECT p.id, d.id, d.path, d.title, g.number, p.start, p."end",'
            ' substr(g.text, p.start + 1, p."end" - p.start), p.heading, p.language, p.digest, v.vector'
        )
        vectors = " LEFT JOIN vectors v ON v.model = ? AND v.digest = p.digest WHERE p.id IN "
        select += _PASSAGES + _SEEN + _PAGES + vectors
        rows = self._db.execute(select + marks(len(ids)), (model, *ids))
        return {int(row[0]): PassageRow(*row) for row in rows}

    def page_texts(self, passages: Sequence[int]) -> dict[int, str]:
        """The text of the page on which each passage stands, by passage; none of one that is gone."""
        select = "SELECT p.id, g.text FROM passages p JOIN pages g ON g.id = p.page WHERE p.id IN "
        return dict(self._db.execute(select + marks(len(passages)), tuple(passages)))

    def beside(self, passages: Sequence[int]) -> dict[int, list[Beside]]:
        """The other passages of each one's page that stand below the same heading, by passage."""
        found: dict[int, list[Beside]] = {}
        select = (
            'SELECT p.id, q.start, q."end" FROM passages p JOIN passages q ON q.page = p.page'
            " AND q.heading = p.heading AND q.id <> p.id WHERE p.id IN "
        )
        for number, start, end in self._db.execute(select + marks(len(passages)), tuple(passages)):
            found.setdefault(number, []).append(Beside(start, end))
        return found


def _joined(scope: Scope) -> str:
    """What a scope's condition speaks of, beside `passages p`."""
    return _SEEN + _PAGES if scope.paged else _SEEN
