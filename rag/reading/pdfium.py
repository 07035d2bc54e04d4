"""pdfium's side of reading: pages as lines of words with boxes, outline, title, bitmaps.

Runs only in the reader worker: pdfium aborts its process on some files. Boxes are asked for twice a word
(its first and its last letter), which keeps reading at hundreds of pages a second.
"""

import ctypes
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal, Self

import pypdfium2 as pdfium
import pypdfium2.raw as c

from rag.errors import DocumentDamaged, DocumentEmpty, DocumentEncrypted, WrongPassword
from rag.protocol import Box, PageBitmap
from rag.reading.columns import in_reading_order
from rag.reading.forms import Field, with_fields
from rag.reading.layout import Line, OutlineEntry, RawPage, Word

MOST_OUTLINE_ENTRIES = 10_000
MOST_PIXELS = 40_000_000
WIDEST_PX = 10_000
_DEVICE = 1_000_000  # units of the imaginary device on which boxes are measured

# pdfium writes U+FFFE (or U+0002) where it takes a hyphen for one that cuts a word at a line's end
_TOKEN = re.compile(
    "\r\n|\r|\n|[\x02\ufffe]"
    "|[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f]"
    "|[^\\s\x02\ufffe\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f]+"
)
CHECKED = "☑"
MOST_FIELDS = 5_000  # of one page
LONGEST_VALUE = 100_000
_PASSWORD = 1 << 13  # the flag of text fields whose text is not for reading
_WRITTEN = frozenset({c.FPDF_FORMFIELD_TEXTFIELD, c.FPDF_FORMFIELD_COMBOBOX, c.FPDF_FORMFIELD_LISTBOX})
_CHOSEN = frozenset({c.FPDF_FORMFIELD_CHECKBOX, c.FPDF_FORMFIELD_RADIOBUTTON})

_HYPHENS = frozenset("\x02\ufffe")
_BREAKS = frozenset(("\r\n", "\r", "\n"))
_NO_TITLE = re.compile(
    r"(?i)^(untitled|sin título|microsoft word - .*|.*\.(docx?|indd|dvi|tex|pdf|qxd|odt))$"
)


class PdfiumFile:
    """An open PDF. Close it; it is a context manager."""

    def __init__(self, path: Path, password: str | None = None) -> None:
        """Raises DocumentEncrypted, WrongPassword, DocumentEmpty or DocumentDamaged."""
        self.path = path
        self._pdf = _open(path, password)
        self.pages = len(self._pdf)
        self._has_form = self._pdf.get_formtype() != c.FORMTYPE_NONE
        self._forms_ready = False
        if self.pages < 1:
            self.close()
            raise DocumentEmpty(file=str(path))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._pdf.close()

    def title(self) -> str:
        """The title in the file's metadata, or "" when it holds none that a person wrote."""
        try:
            title = " ".join(str(self._pdf.get_metadata_value("Title")).split())
        except (pdfium.PdfiumError, UnicodeError):
            return ""
        title = title.encode("utf-8", "ignore").decode("utf-8")
        return "" if _NO_TITLE.match(title) else title[:300]

    def outline(self) -> list[OutlineEntry]:
        """The bookmarks in order. Damaged ones are left out."""
        entries: list[OutlineEntry] = []
        try:
            for bookmark in self._pdf.get_toc():
                destination = bookmark.get_dest()
                index = destination.get_index() if destination is not None else None
                title = " ".join(bookmark.get_title().split())
                if index is not None and index >= 0 and title:
                    entries.append(OutlineEntry(bookmark.level, title, index + 1))
                if len(entries) >= MOST_OUTLINE_ENTRIES:
                    break
        except (pdfium.PdfiumError, UnicodeError):
            pass  # what was read of it still helps
        return entries

    def page(self, number: int) -> RawPage:
        """Page `number` (from 1) as lines of words, in the file's reading order.

        Words that lie wholly outside the visible page are left out. Raises DocumentDamaged.
        """
        try:
            if self._has_form:
                self._form()
            page = self._pdf[number - 1]
            text_page = page.get_textpage()
        except pdfium.PdfiumError as error:
            raise DocumentDamaged(str(error), file=str(self.path), page=number) from error
        try:
            boxes = _Boxes(page, text_page)
            read = in_reading_order(RawPage(number, list(_lines(text_page, boxes))))
            form = self._form() if self._has_form else None
            return read if form is None else with_fields(read, _fields(form, page, boxes.around))
        finally:
            text_page.close()
            page.close()

    def is_blank(self, number: int) -> bool:
        """Whether nothing at all is on a page: told from its objects, without painting it."""
        try:
            page = self._pdf[number - 1]
        except pdfium.PdfiumError:
            return False
        try:
            return not c.FPDFPage_CountObjects(page) and not c.FPDFPage_GetAnnotCount(page)
        finally:
            page.close()

    def size_pt(self, number: int) -> tuple[float, float]:
        """Width and height of a page as it is shown. Raises DocumentDamaged."""
        try:
            width, height = self._pdf.get_page_size(number - 1)
        except pdfium.PdfiumError as error:
            raise DocumentDamaged(str(error), file=str(self.path), page=number) from error
        return float(width), float(height)

    def render(self, number: int, width_px: int) -> PageBitmap:
        """Page `number` as a bitmap `width_px` wide, or narrower where it would grow past the limits.

        Filled form fields and annotations are drawn. Raises DocumentDamaged.
        """
        try:
            self._form()
            page = self._pdf[number - 1]
            width, height = page.get_size()
            wanted = min(max(width_px, 16), WIDEST_PX)
            scale = (wanted - 1e-3) / max(width, 1e-3)  # the size in pixels is rounded up
            scale = min(
                scale, (MOST_PIXELS / max(width * height, 1e-3)) ** 0.5, WIDEST_PX / max(height, 1e-3)
            )
            bitmap = page.render(scale=scale, prefer_bgrx=True, maybe_alpha=False)
            made = PageBitmap(
                page=number,
                pages=self.pages,
                width_px=bitmap.width,
                height_px=bitmap.height,
                stride=bitmap.stride,
                pixels=bytes(bitmap.buffer),
            )
            bitmap.close()
            page.close()
        except (pdfium.PdfiumError, ValueError) as error:
            raise DocumentDamaged(str(error), file=str(self.path), page=number) from error
        return made

    def _form(self) -> Any:
        """pdfium's hold on the form's fields; None without one. It has to be there before a page is."""
        if not self._forms_ready:
            self._pdf.init_forms()
            self._forms_ready = True
        return self._pdf.formenv


