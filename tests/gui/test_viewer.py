"""The viewer's widgets over the fake core: pixels of the mark, pages, keys and wheel."""

from collections.abc import Iterator

import pytest
from msgspec.structs import replace
from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QGuiApplication, QWheelEvent
from PySide6.QtWidgets import QApplication, QTextEdit
from pytestqt.qtbot import QtBot

from desktop.i18n import set_language
from desktop.ui.theme import DARK, LIGHT, apply_theme, code_font, interface_font
from desktop.ui.viewer import PageViewer
from desktop.ui.viewer.page_canvas import MARK
from desktop.view_models.viewer import Target
from rag.protocol import Box
from tests.fakes.core import FakeCore
from tests.fakes.page import PAGES
from tests.fakes.samples import MUSEUM, documents, excerpt, page_text, span_boxes
from tests.gui.viewer_pane import (
    blank,
    citation,
    model_of,
    on_screen,
    open_viewer,
    page_number_in,
    picture,
    pixel,
    rgb,
    show,
)

LEFT = Qt.MouseButton.LeftButton
WHITE = (255, 255, 255)


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


# ── pixels ──


@pytest.mark.parametrize("steps", [0, 2], ids=["fitting", "zoomed"])
def test_the_mark_stands_where_the_boxes_say_and_nowhere_else(
    qtbot: QtBot, viewer: PageViewer, steps: int
) -> None:
    show(qtbot, viewer, citation())
    for _ in range(steps):
        model_of(viewer).zoom_in()
    width = model_of(viewer).page_width
    qtbot.waitUntil(lambda: (model_of(viewer).image or blank(1, 30)).width_px == width)
    viewer.canvas.reveal()
    image = picture(viewer)
    boxes = span_boxes(excerpt().start, excerpt().end)
    assert len(boxes) == 2
    for box in boxes:
        area = on_screen(viewer, box)
        assert viewer.canvas.viewport().rect().contains(area.center().toPoint())
        for x in (area.left() + 3, area.center().x(), area.right() - 3):
            inside = QPointF(x, area.center().y())
            if viewer.canvas.viewport().rect().contains(inside.toPoint()):
                assert pixel(image, inside) == rgb(MARK)
        assert pixel(image, QPointF(area.center().x(), area.top() - 6)) == WHITE
        assert pixel(image, QPointF(area.center().x(), area.bottom() + 6)) == WHITE
    below = on_screen(viewer, Box(0.12, 0.57, 0.5, 0.59))
    assert pixel(image, below.center()) == WHITE


