"""What is taken out of a damaged library, and what a kill leaves while it is."""

from contextlib import closing
from pathlib import Path

import pytest

from rag.database import open_database
from rag.store import rescue
from rag.store.schema import MIGRATIONS

HERE = str(Path(__file__))
GONE = "/nowhere/gone.pdf"
COLUMNS = 'page, document, generation, start, "end", heading, language, digest'


@pytest.fixture
def library(tmp_path: Path) -> Path:
    """A document whose file is there, one whose file is gone, one in the trash, and one of half its pages."""
    path = tmp_path / "library.db"
    with closing(open_database(path, MIGRATIONS)) as db:
        db.execute("INSERT INTO models (id, fingerprint, dimensions) VALUES (1, 'm', 1)")
        for number, (file, removed, pages) in enumerate(
            ((HERE, 0, 1), (GONE, 0, 1), ("/nowhere/trash.pdf", 5, 1), ("/nowhere/half.pdf", 0, 2)), 1
        ):
            db.execute(
                "INSERT INTO documents (id, collection, path, state, generation, pages, passages, added_at,"
                " removed_at) VALUES (?, 1, ?, 'indexed', 3, ?, 1, 1, ?)",
                (number, file, pages, removed),
            )
            db.execute(
                "INSERT INTO pages (id, document, generation, number, text, runs, source)"
                " VALUES (?, ?, 3, 1, ?, x'', 'text')",
                (number, number, f"pelican{number}"),
            )
            db.execute(
                f"INSERT INTO passages (id, {COLUMNS}) VALUES (?, ?, ?, 3, 0, 8, '', 'en', ?)",  # noqa: S608
                (number + 40, number, number, bytes([number])),
            )
            db.execute("INSERT INTO vectors VALUES (1, ?, x'0000803f')", (bytes([number]),))
        db.execute("INSERT INTO vectors VALUES (1, x'ff', x'00')")  # cut short
        db.execute(
            "INSERT INTO questions (text, document, page, quote, made, accepted, added_at)"
            " VALUES ('Why?', 1, 1, '', 0, 1, 1)"
        )
        db.execute("INSERT INTO facts VALUES ('index', 'in step'), ('library', 'abc')")
    return path


def rescued(path: Path) -> list[tuple[object, ...]]:
    rescue.ask(path)
    assert rescue.is_asked(path)
    rescue.rescue(path)
    assert not rescue.is_asked(path)
    with closing(open_database(path, MIGRATIONS)) as db:
        return db.execute("SELECT id, state, generation FROM documents ORDER BY id").fetchall()


def test_files_that_are_there_are_read_again_and_the_text_of_others_is_taken(library: Path) -> None:
    assert rescued(library) == [
        (1, "indexing", 0),
        (2, "indexed", 3),
        (3, "indexed", 3),
        (4, "indexing", 0),  # which will say that its file is gone
    ]
    with closing(open_database(library, MIGRATIONS)) as db:
        assert db.execute("SELECT document FROM pages ORDER BY id").fetchall() == [(2,), (3,)]
        words = "SELECT rowid FROM passage_words WHERE passage_words MATCH 'pelican2'"
        assert db.execute(words).fetchall() == [(42,)]
        assert db.execute("SELECT count(*) FROM vectors").fetchone() == (4,)
        assert db.execute("SELECT text, document FROM questions").fetchall() == [("Why?", 1)]
        assert db.execute("SELECT name, value FROM facts").fetchall() == [("library", "abc")]
        assert db.execute("PRAGMA foreign_key_check").fetchall() == []
        # no number is used twice
        db.execute(f"INSERT INTO passages ({COLUMNS}) VALUES (2, 2, 3, 0, 1, '', 'en', x'09')")  # noqa: S608
        assert db.execute("SELECT max(id) FROM passages").fetchone() == (45,)


def test_of_a_file_that_is_no_database_nothing_is_left_but_the_file_itself(library: Path) -> None:
    library.write_bytes(b"not a database" * 1000)
    assert rescued(library) == []
    assert library.with_name("library.db.damaged-1").read_bytes().startswith(b"not a database")


def test_a_kill_before_the_new_one_takes_its_place_loses_nothing(library: Path) -> None:
    rescue.ask(library)
    whole = library.with_name("library.db.rescued")
    rescue._write(whole, library)
    library.rename(library.with_name("library.db.damaged-1"))  # and then it was killed
    assert [row[0] for row in rescued(library)] == [1, 2, 3, 4]
    assert not whole.exists()


def test_a_kill_while_it_is_written_begins_it_again(library: Path) -> None:
    library.with_name("library.db.rescued.part").write_bytes(b"half")
    assert [row[0] for row in rescued(library)] == [1, 2, 3, 4]
