"""Read one file page by page, whichever kind it is. Runs in the reader worker; knows no pipe, no store."""

from collections.abc import Callable, Iterator
from pathlib import Path

from rag.errors import DocumentDamaged, DocumentError, DocumentTooLong, DocumentWithoutText, UnknownFormat
from rag.protocol import DocumentOpened, DocumentRead, Heading, PageRead, PageSource
from rag.reading.cleaning import compose
from rag.reading.files import begins_as_pdf, looks_like_pdf
from rag.reading.flows import read_flow
from rag.reading.headers import without_running_lines
from rag.reading.headings import FromOutline, from_sizes
from rag.reading.kinds import LANGUAGES, PDF_SUFFIXES, RICH_SUFFIXES, SUFFIXES, suffix
from rag.reading.layout import RawPage
from rag.reading.pdfium import PdfiumFile
from rag.reading.plain import LONGEST_CHARACTERS, read_exact
from rag.reading.pypdf import PypdfFile, with_boxes_of
from rag.reading.quality import GOOD_ENOUGH, readability
from rag.reading.runs import pack
from rag.reading.scans import NotRead, Scans

Tell = Callable[[int, int], None]  # page and pages: one is about to be recognized
ReadEvent = DocumentOpened | PageRead | DocumentRead


def read(
    path: Path,
    password: str | None = None,
    recognizing: Tell = lambda _page, _pages: None,
    scans: Path | None = None,
) -> Iterator[ReadEvent]:
    """DocumentOpened, a PageRead for every page, DocumentRead.

    A page without text is there, with "". Raises a DocumentError; DocumentWithoutText (with `pages`) comes
    after the last page, when none had text.
    """
    kind = suffix(path)
    if kind in PDF_SUFFIXES or (kind in SUFFIXES and begins_as_pdf(path)):
        yield from _read_pdf(path, password, recognizing, scans)
    elif kind in SUFFIXES:
        opened, pages, source = read_flow(path)
        yield opened
        for number, page in enumerate(pages, 1):
            yield PageRead(number, page.text, b"", source, tuple(page.headings))
        yield DocumentRead(len(pages))
    else:
        raise UnknownFormat(file=str(path), suffix=kind)


def read_as_text(
    path: Path,
    password: str | None = None,
    recognizing: Tell = lambda _page, _pages: None,
    scans: Path | None = None,
) -> Iterator[ReadEvent]:
    """As `read`, of a file of any kind: what is no PDF is text, on one page.

    HTML, DOCX and EPUB give the text that a person reads in them; all others their text as it stands.
    Raises NotText and DocumentTooLong besides.
    """
    kind = suffix(path)
    if kind in PDF_SUFFIXES or looks_like_pdf(path):
        yield from _read_pdf(path, password, recognizing, scans)
        return
    source: PageSource = "plain"
    if kind in RICH_SUFFIXES:
        opened, pages, source = read_flow(path)
        title, text = opened.title, "\n\n".join(page.text for page in pages if page.text)
        if len(text) > LONGEST_CHARACTERS:
            raise DocumentTooLong(file=str(path), limit=LONGEST_CHARACTERS)
    else:
        title, text = "", read_exact(path)
    yield DocumentOpened(1, title, LANGUAGES.get(kind, ""))
    yield PageRead(1, text, b"", source)
    yield DocumentRead(1)


def _read_pdf(path: Path, password: str | None, recognizing: Tell, scans: Path | None) -> Iterator[ReadEvent]:
    try:
        with PdfiumFile(path, password) as pdf:
            yield from _Reading(path, password, pdf, recognizing, scans).events()
    except DocumentDamaged as refusal:
        if "page" in refusal.params:
            raise
        try:
            second = PypdfFile(path, password)
        except DocumentDamaged:
            raise refusal from None
        yield from _read_with_pypdf_alone(path, second)


