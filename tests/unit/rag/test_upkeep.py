"""What a check of the library finds, and what making it anew mends."""

from pathlib import Path

import numpy as np
import pytest

from rag.errors import Cancelled, DiskFull, IndexUnbuildable
from rag.index import IndexFailed
from rag.index.chroma import ChromaIndex
from rag.indexing.keeper import IndexKeeper
from rag.indexing.upkeep import Upkeep
from rag.protocol import Checked, UpkeepProgress
from rag.sqlite import sqlite3
from rag.store.queries import Queries
from rag.store.scope import Scope
from rag.store.writer import LibraryWriter
from tests.unit.rag.shelf import Shelf


class House:
    """A library with five documents and its index."""

    def __init__(self, folder: Path) -> None:
        self.shelf = Shelf(folder)
        self.shelf.index(self.shelf.write([f"text number {n} about wombats" for n in range(5)]))
        self.keeper = IndexKeeper(folder / "chroma")
        self.keeper.attach(self.shelf.writer)
        self.keeper.catch_up()
        self.upkeep = Upkeep(folder, self.shelf.writer, self.keeper, lambda: None)
        self.told: list[UpkeepProgress] = []

    def check(self, *, thorough: bool = True) -> Checked:
        return self.upkeep.check(thorough, self.told.append, lambda: False)

    def faults(self) -> dict[str, int]:
        return {fault.kind: fault.count for fault in self.check().faults}

    def rebuild(self) -> int:
        return self.upkeep.rebuild(self.told.append, lambda: False).passages

    def spoil(self, *statements: str) -> None:
        with sqlite3.connect(self.shelf.folder / "library.db") as db:
            for statement in statements:
                db.execute(statement)

    @property
    def index(self) -> ChromaIndex:
        index = self.keeper.current(self.shelf.embedder.fingerprint)
        assert index is not None
        return index


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


@pytest.mark.parametrize("thorough", [False, True])
def test_a_sound_library_has_no_fault(house: House, *, thorough: bool) -> None:
    checked = house.check(thorough=thorough)
    assert checked == Checked(5, 5, 5, 5, 5, house.shelf.embedder.fingerprint, thorough)
    assert {event.stage for event in house.told} == {"database", "texts", "words", "vectors", "index"}


def test_vectors_that_the_index_lost_or_holds_too_many_are_found_and_mended(house: House) -> None:
    house.index.delete([1, 2])
    (strange,) = house.shelf.writer.vectors_of(1, [3])
    house.index.add([strange._replace(id=99)])
    assert house.faults() == {"index_missing": 2, "index_extra": 1}
    assert house.rebuild() == 5
    assert house.faults() == {}


def test_vectors_in_the_index_that_are_not_the_librarys_are_found_and_mended(house: House) -> None:
    (one,) = house.shelf.writer.vectors_of(1, [3])
    other = np.roll(np.frombuffer(one.vector, "<f4"), 7).tobytes()
    house.index.add([one._replace(vector=other)])
    assert house.faults() == {"index_wrong": 1, "index_blind": 1}
    house.rebuild()
    assert house.faults() == {}


def test_what_the_search_by_words_lost_is_found_and_mended(house: House) -> None:
    house.spoil("INSERT INTO passage_words (passage_words) VALUES ('delete-all')")
    assert house.faults() == {"words_wrong": 5}
    house.rebuild()
    assert house.faults() == {}
    queries = Queries(house.shelf.folder / "library.db")
    assert len(queries.by_words('"wombats"', Scope(), 10)) == 5
    queries.close()


def test_vectors_that_are_missing_or_cut_are_found_and_made_anew(house: House) -> None:
    house.spoil(
        "DELETE FROM vectors WHERE digest = (SELECT digest FROM passages WHERE id = 1)",
        "UPDATE vectors SET vector = x'00' WHERE digest = (SELECT digest FROM passages WHERE id = 2)",
    )
    faults = house.faults()
    assert (faults["vectors_missing"], faults["vectors_wrong"]) == (1, 1)
    assert house.rebuild() == 3
    while house.shelf.indexer.resume(lambda: False):
        house.keeper.follow(house.shelf.changes[-1])
    assert house.faults() == {}


def test_pages_and_passages_that_contradict_each_other_are_found(house: House) -> None:
    house.spoil(
        'UPDATE passages SET "end" = 1000 WHERE id = 1', "UPDATE documents SET pages = 3 WHERE id = 2"
    )
    checked = house.check()
    assert {fault.kind: fault.count for fault in checked.faults} == {"spans_wrong": 1, "pages_missing": 1}
    assert not any(fault.rebuildable for fault in checked.faults)


def test_a_database_that_contradicts_itself_is_told_with_what_sqlite_says(house: House) -> None:
    file = house.shelf.folder / "library.db"
    with sqlite3.connect(file) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        select = "SELECT rootpage FROM sqlite_master WHERE name = 'passages_by_digest'"
        (page,) = db.execute(select).fetchone()
    with file.open("r+b") as spoiled:
        spoiled.seek((page - 1) * 4096)
        spoiled.write(bytes(200))
    house.shelf.writer = LibraryWriter(file)
    house.upkeep = Upkeep(house.shelf.folder, house.shelf.writer, house.keeper, lambda: None)
    (fault,) = house.check().faults
    assert (fault.kind, bool(fault.detail), fault.rebuildable) == ("database_damaged", True, False)


def test_an_index_that_cannot_be_opened_is_told_and_the_counts_stand(house: House) -> None:
    house.keeper.distrust(house.index)
    checked = house.check()
    assert [fault.kind for fault in checked.faults] == ["index_closed"]
    assert (checked.indexed, checked.vectors) == (-1, 5)


def test_a_check_can_be_cancelled(house: House) -> None:
    with pytest.raises(Cancelled):
        house.upkeep.check(True, house.told.append, lambda: True)


def test_a_rebuild_that_is_cancelled_leaves_the_index_that_answers(house: House) -> None:
    before = house.index
    answers = iter([False, True])

    house.upkeep = Upkeep(house.shelf.folder, house.shelf.writer, house.keeper, lambda: None)
    with pytest.MonkeyPatch.context() as small:
        small.setattr("rag.indexing.staged.PASSAGES_PER_STEP", 1)
        with pytest.raises(Cancelled):
            house.upkeep.rebuild(house.told.append, lambda: next(answers))
    assert house.index is before
    assert house.faults() == {}
    assert len(list((house.shelf.folder / "chroma").iterdir())) == 1


def test_a_rebuild_without_room_or_without_chroma_leaves_the_index_that_answers(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = house.index
    with monkeypatch.context() as full:
        full.setattr("rag.indexing.space.LEAST_FREE_BYTES", 1 << 60)
        with pytest.raises(DiskFull):
            house.rebuild()

    def refuse(*_: object) -> None:
        raise IndexFailed("disk I/O error")

    with monkeypatch.context() as broken:
        broken.setattr(ChromaIndex, "add", refuse)
        with pytest.raises(IndexUnbuildable):
            house.rebuild()
    assert house.index is before
    assert house.faults() == {}


def test_a_library_without_documents_is_sound_and_has_nothing_to_rebuild(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    keeper = IndexKeeper(tmp_path / "chroma")
    keeper.attach(shelf.writer)
    upkeep = Upkeep(tmp_path, shelf.writer, keeper, lambda: None)
    assert upkeep.check(True, lambda _: None, lambda: False) == Checked(0, 0, 0, 0, 0, "", True)
    assert upkeep.rebuild(lambda _: None, lambda: False).passages == 0
