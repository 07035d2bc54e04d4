"""One document open at one page: which page, how wide, what is marked, and its bitmap.

Asks the core for bitmaps and boxes and keeps the last few. Paints nothing, opens no file.
"""

from pathlib import PurePath
from typing import Final, Literal

import msgspec
from PySide6.QtCore import QObject, QTimer, Signal

from desktop.core.contract import Core
from desktop.core.operations import Operation
from desktop.core.types import Citation, Excerpt, Problem
from desktop.view_models.bitmap_cache import BitmapCache, BitmapKey
from desktop.view_models.bridge import follow
from desktop.view_models.page_marks import line_boxes, span_of_quote
from rag.protocol import Box, Located, PageBitmap
from rag.reading.kinds import PDF_SUFFIXES, SOURCE_SUFFIXES, suffix

Mode = Literal["page", "text"]

ZOOM_STEP: Final = 1.2
MIN_WIDTH: Final = 160  # logical pixels
MAX_WIDTH_PX: Final = 3200  # of a bitmap: about 58 MB for an A4 page
SETTLE_MS: Final = 120  # while a pane is being resized no new bitmap is asked for
FIRST_SETTLE_MS: Final = 15  # a pane that appears is laid out in several steps

_NO_PAGES: Final = "document_unknown_format"


class Target(msgspec.Struct, frozen=True):
    """What is to be shown. `start` == `end` marks nothing.

    `texts` of its pages: a file that is not in the library, of which they are all that is kept.
    """

    document: int
    file: str
    title: str = ""
    page: int = 1
    start: int = 0
    end: int = 0
    quote: str = ""
    texts: tuple[str, ...] = ()