class _Reading:
    """One PDF being read: pdfium's pages, with pypdf's where those read better."""

    def __init__(
        self, path: Path, password: str | None, pdf: PdfiumFile, recognizing: Tell, scans: Path | None
    ) -> None:
        self._path = path
        self._password = password
        self._pdf = pdf
        self._second: PypdfFile | None = None
        self._recognizing = recognizing
        self._scans = Scans(pdf.render, scans)
        self._sources: dict[int, PageSource] = {}
        self._unread: dict[int, str] = {}
        self._broken = 0  # pages that cannot even be opened

    def events(self) -> Iterator[ReadEvent]:
        yield DocumentOpened(self._pdf.pages, self._pdf.title())
        outline = self._pdf.outline()
        on_page = FromOutline(outline).on_page if outline else None
        try:
            yield from _pages(
                self._path,
                self._pdf.pages,
                (self._page(number) for number in range(1, self._pdf.pages + 1)),
                self._sources,
                on_page,
                self._unread,
            )
        except DocumentWithoutText as error:
            if self._broken < self._pdf.pages:
                raise
            # `page`: what it says of its pages leads nowhere, for a second reader too
            raise DocumentDamaged("no page can be opened", file=str(self._path), page=1) from error

    def _page(self, number: int) -> RawPage:
        """The page as the engine read it that reads it better; empty when neither can."""
        try:
            page = self._pdf.page(number)
        except DocumentDamaged:
            self._broken += 1
            page = RawPage(number)
            quality = 0.0
        else:
            quality = _quality(page)
        if page.lines and quality >= GOOD_ENOUGH:
            return page
        if page.lines or not quality:
            page = self._by_pypdf(number, page, quality)
            quality = _quality(page) if page.lines else 0.0
            if page.lines and quality >= GOOD_ENOUGH:
                return page
        return self._recognized(number, page, quality)

    def _by_pypdf(self, number: int, page: RawPage, quality: float) -> RawPage:
        try:
            if self._second is None:
                self._second = PypdfFile(self._path, self._password)
            other = self._second.page(number)
        except DocumentError:
            return page
        words = [word.text for line in other.lines for word in line.words]
        if not words or readability(words) <= quality:
            return page
        self._sources[number] = "pypdf"
        return with_boxes_of(other, page)

    def _recognized(self, number: int, page: RawPage, quality: float) -> RawPage:
        """The page as it looks, where its text is missing or worse than what can be recognized."""
        if self._pdf.is_blank(number):  # painting it takes as long as reading a hundred pages
            return page
        self._recognizing(number, self._pdf.pages)
        try:
            found = self._scans.page(number, *self._pdf.size_pt(number))
        except (NotRead, DocumentDamaged) as reason:
            if not page.lines:
                self._sources[number] = "scan"
                self._unread[number] = reason.why if isinstance(reason, NotRead) else "failed"
            return page
        if found is None or (page.lines and _quality(found) <= quality):
            return page
        self._sources[number] = "ocr"
        return found


def _quality(page: RawPage) -> float:
    return readability([word.text for line in page.lines for word in line.words])


def _read_with_pypdf_alone(path: Path, pdf: PypdfFile) -> Iterator[ReadEvent]:
    yield DocumentOpened(pdf.pages, pdf.title())
    numbers = range(1, pdf.pages + 1)
    yield from _pages(
        path, pdf.pages, (pdf.page(number) for number in numbers), dict.fromkeys(numbers, "pypdf"), None, {}
    )


def _pages(
    path: Path,
    pages: int,
    raw: Iterator[RawPage],
    sources: dict[int, PageSource],
    on_page: Callable[[int, str], tuple[Heading, ...]] | None,
    unread: dict[int, str],
) -> Iterator[ReadEvent]:
    """Clean each page and give it on, and say so when the whole document had no text."""
    has_text = False
    for page in without_running_lines(raw):
        text, runs = compose(page.lines)
        headings = on_page(page.number, text) if on_page else from_sizes(page, text)
        has_text = has_text or bool(text)
        source = sources.get(page.number, "pdfium")
        yield PageRead(page.number, text, pack(runs), source, headings, unread.get(page.number, ""))
    if not has_text:
        raise DocumentWithoutText(file=str(path), pages=pages)
    yield DocumentRead(pages)
