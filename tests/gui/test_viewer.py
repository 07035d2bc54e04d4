"""The viewer's widgets over the fake core: pixels of the mark, keys, notes."""

import threading
from collections.abc import Iterator

import pytest
from msgspec.structs import replace
from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QGuiApplication, QImage, QWheelEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop.core.types import Citation, Problem
from desktop.i18n import set_language
from desktop.ui.theme import DARK, LIGHT, apply_theme
from desktop.ui.viewer import PageViewer
from desktop.ui.viewer.page_canvas import MARK
from desktop.view_models.viewer import Target, ViewerViewModel
from rag.protocol import Box, PageBitmap
from tests.fakes.core import FakeCore
from tests.fakes.page import PAGES
from tests.fakes.samples import MUSEUM, documents, excerpt, page_text, span_boxes

LEFT = Qt.MouseButton.LeftButton
WHITE = (255, 255, 255)


@pytest.fixture(autouse=True)
def _looks(qapp: QApplication) -> Iterator[None]:
    set_language("en")
    apply_theme(qapp, LIGHT)
    yield
    apply_theme(qapp, LIGHT)


def citation() -> Citation:
    e = excerpt()
    return Citation(e.n, e.document, e.file, e.title, e.page, e.start, e.end, e.text)


def blank(page: int, width_px: int) -> PageBitmap:
    """White paper with the page's number in its colour: blue is 10 times the number, at the top left."""
    height_px, stride = round(width_px * 1.4), width_px * 4 + 16  # rows longer than the picture
    row = b"\xff\xff\xff\x00" * width_px + b"\x00" * 16
    corner = bytes((page * 10, 0, 0, 0)) * 20 + row[80:]
    return PageBitmap(page, PAGES, width_px, height_px, stride, corner * 20 + row * (height_px - 20))


def open_viewer(qtbot: QtBot, core: FakeCore, width: int = 560, height: int = 700) -> PageViewer:
    model = ViewerViewModel(core)
    viewer = PageViewer(model)
    model.setParent(viewer)
    qtbot.addWidget(viewer)
    viewer.resize(width, height)
    viewer.show()
    qtbot.waitExposed(viewer)
    return viewer


@pytest.fixture
def core() -> FakeCore:
    return FakeCore(documents=documents(), painter=blank)


@pytest.fixture
def viewer(qtbot: QtBot, core: FakeCore) -> PageViewer:
    return open_viewer(qtbot, core)


def model_of(viewer: PageViewer) -> ViewerViewModel:
    return viewer._view_model


def show(qtbot: QtBot, viewer: PageViewer, what: Citation | Target) -> None:
    model = model_of(viewer)
    model.show(what)
    qtbot.waitUntil(lambda: not model.waiting and bool(model.page_text or model.text_problem))


def picture(viewer: PageViewer) -> QImage:
    return viewer.canvas.viewport().grab().toImage()


def pixel(image: QImage, where: QPointF | QPoint) -> tuple[int, int, int]:
    point = where.toPoint() if isinstance(where, QPointF) else where
    ratio = image.devicePixelRatio()
    color = image.pixelColor(round(point.x() * ratio), round(point.y() * ratio))
    return color.red(), color.green(), color.blue()


def on_screen(viewer: PageViewer, box: Box) -> QRectF:
    page = viewer.canvas.page_rect()
    return QRectF(
        page.left() + box.left * page.width(),
        page.top() + box.top * page.height(),
        (box.right - box.left) * page.width(),
        (box.bottom - box.top) * page.height(),
    )


def rgb(name: str) -> tuple[int, int, int]:
    color = QColor(name)
    return color.red(), color.green(), color.blue()


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


def page_number_in(image: QImage, viewer: PageViewer) -> int:
    """The page whose corner is painted; 0 for blank paper."""
    corner = viewer.canvas.page_rect().topLeft() + QPointF(8, 8)
    red, green, blue = pixel(image, corner)
    return blue // 10 if (red, green) == (0, 0) else 0


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


# ── text, notes, names ──


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
