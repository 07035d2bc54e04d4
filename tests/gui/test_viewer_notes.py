"""The viewer's widgets over the fake core: stored text, notes on what is wrong, names for screen readers."""

import threading
from collections.abc import Iterator

import pytest
from msgspec.structs import replace
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop.core.types import Problem
from desktop.i18n import set_language
from desktop.ui.theme import LIGHT, apply_theme
from desktop.ui.viewer import PageViewer
from desktop.view_models.viewer import Target
from rag.protocol import PageBitmap
from tests.fakes.core import FakeCore
from tests.fakes.samples import MUSEUM, documents, excerpt
from tests.gui.viewer_pane import (
    blank,
    citation,
    model_of,
    open_viewer,
    page_number_in,
    picture,
    pixel,
    rgb,
    show,
)

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture(autouse=True)
def _looks(qapp: QApplication) -> Iterator[None]:
    set_language("en")
    apply_theme(qapp, LIGHT)
    yield
    apply_theme(qapp, LIGHT)


@pytest.fixture
def core() -> FakeCore:
    return FakeCore(documents=documents(), painter=blank)


@pytest.fixture
def viewer(qtbot: QtBot, core: FakeCore) -> PageViewer:
    return open_viewer(qtbot, core)


def test_a_text_document_shows_its_text_with_the_passage_marked(qtbot: QtBot, viewer: PageViewer) -> None:
    e = excerpt()
    show(qtbot, viewer, Target(3, "/home/ana/Documents/notes.md", "", 1, e.start, e.end, e.text))
    assert viewer.text.isVisible()
    assert viewer.text.passage_text() == e.text
    image = viewer.text.viewport().grab().toImage()
    select = rgb(LIGHT.select)
    found = sum(
        1
        for x in range(0, image.width(), 7)
        for y in range(0, image.height(), 3)
        if pixel(image, QPoint(x, y)) == select
    )
    assert found > 50


def test_spans_count_characters_whatever_qt_counts(qtbot: QtBot, viewer: PageViewer) -> None:
    text = "🐙🐙 octopus\r\nsecond line: seven euros 🎟 and more"
    start = text.index("seven")
    viewer.text.show_text(text, (start, start + len("seven euros 🎟")))
    assert viewer.text.passage_text() == "seven euros 🎟"


def test_a_file_that_is_gone_is_told_in_words_above_its_stored_text(
    qtbot: QtBot, core: FakeCore, viewer: PageViewer
) -> None:
    core.fail("render_page", Problem("document_missing", {"file": MUSEUM}))
    show(qtbot, viewer, citation())
    qtbot.waitUntil(lambda: viewer.note.isVisible())
    assert viewer.text.isVisible()
    assert viewer.text.passage_text() == excerpt().text
    assert "document_missing" not in viewer.note.accessibleName()
    qtbot.mouseClick(viewer.note.retry_button, LEFT)
    qtbot.waitUntil(lambda: viewer.canvas.isVisible() and model_of(viewer).image is not None)
    assert not viewer.note.isVisible()


def test_with_file_and_library_gone_the_passage_itself_is_left(
    qtbot: QtBot, core: FakeCore, viewer: PageViewer
) -> None:
    core.fail("render_page", Problem("document_missing", {"file": MUSEUM}))
    core.fail("locate", Problem("unknown_document", {"document": 1}))
    show(qtbot, viewer, citation())
    qtbot.waitUntil(lambda: viewer.text.passage_text() == excerpt().text)
    assert viewer.note.isVisible()


def test_a_changed_document_quotes_what_was_cited(qtbot: QtBot, viewer: PageViewer) -> None:
    show(qtbot, viewer, replace(citation(), quote="A ticket costs nine euros."))
    qtbot.waitUntil(lambda: viewer.note.isVisible())
    assert "A ticket costs nine euros." in viewer.note._quote.text()
    assert viewer.canvas.mark_rects() == ()


def test_a_screen_reader_hears_the_place_and_the_passage(qtbot: QtBot, viewer: PageViewer) -> None:
    show(qtbot, viewer, citation())
    name = viewer.canvas.accessibleName()
    assert "page 3 of 12" in name
    assert excerpt().text in name
    qtbot.keyClick(viewer.canvas, Qt.Key.Key_PageDown)
    assert excerpt().text not in viewer.canvas.accessibleName()
    assert all(
        button.accessibleName()
        for button in (viewer.previous_button, viewer.next_button, viewer.close_button, viewer.copy_button)
    )


def test_a_long_wait_says_what_it_waits_for(qtbot: QtBot) -> None:
    gate = threading.Event()

    def slow(page: int, width_px: int) -> PageBitmap:
        assert gate.wait(20)
        return blank(page, width_px)

    viewer = open_viewer(qtbot, FakeCore(documents=documents(), painter=slow))
    model_of(viewer).show(replace(citation(), start=0, end=0, quote=""))
    at_once = picture(viewer)
    assert model_of(viewer).waiting
    qtbot.waitUntil(lambda: picture(viewer) != at_once)  # the words appear
    gate.set()
    qtbot.waitUntil(lambda: page_number_in(picture(viewer), viewer) == 3)
    qtbot.waitUntil(lambda: not model_of(viewer).waiting)
