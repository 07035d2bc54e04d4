"""Watched folders in library.db: which there are, and what the library knows of the files below them."""

import time
from collections.abc import Callable
from pathlib import PurePath
from typing import NamedTuple

import msgspec

from rag.database import transaction
from rag.errors import ErrorInfo, FolderNotWatched
from rag.protocol import WatchedFolder
from rag.sqlite import sqlite3
from rag.store.values import Change, DocumentRow


class FolderRow(NamedTuple):
    """A folder that is followed."""

    id: int
    collection: int
    path: str


class KnownFile(NamedTuple):
    """What the library holds of a file. `wanted` False: the person has removed it."""

    document: int
    size_bytes: int
    modified_at: float
    version: int
    seen: bool  # some generation of it can be found
    failed: bool
    wanted: bool
    there: bool  # not in the trash, where it lies though it is wanted when it went with its file
    kept: bool  # although its file is gone


class FolderWriter:
    """What `LibraryWriter` inherits."""

    _db: sqlite3.Connection
    restore: Callable[..., tuple[int, Change]]

    def watch_folder(self, collection: int, path: str, watched: bool) -> int:
        self._db.execute(
            "INSERT INTO folders (collection, path, watched) VALUES (?, ?, ?)"
            " ON CONFLICT (collection, path) DO UPDATE SET watched = excluded.watched, error = NULL",
            (collection, path, int(watched)),
        )
        row = self._db.execute(
            "SELECT id FROM folders WHERE collection = ? AND path = ?", (collection, path)
        ).fetchone()
        return int(row[0])

    def forget_folder(self, folder: int) -> tuple[int, ...]:
        """Gives the documents below it. Raises FolderNotWatched."""
        row = self._db.execute("SELECT id, collection, path FROM folders WHERE id = ?", (folder,)).fetchone()
        if row is None:
            raise FolderNotWatched(folder=folder)
        known = known_files(self._db, FolderRow(*row))
        self._db.execute("DELETE FROM folders WHERE id = ?", (folder,))
        left_out = [file.document for file in known.values() if not file.wanted]
        self._db.executemany(
            "DELETE FROM documents WHERE id = ? AND left_out = 1", [(number,) for number in left_out]
        )
        return tuple(file.document for file in known.values() if file.there)

    def looked_through(self, folder: int, error: ErrorInfo | None) -> bool:
        """Whether that is news: it could not be looked through, or can be again."""
        said = msgspec.json.encode(error).decode() if error else None
        before = self._db.execute("SELECT error, checked_at FROM folders WHERE id = ?", (folder,)).fetchone()
        self._db.execute(
            "UPDATE folders SET checked_at = ?, error = ? WHERE id = ?", (time.time(), said, folder)
        )
        return before is not None and ((before[0] is None) != (said is None) or not before[1])

    def is_followed(self, folder: int) -> bool:
        """Whether it is watched still."""
        row = self._db.execute("SELECT 1 FROM folders WHERE id = ? AND watched", (folder,)).fetchone()
        return row is not None

    def name_of(self, collection: int) -> str:
        """ "" of one that lies in the trash, or is gone."""
        row = self._db.execute(
            "SELECT name FROM collections WHERE id = ? AND removed_at = 0", (collection,)
        ).fetchone()
        return str(row[0]) if row else ""

    def known_as(self, collection: int, path: str, version: int) -> tuple[int, float] | None:
        """Size and time of change of what can be seen of a file, as it is read today."""
        row = self._db.execute(
            "SELECT size_bytes, modified_at FROM documents"
            " WHERE collection = ? AND path = ? AND version = ? AND generation > 0",
            (collection, path, version),
        ).fetchone()
        return (int(row[0]), float(row[1])) if row else None

    def is_wanted(self, collection: int, path: str) -> bool:
        """Whether there is such a document, outside the trash."""
        row = self._db.execute(
            "SELECT 1 FROM documents d JOIN collections c ON c.id = d.collection"
            " WHERE collection = ? AND path = ? AND d.removed_at = 0 AND c.removed_at = 0",
            (collection, path),
        ).fetchone()
        return row is not None

    def moved(self, document: int, to: DocumentRow, modified_at: float) -> Change:
        """The same file stands where `to` was to be made: all that is known of it goes there."""
        with transaction(self._db):
            self._db.execute("DELETE FROM documents WHERE id = ?", (to.id,))
            self._db.execute(
                "UPDATE documents SET path = ?, modified_at = ? WHERE id = ?",
                (to.path, modified_at, document),
            )
        return self.restore([document], kept=False)[1]

    def touched(self, document: int, modified_at: float) -> None:
        """Its content is as it was."""
        self._db.execute("UPDATE documents SET modified_at = ? WHERE id = ?", (modified_at, document))

    def same_elsewhere(self, collection: int, sha256: str, version: int) -> list[tuple[int, str]]:
        """Documents of a collection with this content, that can be seen or went with their file."""
        rows = self._db.execute(
            "SELECT id, path FROM documents WHERE collection = ? AND sha256 = ? AND version = ?"
            " AND (generation > 0 OR generation < 0 AND kept = -1)",
            (collection, sha256, version),
        )
        return [(int(row[0]), str(row[1])) for row in rows]


def followed(db: sqlite3.Connection) -> list[FolderRow]:
    rows = db.execute(
        "SELECT f.id, f.collection, f.path FROM folders f JOIN collections c ON c.id = f.collection"
        " WHERE f.watched AND c.removed_at = 0 ORDER BY f.id"
    )
    return [FolderRow(*row) for row in rows]


def known_files(db: sqlite3.Connection, folder: FolderRow) -> dict[str, KnownFile]:
    """By path, all that the library knows below a folder."""
    below = folder.path.rstrip("/\\")
    rows = db.execute(
        "SELECT path, id, size_bytes, modified_at, version, generation != 0, state = 'failed',"
        " removed_at = 0 OR kept = -1, removed_at = 0, kept = 1 FROM documents"
        " WHERE collection = ? AND path > ? AND path < ?",
        # every path below begins with one of the two separators, and U+10FFFF sorts behind all
        (folder.collection, below, below + "\U0010ffff"),
    )
    return {
        str(row[0]): KnownFile(*row[1:5], *map(bool, row[5:]))
        for row in rows
        if PurePath(row[0]).is_relative_to(folder.path)
    }


def watched_folders(db: sqlite3.Connection) -> tuple[WatchedFolder, ...]:
    rows = db.execute(
        "SELECT f.id, f.collection, f.path, c.name, f.watched, f.checked_at, f.error FROM folders f"
        " JOIN collections c ON c.id = f.collection WHERE c.removed_at = 0 ORDER BY c.name, f.path"
    ).fetchall()
    found = []
    for number, collection, path, name, watched, checked_at, error in rows:
        known = known_files(db, FolderRow(number, collection, path))
        count = sum(file.there and file.seen for file in known.values())
        problem = msgspec.json.decode(error, type=ErrorInfo) if error else None
        found.append(WatchedFolder(number, name, path, bool(watched), count, checked_at, problem))
    return tuple(found)
