"""The vector index in step with library.db, whatever happens to it."""

import shutil
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace

import pytest

from rag.index import ChromaIndex, IndexFailed
from rag.indexing.keeper import IndexKeeper, Opener
from rag.sqlite import sqlite3
from rag.store.values import PassageVector
from tests.unit.rag.shelf import Shelf


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    shelf = Shelf(tmp_path)
    shelf.index(shelf.write([f"text number {n}" for n in range(5)]))
    return shelf


def keeper(shelf: Shelf, open_index: Opener = ChromaIndex) -> IndexKeeper:
    made = IndexKeeper(shelf.folder / "chroma", open_index)
    made.attach(shelf.writer)
    made.catch_up()
    return made


def ids(shelf: Shelf, made: IndexKeeper) -> set[int]:
    index = made.current(shelf.embedder.fingerprint)
    assert index is not None
    return index.ids()


def wanted(shelf: Shelf) -> set[int]:
    model = shelf.writer.known_model(shelf.embedder.fingerprint)
    assert model is not None
    return shelf.writer.seen_passages(model)


def test_it_holds_what_can_be_seen_and_follows_changes(shelf: Shelf) -> None:
    made = keeper(shelf)
    assert ids(shelf, made) == wanted(shelf) != set()
    shelf.write(["a new text"])
    shelf.index(shelf.folder / "files")
    shelf.writer.remove([3])
    made.catch_up()
    assert ids(shelf, made) == wanted(shelf)
    assert len(wanted(shelf)) == 4


def test_a_change_that_a_kill_kept_from_the_index_is_caught_up_at_the_next_start(shelf: Shelf) -> None:
    keeper(shelf)
    shelf.writer.remove([1])
    shelf.index(shelf.write(["as many passages as before"], "other"))
    assert ids(shelf, keeper(shelf)) == wanted(shelf)


def test_vectors_that_the_index_lost_are_put_back(shelf: Shelf) -> None:
    index = keeper(shelf).current(shelf.embedder.fingerprint)
    assert index is not None
    index.delete([1, 2])
    assert ids(shelf, keeper(shelf)) == wanted(shelf)


def test_an_index_that_cannot_be_opened_is_built_anew(shelf: Shelf) -> None:
    opened = 0

    def fails_first(folder: Path, fingerprint: str, home: int) -> ChromaIndex:
        nonlocal opened
        opened += 1
        if opened == 1:
            raise IndexFailed("corrupt")
        return ChromaIndex(folder, fingerprint, home)

    assert ids(shelf, keeper(shelf, fails_first)) == wanted(shelf)


