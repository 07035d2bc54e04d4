"""Texts from files: found, decoded, cleaned. Tokenizes nothing."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from engine.train.errors import NothingToRead, TextUnreadable

KINDS: Final = (".txt", ".md", ".markdown", ".text", ".rst")
# what no text holds: control characters, but for tab, line feed, form feed and carriage return
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f]")
_BLANKS: Final = re.compile(r"[ \t]+\n")
_GAPS: Final = re.compile(r"\n{4,}")
BINARY_SHARE: Final = 0.001  # of control characters, above which a file is no text


def find_texts(paths: Iterable[Path]) -> list[Path]:
    """The files themselves, and those of text in folders, in one order on every machine.

    Raises NothingToRead for a path where there is none.
    """
    found: list[Path] = []
    for path in paths:
        here = [path] if path.is_file() else []
        if path.is_dir():
            files = (file for file in path.rglob("*") if file.suffix.lower() in KINDS and file.is_file())
            here = sorted(files, key=lambda file: file.relative_to(path).as_posix())
        if not here:
            raise NothingToRead(path=str(path))
        found += here
    return list(dict.fromkeys(found))


def read_text(path: Path) -> str:
    """A file's text, whatever it is encoded in, cleaned. Raises TextUnreadable."""
    try:
        return clean(decode(path.read_bytes()))
    except OSError as error:
        raise TextUnreadable(str(error), path=str(path)) from error
    except ValueError as error:
        raise TextUnreadable(str(error), path=str(path)) from error


def decode(data: bytes) -> str:
    """UTF-8, or UTF-16 that says so, or what Windows wrote in Western Europe. Raises ValueError: no text.

    A file of several encodings is decoded line by line.
    """
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16")
    data = data.removeprefix(b"\xef\xbb\xbf")
    try:
        text = data.decode()
    except UnicodeDecodeError:
        text = "".join(_line(line) for line in data.splitlines(keepends=True))
    if len(_CONTROL.findall(text)) > BINARY_SHARE * len(text):
        raise ValueError("not text")
    return text


def _line(line: bytes) -> str:
    try:
        return line.decode()
    except UnicodeDecodeError:
        # five bytes of Windows-1252 stand for nothing
        return line.decode("cp1252", "replace").replace("�", "")


def clean(text: str) -> str:
    """Composed characters (NFC), plain line ends, no control characters, no blanks at a line's end."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\f", "\n")
    text = _CONTROL.sub("", unicodedata.normalize("NFC", text))
    return _GAPS.sub("\n\n\n", _BLANKS.sub("\n", text)).strip("\n") + "\n"


def without_repeats(texts: Iterable[str], least_characters: int = 200) -> Iterator[tuple[str, int]]:
    """Each text without the paragraphs that came before, and how many characters that took.

    Only paragraphs of some length count: a short line may well be said twice.
    """
    seen: set[int] = set()
    for text in texts:
        kept = []
        lost = 0
        for paragraph in text.split("\n\n"):
            if len(paragraph) >= least_characters:
                mark = hash(" ".join(paragraph.split()))
                if mark in seen:
                    lost += len(paragraph)
                    continue
                seen.add(mark)
            kept.append(paragraph)
        yield "\n\n".join(kept), lost
