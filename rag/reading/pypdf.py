"""pypdf's side of reading: asked only for pages that pdfium reads badly, or files it cannot open.

pypdf is ten times slower and knows no boxes. Where both engines see the same letters and differ only in
the spaces between them, pdfium's boxes are kept.
"""

from pathlib import Path

import pypdf
from pypdf.errors import PyPdfError

from rag.errors import DocumentDamaged, DocumentEmpty, DocumentEncrypted, WrongPassword
from rag.protocol import Box
from rag.reading.layout import Line, RawPage, Word, around


class PypdfFile:
    """A PDF opened by pypdf."""

    def __init__(self, path: Path, password: str | None = None) -> None:
        """Raises DocumentEncrypted, WrongPassword, DocumentEmpty or DocumentDamaged."""
        self.path = path
        try:
            self._reader = pypdf.PdfReader(path)
            locked = self._reader.is_encrypted and not self._reader.decrypt(password or "")
            self.pages = 0 if locked else len(self._reader.pages)
        except Exception as error:
            raise DocumentDamaged(repr(error), file=str(path)) from error
        if locked:
            raise WrongPassword(file=str(path)) if password else DocumentEncrypted(file=str(path))
        if not self.pages:
            raise DocumentEmpty(file=str(path))

    def title(self) -> str:
        try:
            metadata = self._reader.metadata
            return " ".join(str(metadata.title or "").split()) if metadata else ""
        except (PyPdfError, ValueError, KeyError, TypeError, AttributeError):
            return ""

    def page(self, number: int) -> RawPage:
        """Page `number` (from 1) as lines of words without boxes. Raises DocumentDamaged."""
        try:
            text = self._reader.pages[number - 1].extract_text()
        except Exception as error:
            raise DocumentDamaged(repr(error), file=str(self.path), page=number) from error
        lines = [[Word(word, None) for word in line.split()] for line in text.splitlines()]
        return RawPage(number, [Line(words) for words in lines if words])


def with_boxes_of(page: RawPage, measured: RawPage) -> RawPage:
    """`page` with the boxes of `measured`, when both have the same letters in the same order.

    A word of `page` gets the box of the measured words it touches, each cut to its share of letters.
    Without such agreement the page is given back as it is.
    """
    letters = "".join(word.text for line in measured.lines for word in line.words)
    if letters != "".join(word.text for line in page.lines for word in line.words):
        return page
    boxes = [box for line in measured.lines for word in line.words for box in _letters(word)]
    position = 0
    lines = []
    for line in page.lines:
        words = []
        for word in line.words:
            touched = boxes[position : position + len(word.text)]
            position += len(word.text)
            words.append(Word(word.text, around(touched), word.before))
        lines.append(Line(words, line.size))
    return RawPage(page.number, lines)


def _letters(word: Word) -> list[Box | None]:
    """A word's box divided evenly among its letters."""
    box, count = word.box, len(word.text)
    if box is None:
        return [None] * count
    step = (box.right - box.left) / count
    return [Box(box.left + i * step, box.top, box.left + (i + 1) * step, box.bottom) for i in range(count)]