class ViewerViewModel(QObject):
    """Everything the viewer paints. `changed` after any change; `revealed` when a mark is to be seen."""

    opened = Signal()  # something is shown: bring the viewer to the front
    changed = Signal()
    revealed = Signal()  # scroll to the mark, or to the page's top
    closed = Signal()

    def __init__(self, core: Core, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.core = core
        self._cache = BitmapCache()
        self._target: Target | None = None
        self._turn = 0  # answers to an earlier page or document are dropped
        self._render: tuple[BitmapKey, Operation[PageBitmap]] | None = None
        self._refused: dict[BitmapKey, Problem] = {}
        self._viewport_width = 0
        self._dpr = 1.0
        self._zoom_width: int | None = None  # None: the page fits the pane
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.timeout.connect(self._fetch)
        self._reset()

    def _reset(self) -> None:
        self.page = 1
        self.pages = 0
        self._library_file = ""  # where the library has the document, when it is known
        self._clear_page()

    def _clear_page(self) -> None:
        self.page_text = ""
        self.span: tuple[int, int] | None = None
        self.image: PageBitmap | None = None
        self._image_key: BitmapKey | None = None
        self.image_problem: Problem | None = None  # why there is no bitmap
        self.text_problem: Problem | None = None  # why there is no text, and no mark
        self.changed_since = False  # the page no longer holds the passage that was cited
        self._boxes: tuple[Box, ...] = ()
        self._without_pages = self._target is not None and suffix(self.file) not in PDF_SUFFIXES
        self._text_waiting = False

    # ── what is shown ──

    @property
    def is_open(self) -> bool:
        return self._target is not None

    @property
    def target(self) -> Target | None:
        return self._target

    @property
    def title(self) -> str:
        """The document's title, or its file's name."""
        return "" if self._target is None else self._target.title or self.file_name

    @property
    def file(self) -> str:
        return "" if self._target is None else self._target.file

    @property
    def is_code(self) -> bool:
        """Its characters stand in columns, and its lines end where they do."""
        return suffix(self.file) in SOURCE_SUFFIXES

    @property
    def file_name(self) -> str:
        return PurePath(self.file).name

    @property
    def on_target_page(self) -> bool:
        """Whether this is the page that was asked for: only there something is marked."""
        return self._target is not None and self._target.page == self.page

    @property
    def target_page(self) -> int:
        """The page that was asked for."""
        return 1 if self._target is None else self._target.page

    @property
    def passage(self) -> str:
        """The passage that was asked for, as it was cited; empty when a document was just opened."""
        if self._target is None:
            return ""
        if self._target.quote or self.span is None:
            return self._target.quote
        return self.page_text[self.span[0] : self.span[1]]

    @property
    def mode(self) -> Mode:
        """Whether the page is shown as it looks, or the text that was stored of it."""
        return "text" if self._without_pages or self.image_problem is not None else "page"

    @property
    def boxes(self) -> tuple[Box, ...]:
        """What is marked on the page, one box a line, fractions of the page."""
        shape = 1.4142 if self.image is None else self.image.height_px / max(1, self.image.width_px)
        return line_boxes(self._boxes, shape)

    @property
    def waiting(self) -> bool:
        """Whether the page is still on its way."""
        if self._target is None:
            return False
        return self._text_waiting if self.mode == "text" else self.image is None

    # ── opening and closing ──

    def show(self, what: Citation | Excerpt | Target) -> None:
        """Open a citation's page with its passage marked, or a document at a page."""
        if not isinstance(what, Target):
            quote = what.quote if isinstance(what, Citation) else what.text
            what = Target(what.document, what.file, what.title, what.page, what.start, what.end, quote)
        pages = 0
        if what.file == self.file:
            pages = self.pages
        else:
            self._zoom_width = None
            self._cache.clear()
        self._refused.clear()  # the file may be back
        self._target = what
        self._reset()
        self.pages = pages
        self._go(max(1, what.page))
        self.opened.emit()

    def close(self) -> None:
        """Let go of the document and its bitmaps."""
        if self._target is None:
            return
        self._drop_running()
        self._target = None
        self._turn += 1
        self._cache.clear()
        self._reset()
        self.changed.emit()
        self.closed.emit()

    # ── turning pages ──

    def go_to(self, page: int) -> None:
        """Show another page, the nearest one there is."""
        page = max(1, min(page, self.pages or page))
        if self._target is not None and page != self.page:
            self._go(page)

    def next_page(self) -> None:
        if self.pages and self.page < self.pages:
            self.go_to(self.page + 1)

    def previous_page(self) -> None:
        self.go_to(self.page - 1)

    def back_to_passage(self) -> None:
        """Return to the page that was asked for, and to its mark."""
        if self._target is not None:
            if self.on_target_page:
                self.revealed.emit()
            else:
                self._go(self._target.page)

    def retry(self) -> None:
        """Ask again for what could not be shown."""
        if self._target is not None:
            self._refused.clear()
            self._go(self.page)

    # ── width and zoom ──

    @property
    def fits_width(self) -> bool:
        return self._zoom_width is None

    @property
    def page_width(self) -> int:
        """The page's width on the screen, in logical pixels."""
        return self._zoom_width if self._zoom_width is not None else max(MIN_WIDTH, self._viewport_width)

    @property
    def zoom(self) -> float:
        """The page's width as a share of the pane's."""
        return self.page_width / max(MIN_WIDTH, self._viewport_width)

    def set_viewport(self, width: int, device_pixel_ratio: float) -> None:
        """How much room there is for the page, in logical pixels, and how dense the screen is."""
        if (width, device_pixel_ratio) == (self._viewport_width, self._dpr):
            return
        self._viewport_width, self._dpr = width, device_pixel_ratio
        self.changed.emit()
        self._settle.start(SETTLE_MS if self.image is not None else FIRST_SETTLE_MS)

    def zoom_in(self) -> None:
        self._zoom_to(round(self.page_width * ZOOM_STEP))

    def zoom_out(self) -> None:
        self._zoom_to(round(self.page_width / ZOOM_STEP))

    def fit_width(self) -> None:
        self._zoom_to(None)

    def _zoom_to(self, width: int | None) -> None:
        if width is not None:
            widest = int(MAX_WIDTH_PX / max(1.0, self._dpr))
            width = max(MIN_WIDTH, min(width, widest))
        if width != self._zoom_width:
            self._zoom_width = width
            self.changed.emit()
            self._fetch()

    # ── text and boxes ──

    def _go(self, page: int) -> None:
        self._turn += 1
        self.page = page
        self._clear_page()
        target = self._target
        if target is None:
            return
        if target.texts:
            self.pages = len(target.texts)
            self.page_text = target.texts[min(page, self.pages) - 1]
        else:
            self._locate(target, (target.start, target.end) if self.on_target_page else (0, 0))
        self._fetch()
        self.changed.emit()
        self.revealed.emit()

    def _locate(self, target: Target, span: tuple[int, int]) -> None:
        turn = self._turn
        self._text_waiting = True

        def found(located: Located) -> None:
            if turn == self._turn:
                self._text_waiting = False
                self._take_text(target, located, span)

        def failed(problem: Problem) -> None:
            if turn == self._turn:
                self._text_waiting = False
                self.text_problem = problem
                self.changed.emit()

        operation = self.core.locate(target.document, self.page, *span)
        follow(operation, self, on_result=found, on_error=failed)

    def _take_text(self, target: Target, located: Located, asked: tuple[int, int]) -> None:
        self.pages = located.pages
        self.page_text = located.page_text
        self._library_file = located.file
        if self.image_problem is not None:
            self._look_where_the_library_has_it()
        if self.on_target_page and asked != (0, 0):
            self.span = span_of_quote(located.page_text, target.quote, *asked)
            self.changed_since = self.span is None
            if self.span is not None and self.span != asked:
                # read anew since it was cited: the boxes that came are those of other words
                self._locate(target, self.span)
                return
            self._boxes = located.boxes if self.span is not None else ()
        self.changed.emit()
        self.revealed.emit()

    def _look_where_the_library_has_it(self) -> None:
        """The cited file is gone, but the document was found at another place since."""
        if self._target is not None and self._library_file not in ("", self._target.file):
            self._target = msgspec.structs.replace(self._target, file=self._library_file)
            self.image_problem = None
            self._fetch()

    # ── bitmaps ──

    def _key(self, page: int) -> BitmapKey:
        width_px = min(MAX_WIDTH_PX, max(1, round(self.page_width * self._dpr)))
        return (self.file, page, width_px)

    def _fetch(self) -> None:
        """Show the page from the cache or ask for it; one request at a time, the latest wish first."""
        if self._target is None or self.mode == "text" or self._viewport_width == 0:
            return
        key = self._key(self.page)
        if key in self._refused:
            self._take_refusal(self._refused[key])
            return
        cached = self._cache.get(key)
        if cached is not None and key != self._image_key:
            self._show_image(key, cached)
        wish = next((k for k in self._wishes() if k not in self._cache and k not in self._refused), None)
        if self._render is not None:
            # A neighbour still on its way must not hold up the page that is wanted.
            if wish == key and self._render[0] != key:
                self._render[1].cancel()
            return
        if wish is not None:
            self._ask(wish)

    def _wishes(self) -> list[BitmapKey]:
        """The page itself, then its neighbours, where all three fit into the cache."""
        here = self._key(self.page)
        if self.image is None or self._image_key != here:
            return [here]
        if not self._cache.has_room_for(3, self.image):
            return []
        return [self._key(page) for page in (self.page + 1, self.page - 1) if 1 <= page <= self.pages]

    def _ask(self, key: BitmapKey) -> None:
        operation = self.core.render_page(*key)
        self._render = (key, operation)

        def came(bitmap: PageBitmap) -> None:
            self._end_render(operation)
            if self._target is not None and key[0] == self.file:
                self._cache.put(key, bitmap)
            self._fetch()

        def failed(problem: Problem) -> None:
            self._end_render(operation)
            if problem.code != "cancelled":
                self._refused[key] = problem
                if self._target is not None and key == self._key(self.page):
                    self._take_refusal(problem)
            self._fetch()

        follow(operation, self, on_result=came, on_error=failed)

    def _take_refusal(self, problem: Problem) -> None:
        self.image, self._image_key = None, None
        if problem.code == _NO_PAGES:
            self._without_pages = True
        else:
            self.image_problem = problem
            self._look_where_the_library_has_it()
        self.changed.emit()
        self.revealed.emit()

    def _end_render(self, operation: Operation[PageBitmap]) -> None:
        if self._render is not None and self._render[1] is operation:
            self._render = None

    def _show_image(self, key: BitmapKey, bitmap: PageBitmap) -> None:
        first = self.image is None
        self.image, self._image_key = bitmap, key
        self.pages = self.pages or bitmap.pages
        self.changed.emit()
        if first:
            self.revealed.emit()

    def _drop_running(self) -> None:
        if self._render is not None:
            self._render[1].cancel()
            self._render = None
