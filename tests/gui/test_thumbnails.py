"""Small pages beside the page: drawn when they come into sight, chosen by keyboard and by mouse."""

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from desktop.core.errors import Reported
from desktop.core.types import Problem
from desktop.ui.viewer import PageViewer
from desktop.ui.viewer.thumbnails import image_of
from desktop.view_models.thumbnails import WIDTH_PX
from rag.protocol import PageBitmap
from tests.fakes.core import FakeCore
from tests.fakes.page import PAGES
from tests.gui.viewer_pane import blank, citation, model_of, open_viewer, show


@pytest.fixture
def core() -> FakeCore:
    return FakeCore(painter=blank)


@pytest.fixture
def viewer(qtbot: QtBot, core: FakeCore) -> PageViewer:
    made = open_viewer(qtbot, core)
    show(qtbot, made, citation())
    return made


def drawn(core: FakeCore) -> list[int]:
    """The pages whose small pictures were asked for, in order."""
    return [int(str(page)) for _, page, width in core.called("render_page") if width == WIDTH_PX]


def test_nothing_is_drawn_before_the_strip_is_wanted(
    qtbot: QtBot, core: FakeCore, viewer: PageViewer
) -> None:
    qtbot.wait(300)
    assert drawn(core) == []
    assert not viewer.strip.isVisible()


def test_the_strip_draws_what_is_in_sight_and_no_more(
    qtbot: QtBot, core: FakeCore, viewer: PageViewer
) -> None:
    viewer.resize(560, 420)
    qtbot.mouseClick(viewer.strip_button, Qt.MouseButton.LeftButton)
    sight = viewer.strip.in_sight
    qtbot.waitUntil(lambda: bool(sight()) and set(sight()) <= set(drawn(core)))
    before = set(drawn(core))
    assert len(before) < PAGES
    viewer.strip.scrollToBottom()
    qtbot.waitUntil(lambda: PAGES in drawn(core))
    assert len(drawn(core)) == len(set(drawn(core))), "none is drawn twice"
    assert image_of(blank(7, 40)).pixelColor(8, 8).blue() == 70


def test_arrows_go_along_the_pages_and_enter_opens_one(qtbot: QtBot, viewer: PageViewer) -> None:
    qtbot.keyClick(viewer.strip_button, Qt.Key.Key_Space)
    assert viewer.strip.hasFocus()
    page = model_of(viewer).page
    qtbot.waitUntil(lambda: viewer.strip.currentIndex().row() == page - 1)
    qtbot.keyClick(viewer.strip, Qt.Key.Key_Down)
    qtbot.keyClick(viewer.strip, Qt.Key.Key_Return)
    assert model_of(viewer).page == page + 1
    assert viewer.strip.model().index(page, 0).data(Qt.ItemDataRole.AccessibleTextRole) == f"Page {page + 1}"
    qtbot.keyClick(viewer.strip_button, Qt.Key.Key_Space)
    assert not viewer.strip.isVisible()


def test_a_click_opens_a_page_and_the_strip_follows_the_page(qtbot: QtBot, viewer: PageViewer) -> None:
    qtbot.mouseClick(viewer.strip_button, Qt.MouseButton.LeftButton)
    model = model_of(viewer)
    where = viewer.strip.visualRect(viewer.strip.model().index(model.page, 0)).center()
    qtbot.mouseClick(viewer.strip.viewport(), Qt.MouseButton.LeftButton, pos=where)
    assert model.page == citation().page + 1
    viewer.focus_page()
    model.go_to(PAGES)
    qtbot.waitUntil(lambda: viewer.strip.currentIndex().row() == PAGES - 1)


def test_a_page_that_cannot_be_drawn_keeps_its_number_and_the_others_come(qtbot: QtBot) -> None:
    def painter(page: int, width: int) -> PageBitmap:
        if (page, width) == (2, WIDTH_PX):
            raise Reported(Problem("document_killed_reader", {"file": "museum.pdf"}))
        return blank(page, width)

    core = FakeCore(painter=painter)
    viewer = open_viewer(qtbot, core)
    show(qtbot, viewer, citation())
    qtbot.mouseClick(viewer.strip_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: {1, 2, 3} <= set(drawn(core)))
    assert viewer.strip.model().rowCount() == PAGES


def test_a_text_and_a_document_of_one_page_have_no_strip(qtbot: QtBot, core: FakeCore) -> None:
    viewer = open_viewer(qtbot, core)
    assert not viewer.strip_button.isEnabled()
