"""Whole documents out of the library: every page's text, or how much it would be."""

from pathlib import Path

import pytest

from rag.protocol import IndexDone, IndexPaths, Located, LocatePassage
from rag.whole_values import ReadWhole, WholeRead
from tests.fakes.library import Library, RequestFailed
from tests.process.test_library_worker import MUSEUM, library, texts

__all__ = ["library"]  # the fixture


def test_every_page_with_text_is_told_in_order_as_it_is_stored(library: Library, tmp_path: Path) -> None:
    done = library.ask(IndexPaths((MUSEUM,), "art"), IndexDone)
    library.ask(IndexPaths((str(texts(tmp_path / "docs", 2)),), "notes"), IndexDone)
    found = library.ask(ReadWhole(("art",), limit_characters=1_000_000), WholeRead)
    assert found.documents == 1
    assert [page.page for page in found.pages] == sorted(page.page for page in found.pages)
    assert found.characters == sum(len(page.text) for page in found.pages)
    assert "seven euros" in " ".join(found.pages[2].text.split())
    document = done.documents[0].document or 0
    assert {page.document for page in found.pages} == {document}
    located = library.ask(LocatePassage(document, 3, 0, 5), Located)
    assert located.page_text == found.pages[2].text
    both = library.ask(ReadWhole(limit_characters=1_000_000), WholeRead)
    assert both.documents == 3
    assert library.ask(ReadWhole((), (document,), 1_000_000), WholeRead).pages == found.pages


def test_what_is_longer_than_asked_for_is_counted_and_not_told(library: Library) -> None:
    library.ask(IndexPaths((MUSEUM,)), IndexDone)
    found = library.ask(ReadWhole(limit_characters=100), WholeRead)
    assert found.pages == ()
    assert found.characters > 100
    with pytest.raises(RequestFailed) as refused:
        library.ask(ReadWhole(("nowhere",)), WholeRead)
    assert refused.value.error.code == "unknown_collection"
