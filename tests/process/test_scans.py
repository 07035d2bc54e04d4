"""Pages that are pictures: recognized with their boxes, kept over a kill, and never left out in silence."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from rag.errors import DocumentWithoutText
from rag.indexing.reader_client import ReaderClient
from rag.protocol import DocumentOpened, DocumentRead, PageRead, Recognizing
from rag.reading import scans
from rag.reading.reader import read
from rag.reading.runs import boxes_for
from tests.conftest import TEST_DATA
from tests.data.pdf_writer import Line, Page, write
from tests.data.scan_writer import scanned
from tests.unit.rag.ink import ink, inside

pytestmark = pytest.mark.slow

needs_tesseract = pytest.mark.skipif(
    shutil.which("tesseract") is None or not {"spa", "eng"} <= scans.languages(),
    reason="Tesseract with Spanish and English is not installed",
)

LINES = (
    "El señor Núñez llegó al puerto de Cádiz en otoño.",
    "¿Cuánto cuesta la entrada? Siete euros, según el guía.",
    "La exposición reúne brújulas, lámparas y mapas antiguos.",
    "Los niños y las niñas entran gratis los miércoles.",
)


@pytest.fixture
def text_page(tmp_path: Path) -> Path:
    lines = [Line(72, 100 + 24 * n, line, 13) for n, line in enumerate(LINES)]
    return write(tmp_path / "text.pdf", [Page(lines), Page([Line(72, 100, "A page of text.")]), Page()])


@pytest.fixture
def mixed(tmp_path: Path, text_page: Path) -> Path:
    """A scanned page in Spanish, a page of text, and a blank one."""
    return scanned(text_page, tmp_path / "mixed.pdf", [1])


def pages_of(path: Path, **more: object) -> list[PageRead]:
    return [event for event in read(path, **more) if isinstance(event, PageRead)]  # type: ignore[arg-type]


@needs_tesseract
def test_a_scanned_page_in_spanish_is_read_with_its_accents_and_its_places(mixed: Path) -> None:
    told: list[tuple[int, int]] = []
    first, second, third = pages_of(mixed, recognizing=lambda page, pages: told.append((page, pages)))
    assert " ".join(first.text.split()) == " ".join(LINES)
    assert [page.source for page in (first, second, third)] == ["ocr", "pdfium", "pdfium"]
    assert (second.text, third.text, third.unread) == ("A page of text.", "", "")
    assert told == [(1, 3)], "a blank page is not painted"
    start = first.text.index("brújulas")
    (box,) = boxes_for(first.runs, start, start + len("brújulas"))
    dark = ink(mixed, 1)
    assert inside(dark, (box,), 0).any()
    everything = boxes_for(first.runs, 0, len(first.text))
    assert (inside(dark, everything) & dark).sum() > 0.97 * dark.sum()


@needs_tesseract
def test_what_was_recognized_is_not_recognized_again(
    mixed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = tmp_path / "kept"
    once = pages_of(mixed, scans=kept)
    assert [path.name for path in kept.iterdir()] == ["1.page"]
    monkeypatch.setattr(scans, "_run", lambda *_: pytest.fail("recognized twice"))
    assert pages_of(mixed, scans=kept) == once


@pytest.mark.parametrize(("found", "why"), [(None, "no_tesseract"), ("/bin/false", "failed")])
def test_a_page_that_cannot_be_recognized_says_why(
    found: str | None, why: str, mixed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scans, "tesseract", lambda: found)
    first, second, third = pages_of(mixed)
    assert (first.text, first.source, first.unread) == ("", "scan", why)
    assert (second.unread, third.unread) == ("", "")


def test_a_document_of_pictures_alone_says_that_there_is_no_text(
    mixed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scans, "tesseract", lambda: None)
    with pytest.raises(DocumentWithoutText):
        list(read(scanned(TEST_DATA / "museum.pdf", tmp_path / "all.pdf")))


@pytest.fixture
def client(tmp_path: Path) -> Iterator[ReaderClient]:
    made = ReaderClient(tmp_path / "reader.log")
    yield made
    made.close()


@needs_tesseract
def test_a_reader_that_is_killed_repeats_at_most_one_page(client: ReaderClient, tmp_path: Path) -> None:
    path = scanned(TEST_DATA / "museum.pdf", tmp_path / "all.pdf")
    kept = tmp_path / "kept"
    for event in client.read(path, lambda: False, scans=str(kept)):
        if isinstance(event, Recognizing) and event.page == 3:
            break
    client.close()  # kills it in the middle of the third page
    before = {file.name: file.stat().st_mtime_ns for file in kept.glob("*.page")}
    assert {"1.page", "2.page"} <= set(before)
    events = list(client.read(path, lambda: False, scans=str(kept)))
    after = {file.name: file.stat().st_mtime_ns for file in kept.glob("*.page")}
    assert all(after[name] == before[name] for name in ("1.page", "2.page"))
    assert [type(event) for event in events].count(DocumentOpened) == 1
    texts = [event.text for event in events if isinstance(event, PageRead)]
    assert "A ticket costs seven euros." in texts[2]


def test_a_reading_still_ends_with_its_last_event(text_page: Path) -> None:
    assert isinstance(list(read(text_page))[-1], DocumentRead)
