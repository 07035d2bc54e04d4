"""Every kind of file that is read whole, before its first page is given: all but PDFs. Stores nothing."""

from pathlib import Path

from rag.errors import DocumentDamaged, DocumentEmpty, DocumentWithoutText
from rag.protocol import DocumentOpened, Heading, PageSource
from rag.reading.code import from_source
from rag.reading.docx import read_docx
from rag.reading.epub import read_epub
from rag.reading.flow import Flow, Sheet
from rag.reading.headings import from_markdown
from rag.reading.html import HtmlFlow, read_html
from rag.reading.kinds import (
    DOCX_SUFFIXES,
    EPUB_SUFFIXES,
    HTML_SUFFIXES,
    LANGUAGES,
    MARKDOWN_SUFFIXES,
    suffix,
)
from rag.reading.plain import read_plain, sheets


def read_flow(path: Path) -> tuple[DocumentOpened, list[Sheet], PageSource]:
    """What the file says of itself, its pages, and its kind.

    Raises DocumentEmpty, DocumentDamaged, DocumentProtected, DocumentTooLarge; DocumentWithoutText for a
    file in which there are pages and no words.
    """
    kind = suffix(path)
    if kind in HTML_SUFFIXES | DOCX_SUFFIXES | EPUB_SUFFIXES:
        return _rich(path, kind)
    language = LANGUAGES.get(kind, "")
    pages: list[Sheet] = []
    for text in read_plain(path, exact=bool(language)):
        if language:
            headings = from_source(text, language)
        else:
            headings = from_markdown(text) if kind in MARKDOWN_SUFFIXES else ()
        for start, end in sheets(text):
            inside = [Heading(h.start - start, h.path) for h in headings if start <= h.start < end]
            pages.append(Sheet(text[start:end], inside))
    title = "" if language else next((h.path[0] for page in pages for h in page.headings), "")
    return DocumentOpened(len(pages), title, language), pages, "code" if language else "plain"


def _rich(path: Path, kind: str) -> tuple[DocumentOpened, list[Sheet], PageSource]:
    flow = Flow()
    title = language = ""
    source: PageSource = "html"
    if kind in HTML_SUFFIXES:
        parser = HtmlFlow(flow)
        parser.feed(_html_text(path))
        parser.close()
        title, language = parser.title, parser.language
    elif kind in DOCX_SUFFIXES:
        source, title = "docx", read_docx(path, flow)
    else:
        source, (title, language) = "epub", read_epub(path, flow)
    pages = flow.pages()
    if not any(page.text for page in pages):
        raise DocumentWithoutText(file=str(path), pages=max(1, len(pages)))
    title = title or next((h.path[0] for page in pages for h in page.headings), "")
    return DocumentOpened(len(pages), title, language), pages, source


def _html_text(path: Path) -> str:
    text = read_html(path)
    if text is None:
        raise DocumentDamaged("not a text file", file=str(path))
    if not text.strip():
        raise DocumentEmpty(file=str(path))
    return text
