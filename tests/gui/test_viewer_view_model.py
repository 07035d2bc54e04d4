"""ViewerViewModel over the fake core: pages, bitmaps, zoom, what is gone."""

import threading

import pytest
from msgspec.structs import replace
from pytestqt.qtbot import QtBot

from desktop.core.errors import Cancelled
from desktop.core.operations import Operation
from desktop.core.types import Citation, Problem
from desktop.view_models.bitmap_cache import BitmapCache
from desktop.view_models.viewer import MAX_WIDTH_PX, Target, ViewerViewModel
from rag.protocol import Located, PageBitmap
from tests.fakes.core import FakeCore
from tests.fakes.page import PAGES, draw_page
from tests.fakes.samples import MUSEUM, documents, excerpt, span_boxes

GONE = Problem("document_missing", {"file": MUSEUM})


def citation() -> Citation:
    e = excerpt()
    return Citation(e.n, e.document, e.file, e.title, e.page, e.start, e.end, e.text)


@pytest.fixture
def core() -> FakeCore:
    return FakeCore(documents=documents())


@pytest.fixture
def model(qtbot: QtBot, core: FakeCore) -> ViewerViewModel:
    model = ViewerViewModel(core)
    model.set_viewport(300, 1.0)
    return model


def shown(model: ViewerViewModel) -> int:
    return 0 if model.image is None else model.image.page


def show(qtbot: QtBot, model: ViewerViewModel, what: Citation | Target) -> None:
    model.show(what)
    qtbot.waitUntil(lambda: model.mode == "text" or shown(model) == what.page)
    qtbot.waitUntil(lambda: bool(model.page_text) or model.text_problem is not None)


def test_a_citation_opens_its_page_with_its_passage_marked(qtbot: QtBot, model: ViewerViewModel) -> None:
    with qtbot.waitSignal(model.opened):
        model.show(citation())
    qtbot.waitUntil(lambda: shown(model) == 3)
    qtbot.waitUntil(lambda: bool(model.boxes))
    assert (model.page, model.pages, model.title) == (3, PAGES, "Museum of the Sea: visitor guide")
    assert model.boxes == span_boxes(excerpt().start, excerpt().end)
    assert model.passage == excerpt().text
    assert model.page_text[slice(*(model.span or (0, 0)))] == excerpt().text


def test_bitmaps_are_asked_for_in_the_screens_own_pixels(
    qtbot: QtBot, core: FakeCore, model: ViewerViewModel
) -> None:
    model.set_viewport(400, 1.5)
    show(qtbot, model, citation())
    qtbot.waitUntil(lambda: model.image is not None and model.image.width_px == 600)


def test_other_pages_have_no_mark_and_the_way_back_is_kept(qtbot: QtBot, model: ViewerViewModel) -> None:
    show(qtbot, model, citation())
    model.next_page()
    qtbot.waitUntil(lambda: shown(model) == 4)
    assert model.boxes == ()
    assert model.span is None
    model.back_to_passage()
    qtbot.waitUntil(lambda: bool(model.boxes))
    assert model.page == 3


def test_pages_end_where_the_document_does(qtbot: QtBot, model: ViewerViewModel) -> None:
    show(qtbot, model, replace(citation(), page=PAGES))
    model.next_page()
    assert model.page == PAGES
    model.go_to(999)
    assert model.page == PAGES
    model.go_to(-3)
    assert model.page == 1
    model.previous_page()
    assert model.page == 1


def test_neighbours_are_fetched_ahead(qtbot: QtBot, core: FakeCore, model: ViewerViewModel) -> None:
    show(qtbot, model, citation())
    qtbot.waitUntil(lambda: {2, 3, 4} == {call[1] for call in core.called("render_page")})
    before = len(core.called("render_page"))
    model.next_page()
    assert shown(model) == 4  # at once, from what was kept
    qtbot.waitUntil(lambda: len(core.called("render_page")) == before + 1)  # page 5 alone


class SlowPages:
    """A painter that draws a page only when it is let."""

    def __init__(self) -> None:
        self.asked: list[int] = []
        self._gates: dict[int, threading.Event] = {}

    def gate(self, page: int) -> threading.Event:
        return self._gates.setdefault(page, threading.Event())

    def __call__(self, page: int, width_px: int) -> PageBitmap:
        self.asked.append(page)
        assert self.gate(page).wait(10)
        return draw_page(page, width_px)


