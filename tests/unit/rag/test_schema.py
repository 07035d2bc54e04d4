"""Libraries of every schema there ever was, opened today."""

from pathlib import Path

import pytest

from rag.database import open_database
from rag.store.queries import Queries
from rag.store.schema import FIRST, MIGRATIONS
from rag.store.writer import LibraryWriter

SEEN = "The albatrosses flew over the southern ocean. Some fly for years."
HIDDEN = "A pelican that nobody sees yet."


def left_by_the_first_version(path: Path) -> None:
    """A document that can be seen, and a new version of it that was being written. Do not adapt it."""
    db = open_database(path, (FIRST,))
    db.execute(
        "INSERT INTO documents"
        " (collection, path, title, state, generation, sha256, passages, pages, added_at)"
        " VALUES (1, '/birds.txt', 'Birds', 'indexed', 1, 'abc', 1, 1, 5.0)"
    )
    for generation, text in ((1, SEEN), (2, HIDDEN)):
        page = db.execute(
            "INSERT INTO pages (document, generation, number, text, runs, source)"
            " VALUES (1, ?, 1, ?, x'', 'plain')",
            (generation, text),
        ).lastrowid
        db.execute(
            'INSERT INTO passages (page, document, generation, start, "end", heading, language, digest)'
            " VALUES (?, 1, ?, 0, ?, '', 'en', ?)",
            (page, generation, len(text), bytes([generation])),
        )
    db.execute(
        "INSERT INTO passage_words (rowid, heading, text)"
        " SELECT t.id, t.heading, t.text FROM passage_texts t WHERE t.id = 1"
    )
    db.close()


@pytest.mark.parametrize("version", range(1, len(MIGRATIONS) + 1))
def test_a_library_of_every_schema_opens_today_with_everything_in_it(version: int, tmp_path: Path) -> None:
    path = tmp_path / "library.db"
    left_by_the_first_version(path)
    open_database(path, MIGRATIONS[:version]).close()
    LibraryWriter(path).close()
    queries = Queries(path)
    (document,) = queries.documents(None)
    assert (document.title, document.passages, document.added_at) == ("Birds", 1, 5.0)
    everything = queries.scope((), ())
    assert queries.by_words('"southern"', everything, 9).keys() == {1}
    assert queries.passages(None, [1])[1].text == SEEN


def test_words_are_found_by_their_stems_and_what_was_hidden_stays_hidden(tmp_path: Path) -> None:
    path = tmp_path / "library.db"
    left_by_the_first_version(path)
    queries = Queries(path)
    everything = queries.scope((), ())
    assert queries.by_words('"albatross"', everything, 9).keys() == {1}
    assert not queries.by_words('"pelican"', everything, 9)
