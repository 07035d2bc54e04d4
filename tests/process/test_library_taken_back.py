"""What is taken back at the library worker: a removal costs nothing, a search ends at once."""

import threading
from pathlib import Path

import pytest

from rag.errors import Cancelled
from rag.protocol import EmbedTexts, Found, IndexDone, IndexPaths, Removed, RemoveDocuments, Search
from tests.fakes.embedder import FakeEmbedder
from tests.fakes.library import Library, RequestFailed, files_of
from tests.process.test_library_worker import MUSEUM, library, texts

__all__ = ["library"]  # the fixture


def test_a_removal_that_is_taken_back_embeds_nothing_again(library: Library, tmp_path: Path) -> None:
    folder = texts(tmp_path / "docs", 2)
    done = library.ask(IndexPaths((str(folder),)), IndexDone)
    assert isinstance(library.embedder, FakeEmbedder)
    calls = library.embedder.calls
    library.ask(RemoveDocuments(tuple(d.document or 0 for d in done.documents)), Removed)
    assert set(files_of(library.ask(IndexPaths((str(folder),)), IndexDone)).values()) == {"unchanged"}
    assert library.embedder.calls == calls
    assert "subject1." in library.ask(Search("subject1", 1), Found).hits[0].text


def test_a_search_that_is_taken_back_ends_while_the_embedder_is_silent(library: Library) -> None:
    library.ask(IndexPaths((MUSEUM,)), IndexDone)
    asked = threading.Event()

    def silent(_: EmbedTexts) -> bool:
        asked.set()
        return False

    library.before_embedding = silent
    search, behind = library.send(Search("ticket")), library.send(Search("ticket"))
    assert asked.wait(60)
    for request in (search, behind):
        library.cancel(request)
        with pytest.raises(RequestFailed) as ended:
            library.result(request, Found)
        assert ended.value.error.code == "cancelled"
    library.before_embedding = lambda _: True
    assert library.ask(Search("ticket"), Found).hits


def test_a_search_outlives_that_its_model_is_stopped_because_another_took_its_place(library: Library) -> None:
    library.ask(IndexPaths((MUSEUM,)), IndexDone)
    asked: list[EmbedTexts] = []

    def stopped_once(body: EmbedTexts) -> bool:
        asked.append(body)
        library.refusal = Cancelled() if len(asked) == 1 else None
        return True

    library.before_embedding = stopped_once
    assert library.ask(Search("ticket"), Found).hits
    assert [body.texts for body in asked[:2]] == [("ticket",), ("ticket",)]


def test_a_search_whose_models_are_all_stopped_ends(library: Library) -> None:
    library.ask(IndexPaths((MUSEUM,)), IndexDone)
    library.refusal = Cancelled()
    with pytest.raises(RequestFailed) as ended:
        library.ask(Search("ticket"), Found)
    assert ended.value.error.code == "cancelled"