def test_an_index_that_finds_nothing_of_what_it_holds_is_built_anew(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    keeper(shelf)
    tried: list[int] = []

    def finds_nothing_at_first(self: ChromaIndex, passages: Sequence[PassageVector]) -> bool:
        tried.append(len(passages))
        return len(tried) > 1

    monkeypatch.setattr(ChromaIndex, "finds", finds_nothing_at_first)
    assert ids(shelf, keeper(shelf)) == wanted(shelf)
    assert tried == [5, 0], "the second index began empty"


def test_an_opened_index_looks_for_vectors_that_it_holds(shelf: Shelf) -> None:
    index = keeper(shelf).current(shelf.embedder.fingerprint)
    assert index is not None
    model = shelf.writer.known_model(shelf.embedder.fingerprint)
    assert model is not None
    held = shelf.writer.vectors_of(model, [1, 2, 3])
    assert index.finds(held)
    assert index.finds([])
    index.delete([2])
    assert not index.finds(held)


def test_a_start_that_ended_while_the_index_was_opened_leads_to_a_new_one(shelf: Shelf) -> None:
    keeper(shelf)
    shelf.writer.set_fact("index", "opening")
    harmful = shelf.folder / "chroma" / "harmful.bin"
    harmful.touch()
    assert ids(shelf, keeper(shelf)) == wanted(shelf)
    assert not harmful.exists()
    assert shelf.writer.fact("index") == "in step"


def test_without_an_index_there_is_none_to_ask_and_nothing_is_raised(shelf: Shelf) -> None:
    def never(*_: object) -> ChromaIndex:
        raise IndexFailed("no native library")

    assert keeper(shelf, never).current(shelf.embedder.fingerprint) is None


def test_an_index_of_another_model_is_not_asked(shelf: Shelf) -> None:
    made = keeper(shelf)
    assert made.current("another/model") is None
    made.distrust(made.current(shelf.embedder.fingerprint))
    assert made.current(shelf.embedder.fingerprint) is None
    made.catch_up()
    assert ids(shelf, made) == wanted(shelf)


def test_one_change_is_followed_without_comparing_everything(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = keeper(shelf)
    shelf.changes.clear()
    shelf.write(["another text for the first file"])
    shelf.index(shelf.folder / "files")
    (change,) = shelf.changes
    with monkeypatch.context() as forbidden:
        forbidden.setattr(ChromaIndex, "ids", lambda _: pytest.fail("compared everything"))
        made.follow(change)
        made.follow(shelf.writer.remove([2])[1])
    assert ids(shelf, made) == wanted(shelf)
    assert shelf.writer.fact("index") == "in step"


def test_a_change_that_the_index_refuses_is_in_it_after_a_rebuild(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = keeper(shelf)
    _, change = shelf.writer.remove([1])

    def refuse(*_: object) -> None:
        monkeypatch.undo()
        raise IndexFailed("disk I/O error")

    monkeypatch.setattr(ChromaIndex, "delete", refuse)
    made.follow(change)
    assert ids(shelf, made) == wanted(shelf)


def test_an_index_is_rebuilt_beside_the_one_that_answers_and_takes_its_place(shelf: Shelf) -> None:
    made = keeper(shelf)
    old = made.current(shelf.embedder.fingerprint)
    staged = made.begin_rebuild()
    assert staged is not None
    while not staged.step():
        pass
    assert made.current(shelf.embedder.fingerprint) is old
    made.follow(shelf.writer.remove([2])[1])
    assert not made.swap(), "something was changed since it was complete"
    assert staged.step()
    assert made.swap()
    assert made.current(shelf.embedder.fingerprint) is staged.index
    assert staged.index.ids() == wanted(shelf)
    assert len(list((shelf.folder / "chroma").iterdir())) == 1
    assert ids(shelf, keeper(shelf)) == wanted(shelf), "the next start opens the new one"


def test_what_was_rebuilt_of_an_index_when_a_kill_came_is_dropped(shelf: Shelf) -> None:
    made = keeper(shelf)
    assert made.begin_rebuild() is not None
    again = keeper(shelf)
    again.drop_others()
    assert ids(shelf, again) == wanted(shelf)
    assert len(list((shelf.folder / "chroma").iterdir())) == 1


def test_an_index_whose_folder_was_deleted_while_it_was_open_is_built_anew(shelf: Shelf) -> None:
    made = keeper(shelf)
    shutil.rmtree(shelf.folder / "chroma")
    made.follow(shelf.writer.remove([1])[1])
    assert ids(shelf, made) == wanted(shelf)
    assert ids(shelf, keeper(shelf)) == wanted(shelf)


def test_an_index_stays_behind_while_the_disk_is_full_and_catches_up(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = keeper(shelf)
    shelf.write(["a text for which there is no room"], "late")
    shelf.index(shelf.folder / "files")
    with monkeypatch.context() as full:
        full.setattr("rag.indexing.space.shutil.disk_usage", lambda _: SimpleNamespace(free=1000))
        made.follow(shelf.changes[-1])
        assert made.current(shelf.embedder.fingerprint) is None
        assert shelf.writer.fact("index") == "behind"
    made.catch_up()
    assert ids(shelf, made) == wanted(shelf)


def test_what_is_held_comes_in_with_the_next_change_or_when_it_is_settled(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = keeper(shelf)
    before = wanted(shelf)
    shelf.changes.clear()
    shelf.index(shelf.write(["one more", "and another"], "more"))
    first, second = shelf.changes
    with monkeypatch.context() as forbidden:
        forbidden.setattr(ChromaIndex, "ids", lambda _: pytest.fail("compared everything"))
        made.hold(first)
        made.hold(second)
        assert shelf.writer.fact("index") == "behind"
        held = made._index
        assert held is not None
        assert held.count() == len(before)
        made.settle()
    assert ids(shelf, made) == wanted(shelf) > before
    assert shelf.writer.fact("index") == "in step"


def test_a_document_that_was_held_and_is_removed_meanwhile_never_comes_in(shelf: Shelf) -> None:
    made = keeper(shelf)
    shelf.changes.clear()
    (document,) = shelf.index(shelf.write(["not for long"], "late") / "late0.txt").documents
    (change,) = shelf.changes
    made.hold(change)
    assert document.document is not None
    made.follow(shelf.writer.remove([document.document])[1])
    assert ids(shelf, made) == wanted(shelf)
    assert not set(change.shown) & ids(shelf, made)
    made.hold(shelf.writer.restore([document.document])[1])
    made.settle()
    assert set(change.shown) <= ids(shelf, made) == wanted(shelf)


def test_an_index_that_takes_the_place_of_the_one_in_use_has_what_was_held(shelf: Shelf) -> None:
    made = keeper(shelf)
    staged = made.begin_rebuild()
    assert staged is not None
    while not staged.step():
        pass
    shelf.changes.clear()
    shelf.index(shelf.write(["one more"], "more"))
    made.hold(shelf.changes[0])
    assert not made.swap(), "it does not have what was held"
    assert staged.step()
    assert made.swap()
    assert ids(shelf, made) == wanted(shelf)


def test_what_was_held_when_the_process_was_killed_is_in_the_index_after_the_next_start(shelf: Shelf) -> None:
    made = keeper(shelf)
    shelf.changes.clear()
    shelf.index(shelf.write(["one more"], "more"))
    made.hold(shelf.changes[0])
    assert ids(shelf, keeper(shelf)) == wanted(shelf)


def test_an_index_that_got_a_part_of_a_change_is_compared_before_it_is_trusted_again(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = keeper(shelf)
    shelf.changes.clear()
    shelf.index(shelf.write(["one more"], "more"))
    with monkeypatch.context() as broken:
        broken.setattr(shelf.writer, "vectors_of", lambda *_: (_ for _ in ()).throw(sqlite3.OperationalError))
        made.hold(shelf.changes[0])
        made.settle()  # says nothing: whoever writes next meets the same
        assert made.current(shelf.embedder.fingerprint) is None
    made.follow(shelf.writer.remove([1])[1])
    assert ids(shelf, made) == wanted(shelf)
