"""What goes into the trash and comes back: documents one by one, and whole collections.

A document in the trash keeps its pages, passages and vectors under its generation with a minus in front.
Nothing that looks for what can be seen takes that for its own, and coming back is turning the sign.
"""
# ruff: noqa: S608  what is put into statements are conditions of this module and question marks

import time
from collections.abc import Sequence
from pathlib import PurePath

from rag.database import transaction
from rag.errors import (
    BadCollectionName,
    CollectionExists,
    DefaultCollection,
    UnknownCollection,
)
from rag.protocol import DEFAULT_COLLECTION
from rag.sqlite import sqlite3
from rag.store.values import Change, marks

LONGEST_NAME = 60
WENT_WITH_FILE = -1  # of `kept`
_SOME = 500  # documents per statement


class TrashWriter:
    """What `LibraryWriter` inherits."""

    _db: sqlite3.Connection

    def set_fact(self, name: str, value: str) -> None: ...

    # ── collections ──

    def create_collection(self, name: str) -> None:
        """Raises BadCollectionName, CollectionExists."""
        self._db.execute(
            "INSERT INTO collections (name, created_at) VALUES (?, ?)", (self._free_name(name), time.time())
        )

    def rename_collection(self, name: str, new_name: str) -> str:
        """Gives the name as it is kept. Raises DefaultCollection, UnknownCollection, and as above."""
        number = self._collection(name)
        kept = self._free_name(new_name, besides=number)
        self._db.execute("UPDATE collections SET name = ? WHERE id = ?", (kept, number))
        return kept

    def remove_collection(self, name: str) -> tuple[int, Change]:
        """Into the trash. Its folders are not watched there. Gives its number."""
        number = self._collection(name)
        with transaction(self._db):
            inside = self._db.execute(
                "SELECT id FROM documents WHERE collection = ? AND removed_at = 0", (number,)
            ).fetchall()
            hidden = self._hide_in_trash([int(row[0]) for row in inside])
            # a file that is still to come stays one: it comes in when the collection is back
            self._db.execute(
                "UPDATE collections SET removed_at = ?, removed_name = name, name = ? WHERE id = ?",
                (time.time(), f"\x1f{number}", number),
            )
            self.set_fact("index", "behind")
        return number, Change(hidden, [])

    def restore_collection(self, number: int) -> tuple[str, Change]:
        """Gives its name, another one where a new collection has taken it. Raises UnknownCollection."""
        row = self._db.execute(
            "SELECT removed_name FROM collections WHERE id = ? AND removed_at > 0", (number,)
        ).fetchone()
        if row is None:
            raise UnknownCollection(name=str(number))
        name, again = str(row[0]), 1
        while self._taken(name):
            again += 1
            name = f"{row[0]} ({again})"
        with transaction(self._db):
            inside = self._db.execute(
                "SELECT id FROM documents WHERE collection = ? AND removed_at = 0", (number,)
            ).fetchall()
            self._db.execute(
                "UPDATE collections SET removed_at = 0, removed_name = '', name = ? WHERE id = ?",
                (name, number),
            )
            shown = self._show_again([int(row[0]) for row in inside])
            self.set_fact("index", "behind")
        return name, Change([], shown)

    def _collection(self, name: str) -> int:
        if name == DEFAULT_COLLECTION:
            raise DefaultCollection(name=name)
        row = self._db.execute("SELECT id FROM collections WHERE name = ?", (name,)).fetchone()
        if row is None:
            raise UnknownCollection(name=name)
        return int(row[0])

    def _free_name(self, name: str, besides: int = 0) -> str:
        kept = " ".join(name.split())
        if not kept or len(kept) > LONGEST_NAME or not kept.isprintable():
            raise BadCollectionName(name=name, limit=LONGEST_NAME)
        if self._taken(kept, besides):
            raise CollectionExists(name=kept)
        return kept

    def _taken(self, name: str, besides: int = 0) -> bool:
        """However it is written: "Work" and "work" side by side would be one name too many."""
        rows = self._db.execute("SELECT name FROM collections WHERE id != ?", (besides,))
        return name.casefold() in {str(row[0]).casefold() for row in rows}

    # ── documents ──

    def remove(self, documents: Sequence[int], *, with_file: bool = False) -> tuple[int, Change]:
        """Put documents into the trash, and give how many; those of which nothing came in go for good.

        `with_file`: it went because its file did, and comes back with it.
        """
        hidden: list[int] = []
        with transaction(self._db):
            there = self._of(documents, "removed_at = 0")
            nothing = self._of(there, "generation = 0")
            for document in nothing:
                self._db.execute("DELETE FROM documents WHERE id = ?", (document,))
            some = [document for document in there if document not in set(nothing)]
            hidden = self._hide_in_trash(some)
            self._mark(some, "removed_at = ?, kept = 0", time.time())
            if with_file:
                self._mark(some, "kept = ?", WENT_WITH_FILE)
            if hidden:
                self.set_fact("index", "behind")
        return len(there), Change(hidden, [])

    def restore(self, documents: Sequence[int], *, kept: bool = True) -> tuple[int, Change]:
        """Out of the trash. `kept`: it stays although its file may be gone."""
        with transaction(self._db):
            there = self._of(documents, "removed_at > 0 AND left_out = 0")
            self._mark(there, "removed_at = 0, kept = ?", int(kept))
            shown = self._show_again(there)
            if shown:
                self.set_fact("index", "behind")
        return len(there), Change([], shown)

    def erase_removed(self, before: float) -> int:
        """Delete for good what was put into the trash before that moment, and give how many documents.

        Of a file below a watched folder it stays known that it is not wanted.
        """
        count = 0
        with transaction(self._db):
            for (number,) in self._db.execute(
                "SELECT id FROM collections WHERE removed_at > 0 AND removed_at <= ?", (before,)
            ).fetchall():
                count += self._count("collection = ?", number)
                self._db.execute("DELETE FROM collections WHERE id = ?", (number,))
            gone = self._db.execute(
                "SELECT id, path, collection, kept FROM documents"
                " WHERE removed_at > 0 AND removed_at <= ? AND left_out = 0",
                (before,),
            ).fetchall()
            watched = self._db.execute("SELECT collection, path FROM folders WHERE watched").fetchall()
            for document, path, collection, kept in gone:
                below = kept != WENT_WITH_FILE and any(
                    collection == of and PurePath(path).is_relative_to(folder) for of, folder in watched
                )
                if below:
                    self._db.execute("DELETE FROM pages WHERE document = ?", (document,))
                    self._db.execute(
                        "UPDATE documents SET left_out = 1, generation = 0, sha256 = '', pages = 0,"
                        " passages = 0, title = '' WHERE id = ?",
                        (document,),
                    )
                else:
                    self._db.execute("DELETE FROM documents WHERE id = ?", (document,))
            count += len(gone)
        return count

    def in_trash(self, collection: int, paths: Sequence[str]) -> list[str]:
        """Those of the files that lie there."""
        rows = self._db.execute(
            "SELECT path FROM documents WHERE collection = ? AND removed_at > 0", (collection,)
        )
        there = {str(row[0]) for row in rows}
        return [path for path in paths if path in there]

    def wanted_again(self, collection: int, path: str) -> Change:
        """The person adds a file that lies in the trash: it comes back as it was."""
        row = self._db.execute(
            "SELECT id, left_out FROM documents WHERE collection = ? AND path = ? AND removed_at > 0",
            (collection, path),
        ).fetchone()
        if row is None:
            return Change([], [])
        if row[1]:
            self._db.execute(
                "UPDATE documents SET removed_at = 0, left_out = 0, state = 'indexing' WHERE id = ?",
                (row[0],),
            )
            return Change([], [])
        return self.restore([int(row[0])], kept=False)[1]

    # ── turning the sign ──

    def _hide_in_trash(self, documents: Sequence[int]) -> list[int]:
        hidden: list[int] = []
        for some in _pieces(self._of(documents, "generation > 0")):
            hidden += self._seen_in(some)
            among = marks(len(some))
            # words first: the word index needs the old text
            self._db.execute(
                "INSERT INTO passage_words (passage_words, rowid, heading, text)"
                " SELECT 'delete', t.id, t.heading, t.text FROM passage_texts t"
                " JOIN passages p ON p.id = t.id JOIN documents d ON d.id = p.document"
                f" AND d.generation = p.generation WHERE d.id IN {among}",
                some,
            )
            # what was begun of a newer version goes
            self._db.execute(
                f"DELETE FROM pages WHERE document IN {among} AND generation !="
                " (SELECT generation FROM documents WHERE id = pages.document)",
                some,
            )
            self._db.execute(f"UPDATE documents SET generation = -generation WHERE id IN {among}", some)
        return hidden

    def _show_again(self, documents: Sequence[int]) -> list[int]:
        shown: list[int] = []
        for some in _pieces(self._of(documents, "generation < 0")):
            among = marks(len(some))
            self._db.execute(f"UPDATE documents SET generation = -generation WHERE id IN {among}", some)
            self._db.execute(
                "INSERT INTO passage_words (rowid, heading, text) SELECT t.id, t.heading, t.text"
                " FROM passage_texts t JOIN passages p ON p.id = t.id JOIN documents d ON d.id = p.document"
                f" AND d.generation = p.generation WHERE d.id IN {among}",
                some,
            )
            shown += self._seen_in(some)
        return shown

    def _seen_in(self, documents: Sequence[int]) -> list[int]:
        rows = self._db.execute(
            "SELECT p.id FROM passages p JOIN documents d ON d.id = p.document"
            f" AND d.generation = p.generation WHERE d.id IN {marks(len(documents))}",
            documents,
        )
        return [int(row[0]) for row in rows]

    def _of(self, documents: Sequence[int], condition: str) -> list[int]:
        """Those that a condition holds for, in their order."""
        found: list[int] = []
        for some in _pieces(documents):
            rows = self._db.execute(
                f"SELECT id FROM documents WHERE id IN {marks(len(some))} AND {condition} ORDER BY id", some
            )
            found += [int(row[0]) for row in rows]
        return found

    def _mark(self, documents: Sequence[int], what: str, value: float) -> None:
        for some in _pieces(documents):
            self._db.execute(f"UPDATE documents SET {what} WHERE id IN {marks(len(some))}", (value, *some))

    def _count(self, condition: str, *parameters: object) -> int:
        row = self._db.execute(f"SELECT count(*) FROM documents WHERE {condition}", parameters).fetchone()
        return int(row[0])


def _pieces(numbers: Sequence[int]) -> list[Sequence[int]]:
    return [numbers[first : first + _SOME] for first in range(0, len(numbers), _SOME)]