def test_turning_quickly_never_shows_a_page_that_was_left(qtbot: QtBot) -> None:
    pages = SlowPages()
    model = ViewerViewModel(FakeCore(documents=documents(), painter=pages))
    model.set_viewport(200, 1.0)
    seen: list[tuple[int, int]] = []
    model.changed.connect(lambda: seen.append((model.page, shown(model))))
    model.show(citation())
    qtbot.waitUntil(lambda: model.pages == PAGES)
    qtbot.waitUntil(lambda: pages.asked == [3])
    for _ in range(5):
        model.next_page()
    assert (model.page, shown(model)) == (8, 0)
    for page in range(3, 10):
        pages.gate(page).set()
    qtbot.waitUntil(lambda: shown(model) == 8)
    assert all(image in (0, page) for page, image in seen)
    assert not {4, 5, 6} & set(pages.asked)  # pages that were only passed are never drawn


class EndlessPages(FakeCore):
    """Never draws anything by itself; ends what is cancelled, as the reader does."""

    def __init__(self) -> None:
        super().__init__(documents=documents())
        self.asked: list[tuple[int, Operation[PageBitmap]]] = []

    def render_page(self, file: str, page: int, width_px: int) -> Operation[PageBitmap]:
        operation: Operation[PageBitmap] = Operation()
        operation.on_cancel(lambda: operation.fail(Cancelled()))
        self.asked.append((page, operation))
        return operation


def test_drawing_a_page_that_was_left_is_stopped_for_the_one_that_is_wanted(qtbot: QtBot) -> None:
    core = EndlessPages()
    model = ViewerViewModel(core)
    model.set_viewport(200, 1.0)
    model.show(citation())
    qtbot.waitUntil(lambda: model.pages == PAGES)
    model.go_to(9)
    qtbot.waitUntil(lambda: [page for page, _ in core.asked] == [3, 9])
    assert core.asked[0][1].cancelled
    model.close()
    assert core.asked[1][1].cancelled


def test_another_document_drops_what_the_first_still_sends(qtbot: QtBot) -> None:
    pages = SlowPages()
    model = ViewerViewModel(FakeCore(documents=documents(), painter=pages))
    model.set_viewport(200, 1.0)
    model.show(citation())
    qtbot.waitUntil(lambda: pages.asked == [3])
    model.show(Target(2, "/home/ana/Documents/debian-reference.es.pdf", page=7))
    pages.gate(3).set()
    pages.gate(7).set()
    qtbot.waitUntil(lambda: shown(model) == 7)
    assert model.file_name == "debian-reference.es.pdf"


class LateTexts(FakeCore):
    """Finds text and boxes only when the test says so, in whatever order it likes."""

    def __init__(self) -> None:
        super().__init__(documents=documents())
        self.late: dict[int, Operation[Located]] = {}

    def locate(self, document: int, page: int, start: int, end: int) -> Operation[Located]:
        self.late[page] = Operation()
        return self.late[page]

    def answer_for(self, page: int) -> None:
        self.late[page].finish(Located(MUSEUM, "", PAGES, page, f"text of page {page}", ()))


def test_the_text_of_a_page_that_was_left_is_dropped(qtbot: QtBot) -> None:
    core = LateTexts()
    model = ViewerViewModel(core)
    model.set_viewport(200, 1.0)
    model.show(citation())
    qtbot.waitUntil(lambda: shown(model) == 3)
    model.next_page()
    core.answer_for(4)
    qtbot.waitUntil(lambda: model.page_text == "text of page 4")
    core.answer_for(3)
    qtbot.wait(30)
    assert model.page_text == "text of page 4"


def test_a_closed_viewer_keeps_nothing(qtbot: QtBot, model: ViewerViewModel) -> None:
    show(qtbot, model, citation())
    with qtbot.waitSignal(model.closed):
        model.close()
    assert not model.is_open
    assert model.image is None
    assert (model.page_text, model.passage) == ("", "")


# ── zoom ──


def test_zoom_steps_there_and_back_and_fits_again(qtbot: QtBot, model: ViewerViewModel) -> None:
    show(qtbot, model, citation())
    model.zoom_in()
    assert not model.fits_width
    assert model.page_width == 360
    qtbot.waitUntil(lambda: model.image is not None and model.image.width_px == 360)
    model.zoom_out()
    assert model.page_width == 300
    model.fit_width()
    assert model.fits_width


def test_zoom_stops_before_bitmaps_grow_without_end(qtbot: QtBot, model: ViewerViewModel) -> None:
    for _ in range(60):
        model.zoom_in()
    assert model.page_width == MAX_WIDTH_PX
    for _ in range(60):
        model.zoom_out()
    assert model.page_width == 160


def test_a_pane_being_resized_asks_once_it_rests(
    qtbot: QtBot, core: FakeCore, model: ViewerViewModel
) -> None:
    show(qtbot, model, citation())
    qtbot.waitUntil(lambda: len(core.called("render_page")) == 3)
    for width in range(301, 341):
        model.set_viewport(width, 1.0)
    qtbot.waitUntil(lambda: model.image is not None and model.image.width_px == 340)
    assert {call[2] for call in core.called("render_page")} == {300, 340}


