"""Word files (Office Open XML) as running text: headings by their style, lists, tables, notes.

Pages are those of the last program that laid the file out, where it noted them. Text that was deleted with
changes tracked, headers and footers, comments and fields' instructions are left out.
Source: ECMA-376, part 1, section 17.
"""

from pathlib import Path

from rag.errors import DocumentDamaged
from rag.reading.archives import Archive, Attributes
from rag.reading.flow import CELL, Flow
from rag.reading.html import BREAK

_DOCUMENT = "word/document.xml"
_NOTES = ("word/footnotes.xml", "word/endnotes.xml")
_UNSEEN = frozenset({"Fallback", "del", "moveFrom"})
_TITLE_STYLE = "title"


def read_docx(path: Path, flow: Flow) -> str:
    """Put the file's text into the flow and give its title ("" without one).

    Raises DocumentDamaged, DocumentProtected or DocumentTooLarge.
    """
    with Archive(path) as archive:
        if _DOCUMENT not in archive.names:
            raise DocumentDamaged("no document in it", file=str(path))
        levels = _Levels(archive)
        paged = b"lastRenderedPageBreak" in archive.read(_DOCUMENT)
        body = _Body(flow, levels.by_style, paged)
        archive.parse(_DOCUMENT, body.start, body.end, body.text)
        for notes in _NOTES:
            if notes in archive.names:
                archive.parse(notes, (part := _Body(flow, {}, paged=True)).start, part.end, part.text)
        return _title(archive)


class _Levels:
    """The level of headings (1 highest) by the name of their style."""

    def __init__(self, archive: Archive) -> None:
        self.by_style: dict[str, int] = {}
        self._parents: dict[str, str] = {}
        self._style = ""
        if "word/styles.xml" in archive.names:
            archive.parse("word/styles.xml", self._start)
        for style in self._parents:
            level = self._inherited(style)
            if level is not None:
                self.by_style.setdefault(style, level)

    def _start(self, tag: str, attributes: Attributes) -> None:
        value = attributes.get("val", "")
        if tag == "style":
            self._style = attributes.get("styleId", "")
        elif tag == "basedOn":
            self._parents[self._style] = value
        elif tag == "outlineLvl" and value.isdecimal() and int(value) < 9:
            self.by_style[self._style] = int(value) + 1
        elif tag == "name":
            kind, _, number = value.lower().partition(" ")
            if kind == "heading" and number.isdecimal():
                self.by_style.setdefault(self._style, int(number))
            elif value.lower() == _TITLE_STYLE:
                self.by_style.setdefault(self._style, 1)

    def _inherited(self, style: str) -> int | None:
        seen: set[str] = set()
        while style and style not in seen:
            if style in self.by_style:
                return self.by_style[style]
            seen.add(style)
            style = self._parents.get(style, "")
        return None


class _Paragraph:
    def __init__(self) -> None:
        self.pieces: list[str] = []
        self.level = 0
        self.is_item = False


class _Body:
    """Hears the elements of a document's text."""

    def __init__(self, flow: Flow, levels: dict[str, int], paged: bool) -> None:
        self._flow = flow
        self._levels = levels
        self._paged = paged
        self._unseen = 0
        self._paragraphs: list[_Paragraph] = []
        self._tables = 0
        self._rows: list[list[str]] = []
        self._cells: list[list[str]] = []
        self._in_text = False
        self._break = False

    def start(self, tag: str, attributes: Attributes) -> None:
        if self._unseen or tag in _UNSEEN:
            self._unseen += 1
            return
        match tag:
            case "p":
                self._paragraphs.append(_Paragraph())
            case "tr":
                self._rows.append([])
            case "tc":
                self._cells.append([])
            case "t":
                self._in_text = True
            case "br" | "cr" | "lastRenderedPageBreak":
                self._line_or_page(tag, attributes.get("type", ""))
            case "pageBreakBefore":
                self._break = self._break or (
                    not self._paged and attributes.get("val", "1") not in ("0", "false")
                )
            case "tab" | "ptab":
                self._add(" ")
            case "noBreakHyphen":
                self._add("-")
            case "pStyle" | "outlineLvl" | "numPr":
                self._style(tag, attributes.get("val", ""))

    def end(self, tag: str) -> None:
        if self._unseen:
            self._unseen -= 1
            return
        match tag:
            case "t":
                self._in_text = False
            case "p" if self._paragraphs:
                self._end_paragraph(self._paragraphs.pop())
            case "tc" if self._cells:
                cell = " ".join(part for part in self._cells.pop() if part)
                if self._rows and cell:
                    self._rows[-1].append(cell)
            case "tr" if self._rows:
                row = CELL.join(self._rows.pop())
                if self._cells:  # a table within a cell
                    self._cells[-1].append(row)
                else:
                    self._flow.add(row, "line")

    def text(self, data: str) -> None:
        if self._in_text and not self._unseen:
            self._add(data)

    def _add(self, text: str) -> None:
        if self._paragraphs:
            self._paragraphs[-1].pieces.append(text)

    def _line_or_page(self, tag: str, kind: str) -> None:
        if tag == "lastRenderedPageBreak" or kind == "page":
            if (tag == "lastRenderedPageBreak") == self._paged:
                self._page_ends()
        elif tag in ("br", "cr"):
            self._add(BREAK)

    def _page_ends(self) -> None:
        """The page changes here: what the paragraph has so far belongs to the one that ends."""
        if len(self._paragraphs) == 1 and not self._cells:
            paragraph = self._paragraphs[-1]
            before, paragraph.pieces = paragraph.pieces, []
            if "".join(before).strip():
                self._put("".join(before), paragraph)
            self._flow.end_page()
        else:
            self._break = True  # after the row, or the box of text

    def _style(self, tag: str, value: str) -> None:
        if not self._paragraphs:
            return
        paragraph = self._paragraphs[-1]
        if tag == "pStyle":
            paragraph.level = paragraph.level or self._levels.get(value, 0)
        elif tag == "numPr":
            paragraph.is_item = True
        elif value.isdecimal() and int(value) < 9:
            paragraph.level = int(value) + 1

    def _end_paragraph(self, paragraph: _Paragraph) -> None:
        text = "".join(paragraph.pieces)
        if self._cells:
            self._cells[-1].append(" ".join(text.replace(BREAK, " ").split()))
            return
        if self._break and not self._paragraphs:
            self._break = False
            self._flow.end_page()
        if text.strip():
            self._put(text, paragraph)

    def _put(self, text: str, paragraph: _Paragraph) -> None:
        if paragraph.level:
            self._flow.heading(paragraph.level, text)
        elif paragraph.is_item:
            self._flow.add(f"- {text}", "line")
        else:
            self._flow.add(text)


def _title(archive: Archive) -> str:
    """dc:title of the file's properties."""
    if "docProps/core.xml" not in archive.names:
        return ""
    pieces: list[str] = []
    inside = False

    def start(tag: str, _: Attributes) -> None:
        nonlocal inside
        inside = tag == "title"

    def end(_: str) -> None:
        nonlocal inside
        inside = False

    def text(data: str) -> None:
        if inside:
            pieces.append(data)

    try:
        archive.parse("docProps/core.xml", start, end, text)
    except DocumentDamaged:
        return ""  # the text is what counts
    return " ".join("".join(pieces).split())[:300]
