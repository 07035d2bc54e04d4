"""HTML as running text: headings, lists, tables as rows. Nothing is fetched, scripts are left out.

Python's own parser reads what browsers read, never recursively, so that depth costs nothing.
"""

import codecs
import re
from html.parser import HTMLParser
from pathlib import Path

from rag.errors import DocumentTooLarge
from rag.reading.flow import CELL, Flow, same_words
from rag.reading.plain import LARGEST_BYTES, decode

_HEAD_BYTES = 4096
_CHARSET = re.compile(
    rb"""(?i)<(?:meta[^>]{0,200}charset|\?xml[^>]{0,200}encoding)\s*=\s*["']?([\w.:-]{2,40})"""
)
_UNSEEN = frozenset(
    {"audio", "canvas", "datalist", "embed", "head", "iframe", "noscript", "object", "script", "select"}
    | {"style", "svg", "template", "video"}
)
_BLOCKS = frozenset(
    {"address", "article", "aside", "blockquote", "body", "caption", "center", "dd", "details", "dialog"}
    | {"div", "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "header", "hr", "html"}
    | {"legend", "li", "main", "menu", "nav", "ol", "p", "section", "summary", "table", "tbody", "tfoot"}
    | {"thead", "tr", "ul"}
)
_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
_CELLS = frozenset(("td", "th"))
_VOID = frozenset(
    ("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr")
)
BREAK = "\u2028"  # a line break within a block


def decode_html(data: bytes) -> str | None:
    """The text of these bytes. What the file says of its encoding counts, unless it has a byte order mark."""
    declared = _CHARSET.search(data[:_HEAD_BYTES])
    marked = data.startswith((codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    if declared and not marked:
        name = declared.group(1).decode("ascii", "ignore").lower()
        # browsers do the same: nobody who writes Latin-1 means control characters
        name = {"iso-8859-1": "cp1252", "latin1": "cp1252", "us-ascii": "cp1252"}.get(name, name)
        try:
            # a page that could be read here is not in UTF-16, whatever it says
            return data.decode("utf-8" if name.startswith("utf-16") else name)
        except (LookupError, UnicodeError):
            pass
    return decode(data)


def read_html(path: Path) -> str | None:
    """The file's text with its marks; None when it is no text. Raises DocumentTooLarge."""
    if path.stat().st_size > LARGEST_BYTES:
        raise DocumentTooLarge(file=str(path), limit_mb=LARGEST_BYTES >> 20)
    return decode_html(path.read_bytes())


class HtmlFlow(HTMLParser):
    """Puts a page's text into a flow. `title` and `language` are known after `close`."""

    def __init__(self, flow: Flow, deeper: int = 0, chapter: str = "") -> None:
        """`deeper` is added to the headings' levels. A heading that repeats `chapter` opens no section."""
        super().__init__(convert_charrefs=True)
        self._flow = flow
        self._deeper = deeper
        self._chapter = chapter
        self._pieces: list[str] = []
        self._unseen: list[str] = []
        self._heading = ""
        self._row: list[str] | None = None
        self._exact = 0
        self._lists: list[int | None] = []  # the last number of each ordered list
        self._item = ""
        self._in_title = False
        self._begun = False
        self.title = ""
        self.language = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self._note(tag, values)
        if tag == "body":
            self._unseen.clear()  # a head that was never closed
        if self._unseen:
            if tag == self._unseen[-1]:
                self._unseen.append(tag)
        elif tag in _UNSEEN or "hidden" in values:
            if tag not in _VOID:
                self._unseen.append(tag)
        elif tag in _HEADINGS:
            self._leave()
            self._heading = tag
        elif tag in _CELLS and self._row is not None:
            self._end_cell()
        elif tag == "br":
            self._pieces.append("\n" if self._exact else BREAK)
        elif tag == "img":
            self._pieces.append(f" {values.get('alt') or ''} ")
        elif tag in _BLOCKS or tag == "pre":
            self._begin_block(tag, values)

    def _note(self, tag: str, values: dict[str, str | None]) -> None:
        """What the page says of itself."""
        if tag == "html" and not self.language:
            self.language = (values.get("lang") or values.get("xml:lang") or "").split("-")[0].lower()
        if tag == "title" and self._unseen in ([], ["head"]) and not self.title:
            self._in_title = True

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in _VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag == "title":
            self._in_title = False
        if self._unseen:
            if tag == self._unseen[-1]:
                self._unseen.pop()
            return
        if tag in _HEADINGS or tag in ("p", "li"):
            self._leave()
        elif tag in _CELLS:
            if self._row is not None:
                self._end_cell()
        elif tag in ("tr", "table"):
            self._end_row()
        elif tag in _BLOCKS or tag == "pre":
            self._leave()
            self._exact = max(0, self._exact - (tag == "pre"))
            if tag in ("ul", "ol", "menu") and self._lists:
                self._lists.pop()

    def handle_data(self, data: str) -> None:
        if self._in_title:
            self.title = " ".join((self.title + data).split())[:300]
        elif not self._unseen:
            self._pieces.append(data)

    def close(self) -> None:
        super().close()
        self._end_row()
        self._leave()

    def _begin_block(self, tag: str, values: dict[str, str | None]) -> None:
        if tag == "tr":
            self._end_row()
            self._row = []
            return
        if self._row is not None and tag != "table":
            self._pieces.append(" ")  # blocks within a cell make no lines
            return
        self._leave()
        if tag == "pre":
            self._exact += 1
        elif tag in ("ul", "menu"):
            self._lists.append(None)
        elif tag == "ol":
            start = values.get("start") or "1"
            self._lists.append(int(start) - 1 if start.isdecimal() and len(start) < 8 else 0)
        elif tag == "li":
            number = self._lists[-1] if self._lists else None
            if number is not None:
                self._lists[-1] = number + 1
            self._item = "- " if number is None else f"{number + 1}. "

    def _leave(self) -> None:
        """End the block that is being gathered."""
        if self._row is not None:
            return
        text = "".join(self._pieces)
        self._pieces.clear()
        heading, self._heading = self._heading, ""
        item, self._item = self._item, ""
        if not text.strip():
            self._item = item  # the item's text is in a block of its own
        elif heading and not (not self._begun and self._chapter and same_words(text, self._chapter)):
            self._flow.heading(int(heading[1]) + self._deeper, text)
            self._begun = True
        elif self._exact:
            self._flow.add(text, "exact")
        else:
            self._flow.add(item + text.lstrip(), "line" if item else "paragraph")

    def _end_cell(self) -> None:
        cell = " ".join("".join(self._pieces).replace(BREAK, " ").split())
        self._pieces.clear()
        if self._row is not None and cell:
            self._row.append(cell)

    def _end_row(self) -> None:
        if self._row is None:
            self._leave()
            return
        self._end_cell()
        row, self._row = self._row, None
        if row:
            self._flow.add(CELL.join(row), "line")
