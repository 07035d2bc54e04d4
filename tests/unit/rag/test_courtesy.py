"""What builds an index lets a question go first, and comes to its end all the same."""

import threading
from pathlib import Path

import pytest

from rag.indexing import staged
from rag.indexing.courtesy import Courtesy
from rag.indexing.keeper import IndexKeeper
from tests.unit.rag.shelf import Shelf

SOON_S = 20.0


def in_thread(courtesy: Courtesy) -> threading.Event:
    """Set once somebody who builds may go on."""
    goes_on = threading.Event()

    def build() -> None:
        courtesy.give_way()
        goes_on.set()

    threading.Thread(target=build, daemon=True).start()
    return goes_on


def test_nobody_waits_where_nothing_is_asked() -> None:
    assert in_thread(Courtesy()).wait(SOON_S)


def test_who_builds_waits_for_the_question_and_goes_on_after_it() -> None:
    courtesy = Courtesy()
    courtesy.asked()
    goes_on = in_thread(courtesy)
    assert not goes_on.wait(0.1)
    courtesy.answered()
    assert goes_on.wait(SOON_S)


def test_questions_without_end_do_not_keep_an_index_from_being_built() -> None:
    courtesy = Courtesy()
    courtesy.asked()
    goes_on = in_thread(courtesy)
    assert not goes_on.wait(0.1)
    courtesy.asked()
    courtesy.answered()
    assert goes_on.wait(SOON_S)


def test_a_portion_is_added_only_after_the_question_of_the_moment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(staged, "_PASSAGES_PER_ADD", 2)
    shelf = Shelf(tmp_path)
    shelf.index(shelf.write([f"text number {n}" for n in range(5)]))
    keeper = IndexKeeper(shelf.folder / "chroma")
    gave_way: list[int] = []
    keeper.courtesy.give_way = lambda patience_s=0.0: gave_way.append(1)  # type: ignore[method-assign]
    keeper.attach(shelf.writer)
    keeper.catch_up()
    assert len(gave_way) == 3  # two, two and one
    index = keeper.current(shelf.embedder.fingerprint)
    assert index is not None
    assert index.count() == 5
