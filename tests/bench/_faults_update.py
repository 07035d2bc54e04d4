"""Files of the program's first version, and the process that brings them up to date and may be killed.

    python -m tests.bench._faults_update chats|library FILE

`KINDS` says of each kind of file how one is written, opened, and looked over afterwards.
"""

import hashlib
import sqlite3
import struct
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from desktop.core.chats.schema import MIGRATIONS as CHATS
from desktop.core.chats.store import ChatStore
from rag.database import open_database
from rag.store.opening import open_library
from rag.store.schema import MIGRATIONS as LIBRARY
from rag.store.soundness import Soundness

OLD_CHATS, OLD_MESSAGES = 200, 40_000
OLD_DOCUMENTS, PAGES_EACH, PASSAGES_EACH = 300, 20, 10  # of a document, of a page
DIMENSIONS = 8
SENTENCE = "The orchard of house {number} was planted in spring and watered by its neighbours until autumn. "


class Kind(NamedTuple):
    """`write` an old file; `open_` brings it up to date; `look` gives what is lost, and what is not sound."""

    write: Callable[[Path], None]
    open_: Callable[[Path], None]
    look: Callable[[Path], tuple[str, str]]


def write_chats(path: Path) -> None:
    """A file of chats as the first version of the program left it."""
    db = open_database(path, CHATS[:1])
    part = '[{"type":"text","text":"How much is the ticket for the garden?"}]'
    db.execute("BEGIN")
    for chat in range(1, OLD_CHATS + 1):
        db.execute(
            "INSERT INTO chats (id, title, created_at, updated_at) VALUES (?, ?, 1, 1)",
            (chat, f"Chat {chat}"),
        )
    each = OLD_MESSAGES // OLD_CHATS
    db.executemany(
        "INSERT INTO messages (id, chat, parent, role, parts, state, created_at)"
        " VALUES (?, ?, ?, ?, ?, ?, 1)",
        (
            (
                number + 1,
                number // each + 1,
                number if number % each else None,
                "user" if number % 2 == 0 else "assistant",
                part,
                "complete",
            )
            for number in range(OLD_MESSAGES)
        ),
    )
    _finish(db)


def _look_at_chats(path: Path) -> tuple[str, str]:
    store = ChatStore(path)  # the next start
    problem = store.problem
    chats = len(store.list_chats())
    store.close()
    with closing(sqlite3.connect(path)) as db:
        (messages,) = db.execute("SELECT count(*) FROM messages").fetchone()
    whole = (chats, messages) == (OLD_CHATS, OLD_MESSAGES)
    return "" if whole else f"{chats} chats, {messages} messages", str(problem or "")


def write_library(path: Path) -> None:
    """A library as the first version left it: documents with pages, passages, words and vectors."""
    db = open_database(path, LIBRARY[:1])
    db.execute("BEGIN")
    db.execute("INSERT INTO models (id, fingerprint, dimensions) VALUES (1, 'first', ?)", (DIMENSIONS,))
    for document in range(1, OLD_DOCUMENTS + 1):
        db.execute(
            "INSERT INTO documents (id, collection, path, title, state, generation, sha256, pages, passages,"
            " added_at) VALUES (?, 1, ?, 'A garden', 'indexed', 1, ?, ?, ?, 1)",
            (
                document,
                f"/documents/{document}.pdf",
                f"{document:064}",
                PAGES_EACH,
                PAGES_EACH * PASSAGES_EACH,
            ),
        )
        for page in range(PAGES_EACH):
            _write_page(db, document, (document - 1) * PAGES_EACH + page + 1, page + 1)
    db.execute("INSERT INTO passage_words (rowid, heading, text) SELECT id, heading, text FROM passage_texts")
    _finish(db)


def _write_page(db: sqlite3.Connection, document: int, page: int, number: int) -> None:
    sentences = [SENTENCE.format(number=page * PASSAGES_EACH + one) for one in range(PASSAGES_EACH)]
    db.execute(
        "INSERT INTO pages (id, document, generation, number, text, runs, source)"
        " VALUES (?, ?, 1, ?, ?, x'', 'text')",
        (page, document, number, "".join(sentences)),
    )
    start = 0
    for sentence in sentences:
        digest = hashlib.blake2b(sentence.encode(), digest_size=16).digest()
        db.execute(
            'INSERT INTO passages (page, document, generation, start, "end", heading, language, digest)'
            " VALUES (?, ?, 1, ?, ?, '', 'en', ?)",
            (page, document, start, start + len(sentence), digest),
        )
        vector = struct.pack(f"<{DIMENSIONS}f", 1.0, *[0.0] * (DIMENSIONS - 1))
        db.execute("INSERT INTO vectors (model, digest, vector) VALUES (1, ?, ?)", (digest, vector))
        start += len(sentence)


def _look_at_library(path: Path) -> tuple[str, str]:
    with closing(Soundness(path)) as library:  # the next start
        held = (*library.counts(), library.vectors(1))
        faults = [
            *library.database(True),
            *library.pages(),
            *library.spans(),
            *library.words(),
            *library.missing_vectors(1),
            *library.wrong_vectors(1, lambda _done, _total: None),
        ]
    pages = OLD_DOCUMENTS * PAGES_EACH
    whole = (OLD_DOCUMENTS, pages, pages * PASSAGES_EACH, pages * PASSAGES_EACH)
    lost = (
        "" if held == whole else "of documents, pages, passages, vectors there are {} {} {} {}".format(*held)
    )
    return lost, ", ".join(str(fault) for fault in faults)


def _finish(db: sqlite3.Connection) -> None:
    db.execute("COMMIT")
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()


KINDS = {
    "chats": Kind(write_chats, lambda path: ChatStore(path).close(), _look_at_chats),
    "library": Kind(write_library, lambda path: open_library(path).close(), _look_at_library),
}


if __name__ == "__main__":
    print("opening", flush=True)
    KINDS[sys.argv[1]].open_(Path(sys.argv[2]))