def _open(path: Path, password: str | None) -> Any:
    try:
        return pdfium.PdfDocument(path, password=password or None)
    except pdfium.PdfiumError as error:
        if error.err_code == c.FPDF_ERR_PASSWORD:
            refused = WrongPassword if password else DocumentEncrypted
            raise refused(file=str(path)) from error
        raise DocumentDamaged(str(error), file=str(path)) from error


def _lines(text_page: Any, boxes: "_Boxes") -> Iterator[Line]:
    """Group the page's characters into words and lines."""
    text = _text(text_page)
    words: list[Word] = []
    before: Literal["space", "hyphen", "nothing"] = "space"
    end = -1
    for match in _TOKEN.finditer(text):
        token = match.group()
        if token in _BREAKS or token in _HYPHENS:
            if words:
                yield _line(words, boxes.page_height_pt)
                words = []
            if token in _HYPHENS:
                before = "hyphen"
            end = -1
            continue
        box = boxes.of(match.start(), match.end())
        if match.start() == end and before != "hyphen":
            before = "nothing"
        end = match.end()
        if box is not None:
            # on rotated pages pdfium sees one line where many are
            if words and words[-1].box is not None and not _overlap(words[-1].box, box):
                yield _line(words, boxes.page_height_pt)
                words = []
            words.append(Word(token, box, before))
        before = "space"
    if words:
        yield _line(words, boxes.page_height_pt)


def _overlap(a: Box, b: Box) -> bool:
    return a.top < b.bottom and b.top < a.bottom


