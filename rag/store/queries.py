"""Everything that reads library.db for the request thread. Changes nothing."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from rag.errors import ErrorInfo, UnknownDocument
from rag.keeping_frames import RemovedThings
from rag.protocol import (
    CollectionInfo,
    DocumentInfo,
    Located,
    PageInfo,
    RemovedCollection,
    WatchedFolder,
)
from rag.reading.runs import boxes_for
from rag.sealing import Key
from rag.sqlite import sqlite3
from rag.store.folders import FolderRow, KnownFile, followed, known_files, watched_folders
from rag.store.opening import identity, open_library
from rag.store.search_queries import SearchQueries

_STEPS = 100_000  # of SQLite's machine: a few milliseconds


class Queries(SearchQueries):
    """A reading connection, for one thread."""

    def __init__(self, path: Path, key: Key | None = None) -> None:
        self._path = path
        self._key = key
        self._db: sqlite3.Connection = open_library(path, key)
        self._file = identity(path)
        self._stopped: Callable[[], bool] = lambda: False

    def close(self) -> None:
        self._db.close()

    def stop_when(self, stopped: Callable[[], bool]) -> None:
        """Look at this now and then while a statement runs: one that is stopped raises
        sqlite3.OperationalError with the code SQLITE_INTERRUPT."""
        self._stopped = stopped
        self._db.set_progress_handler(lambda: int(stopped()), _STEPS)

    def follow_file(self) -> None:
        """Open the file anew where another one took its place, see `LibraryWriter.keep_file`."""
        if identity(self._path) in ((0, 0), self._file):
            return
        self._db.close()
        self._db = open_library(self._path, self._key)
        self._file = identity(self._path)
        self.stop_when(self._stopped)

    def fact(self, name: str) -> str:
        """What the library remembers of itself; "" when it was never set."""
        row = self._db.execute("SELECT value FROM facts WHERE name = ?", (name,)).fetchone()
        return str(row[0]) if row else ""

    def documents(self, collection: str | None) -> tuple[DocumentInfo, ...]:
        """Raises UnknownCollection."""
        if collection is not None:
            self.scope((collection,), ())
        rows = self._db.execute(
            "SELECT d.id, c.name, d.path, d.title, d.state, d.pages, d.passages, d.size_bytes, d.added_at,"
            " (SELECT count(*) FROM pages g WHERE g.document = d.id AND g.generation = d.generation"
            "  AND g.source = 'ocr'),"
            " (SELECT count(*) FROM pages g WHERE g.document = d.id"
            "  AND (g.generation = d.generation OR d.state = 'failed') AND g.source LIKE 'scan%'),"
            " coalesce((SELECT substr(g.source, 6) FROM pages g WHERE g.document = d.id"
            "  AND (g.generation = d.generation OR d.state = 'failed') AND g.source LIKE 'scan%'"
            "  ORDER BY g.number LIMIT 1), ''),"
            " d.error, d.language, d.removed_at FROM documents d JOIN collections c ON c.id = d.collection"
            " WHERE (?1 IS NULL OR c.name = ?1) AND d.removed_at = 0 AND c.removed_at = 0"
            " ORDER BY c.name, d.path",
            (collection,),
        )
        return tuple(_document(*row) for row in rows)

    def removed(self) -> RemovedThings:
        """What lies in the trash, the last first."""
        collections = self._db.execute(
            "SELECT id, removed_name, (SELECT count(*) FROM documents d"
            "  WHERE d.collection = c.id AND d.removed_at = 0), removed_at"
            " FROM collections c WHERE removed_at > 0 ORDER BY removed_at DESC, id DESC"
        )
        documents = self._db.execute(
            "SELECT d.id, c.name, d.path, d.title, 'indexed', d.pages, d.passages, d.size_bytes, d.added_at,"
            " 0, 0, '', NULL, d.language, d.removed_at FROM documents d"
            " JOIN collections c ON c.id = d.collection"
            " WHERE d.removed_at > 0 AND NOT d.left_out AND c.removed_at = 0"
            " ORDER BY d.removed_at DESC, d.path"
        )
        return RemovedThings(
            tuple(RemovedCollection(*row) for row in collections),
            tuple(_document(*row) for row in documents),
        )

    def pages_of(self, document: int) -> tuple[PageInfo, ...]:
        """Raises UnknownDocument when the library has none."""
        rows = self._db.execute(
            "SELECT g.number, g.source, length(g.text),"
            " (SELECT count(*) FROM passages p WHERE p.page = g.id) FROM pages g"
            " JOIN documents d ON d.id = g.document AND (d.generation = g.generation OR d.state = 'failed')"
            " WHERE d.id = ? ORDER BY g.number",
            (document,),
        ).fetchall()
        if not rows:
            raise UnknownDocument(document=document, page=1)
        return tuple(
            PageInfo(number, source.partition(":")[0], characters, passages, source.partition(":")[2])
            for number, source, characters, passages in rows
        )

    def folders(self) -> tuple[WatchedFolder, ...]:
        return watched_folders(self._db)

    def followed(self) -> list[FolderRow]:
        """The folders that are watched."""
        return followed(self._db)

    def known_files(self, folder: FolderRow) -> dict[str, KnownFile]:
        return known_files(self._db, folder)

    def collections(self) -> tuple[CollectionInfo, ...]:
        """All of them by name, each with the number of documents and passages that can be seen, and of the
        documents that cannot be seen yet."""
        rows = self._db.execute(
            "SELECT c.name, count(d.id) FILTER (WHERE d.generation > 0),"
            " coalesce(sum(d.passages) FILTER (WHERE d.generation > 0), 0),"
            " count(d.id) FILTER (WHERE d.generation = 0 AND d.state = 'indexing' AND d.removed_at = 0)"
            " FROM collections c LEFT JOIN documents d ON d.collection = c.id WHERE c.removed_at = 0"
            " GROUP BY c.id ORDER BY c.name"
        )
        return tuple(
            CollectionInfo(name, documents, passages, indexing=waiting)
            for name, documents, passages, waiting in rows
        )

    @property
    def connection(self) -> sqlite3.Connection:
        """For what reads in modules of its own."""
        return self._db

    def locate(self, document: int, page: int, start: int, end: int) -> Located:
        """Raises UnknownDocument when the library has no such page."""
        row = self._db.execute(
            "SELECT d.path, d.title, d.pages, g.text, g.runs FROM documents d"
            " JOIN pages g ON g.document = d.id AND g.generation = d.generation"
            " WHERE d.id = ? AND g.number = ?",
            (document, page),
        ).fetchone()
        if row is None:
            raise UnknownDocument(document=document, page=page)
        file, title, pages, text, runs = row
        return Located(file, title, pages, page, text, boxes_for(runs, start, end))


def _document(*row: Any) -> DocumentInfo:
    """A row of `documents`, with the error as it is stored."""
    values = dict(zip(DocumentInfo.__struct_fields__, row, strict=True))
    error = values["error"]
    values["error"] = msgspec.json.decode(error, type=ErrorInfo) if error else None
    return DocumentInfo(**values)