def test_ink_stays_ink_under_the_mark(qtbot: QtBot) -> None:
    viewer = open_viewer(qtbot, FakeCore(documents=documents()))  # bars for lines, under the boxes
    show(qtbot, viewer, citation())
    area = on_screen(viewer, span_boxes(excerpt().start, excerpt().end)[0])
    ink = pixel(picture(viewer), area.center())
    grey = (0xA0, 0xAA, 0xB4)
    assert all(abs(got - was * mark // 255) <= 1 for got, was, mark in zip(ink, grey, rgb(MARK), strict=True))


def test_in_the_dark_the_paper_is_less_bright_and_the_mark_still_warm(
    qtbot: QtBot, qapp: QApplication, core: FakeCore
) -> None:
    apply_theme(qapp, DARK)
    viewer = open_viewer(qtbot, core)
    show(qtbot, viewer, citation())
    image = picture(viewer)
    area = on_screen(viewer, span_boxes(excerpt().start, excerpt().end)[0])
    paper = pixel(image, QPointF(area.center().x(), area.bottom() + 8))
    mark = pixel(image, area.center())
    assert max(paper) < 240
    assert mark[0] - mark[2] > paper[0] - paper[2] + 30


def test_turning_quickly_never_paints_a_page_that_was_left(qtbot: QtBot, viewer: PageViewer) -> None:
    model = model_of(viewer)
    show(qtbot, viewer, replace(citation(), page=1, start=0, end=0, quote=""))
    painted: list[tuple[int, int]] = []
    for page in (2, 3, 7, 4, 5, 2, 9):
        model.go_to(page)
        painted.append((page, page_number_in(picture(viewer), viewer)))
        qtbot.wait(3)
        painted.append((page, page_number_in(picture(viewer), viewer)))
    qtbot.waitUntil(lambda: page_number_in(picture(viewer), viewer) == 9)
    assert all(image in (0, page) for page, image in painted)


def test_the_mark_is_scrolled_into_view(qtbot: QtBot, core: FakeCore) -> None:
    viewer = open_viewer(qtbot, core, height=320)
    last = page_text().rindex("Bus lines")
    show(qtbot, viewer, replace(citation(), start=last, end=len(page_text()), quote=page_text()[last:]))
    qtbot.waitUntil(lambda: bool(model_of(viewer).boxes))
    room = viewer.canvas.viewport().rect()
    assert viewer.canvas.verticalScrollBar().value() > 0
    assert all(QRectF(room).contains(mark) for mark in viewer.canvas.mark_rects())


def test_zooming_keeps_the_mark_in_sight(qtbot: QtBot, core: FakeCore) -> None:
    viewer = open_viewer(qtbot, core, height=400)
    show(qtbot, viewer, citation())
    qtbot.waitUntil(lambda: bool(model_of(viewer).boxes))
    for _ in range(3):
        qtbot.keyClick(viewer.canvas, Qt.Key.Key_Plus)
    first = viewer.canvas.mark_rects()[0]
    assert 0 <= first.top() <= viewer.canvas.viewport().height()


def test_the_page_fits_the_pane_at_every_width(qtbot: QtBot, viewer: PageViewer) -> None:
    show(qtbot, viewer, citation())
    for width in (760, 400):
        viewer.resize(width, 700)
        qtbot.waitUntil(
            lambda: (model_of(viewer).image or blank(1, 30)).width_px == model_of(viewer).page_width
        )
        page = viewer.canvas.page_rect()
        assert page.left() >= 0
        assert page.right() <= viewer.canvas.viewport().width()
        assert viewer.canvas.horizontalScrollBar().maximum() == 0


# ── keys and buttons ──


def test_keys_turn_pages_and_zoom(qtbot: QtBot, viewer: PageViewer) -> None:
    show(qtbot, viewer, citation())
    model = model_of(viewer)
    qtbot.keyClick(viewer.canvas, Qt.Key.Key_PageDown)
    assert model.page == 4
    qtbot.keyClick(viewer.canvas, Qt.Key.Key_PageUp)
    qtbot.keyClick(viewer.canvas, Qt.Key.Key_PageUp)
    assert model.page == 2
    fitting = model.page_width
    qtbot.keyClick(viewer.canvas, Qt.Key.Key_Plus)
    assert model.page_width > fitting
    qtbot.keyClick(viewer.canvas, Qt.Key.Key_Minus)
    qtbot.keyClick(viewer.canvas, Qt.Key.Key_0)
    assert model.fits_width
    with qtbot.waitSignal(model.closed):
        qtbot.keyClick(viewer.canvas, Qt.Key.Key_Escape)


def test_buttons_do_what_keys_do(qtbot: QtBot, viewer: PageViewer) -> None:
    show(qtbot, viewer, citation())
    model = model_of(viewer)
    qtbot.mouseClick(viewer.next_button, LEFT)
    assert model.page == 4
    assert viewer.page_field.text() == "4"
    qtbot.mouseClick(viewer.previous_button, LEFT)
    assert model.page == 3
    assert not viewer.fit_button.isEnabled()
    qtbot.mouseClick(viewer.zoom_in_button, LEFT)
    assert viewer.fit_button.isEnabled()
    qtbot.mouseClick(viewer.fit_button, LEFT)
    assert model.fits_width
    with qtbot.waitSignal(model.closed):
        qtbot.mouseClick(viewer.close_button, LEFT)


def test_a_page_number_can_be_typed(qtbot: QtBot, viewer: PageViewer) -> None:
    show(qtbot, viewer, citation())
    viewer.page_field.setFocus()
    viewer.page_field.selectAll()
    qtbot.keyClicks(viewer.page_field, "11")
    qtbot.keyClick(viewer.page_field, Qt.Key.Key_Return)
    assert model_of(viewer).page == 11
    viewer.page_field.setFocus()
    viewer.page_field.selectAll()
    qtbot.keyClicks(viewer.page_field, "500")
    qtbot.keyClick(viewer.page_field, Qt.Key.Key_Return)
    assert model_of(viewer).page == PAGES
    assert viewer.page_field.text() == str(PAGES)


def test_the_passage_is_copied(qtbot: QtBot, viewer: PageViewer) -> None:
    show(qtbot, viewer, citation())
    QGuiApplication.clipboard().clear()
    qtbot.keyClick(viewer.canvas, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == excerpt().text


def test_a_document_opened_without_a_passage_has_none_to_copy(qtbot: QtBot, viewer: PageViewer) -> None:
    show(qtbot, viewer, Target(1, MUSEUM, "Museum of the Sea"))
    assert not viewer.copy_button.isEnabled()
    assert not viewer.back_button.isVisible()
    assert viewer.canvas.mark_rects() == ()


def test_there_is_a_way_back_to_the_passage(qtbot: QtBot, viewer: PageViewer) -> None:
    show(qtbot, viewer, citation())
    assert not viewer.back_button.isVisible()
    qtbot.keyClick(viewer.canvas, Qt.Key.Key_PageDown)
    assert viewer.back_button.isVisible()
    qtbot.mouseClick(viewer.back_button, LEFT)
    qtbot.waitUntil(lambda: bool(model_of(viewer).boxes))
    assert model_of(viewer).page == 3


def wheel(viewer: PageViewer, turn: int, control: bool = False) -> None:
    where = QPointF(100, 100)
    keys = Qt.KeyboardModifier.ControlModifier if control else Qt.KeyboardModifier.NoModifier
    event = QWheelEvent(
        where,
        viewer.canvas.viewport().mapToGlobal(where),
        QPoint(0, 0),
        QPoint(0, turn),
        Qt.MouseButton.NoButton,
        keys,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(viewer.canvas.viewport(), event)


def test_the_wheel_turns_a_page_beyond_its_end_and_comes_back_to_its_end(
    qtbot: QtBot, core: FakeCore
) -> None:
    viewer = open_viewer(qtbot, core, height=400)
    show(qtbot, viewer, replace(citation(), start=0, end=0, quote=""))
    model, bar = model_of(viewer), viewer.canvas.verticalScrollBar()
    bar.setValue(bar.maximum())
    wheel(viewer, -120)
    assert model.page == 3  # one notch too far turns nothing
    wheel(viewer, -120)
    assert model.page == 4
    qtbot.waitUntil(lambda: not model.waiting)
    assert bar.value() == 0
    wheel(viewer, 120)
    wheel(viewer, 120)
    assert model.page == 3
    qtbot.waitUntil(lambda: not model.waiting and bool(model.page_text))
    assert bar.value() == bar.maximum()


def test_the_wheel_zooms_with_control(qtbot: QtBot, viewer: PageViewer) -> None:
    show(qtbot, viewer, citation())
    before = model_of(viewer).page_width
    wheel(viewer, 120, control=True)
    assert model_of(viewer).page_width > before


def test_code_stands_in_columns_and_prose_does_not(qtbot: QtBot, viewer: PageViewer) -> None:
    for code, font in ((True, code_font()), (False, interface_font())):
        viewer.text.set_look(1.0, code=code)
        assert viewer.text.document().defaultFont().family() == font.family()
        assert (viewer.text.lineWrapMode() == QTextEdit.LineWrapMode.NoWrap) is code
