"""Everything that changes library.db. Belongs to the indexing thread. Raises sqlite3.Error as it is."""

import logging
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec

from rag.database import transaction
from rag.errors import DocumentWithoutText, ErrorInfo
from rag.passages.likely_tokens import likely_tokens
from rag.protocol import PageRead
from rag.reading.files import FileState
from rag.sealing import Key
from rag.sqlite import sqlite3
from rag.store.folders import FolderWriter
from rag.store.opening import identity, open_library, put_back
from rag.store.trash import TrashWriter
from rag.store.values import Change, DocumentRow, NewPassage, PassageVector, Unembedded, embedded_text, marks

log = logging.getLogger(__name__)

_INDEXED = (
    "FROM passages p JOIN documents d ON d.id = p.document AND d.generation = p.generation"
    " JOIN vectors v ON v.model = ? AND v.digest = p.digest"
    # one that is cut would end the index of all others
    " JOIN models m ON m.id = v.model AND length(v.vector) = 4 * m.dimensions"
)
_DOCUMENTS = (
    "SELECT id, collection, path, state, generation, sha256, version, pages, passages, attempts"
    " FROM documents d WHERE "
)

CLEAR = 3  # times as much text in a document's language as in the next
_UNFINISHED = (
    "removed_at = 0 AND (SELECT removed_at FROM collections WHERE id = d.collection) = 0"
    " AND (state = 'indexing' OR generation > 0 AND EXISTS"
    " (SELECT 1 FROM pages WHERE document = d.id AND generation > d.generation))"
)


