"""Pages that are pictures, read by Tesseract: words with their boxes. Found when it is needed, not demanded.

Tesseract runs as a program of its own, one page at a time. Its words are kept in a folder, page by page,
until the document is stored: what ends this process costs one page.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import msgspec

from rag.language import guess_language
from rag.protocol import Box, PageBitmap
from rag.reading.layout import Line, RawPage, Word

DPI = 300
PAGE_LIMIT_S = 45.0
WANTED = {"es": "spa", "en": "eng"}
_LEAST_SURE = 30.0  # per cent; below it a "word" is mostly a stain
_LEAST_WORDS = 3
_LEAST_MEAN = 55.0
_INK = 8  # of 255: a page whose lightest and darkest grey differ by less is blank


class NotRead(Exception):
    """A page stays a picture. `why`: "no_tesseract", "no_language", "failed", "nothing"."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class _Kept(msgspec.Struct):
    """What is kept of a page: lines of words as (text, left, top, right, bottom)."""

    lines: list[list[tuple[str, float, float, float, float]]]
    sizes: list[float]


class _Found(NamedTuple):
    line: tuple[str, str, str]
    text: str
    sure: float
    box: Box


class Scans:
    """Reads the pictures of one document. `render` gives a page as a bitmap of so many pixels across."""

    def __init__(self, render: Callable[[int, int], PageBitmap], folder: Path | None = None) -> None:
        """`folder`: where recognized pages are kept; None: nowhere."""
        self._render = render
        self._folder = folder
        self._language = ""

    def page(self, number: int, width_pt: float, height_pt: float) -> RawPage | None:
        """The page with its words; None for a page without a mark on it. Raises NotRead."""
        kept = self._kept(number)
        if kept is not None:
            return kept
        bitmap = self._render(number, round(width_pt / 72 * DPI))
        grey = _grey(bitmap)
        if max(grey) - min(grey) < _INK:
            return None
        page = RawPage(number, _lines(_run(grey, bitmap, self._languages()), bitmap, height_pt))
        if not self._language:
            self._language = guess_language(" ".join(line.text for line in page.lines))
        self._keep(page)
        return page

    def _languages(self) -> str:
        there = languages()
        wanted = [name for name in WANTED.values() if name in there]
        if not wanted:
            raise NotRead("no_language")
        own = WANTED.get(self._language, "")
        return own if own in wanted else "+".join(wanted)

    def _kept(self, number: int) -> RawPage | None:
        if self._folder is None:
            return None
        try:
            kept = msgspec.msgpack.decode((self._folder / f"{number}.page").read_bytes(), type=_Kept)
        except (OSError, msgspec.MsgspecError):
            return None
        lines = zip(kept.lines, kept.sizes, strict=False)
        return RawPage(
            number, [Line([Word(word[0], Box(*word[1:])) for word in words], size) for words, size in lines]
        )

    def _keep(self, page: RawPage) -> None:
        if self._folder is None:
            return
        lines = [
            [(w.text, w.box.left, w.box.top, w.box.right, w.box.bottom) for w in line.words if w.box]
            for line in page.lines
        ]
        data = msgspec.msgpack.encode(_Kept(lines, [line.size for line in page.lines]))
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            draft = self._folder / f"{page.number}.new"
            draft.write_bytes(data)
            draft.replace(self._folder / f"{page.number}.page")
        except OSError:
            pass  # then a kill costs more; a full disk is said where the library writes


def tesseract() -> str | None:
    """The program: the one that an installed Sobremesa brings along, else the system's; never one that lies
    in the working directory."""
    brought = _brought()
    found = str(brought) if brought is not None else shutil.which("tesseract")
    return found if found is not None and os.path.isabs(found) else None  # noqa: PTH117  no file is asked


def _brought() -> Path | None:
    if not getattr(sys, "frozen", False):
        return None
    name = "tesseract.exe" if sys.platform == "win32" else "tesseract"
    program = Path(sys.executable).resolve().parent / "tesseract" / name
    return program if program.is_file() else None


