"""PDFs as pages: text, boxes, headings, titles, refusals."""

from pathlib import Path

import pytest

from rag.errors import DocumentDamaged, DocumentEncrypted, DocumentWithoutText, UnknownFormat
from rag.protocol import DocumentOpened, DocumentRead, PageRead
from rag.reading.pdfium import MOST_PIXELS, WIDEST_PX, PdfiumFile
from rag.reading.reader import read
from rag.reading.runs import boxes_for, unpack
from tests.conftest import TEST_DATA
from tests.data.pdf_writer import Line, Page, pdf, write
from tests.unit.rag.ink import ink, inside

MUSEUM = TEST_DATA / "museum.pdf"


def pages_of(path: Path) -> list[PageRead]:
    return [event for event in read(path) if isinstance(event, PageRead)]


def test_the_guide_is_read_with_title_headings_and_without_its_footers() -> None:
    opened, *pages, done = read(MUSEUM)
    assert opened == DocumentOpened(4, "The Salt Harbour Museum: a visitor's guide")
    assert done == DocumentRead(4)
    third = pages[2]
    assert isinstance(third, PageRead)
    assert third.text.startswith("Tickets\nA ticket costs seven euros. Children under twelve")
    assert "students and pensioners pay four euros" in third.text, "lines of a paragraph are joined"
    assert "visitor's guide" not in third.text
    assert [heading.path for heading in third.headings] == [("Tickets",), ("Opening hours",)]
    assert third.text[third.headings[1].start :].startswith("Opening hours\n")


@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
@pytest.mark.parametrize("crop", [None, (50, 400, 500, 800)])
def test_boxes_cover_the_words_as_the_page_is_shown(
    rotate: int, crop: tuple[int, int, int, int] | None, tmp_path: Path
) -> None:
    lines = [Line(90, 120, "Quick brown foxes", 20), Line(150, 300, "jump over dogs", 14)]
    path = write(tmp_path / "a.pdf", [Page(lines, rotate=rotate, crop=crop)])
    (page,) = pages_of(path)
    dark = ink(path, 1)
    everything = boxes_for(page.runs, 0, len(page.text))
    assert dark.any()
    assert (inside(dark, everything) == dark).all(), "every letter lies in a box"
    for run in unpack(page.runs):
        assert inside(dark, (run.box,), 0).any(), f"{page.text[run.start : run.end]} is marked elsewhere"
    start = page.text.index("jump")
    part = boxes_for(page.runs, start, len(page.text))
    rest = boxes_for(page.runs, 0, start)
    assert not (inside(dark, part, 0) & inside(dark, rest, 0)).any()


def test_words_outside_the_visible_page_are_not_read(tmp_path: Path) -> None:
    lines = [Line(90, 120, "seen"), Line(90, 700, "hidden")]
    path = write(tmp_path / "a.pdf", [Page(lines, crop=(50, 600, 500, 800))])
    assert [page.text for page in pages_of(path)] == ["seen"]


def test_a_page_without_text_among_others_is_there_and_empty(tmp_path: Path) -> None:
    path = write(tmp_path / "a.pdf", [Page([Line(90, 120, "text")]), Page(drawing="0 0 50 50 re f")])
    assert [page.text for page in pages_of(path)] == ["text", ""]


def test_a_scan_is_refused_after_its_last_page_with_their_number(tmp_path: Path) -> None:
    path = write(tmp_path / "a.pdf", [Page(drawing="0 0 50 50 re f")] * 3)
    events = read(path)
    assert next(events) == DocumentOpened(3, "")
    with pytest.raises(DocumentWithoutText) as refusal:
        list(events)
    assert refusal.value.params == {"file": str(path), "pages": 3}


def test_without_an_outline_larger_lines_are_the_headings(tmp_path: Path) -> None:
    body = [Line(72, 200 + 16 * n, "An ordinary line of the body of this page.") for n in range(5)]
    path = write(tmp_path / "a.pdf", [Page([Line(72, 100, "Large heading", 20), *body])])
    (page,) = pages_of(path)
    assert [heading.path for heading in page.headings] == [("Large heading",)]


@pytest.mark.parametrize("title", ["untitled", "Microsoft Word - Brief.doc", "report.indd"])
def test_a_title_that_no_person_wrote_is_none(title: str, tmp_path: Path) -> None:
    path = write(tmp_path / "a.pdf", [Page([Line(72, 100, "text")])], title=title)
    assert next(read(path)) == DocumentOpened(1, "")


@pytest.mark.parametrize("keep", [0.2, 0.5])
def test_half_a_file_gives_its_text_or_a_reason(keep: float, tmp_path: Path) -> None:
    whole = MUSEUM.read_bytes()
    path = tmp_path / "half.pdf"
    path.write_bytes(whole[: int(len(whole) * keep)])
    try:
        events = list(read(path))
    except (DocumentDamaged, DocumentWithoutText):
        return
    assert isinstance(events[-1], DocumentRead)


def test_bytes_that_are_no_pdf_are_damaged(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(b"<html>not found</html>" * 50)
    with pytest.raises(DocumentDamaged):
        list(read(path))


def test_a_kind_of_file_that_nothing_reads_is_named(tmp_path: Path) -> None:
    with pytest.raises(UnknownFormat) as refusal:
        list(read(tmp_path / "a.XLS"))
    assert refusal.value.params["suffix"] == ".xls"


def test_file_names_in_any_script_are_opened(tmp_path: Path) -> None:
    path = tmp_path / "guía del español, 光 = né.pdf"
    path.write_bytes(pdf([Page([Line(72, 100, "text")])]))
    assert [page.text for page in pages_of(path)] == ["text"]


def test_a_bitmap_is_as_wide_as_asked_and_stays_within_its_limits(tmp_path: Path) -> None:
    with PdfiumFile(MUSEUM) as opened:
        bitmap = opened.render(3, 620)
        assert (bitmap.page, bitmap.pages, bitmap.width_px) == (3, 4, 620)
        assert bitmap.stride >= 620 * 4
        assert len(bitmap.pixels) == bitmap.stride * bitmap.height_px
        huge = opened.render(1, 1_000_000)
        assert huge.width_px <= WIDEST_PX
        assert huge.width_px * huge.height_px <= MOST_PIXELS * 1.01
        with pytest.raises(DocumentDamaged):
            opened.render(5, 100)
    strip = write(tmp_path / "strip.pdf", [Page([Line(1, 20, "x")], size=(10, 14_000))])
    with PdfiumFile(strip) as opened:
        assert opened.render(1, 2000).height_px <= WIDEST_PX


def test_a_password_is_asked_for_before_anything_is_read(tmp_path: Path) -> None:
    from pypdf import PdfWriter

    writer = PdfWriter(clone_from=MUSEUM)
    writer.encrypt("open sesame", algorithm="AES-256")
    path = tmp_path / "locked.pdf"
    writer.write(path)
    with pytest.raises(DocumentEncrypted):
        list(read(path))
    assert isinstance(list(read(path, "open sesame"))[-1], DocumentRead)


def test_one_word_in_another_font_splits_no_paragraph_and_makes_no_heading(tmp_path: Path) -> None:
    lines = [
        Line(72, 100, "The first line of this paragraph is as wide as any", 11),
        Line(72, 116, "and the second has a", 11),
        Line(185, 116, "larger", 13),
        Line(228, 116, "word in the middle", 11),
    ]
    (page,) = pages_of(write(tmp_path / "a.pdf", [Page(lines)]))
    assert page.text == " ".join(line.text for line in lines)
    assert page.headings == ()