class LibraryWriter(FolderWriter, TrashWriter):
    """The one writing connection."""

    def __init__(self, path: Path, key: Key | None = None) -> None:
        """Raises what rag.database.open_database raises."""
        self._path = path
        self._key = key
        self._db = open_library(path, key)
        self._file = identity(path)

    @property
    def connection(self) -> sqlite3.Connection:
        """For what writes in modules of its own."""
        return self._db

    def close(self) -> None:
        self._db.close()

    def keep_file(self) -> None:
        """A file that was deleted or exchanged while it was open is put back: nothing indexed is lost.

        Raises sqlite3.Error; a disk that refuses is tried again the next time.
        """
        if identity(self._path) == self._file:
            return
        log.warning("%s is gone while it is open: it is put back", self._path)
        try:
            put_back(self._db, self._path, self._key)
        except OSError as error:
            log.warning("it could not be put back: %s", error)
            return
        self._db.close()
        self._db = open_library(self._path, self._key)
        self._file = identity(self._path)

    # ── facts ──

    def fact(self, name: str) -> str:
        """A value that the library remembers of itself; "" when it was never set."""
        row = self._db.execute("SELECT value FROM facts WHERE name = ?", (name,)).fetchone()
        return str(row[0]) if row else ""

    def set_fact(self, name: str, value: str) -> None:
        self._db.execute("INSERT OR REPLACE INTO facts (name, value) VALUES (?, ?)", (name, value))

    def model(self, fingerprint: str, dimensions: int) -> int:
        """The number of an embedding model, new or known."""
        self._db.execute(
            "INSERT OR IGNORE INTO models (fingerprint, dimensions) VALUES (?, ?)", (fingerprint, dimensions)
        )
        row = self._db.execute("SELECT id FROM models WHERE fingerprint = ?", (fingerprint,)).fetchone()
        return int(row[0])

    def known_model(self, fingerprint: str) -> int | None:
        row = self._db.execute("SELECT id FROM models WHERE fingerprint = ?", (fingerprint,)).fetchone()
        return int(row[0]) if row else None

    def take_over(self, fingerprint: str, source: str) -> None:
        """This model answers from now on; the index follows it."""
        with transaction(self._db):
            if fingerprint != self.fact("fingerprint"):
                self.set_fact("fingerprint", fingerprint)
                self.set_fact("index", "behind")
            self.set_fact("source", source)
            if self.fact("next") == fingerprint:
                self.set_next("", "")

    def set_next(self, fingerprint: str, source: str) -> None:
        """The model that is to take over when it has embedded everything; "": none is."""
        self.set_fact("next", fingerprint)
        self.set_fact("next_source", source)

    def set_coming(self, fingerprint: str, source: str) -> None:
        """`set_next`, at once or not at all."""
        with transaction(self._db):
            self.set_next(fingerprint, source)

    def drop_models_but(self, *fingerprints: str) -> None:
        """Delete all vectors of other models, a few at a time: a kill leaves the rest for the next start."""
        select = "SELECT id FROM models WHERE fingerprint NOT IN "
        others = self._db.execute(select + marks(len(fingerprints)), fingerprints).fetchall()
        some = "DELETE FROM vectors WHERE rowid IN (SELECT rowid FROM vectors WHERE model = ? LIMIT 2000)"
        for (model,) in others:
            while self._db.execute(some, (model,)).rowcount:
                pass
            self._db.execute("DELETE FROM models WHERE id = ?", (model,))

    def texts(self, model: int | None = None) -> int:
        """How many texts that can be seen were embedded, or are to be; with `model`: by that one."""
        select = (
            "SELECT count(DISTINCT p.digest) FROM passages p"
            " JOIN documents d ON d.id = p.document AND d.generation = p.generation"
        )
        if model is None:
            row = self._db.execute(select).fetchone()
        else:
            joined = " JOIN vectors v ON v.model = ? AND v.digest = p.digest"
            row = self._db.execute(select + joined, (model,)).fetchone()
        return int(row[0])

    # ── documents ──

    def collection(self, name: str) -> int:
        """The collection of this name; made when it is new."""
        self._db.execute(
            "INSERT OR IGNORE INTO collections (name, created_at) VALUES (?, ?)", (name, time.time())
        )
        return int(self._db.execute("SELECT id FROM collections WHERE name = ?", (name,)).fetchone()[0])

    def queue(self, collection: int, paths: Iterable[str]) -> None:
        """Remember files that are to be indexed, so that a new start goes on with them."""
        with transaction(self._db):
            self._db.executemany(
                "INSERT INTO documents (collection, path, title, state, added_at)"
                " VALUES (?, ?, ?, 'indexing', ?)"
                " ON CONFLICT (collection, path) DO UPDATE SET state = 'indexing', attempts = 0, error = NULL"
                " WHERE state = 'failed'",
                [(collection, path, Path(path).stem, time.time()) for path in paths],
            )

    def unfinished(self) -> DocumentRow | None:
        """A document that an earlier run queued or began."""
        return self._first(_UNFINISHED + " ORDER BY id LIMIT 1")

    def all_unfinished(self) -> list[DocumentRow]:
        rows = self._db.execute(_DOCUMENTS + _UNFINISHED + " ORDER BY id")
        return [DocumentRow(*row) for row in rows]

    def incomplete(self, model: int, after: int = 0) -> DocumentRow | None:
        """The first document numbered above `after` that can be seen and has passages without a vector of
        this model."""
        return self._first(
            "d.id > ? AND generation > 0 AND EXISTS (SELECT 1 FROM passages p WHERE p.document = d.id"
            " AND p.generation = d.generation AND NOT EXISTS"
            " (SELECT 1 FROM vectors v WHERE v.model = ? AND v.digest = p.digest)) ORDER BY id LIMIT 1",
            after,
            model,
        )

    def document(self, collection: int, path: str) -> DocumentRow | None:
        return self._first("collection = ? AND path = ?", collection, path)

    def _first(self, condition: str, *parameters: str | int) -> DocumentRow | None:
        row = self._db.execute(_DOCUMENTS + condition, parameters).fetchone()
        return DocumentRow(*row) if row else None

    def drop_queued(self, collection: int, paths: Iterable[str]) -> None:
        """Forget what was begun of files whose indexing was cancelled; what can be seen of them stays."""
        with transaction(self._db):
            for path in paths:
                self._db.execute(
                    "DELETE FROM pages WHERE id IN (SELECT g.id FROM pages g JOIN documents d"
                    " ON d.id = g.document AND g.generation > d.generation"
                    " WHERE d.collection = ? AND d.path = ?)",
                    (collection, path),
                )
                self._db.execute(
                    "DELETE FROM documents WHERE collection = ? AND path = ? AND state = 'indexing'"
                    " AND generation = 0",
                    (collection, path),
                )

    # ── a new generation of a document ──

    def begin(self, document: DocumentRow) -> int:
        """Start writing beside what can be seen; leftovers of an interrupted run go. Gives the generation."""
        with transaction(self._db):
            self._db.execute(
                "DELETE FROM pages WHERE document = ? AND generation != ?", (document.id, document.generation)
            )
            self._db.execute("UPDATE documents SET attempts = attempts + 1 WHERE id = ?", (document.id,))
        return document.generation + 1

    def add_pages(
        self, document: int, generation: int, pages: Sequence[tuple[PageRead, Sequence[NewPassage]]]
    ) -> None:
        """Store pages, each with its passages, where nobody sees them yet."""
        with transaction(self._db):
            for page, passages in pages:
                row = self._db.execute(
                    "INSERT INTO pages (document, generation, number, text, runs, source)"
                    " VALUES (?, ?, ?, ?, ?, ?)",
                    (document, generation, page.page, page.text, page.runs, source_of(page)),
                ).lastrowid
                self._db.executemany(
                    "INSERT INTO passages"
                    ' (page, document, generation, start, "end", heading, language, digest)'
                    " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                    [(row, document, generation, *passage) for passage in passages],
                )

    def unembedded(self, model: int, document: int, generation: int) -> list[Unembedded]:
        """What of a document has no vector of this model yet, longest first, so that a few in a row are
        about as long as each other."""
        rows = self._db.execute(
            "SELECT p.digest, t.heading, t.text FROM passages p JOIN passage_texts t ON t.id = p.id"
            " WHERE p.document = ? AND p.generation = ? AND NOT EXISTS"
            " (SELECT 1 FROM vectors v WHERE v.model = ? AND v.digest = p.digest) GROUP BY p.digest",
            (document, generation, model),
        ).fetchall()
        texts = [Unembedded(digest, embedded_text(heading, text)) for digest, heading, text in rows]
        return sorted(texts, key=lambda item: -likely_tokens(item.text))

    def store_vectors(self, model: int, vectors: Iterable[tuple[bytes, bytes]]) -> None:
        """Pairs of digest and vector; each is there to stay, whatever becomes of its document's run."""
        with transaction(self._db):
            self._db.executemany(
                "INSERT OR REPLACE INTO vectors (model, digest, vector) VALUES (?, ?, ?)",
                [(model, digest, vector) for digest, vector in vectors],
            )

    def finish(
        self,
        document: DocumentRow,
        generation: int,
        title: str,
        state: FileState,
        version: int,
        language: str = "",
    ) -> Change:
        """Let the new generation take the place of the old one, all at once. `language`: what the file
        itself says; "": what most of its text is in."""
        with transaction(self._db):
            hidden = self._hide(document.id, document.generation)
            self._db.execute(
                "INSERT INTO passage_words (rowid, heading, text) SELECT t.id, t.heading, t.text"
                " FROM passage_texts t JOIN passages p ON p.id = t.id"
                " WHERE p.document = ? AND p.generation = ?",
                (document.id, generation),
            )
            self._db.execute(
                "UPDATE documents SET state = 'indexed', generation = ?, title = ?, sha256 = ?,"
                " size_bytes = ?, modified_at = ?, version = ?, attempts = 0, error = NULL,"
                " pages = (SELECT count(*) FROM pages WHERE document = documents.id AND generation = ?),"
                " passages = (SELECT count(*) FROM passages WHERE document = documents.id AND generation = ?)"
                ", language = ? WHERE id = ?",
                (
                    generation,
                    title,
                    state.sha256,
                    state.size_bytes,
                    state.modified_at,
                    version,
                    generation,
                    generation,
                    language or self._language_of(document.id, generation),
                    document.id,
                ),
            )
            self.set_fact("index", "behind")
            return Change(hidden, self._numbers(document.id, generation))

    def _language_of(self, document: int, generation: int) -> str:
        """Of most of its text by far: one that is not known looks now like this one, now like that."""
        rows = self._db.execute(
            'SELECT language, sum("end" - start) FROM passages'
            " WHERE document = ? AND generation = ? AND language != ''"
            " GROUP BY language ORDER BY 2 DESC LIMIT 2",
            (document, generation),
        ).fetchall()
        clear = len(rows) == 1 or (len(rows) == 2 and rows[0][1] >= CLEAR * rows[1][1])
        return str(rows[0][0]) if clear else ""

    def embedded_anew(self, document: DocumentRow) -> Change:
        """What can be seen stays, with vectors of another model."""
        self.set_fact("index", "behind")
        return Change([], self._numbers(document.id, document.generation))

    def fail(self, document: DocumentRow, error: ErrorInfo, state: FileState | None = None) -> None:
        """Keep why it failed, and of what; an older generation that can be seen stays, with the reason.

        A document of pictures that were not read keeps its pages: each says why.
        """
        size, modified = (state.size_bytes, state.modified_at) if state else (0, 0.0)
        with transaction(self._db):
            if document.generation or error.code != DocumentWithoutText.code:
                self._db.execute(
                    "DELETE FROM pages WHERE document = ? AND generation != ?",
                    (document.id, document.generation),
                )
            self._db.execute(
                "UPDATE documents SET state = 'failed', error = ?, attempts = 0, size_bytes = ?,"
                " modified_at = ?, pages = ? WHERE id = ? AND generation = 0",
                (msgspec.json.encode(error).decode(), size, modified, _pages_of(error), document.id),
            )
            self._db.execute(
                "UPDATE documents SET attempts = 0, error = ? WHERE id = ? AND generation != 0",
                (msgspec.json.encode(error).decode(), document.id),
            )

    def fail_queued(self, error: ErrorInfo) -> None:
        """What stopped a batch is also why the rest of its files is not there."""
        self._db.execute(
            "UPDATE documents SET state = 'failed', error = ?, attempts = 0"
            " WHERE state = 'indexing' AND generation = 0",
            (msgspec.json.encode(error).decode(),),
        )

    def interrupted(self, document: DocumentRow) -> None:
        """It was left in order: only attempts that ended the process count."""
        self._db.execute("UPDATE documents SET attempts = 0 WHERE id = ?", (document.id,))

    def collect_garbage(self) -> None:
        """Drop vectors of texts that no passage holds any more."""
        with transaction(self._db):
            self._db.execute("DELETE FROM vectors WHERE digest NOT IN (SELECT digest FROM passages)")

    def _numbers(self, document: int, generation: int) -> list[int]:
        rows = self._db.execute(
            "SELECT id FROM passages WHERE document = ? AND generation = ?", (document, generation)
        )
        return [int(row[0]) for row in rows]

    def _hide(self, document: int, generation: int) -> list[int]:
        """Drop a generation's pages and passages, words first: the word index needs the old text.

        Gives the passages' numbers.
        """
        numbers = self._numbers(document, generation)
        self._db.execute(
            "INSERT INTO passage_words (passage_words, rowid, heading, text)"
            " SELECT 'delete', t.id, t.heading, t.text FROM passage_texts t JOIN passages p ON p.id = t.id"
            " WHERE p.document = ? AND p.generation = ?",
            (document, generation),
        )
        self._db.execute("DELETE FROM pages WHERE document = ? AND generation = ?", (document, generation))
        return numbers

    # ── for the index ──

    def seen_passages(self, model: int) -> set[int]:
        """Passages that can be seen and have a vector of this model."""
        rows = self._db.execute(f"SELECT p.id {_INDEXED}", (model,))
        return {int(row[0]) for row in rows}

    def vectors_of(self, model: int, passages: Sequence[int]) -> list[PassageVector]:
        """The vectors of these passages (a few hundred at a time)."""
        select = (
            # CROSS: in this order. SQLite would begin with all vectors of the model, every time
            "SELECT p.id, p.document, d.collection, v.vector FROM passages p"
            " CROSS JOIN documents d ON d.id = p.document"
            " CROSS JOIN vectors v ON v.model = ? AND v.digest = p.digest"
            " CROSS JOIN models m ON m.id = v.model AND length(v.vector) = 4 * m.dimensions WHERE p.id IN "
        )
        rows = self._db.execute(select + marks(len(passages)), (model, *passages))
        return [PassageVector(*row) for row in rows]


def source_of(page: PageRead) -> str:
    """As it is stored: a picture that was not read says why."""
    return f"{page.source}:{page.unread}" if page.unread else page.source


def _pages_of(error: ErrorInfo) -> int:
    pages = error.params.get("pages", 0)
    return int(pages) if isinstance(pages, int) else 0