def _line(words: list[Word], page_height_pt: float) -> Line:
    """A line is as large as its middle word: one in another font makes no heading of it."""
    heights = sorted(word.box.bottom - word.box.top for word in words if word.box is not None)
    return Line(words, heights[len(heights) // 2] * page_height_pt)


def _text(text_page: Any) -> str:
    """The page's text, one code point for each of pdfium's character indices."""
    count = c.FPDFText_CountChars(text_page)
    if count <= 0:
        return ""
    buffer = (ctypes.c_ushort * (count * 2 + 2))()
    written = c.FPDFText_GetText(text_page, 0, count, buffer)
    text = bytes(buffer)[: max(0, written - 1) * 2].decode("utf-16-le", "replace")
    if len(text) == count:
        return text
    # Characters that no font maps are missing from the text; their indices still count
    codes = (c.FPDFText_GetUnicode(text_page, index) for index in range(count))
    return "".join(
        chr(code) if 0 < code < 0x110000 and not 0xD800 <= code < 0xE000 else " " for code in codes
    )


def _fields(form: Any, page: Any, measure: Callable[[float, float, float, float], Box | None]) -> list[Field]:
    """The filled fields of a page. `measure` turns left, bottom, right, top in points into a box."""
    found = []
    for index in range(min(MOST_FIELDS, c.FPDFPage_GetAnnotCount(page))):
        annotation = c.FPDFPage_GetAnnot(page, index)
        if not annotation:
            continue
        try:
            value = _value(form, annotation)
            rectangle = c.FS_RECTF()
            if value and c.FPDFAnnot_GetRect(annotation, ctypes.byref(rectangle)):
                box = measure(rectangle.left, rectangle.bottom, rectangle.right, rectangle.top)
                if box is not None:
                    found.append(Field(value, box))
        finally:
            c.FPDFPage_CloseAnnot(annotation)
    return found


def _value(form: Any, annotation: Any) -> str:
    """The field's text as it is shown; "" for what is empty, hidden, or no field."""
    if c.FPDFAnnot_GetSubtype(annotation) != c.FPDF_ANNOT_WIDGET:
        return ""
    if c.FPDFAnnot_GetFlags(annotation) & (c.FPDF_ANNOT_FLAG_HIDDEN | c.FPDF_ANNOT_FLAG_NOVIEW):
        return ""
    kind = c.FPDFAnnot_GetFormFieldType(form, annotation)
    if kind in _CHOSEN:
        return CHECKED if c.FPDFAnnot_IsChecked(form, annotation) else ""
    if kind not in _WRITTEN or c.FPDFAnnot_GetFormFieldFlags(form, annotation) & _PASSWORD:
        return ""
    size = min(c.FPDFAnnot_GetFormFieldValue(form, annotation, None, 0), 2 * LONGEST_VALUE)
    buffer = (ctypes.c_ushort * (size // 2 + 1))()
    written = min(c.FPDFAnnot_GetFormFieldValue(form, annotation, buffer, size), size)
    text = bytes(buffer)[: max(0, written - 2)].decode("utf-16-le", "ignore")
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


class _Boxes:
    """Measures characters in fractions of the page as it is shown, rotation and crop box applied."""

    def __init__(self, page: Any, text_page: Any) -> None:
        self._text_page = text_page
        self._rectangle = c.FS_RECTF()
        self._reference = ctypes.byref(self._rectangle)
        self.page_height_pt = page.get_height()
        origin, along, up = (_on_device(page, x, y) for x, y in ((0, 0), (1000, 0), (0, 1000)))
        self._x0, self._y0 = origin
        self._xx, self._yx = (along[0] - origin[0]) / 1000, (along[1] - origin[1]) / 1000
        self._xy, self._yy = (up[0] - origin[0]) / 1000, (up[1] - origin[1]) / 1000

    def of(self, start: int, end: int) -> Box | None:
        """The rectangle around characters [start:end); None when it lies outside the page."""
        left, bottom, right, top = self._measure(start)
        if end - start > 1:
            # comparisons, for they are a quarter of what `min` and `max` cost, and this runs for each word
            first, low, last, high = self._measure(end - 1)
            left = first if first < left else left  # noqa: FURB136
            bottom = low if low < bottom else bottom  # noqa: FURB136
            right = last if last > right else right  # noqa: FURB136
            top = high if high > top else top  # noqa: FURB136
        return self.around(left, bottom, right, top)

    def around(self, left: float, bottom: float, right: float, top: float) -> Box | None:
        """A rectangle in points of the unrotated page; None when it lies outside the page."""
        x0, x1 = (
            self._x0 + self._xx * left + self._xy * bottom,
            self._x0 + self._xx * right + self._xy * top,
        )
        y0, y1 = (
            self._y0 + self._yx * left + self._yy * bottom,
            self._y0 + self._yx * right + self._yy * top,
        )
        if x0 > x1:
            x0, x1 = x1, x0
        if y0 > y1:
            y0, y1 = y1, y0
        return None if x1 <= 0 or y1 <= 0 or x0 >= 1 or y0 >= 1 else Box(x0, y0, x1, y1)

    def _measure(self, index: int) -> tuple[float, float, float, float]:
        """Left, bottom, right and top in points of the unrotated page."""
        rectangle = self._rectangle
        c.FPDFText_GetLooseCharBox(self._text_page, index, self._reference)
        return rectangle.left, rectangle.bottom, rectangle.right, rectangle.top


def _on_device(page: Any, x: float, y: float) -> tuple[float, float]:
    """A point of the unrotated page in fractions of the page as shown."""
    device_x, device_y = ctypes.c_int(), ctypes.c_int()
    c.FPDF_PageToDevice(page, 0, 0, _DEVICE, _DEVICE, 0, x, y, ctypes.byref(device_x), ctypes.byref(device_y))
    return device_x.value / _DEVICE, device_y.value / _DEVICE