def test_the_cache_forgets_what_was_used_longest_ago() -> None:
    cache = BitmapCache(limit_bytes=2 * 400)
    bitmaps = {page: PageBitmap(page, 9, 10, 10, 40, bytes(400)) for page in (1, 2, 3)}
    cache.put(("f", 1, 10), bitmaps[1])
    cache.put(("f", 2, 10), bitmaps[2])
    cache.get(("f", 1, 10))
    cache.put(("f", 3, 10), bitmaps[3])
    assert ("f", 2, 10) not in cache
    assert cache.get(("f", 1, 10)) is bitmaps[1]
    cache.put(("f", 4, 10), PageBitmap(4, 9, 100, 100, 400, bytes(40_000)))
    assert ("f", 4, 10) in cache  # larger than the limit, and yet the page that is shown


def test_pages_too_large_for_the_cache_are_drawn_once(qtbot: QtBot, core: FakeCore) -> None:
    model = ViewerViewModel(core)
    model._cache = BitmapCache(limit_bytes=10)
    model.set_viewport(200, 1.0)
    show(qtbot, model, citation())
    qtbot.wait(50)
    assert [call[1] for call in core.called("render_page")] == [3]


# ── what is gone or has changed ──


def test_a_file_that_is_gone_leaves_its_stored_text(
    qtbot: QtBot, core: FakeCore, model: ViewerViewModel
) -> None:
    core.fail("render_page", GONE)
    show(qtbot, model, citation())
    assert model.mode == "text"
    assert model.image_problem == GONE
    assert model.page_text[slice(*(model.span or (0, 0)))] == excerpt().text
    model.retry()
    qtbot.waitUntil(lambda: shown(model) == 3)
    assert model.mode == "page"


def test_a_page_known_to_fail_does_not_wait_for_ever_when_it_is_turned_to_again(
    qtbot: QtBot, core: FakeCore, model: ViewerViewModel
) -> None:
    core.fail("render_page", GONE)
    show(qtbot, model, citation())
    model.next_page()
    qtbot.waitUntil(lambda: shown(model) == 4)
    model.previous_page()
    qtbot.waitUntil(lambda: bool(model.page_text))
    assert model.mode == "text"
    assert not model.waiting


def test_a_document_that_has_moved_is_looked_for_where_the_library_has_it(
    qtbot: QtBot, core: FakeCore, model: ViewerViewModel
) -> None:
    core.fail("render_page", GONE)
    model.show(replace(citation(), file="/home/ana/old/museum.pdf"))
    qtbot.waitUntil(lambda: shown(model) == 3)
    assert model.file == MUSEUM


def test_a_document_taken_out_of_the_library_still_shows_its_page(
    qtbot: QtBot, core: FakeCore, model: ViewerViewModel
) -> None:
    core.fail("locate", Problem("unknown_document", {"document": 1}))
    show(qtbot, model, citation())
    assert shown(model) == 3
    assert model.text_problem is not None
    assert model.boxes == ()
    assert model.passage == excerpt().text


def test_a_passage_that_moved_on_its_page_is_marked_where_it_is_now(
    qtbot: QtBot, core: FakeCore, model: ViewerViewModel
) -> None:
    now = excerpt()
    model.show(replace(citation(), start=now.start - 20, end=now.end - 20))
    qtbot.waitUntil(lambda: bool(model.boxes))
    assert model.span == (now.start, now.end)
    assert model.boxes == span_boxes(now.start, now.end)


def test_a_passage_that_is_no_longer_there_is_not_marked_elsewhere(
    qtbot: QtBot, model: ViewerViewModel
) -> None:
    show(qtbot, model, replace(citation(), quote="A ticket costs nine euros."))
    qtbot.waitUntil(lambda: model.changed_since)
    assert model.boxes == ()
    assert model.span is None


def test_a_text_without_pages_is_shown_as_text(qtbot: QtBot, core: FakeCore, model: ViewerViewModel) -> None:
    target = Target(3, "/home/ana/Documents/notes.md", "", 1, excerpt().start, excerpt().end, excerpt().text)
    show(qtbot, model, target)
    assert model.mode == "text"
    assert core.called("render_page") == []
    assert model.span == (excerpt().start, excerpt().end)


def test_a_format_the_reader_does_not_draw_is_shown_as_text_without_a_complaint(
    qtbot: QtBot, core: FakeCore, model: ViewerViewModel
) -> None:
    core.fail("render_page", Problem("document_unknown_format", {"suffix": ".rst"}))
    show(qtbot, model, citation())
    qtbot.waitUntil(lambda: model.mode == "text")
    assert model.image_problem is None
