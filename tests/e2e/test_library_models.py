"""The real library: real PDFs, the real embedding model, the real Chroma."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pypdfium2 as pdfium
import pytest

from rag.embedding.loading import load_embedder
from rag.protocol import Box, Found, IndexDone, IndexPaths, Located, LocatePassage, Search
from tests.conftest import SHARED_DATA, TEST_DATA
from tests.fakes.library import Library, files_of

pytestmark = pytest.mark.models

MUSEUM = TEST_DATA / "museum.pdf"


@pytest.fixture(scope="module")
def library(embedding_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    with Library(tmp_path_factory.mktemp("data"), load_embedder(embedding_model)) as opened:
        opened.ask(IndexPaths((str(MUSEUM),), "english"), IndexDone)
        opened.ask(IndexPaths((str(TEST_DATA / "museo.pdf"),), "spanish"), IndexDone)
        yield opened


@pytest.mark.parametrize(
    ("question", "page", "words"),
    [
        ("¿Cuánto cuesta la entrada?", 3, "seven euros"),
        ("¿A qué hora cierra en agosto?", 3, "stays open until eight"),
        ("¿Puedo llevar a mi perro?", 4, "Dogs may not enter"),
        ("¿Cuánto tardaron en restaurar la barca?", 2, "eleven years"),
        ("How much does a ticket cost?", 3, "seven euros"),
        ("Where do I leave my bike?", 4, "Bicycles"),
    ],
)
def test_a_question_in_either_language_finds_its_passage_in_an_english_pdf(
    library: Library, question: str, page: int, words: str
) -> None:
    hits = library.ask(Search(question, 2, ("english",)), Found).hits
    assert any(words in hit.text and hit.page == page for hit in hits), [hit.text[:60] for hit in hits]


def test_a_library_of_both_languages_answers_from_the_questions_own(library: Library) -> None:
    spanish = library.ask(Search("¿Cuánto cuesta la entrada?", 2), Found).hits
    assert "siete euros" in spanish[0].text
    assert "seven euros" in spanish[1].text
    assert "seven euros" in library.ask(Search("How much is a ticket?", 1), Found).hits[0].text


@pytest.mark.parametrize("phrase", ["A ticket costs seven euros", "sixteen euros", "before closing"])
def test_the_marks_of_a_passage_lie_where_pdfium_itself_finds_the_words(
    library: Library, phrase: str
) -> None:
    hit = next(h for h in library.ask(Search(phrase, 5, ("english",)), Found).hits if phrase in h.text)
    start = hit.start + hit.text.index(phrase)
    located = library.ask(LocatePassage(hit.document, hit.page, start, start + len(phrase)), Located)
    found = search_in_pdfium(MUSEUM, hit.page, phrase)
    assert found
    for word in found:
        assert any(covers(mark, word) for mark in located.boxes), (word, located.boxes)
    assert sum(map(area, located.boxes)) < 4 * sum(map(area, found)), "no more is marked than the words"


@pytest.mark.slow
def test_the_shared_pdfs_are_indexed_and_asked(library: Library) -> None:
    folder = SHARED_DATA / "pdf"
    if not folder.is_dir():
        pytest.skip("the shared PDFs are not here")
    names = ("multicolumn.pdf", "Seige_of_Vicksburg_Sample_OCR.pdf", "crazyones-pdfa.pdf", "20-pages.pdf")
    done = library.ask(IndexPaths(tuple(str(folder / name) for name in names), "shared"), IndexDone)
    assert files_of(done) == dict(zip(names, ["indexed", "indexed", "indexed", "failed"], strict=True))
    hit = library.ask(Search("the misfits, the rebels", 1, ("shared",)), Found).hits[0]
    assert Path(hit.file).name == "crazyones-pdfa.pdf"
    hit = library.ask(Search("¿Cómo vivían los soldados en el asedio?", 1, ("shared",)), Found).hits[0]
    assert Path(hit.file).name == "Seige_of_Vicksburg_Sample_OCR.pdf"


def search_in_pdfium(path: Path, page: int, phrase: str) -> list[Box]:
    """Where pdfium's own search marks a phrase on an upright, uncropped page."""
    with pdfium.PdfDocument(path) as opened:
        shown = opened[page - 1]
        width, height = shown.get_size()
        text = shown.get_textpage()
        found = text.search(phrase, match_case=True).get_next()
        assert found is not None
        count = text.count_rects(*found)
        rectangles = [text.get_rect(index) for index in range(count)]
    return [
        Box(left / width, 1 - top / height, right / width, 1 - bottom / height)
        for left, bottom, right, top in rectangles
    ]


def covers(mark: Box, word: Box) -> bool:
    slack = 0.004
    return bool(
        np.all(np.array([mark.left, mark.top]) <= np.array([word.left, word.top]) + slack)
        and np.all(np.array([mark.right, mark.bottom]) >= np.array([word.right, word.bottom]) - slack)
    )


def area(box: Box) -> float:
    return (box.right - box.left) * (box.bottom - box.top)