def _environment() -> dict[str, str]:
    """One thread: it is hardly slower, and the machine stays answerable."""
    brought = _brought()
    words = {"TESSDATA_PREFIX": str(brought.parent / "tessdata")} if brought is not None else {}
    return {**os.environ, **words, "OMP_THREAD_LIMIT": "1"}


def languages() -> frozenset[str]:
    """What the installed Tesseract can read. Raises NotRead without one."""
    program = tesseract()
    if program is None:
        raise NotRead("no_tesseract")
    try:
        done = subprocess.run(
            [program, "--list-langs"],
            capture_output=True,
            timeout=PAGE_LIMIT_S,
            check=True,
            env=_environment(),
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise NotRead("failed") from error
    return frozenset(done.stdout.decode("utf-8", "replace").split())


def _grey(bitmap: PageBitmap) -> bytes:
    """One byte a pixel: the green of BGRx, which is where ink shows."""
    rows = memoryview(bitmap.pixels)
    return b"".join(
        bytes(rows[y * bitmap.stride : y * bitmap.stride + 4 * bitmap.width_px])[1::4]
        for y in range(bitmap.height_px)
    )


def _run(grey: bytes, bitmap: PageBitmap, language: str) -> str:
    """Tesseract's table of words."""
    program = tesseract()
    if program is None:
        raise NotRead("no_tesseract")
    picture = b"P5 %d %d 255\n" % (bitmap.width_px, bitmap.height_px) + grey
    command = [program, "stdin", "stdout", "-l", language, "--dpi", str(DPI), "tsv"]
    try:
        done = subprocess.run(
            command, input=picture, capture_output=True, timeout=PAGE_LIMIT_S, check=True, env=_environment()
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise NotRead("failed") from error
    return done.stdout.decode("utf-8", "replace")


def _lines(table: str, bitmap: PageBitmap, height_pt: float) -> list[Line]:
    """The table's words by line, in its reading order. Raises NotRead when they are stains."""
    words = [found for row in table.splitlines()[1:] if (found := _word(row, bitmap)) is not None]
    if len(words) < _LEAST_WORDS or sum(word.sure for word in words) / len(words) < _LEAST_MEAN:
        raise NotRead("nothing")
    lines: dict[tuple[str, str, str], list[Word]] = {}
    for word in words:
        lines.setdefault(word.line, []).append(Word(word.text, word.box))
    return [_line(line, height_pt) for line in _with_hyphens(list(lines.values()))]


def _word(row: str, bitmap: PageBitmap) -> _Found | None:
    cells = row.split("\t")
    if len(cells) < 12 or cells[0] != "5" or not cells[11].strip() or float(cells[10]) < _LEAST_SURE:
        return None
    left, top, width, height = (int(cell) for cell in cells[6:10])
    box = Box(
        left / bitmap.width_px,
        top / bitmap.height_px,
        (left + width) / bitmap.width_px,
        (top + height) / bitmap.height_px,
    )
    return _Found((cells[2], cells[3], cells[4]), cells[11].strip(), float(cells[10]), box)


def _with_hyphens(lines: list[list[Word]]) -> list[list[Word]]:
    """A word that a hyphen cuts at a line's end goes on at the beginning of the next."""
    for line, following in pairwise(lines):
        last = line[-1]
        if (
            len(last.text) > 2
            and last.text[-1] in "-‐­"
            and last.text[-2].isalpha()
            and following[0].text[0].islower()
        ):
            line[-1] = last._replace(text=last.text[:-1])
            following[0] = following[0]._replace(before="hyphen")
    return lines


def _line(words: list[Word], height_pt: float) -> Line:
    heights = sorted(word.box.bottom - word.box.top for word in words if word.box is not None)
    return Line(words, heights[len(heights) // 2] * height_pt)
