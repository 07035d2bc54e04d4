"""Whether library.db agrees with itself. Reads; the search by words is the one thing it can make anew.

A connection of its own, for the thread that also writes: SQLite's checks of FTS5 are written as commands.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from rag.checking import faults
from rag.database import transaction
from rag.sealing import Key
from rag.sqlite import sqlite3
from rag.store.opening import open_library
from rag.upkeep_values import Fault, FaultKind

MOST_LINES = 20  # of what SQLite finds
_SEEN = " FROM passages p JOIN documents d ON d.id = p.document AND d.generation = p.generation"
_COUNT = "SELECT count(*)" + _SEEN
_ROWS = 2000

Tell = Callable[[int, int], None]  # done, total


class Soundness:
    """Raises sqlite3.Error as it is."""

    def __init__(self, path: Path, key: Key | None = None) -> None:
        """Raises what rag.database.open_database raises."""
        self._db = open_library(path, key)

    def close(self) -> None:
        self._db.close()

    def counts(self) -> tuple[int, int, int]:
        """Documents, and the pages and passages of them that can be seen."""
        documents = self._one("SELECT count(*) FROM documents WHERE removed_at = 0")
        pages = self._one(
            "SELECT count(*) FROM pages g"
            " JOIN documents d ON d.id = g.document AND d.generation = g.generation"
        )
        return documents, pages, self._one(_COUNT)

    def vectors(self, model: int | None) -> int:
        """Passages that can be seen and have a vector of this model."""
        if model is None:
            return 0
        return self._one(
            f"SELECT count(*) {_SEEN} JOIN vectors v ON v.model = ? AND v.digest = p.digest", model
        )

    def vector_bytes(self, model: int) -> int:
        """What one vector of this model takes."""
        return 4 * self._one("SELECT dimensions FROM models WHERE id = ?", model)

    def database(self, thorough: bool) -> list[Fault]:
        """SQLite's own check of the file."""
        lines = faults(self._db, MOST_LINES, thorough=thorough)
        lines += ["a row without what it belongs to" for _ in self._db.execute("PRAGMA foreign_key_check")]
        return [Fault("database_damaged", len(lines), "\n".join(lines[:MOST_LINES]))] if lines else []

    def pages(self) -> list[Fault]:
        """Documents whose pages are not 1 to as many as they had when they were stored."""
        return _fault(
            "pages_missing",
            self._one(
                "SELECT count(*) FROM documents d WHERE d.generation > 0 AND (d.pages, d.pages) != ("
                " SELECT count(*), coalesce(max(g.number), 0) FROM pages g"
                " WHERE g.document = d.id AND g.generation = d.generation)"
            ),
        )

    def spans(self) -> list[Fault]:
        """Passages that reach past the text of their page, or begin behind their end."""
        return _fault(
            "spans_wrong",
            self._one(
                _COUNT + " LEFT JOIN pages g ON g.id = p.page AND g.document = p.document"
                ' WHERE g.id IS NULL OR p.start < 0 OR p."end" <= p.start OR p."end" > length(g.text)'
            ),
        )

    def words(self) -> list[Fault]:
        """Whether the search by words holds what can be seen, and is sound in itself."""
        held = self._one("SELECT count(*) FROM passage_words_docsize")
        unheld = " WHERE p.id NOT IN (SELECT id FROM passage_words_docsize)"
        missing = self._one(_COUNT + unheld)
        extra = held - (self._one(_COUNT) - missing)
        try:
            self._db.execute("INSERT INTO passage_words (passage_words) VALUES ('integrity-check')")
        except sqlite3.DatabaseError as error:
            return [Fault("words_wrong", max(1, missing + extra), str(error))]
        return _fault("words_wrong", missing + extra)

    def missing_vectors(self, model: int) -> list[Fault]:
        select = "SELECT count(DISTINCT p.digest)" + _SEEN
        without = " WHERE NOT EXISTS (SELECT 1 FROM vectors v WHERE v.model = ? AND v.digest = p.digest)"
        missing = self._one(select + without, model)
        return _fault("vectors_missing", missing)

    def wrong_vectors(self, model: int, tell: Tell) -> list[Fault]:
        """Vectors that no search could use: of another length, or no numbers, or not of unit length."""
        dimensions = self.vector_bytes(model) // 4
        total = self._one("SELECT count(*) FROM vectors WHERE model = ?", model)
        wrong = done = 0
        for rows in self._vector_rows(model):
            whole = [vector for (vector,) in rows if len(vector) == 4 * dimensions]
            wrong += len(rows) - len(whole)
            matrix = np.frombuffer(b"".join(whole), dtype="<f4").reshape(len(whole), dimensions)
            lengths = np.linalg.norm(matrix.astype(np.float64), axis=1)
            # a text without anything in it may have no direction at all
            wrong += int((~((np.abs(lengths - 1) < 1e-2) | (lengths == 0))).sum())
            done += len(rows)
            tell(done, total)
        return _fault("vectors_wrong", wrong)

    def rebuild_words(self) -> int:
        """Make the search by words anew from the passages that can be seen, and give how many there are."""
        with transaction(self._db):
            self._db.execute("INSERT INTO passage_words (passage_words) VALUES ('delete-all')")
            return self._db.execute(
                "INSERT INTO passage_words (rowid, heading, text) SELECT t.id, t.heading, t.text"
                " FROM passage_texts t JOIN passages p ON p.id = t.id"
                " JOIN documents d ON d.id = p.document AND d.generation = p.generation"
            ).rowcount

    def drop_wrong_vectors(self, model: int) -> None:
        """So that they are made anew with those that are missing."""
        self._db.execute(
            "DELETE FROM vectors WHERE model = ? AND length(vector) != ?", (model, self.vector_bytes(model))
        )

    def _vector_rows(self, model: int) -> Iterator[list[tuple[bytes]]]:
        rows = self._db.execute("SELECT vector FROM vectors WHERE model = ?", (model,))
        while some := rows.fetchmany(_ROWS):
            yield some

    def _one(self, select: str, *values: int) -> int:
        return int(self._db.execute(select, values).fetchone()[0])


def _fault(kind: FaultKind, count: int) -> list[Fault]:
    return [Fault(kind, count)] if count else []
