"""Every page of every file is accounted for: read, recognized, blank, or a picture with its reason."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rag.keeping_frames import ListPages, PagesOf
from rag.protocol import DocumentInfo, Documents, IndexDone, IndexPaths, ListDocuments
from rag.reading import scans
from rag.sqlite import sqlite3
from rag.store.queries import Queries
from tests.conftest import SHARED_DATA
from tests.data.pdf_writer import Line, Page, write
from tests.fakes.library import Library
from tests.unit.rag.shelf import Shelf

PDFS = SHARED_DATA / "pdf"
PICTURE = Page(drawing="0 0 300 300 re f")
KINDS = {"text": Page([Line(72, 100, "Words of a page")]), "picture": PICTURE, "blank": Page()}


@pytest.mark.slow
@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(sorted(KINDS)), min_size=1, max_size=20))
def test_whatever_pages_a_file_has_each_is_stored_with_what_became_of_it(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch, kinds: list[str]
) -> None:
    monkeypatch.setattr(scans.shutil, "which", lambda _: None)  # no Tesseract: pictures stay pictures
    folder = tmp_path_factory.mktemp("library")
    shelf = Shelf(folder)
    file = write(folder / "mixed.pdf", [KINDS[kind] for kind in kinds])
    (document,) = shelf.index(file).documents
    queries = Queries(folder / "library.db")
    assert document.document is not None
    pages = queries.pages_of(document.document)
    assert [page.page for page in pages] == list(range(1, len(kinds) + 1))
    became = Counter("text" if page.characters else page.source for page in pages)
    asked = Counter(kinds)
    assert (became["text"], became["scan"], became["pdfium"]) == (
        asked["text"],
        asked["picture"],
        asked["blank"],
    )
    assert {page.unread for page in pages if page.source == "scan"} <= {"no_tesseract"}
    (info,) = queries.documents(None)
    assert (info.pages, info.unread) == (len(kinds), became["scan"])
    assert info.state == ("indexed" if asked["text"] else "failed")
    queries.close()
    shelf.writer.close()


@pytest.mark.slow
@pytest.mark.skipif(not PDFS.is_dir(), reason="the shared PDFs are not beside this checkout")
def test_every_shared_pdf_ends_in_the_library_as_expected_with_all_its_pages(tmp_path: Path) -> None:
    cases = {case["file"]: case for case in json.loads((PDFS / "expected.json").read_text("utf-8"))["files"]}
    passwords = {str(PDFS / name): case["password"] for name, case in cases.items() if "password" in case}
    with Library(tmp_path) as library:
        done = library.ask(IndexPaths((str(PDFS),)), IndexDone)
        reasons = {Path(d.file).name: d.error.code if d.error else "" for d in done.documents}
        assert set(reasons) == set(cases)
        assert {name for name, code in reasons.items() if code == "document_encrypted"} == {
            Path(path).name for path in passwords
        }
        library.ask(IndexPaths(tuple(passwords), passwords=passwords), IndexDone)
        for info in library.ask(ListDocuments(), Documents).documents:
            _as_expected(library, info, cases[Path(info.file).name])
    assert _spans_that_do_not_slice_back(tmp_path / "library" / "library.db") == (0, True)


def _as_expected(library: Library, info: DocumentInfo, case: dict[str, Any]) -> None:
    name = case["file"]
    if case["expect"] in ("survive", "refuse") and info.state == "failed":
        assert info.error is not None, name
        return
    pages = library.ask(ListPages(info.document), PagesOf).pages
    assert [page.page for page in pages] == list(range(1, case["pages"] + 1)), name
    became = Counter(
        "unread" if page.unread else "blank" if not page.characters else "text" for page in pages
    )
    assert sum(became.values()) == case["pages"] == info.pages, name
    assert became["unread"] == info.unread, name
    if case["expect"] == "no-text":
        assert (info.state, info.error.code if info.error else "") == ("failed", "document_no_text"), name
        assert all(page.unread or not page.characters for page in pages), name
    else:
        assert (info.state, info.error, became["text"] > 0) == ("indexed", None, True), name


def _spans_that_do_not_slice_back(database: Path) -> tuple[int, bool]:
    """How many, and whether there were any passages at all."""
    with sqlite3.connect(database) as db:
        rows = db.execute(
            'SELECT g.text, p.start, p."end", t.text FROM passages p JOIN pages g ON g.id = p.page'
            " JOIN passage_texts t ON t.id = p.id"
        ).fetchall()
    wrong = sum(text[start:end] != passage or not passage for text, start, end, passage in rows)
    return wrong, len(rows) > 100
