"""What of the library goes to a Chroma server: passages that can be seen, with their vectors. Reads only."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from rag.sealing import Key
from rag.sqlite import sqlite3
from rag.store.opening import open_library
from rag.store.values import marks


class SharedPassage(NamedTuple):
    """`file` without its folder: where it lies on this machine is nobody's business."""

    id: int
    document: int
    file: str
    title: str
    page: int
    start: int
    end: int
    heading: str
    language: str
    text: str
    vector: bytes


class SharedLibrary:
    """A reading connection, for one thread. Raises sqlite3.Error as it is."""

    def __init__(self, path: Path, key: Key | None = None) -> None:
        """Raises what rag.database.open_database raises."""
        self._db: sqlite3.Connection = open_library(path, key)

    def close(self) -> None:
        self._db.close()

    def fact(self, name: str) -> str:
        row = self._db.execute("SELECT value FROM facts WHERE name = ?", (name,)).fetchone()
        return str(row[0]) if row else ""

    def model(self) -> tuple[int, str] | None:
        """Number and fingerprint of the model in use."""
        fingerprint = self.fact("fingerprint")
        row = self._db.execute("SELECT id FROM models WHERE fingerprint = ?", (fingerprint,)).fetchone()
        return (int(row[0]), fingerprint) if row else None

    def collections(self) -> dict[int, str]:
        """Name by number, without those in the trash."""
        rows = self._db.execute("SELECT id, name FROM collections WHERE removed_at = 0 ORDER BY id")
        return {int(number): str(name) for number, name in rows}

    def passages(self, collection: int, model: int) -> set[int]:
        """Those that can be seen and have a vector of this model."""
        rows = self._db.execute(
            "SELECT p.id FROM passages p"
            " JOIN documents d ON d.id = p.document AND d.generation = p.generation"
            " JOIN vectors v ON v.model = ? AND v.digest = p.digest WHERE d.collection = ?",
            (model, collection),
        )
        return {int(row[0]) for row in rows}

    def rows(self, model: int, passages: Sequence[int]) -> list[SharedPassage]:
        """All that is shared of these passages (a few hundred at a time)."""
        select = (
            'SELECT p.id, d.id, d.path, d.title, g.number, p.start, p."end", p.heading, p.language,'
            ' substr(g.text, p.start + 1, p."end" - p.start), v.vector'
            # CROSS: in this order. SQLite would begin with all vectors of the model, every time
            " FROM passages p CROSS JOIN documents d ON d.id = p.document AND d.generation = p.generation"
            " CROSS JOIN pages g ON g.id = p.page CROSS JOIN vectors v ON v.model = ? AND v.digest = p.digest"
            " WHERE p.id IN "
        )
        rows = self._db.execute(select + marks(len(passages)), (model, *passages))
        return [SharedPassage(row[0], row[1], Path(row[2]).name, *row[3:]) for row in rows]
