"""Frames between the reader worker and whoever has a file read: library, viewer, core. Values only.

See rag.protocol for how frames go, and how pages, spans and boxes count.
"""

from typing import Literal

import msgspec

from rag.worker_values import Cancel, Failed, Ready, Shutdown

PageSource = Literal["pdfium", "pypdf", "plain", "html", "docx", "epub", "code", "ocr", "scan"]
PAGED: frozenset[PageSource] = frozenset(
    {"pdfium", "pypdf", "ocr", "scan"}
)  # pages that a person can turn to


class ReadDocument(msgspec.Struct, frozen=True, tag=True):
    """Events: DocumentOpened, PageRead*, DocumentRead | Failed.

    `exact`: whatever is no PDF is read as text of any kind, as one page and as it stands.
    """

    file: str
    password: str | None = None
    exact: bool = False
    scans: str = ""  # folder in which recognized pages are kept; "": nowhere


class RenderPage(msgspec.Struct, frozen=True, tag=True):
    """Events: PageBitmap | Failed."""

    file: str
    page: int
    width_px: int
    password: str | None = None


ReaderRequest = ReadDocument | RenderPage | Cancel | Shutdown


class DocumentOpened(msgspec.Struct, frozen=True, tag=True):
    """`language`: what the file itself says, of people ("es") or of a source file ("python"); else ""."""

    pages: int
    title: str
    language: str = ""


class Heading(msgspec.Struct, frozen=True, array_like=True):
    """A heading at `start` of a page's text, with the headings above it: ("Tickets", "Groups")."""

    start: int
    path: tuple[str, ...]


class PageRead(msgspec.Struct, frozen=True, tag=True):
    """One page: its cleaned text, and `runs`, the map from text offsets to boxes.

    `runs` is packed as rag.reading.runs says (start, end, box per word); empty without a layout.
    `source` is the engine that gave the text, or the kind of a file that has no pages of its own; "scan" is a
    picture that was not read, and `unread` says why (see rag.reading.scans.NotRead).
    """

    page: int
    text: str
    runs: bytes
    source: PageSource
    headings: tuple[Heading, ...] = ()
    unread: str = ""


class Recognizing(msgspec.Struct, frozen=True, tag=True):
    """The text of this page is being recognized: it takes seconds. Pages come later, and in order."""

    page: int
    pages: int


class DocumentRead(msgspec.Struct, frozen=True, tag=True):
    pages: int


class PageBitmap(msgspec.Struct, frozen=True, tag=True):
    """`pixels`: BGRx, 4 bytes a pixel, rows top to bottom, `stride` bytes a row."""

    page: int
    pages: int
    width_px: int
    height_px: int
    stride: int
    pixels: bytes


ReaderEvent = Ready | DocumentOpened | PageRead | Recognizing | DocumentRead | PageBitmap | Failed
READER_TERMINAL = (DocumentRead, PageBitmap, Failed)


class ReaderRequestFrame(msgspec.Struct, frozen=True):
    id: int
    body: ReaderRequest


class ReaderEventFrame(msgspec.Struct, frozen=True):
    id: int
    body: ReaderEvent
