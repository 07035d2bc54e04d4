"""The viewer over the real core, the real library and the real reader: a citation of a real PDF."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pypdfium2
import pytest
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop.core.services import Services, open_core
from desktop.core.settings import Settings
from desktop.core.types import Citation
from desktop.core.workers.launches import Launches
from desktop.core.workers.supervisor import Launch
from desktop.ui.theme import LIGHT, apply_theme
from desktop.ui.viewer import PageViewer
from desktop.ui.viewer.page_canvas import MARK
from desktop.view_models.viewer import ViewerViewModel
from rag.reading import scans
from tests.data.scan_writer import scanned
from tests.fakes.house import PATIENCE_S, FakeLaunches, places_in

pytestmark = pytest.mark.slow  # the library's index takes seconds to import

WAIT_MS = 30_000


class RealDocuments(FakeLaunches):
    """Library and reader are the real ones; nothing of a model is."""

    def library(self) -> Launch:
        return Launches.library(self)

    def reader(self) -> Launch:
        return Launches.reader(self)


@pytest.fixture
def core(tmp_path: Path) -> Iterator[Services]:
    places = places_in(tmp_path)
    core = open_core(places, RealDocuments(places, Settings(places.settings_file)))
    yield core
    core.close()


def cite(core: Services, file: Path, page: int, words: str) -> Citation:
    """A citation of `words`, found in the text that the library stored."""
    done = core.index((str(file),), "default").result(PATIENCE_S)
    document = done.documents[0].document
    assert document is not None
    located = core.locate(document, page, 0, 0).result(PATIENCE_S)
    start = located.page_text.index(words)
    return Citation(1, document, located.file, located.title, page, start, start + len(words), words)


def words_under(viewer: PageViewer, file: Path, page: int) -> str:
    """What a person reads under the mark: the text of the PDF inside the rectangles that are painted."""
    paper = viewer.canvas.page_rect()
    with pypdfium2.PdfDocument(file) as document:
        sheet = document[page - 1]
        width, height = sheet.get_size()
        text = sheet.get_textpage()
        lines = [
            text.get_text_bounded(
                left=(mark.left() - paper.left()) / paper.width() * width,
                right=(mark.right() - paper.left()) / paper.width() * width,
                top=height - (mark.top() - paper.top()) / paper.height() * height,
                bottom=height - (mark.bottom() - paper.top()) / paper.height() * height,
            )
            for mark in viewer.canvas.mark_rects()
        ]
    return " ".join(" ".join(lines).split())


def test_a_citation_opens_its_page_with_the_right_words_under_the_mark(
    qtbot: QtBot, qapp: QApplication, core: Services, test_data: Path
) -> None:
    apply_theme(qapp, LIGHT)
    museum = test_data / "museum.pdf"
    words = "Children under twelve come in free, and students and pensioners pay four euros."
    citation = cite(core, museum, 3, words)
    model = ViewerViewModel(core)
    viewer = PageViewer(model)
    model.setParent(viewer)
    qtbot.addWidget(viewer)
    viewer.resize(620, 800)
    viewer.show()
    model.show(citation)
    qtbot.waitUntil(lambda: model.image is not None and bool(model.boxes), timeout=WAIT_MS)
    assert (model.page, model.pages) == (3, 4)
    assert model.image is not None
    assert model.image.page == 3
    assert model.image.width_px == round(model.page_width * viewer.devicePixelRatioF())
    assert words_under(viewer, museum, 3) == words
    painted = viewer.canvas.viewport().grab().toImage()
    for mark in viewer.canvas.mark_rects():
        inside = mark.adjusted(1, 3, -1, -3).toRect()
        colors = [painted.pixelColor(x, inside.center().y()) for x in range(inside.left(), inside.right())]
        assert QColor(MARK) in colors  # paper between the letters takes the tone
        assert QColor("#FFFFFF") not in colors
        assert any(color.lightness() < 110 for color in colors)  # and there are letters under it


@pytest.mark.skipif(
    shutil.which("tesseract") is None or not {"spa", "eng"} <= scans.languages(),
    reason="Tesseract with Spanish and English is not installed",
)
def test_on_a_page_that_was_recognized_exactly_the_passage_is_marked(
    qtbot: QtBot, core: Services, test_data: Path, tmp_path: Path
) -> None:
    museum = test_data / "museum.pdf"
    words = "Children under twelve come in free, and students and pensioners pay four euros."
    picture = scanned(museum, tmp_path / "scan.pdf", [3])
    citation = cite(core, picture, 3, words)
    (third,) = (page for page in core.list_pages(citation.document).result(PATIENCE_S) if page.page == 3)
    assert third.source == "ocr"
    model = ViewerViewModel(core)
    viewer = PageViewer(model)
    model.setParent(viewer)
    qtbot.addWidget(viewer)
    viewer.resize(620, 800)
    viewer.show()
    model.show(citation)
    qtbot.waitUntil(lambda: model.image is not None and bool(model.boxes), timeout=WAIT_MS)
    # the page that was scanned has its text still: what stands under the mark there is what is read
    assert words_under(viewer, museum, 3) == words


def test_a_pdf_that_was_moved_away_leaves_its_stored_text(
    qtbot: QtBot, core: Services, test_data: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "guide.pdf"
    copy.write_bytes((test_data / "museum.pdf").read_bytes())
    citation = cite(core, copy, 3, "A ticket costs seven euros.")
    copy.unlink()
    model = ViewerViewModel(core)
    model.set_viewport(400, 1.0)
    model.show(citation)
    qtbot.waitUntil(lambda: model.mode == "text" and bool(model.page_text), timeout=WAIT_MS)
    assert model.image_problem is not None
    assert model.image_problem.code == "document_missing"
    assert model.page_text[slice(*(model.span or (0, 0)))] == "A ticket costs seven euros."


def test_a_markdown_file_opens_as_text(qtbot: QtBot, core: Services, test_data: Path, tmp_path: Path) -> None:
    notes = tmp_path / "notes.md"
    notes.write_bytes((test_data / "museum.source.md").read_bytes())
    citation = cite(core, notes, 1, "The boats have no keel.")
    model = ViewerViewModel(core)
    model.set_viewport(400, 1.0)
    model.show(citation)
    qtbot.waitUntil(lambda: bool(model.page_text), timeout=WAIT_MS)
    assert (model.mode, model.image_problem, model.text_problem) == ("text", None, None)
    assert model.page_text[slice(*(model.span or (0, 0)))] == "The boats have no keel."
