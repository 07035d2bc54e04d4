"""A damaged library of documents: told, begun anew with what can be read of it, and read again."""

import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from threading import Event

import pytest

from desktop.core.commands import Score
from desktop.core.commands import run as carry_out
from desktop.core.places import Places
from desktop.core.services import Services, open_core
from desktop.core.settings import Settings
from desktop.words.health import finding_remedy, finding_sentence
from rag.database import open_for_reading
from rag.protocol import DocumentInfo
from rag.sqlite import sqlite3
from tests.conftest import TEST_DATA
from tests.fakes.house import PATIENCE_S, places_in
from tests.process.test_core_passwords import RealDocuments

pytestmark = pytest.mark.slow

MUSEUM = str(TEST_DATA / "museum.pdf")
ASKED = "How much does a ticket cost?"


def opened(places: Places) -> Services:
    return open_core(places, RealDocuments(places, Settings(places.settings_file)), others=())


def documents(core: Services) -> dict[str, DocumentInfo]:
    return {Path(one.file).name: one for one in core.list_documents().result(PATIENCE_S)}


def wait_indexed(core: Services, names: set[str]) -> None:
    ends = time.monotonic() + 60
    while {name for name, one in documents(core).items() if one.state == "indexed"} != names:
        assert time.monotonic() < ends, documents(core)
        time.sleep(0.05)


def found_by(core: Services) -> list[tuple[str, int, str]]:
    return [(hit.file, hit.page, hit.text) for hit in core.search(ASKED, 5).result(PATIENCE_S)]


def library_of(places: Places, folder: Path) -> list[tuple[str, int, str]]:
    """Two documents, a question of a person's own and a followed folder; what a search finds."""
    watched = folder / "watched"
    watched.mkdir()
    notes = watched / "notes.txt"
    notes.write_text("The pelicans sleep on the roof of the lighthouse. " * 30)
    core = opened(places)
    core.index((MUSEUM, str(notes)), "guides").result(PATIENCE_S)
    core.watch_folder(str(watched), "guides").result(PATIENCE_S)
    question = Score("add", "guides", ASKED, MUSEUM, 3)
    carry_out(core, question, lambda _event: None, Event())
    hits = found_by(core)
    core.close()
    # a worker that was ended on a busy machine leaves its journal, which would heal what is damaged here
    with closing(sqlite3.connect(places.library_dir / "library.db")) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return hits


def broken_head(file: Path) -> None:
    with file.open("r+b") as opened_file:
        opened_file.write(b"\0" * 64)


def broken_pages(file: Path) -> None:
    """What leads to all passages is noise; the list of documents can still be read."""
    with closing(open_for_reading(file)) as db:
        (size,) = db.execute("PRAGMA page_size").fetchone()
        (root,) = db.execute("SELECT rootpage FROM sqlite_master WHERE name = 'passages'").fetchone()
    with file.open("r+b") as opened_file:
        opened_file.seek((root - 1) * size)
        opened_file.write(b"\xa5" * size)


@pytest.mark.parametrize("damage", [broken_head, broken_pages])
def test_a_damaged_library_is_told_and_begins_anew_on_demand(
    tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    places = places_in(tmp_path)
    hits = library_of(places, tmp_path)
    file = places.library_dir / "library.db"
    damage(file)
    before = file.read_bytes()
    core = opened(places)
    try:
        (found,) = [one for one in core.check_health().result(PATIENCE_S).findings if one.area == "library"]
        assert (found.level, found.state) == ("trouble", "repairable")
        assert "Repair" in finding_remedy(found)
        (mended,) = [
            one for one in core.check_health(repair=True).result(PATIENCE_S).findings if one.area == "library"
        ]
        assert (mended.kind, mended.state) == ("library_rescued", "repaired")
        assert "begins anew" in finding_sentence(mended)
        kept = file.with_name("library.db.damaged-1")
        assert kept.stat().st_size == len(before)  # it had been opened since
        assert kept.stat().st_mode & 0o077 == 0
        if damage is broken_pages:
            wait_indexed(core, {"museum.pdf", "notes.txt"})
            assert found_by(core) == hits
        else:  # nothing can be read of it: what is added now is found
            assert documents(core) == {}
            core.index((MUSEUM,), "guides").result(PATIENCE_S)
            assert core.search(ASKED, 1).result(PATIENCE_S)
        assert not core.check_health(thorough=True).result(PATIENCE_S).troubles
        assert not file.with_name("library.db.rescue").exists()
    finally:
        core.close()
