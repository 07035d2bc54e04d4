"""pypdf's text where pdfium's reads badly, or where pdfium reads nothing."""

from pathlib import Path

import pytest

import rag.reading.reader as reader
from rag.errors import DocumentDamaged
from rag.protocol import Box, PageRead
from rag.reading.layout import Line, RawPage, Word
from rag.reading.pdfium import PdfiumFile
from rag.reading.pypdf import with_boxes_of
from rag.reading.runs import unpack
from tests.conftest import TEST_DATA

MUSEUM = TEST_DATA / "museum.pdf"


def pages() -> list[PageRead]:
    return [event for event in reader.read(MUSEUM) if isinstance(event, PageRead)]


def glued(page: RawPage) -> RawPage:
    """Every line as one long word, as some fonts make pdfium read it."""
    lines = [Line([Word("".join(w.text for w in line.words), line.box)], line.size) for line in page.lines]
    return RawPage(page.number, lines)


def test_a_page_of_glued_words_is_read_by_pypdf_and_keeps_its_boxes(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = PdfiumFile.page
    monkeypatch.setattr(
        PdfiumFile, "page", lambda self, number: glued(p) if (p := whole(self, number)).number == 3 else p
    )
    made = pages()
    assert [page.source for page in made] == ["pdfium", "pdfium", "pypdf", "pdfium"]
    assert "A ticket costs seven euros." in made[2].text
    runs = list(unpack(made[2].runs))
    assert [made[2].text[run.start : run.end] for run in runs][:3] == ["Tickets", "A", "ticket"]
    assert runs[1].box.right < runs[2].box.right


def test_a_page_that_pdfium_cannot_load_is_read_by_pypdf(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = PdfiumFile.page

    def refusing(self: PdfiumFile, number: int) -> RawPage:
        if number == 2:
            raise DocumentDamaged(file=str(self.path), page=number)
        return whole(self, number)

    monkeypatch.setattr(PdfiumFile, "page", refusing)
    made = pages()
    assert [page.source for page in made] == ["pdfium", "pypdf", "pdfium", "pdfium"]
    assert "The boats have no keel" in made[1].text
    assert made[1].runs == b""


def test_a_file_that_pdfium_cannot_open_is_read_by_pypdf_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    def refusing(path: Path, *_: object) -> PdfiumFile:
        raise DocumentDamaged(file=str(path))

    monkeypatch.setattr(reader, "PdfiumFile", refusing)
    made = pages()
    assert {page.source for page in made} == {"pypdf"}
    assert "seven euros" in made[2].text


def test_boxes_are_kept_only_where_both_engines_see_the_same_letters() -> None:
    measured = RawPage(1, [Line([Word("abcd", Box(0.0, 0.1, 0.4, 0.2))], 11)])
    split = RawPage(1, [Line([Word("ab", None), Word("cd", None)])])
    (line,) = with_boxes_of(split, measured).lines
    assert [word.box for word in line.words] == [Box(0.0, 0.1, 0.2, 0.2), Box(0.2, 0.1, 0.4, 0.2)]
    other = RawPage(1, [Line([Word("abXd", None)])])
    assert with_boxes_of(other, measured) is other
