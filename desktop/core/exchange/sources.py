"""The documents in a file, a folder or a zip from which chats may come. Unpacks nothing onto the disk.

A document is taken for what it holds, whatever it is called. Names serve for reports alone, so that a name
that leads out of an archive leads nowhere.
"""

import os
import stat
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO, Final, Self

from desktop.core.errors import CoreError
from desktop.core.exchange import cut_zip
from desktop.core.exchange.errors import ImportCut, ImportProtected, ImportTooLarge, ImportUnreadable
from desktop.core.exchange.texts import text_of

MOST_ENTRIES: Final = 200_000
MOST_BYTES: Final = 1 << 33  # of one document, unpacked
# a text seldom shrinks to less; a file made to fill a disk shrinks to a thousandth
MOST_RATIO: Final = 400
RATIO_FROM_BYTES: Final = 1 << 26
_HEAD_BYTES: Final = 256
_SPACES: Final = b" \t\r\n\xef\xbb\xbf\xff\xfe\0"
# what a stream of an archive can raise: a damaged or an encrypted entry, or one of an unknown method
_ZIP_ERRORS: Final = (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError, OSError)


@dataclass(frozen=True)
class Document:
    """Something that may hold JSON. `name`: where it stands, for reports; `group`: its folder."""

    name: str
    group: str
    size_bytes: int
    open: Callable[[], BinaryIO]


@dataclass(frozen=True)
class Unusable:
    """A document that cannot be read at all, and why."""

    name: str
    error: CoreError


def documents(path: Path) -> Iterator[Document | Unusable]:
    """All that begin like JSON, folder by folder. Raises ImportUnreadable, ImportProtected."""
    try:
        kind = path.stat().st_mode
        if stat.S_ISDIR(kind):
            yield from _in_folder(path)
        elif not stat.S_ISREG(kind):
            raise ImportUnreadable(path=str(path))
        elif zipfile.is_zipfile(path):
            yield from _in_zip(path)
        elif cut_zip.is_cut(path):
            yield from _in_cut_zip(path)
        else:
            yield Document(path.name, "", path.stat().st_size, lambda: path.open("rb"))
    except (OSError, ValueError) as error:  # ValueError: a zero byte in the name
        raise ImportUnreadable(str(error), path=str(path)) from error


def _in_folder(folder: Path) -> Iterator[Document | Unusable]:
    count = 0
    for place, folders, files in os.walk(folder, followlinks=False):
        folders.sort()
        for name in sorted(files):
            count += 1
            if count > MOST_ENTRIES:
                yield Unusable(folder.name, ImportTooLarge(path=folder.name))
                return
            file = Path(place) / name
            shown = str(file.relative_to(folder))
            try:
                if file.is_symlink() or not file.is_file():
                    continue
                with file.open("rb") as stream:
                    begins = stream.read(_HEAD_BYTES)
                if zipfile.is_zipfile(file) or not _like_json(begins):
                    continue
                size = file.stat().st_size
            except OSError as error:
                yield Unusable(shown, ImportUnreadable(str(error), path=shown))
                continue
            yield Document(shown, place, size, lambda file=file: file.open("rb"))  # type: ignore[misc]


def _in_zip(path: Path) -> Iterator[Document | Unusable]:
    try:
        archive = zipfile.ZipFile(path)
    except _ZIP_ERRORS as error:
        raise ImportUnreadable(str(error), path=str(path)) from error
    with archive:
        entries = [entry for entry in archive.infolist() if not entry.is_dir()]
        if len(entries) > MOST_ENTRIES:
            yield Unusable(path.name, ImportTooLarge(path=path.name))
            return
        if entries and all(entry.flag_bits & 1 for entry in entries):
            raise ImportProtected(path=str(path))
        entries.sort(key=lambda entry: PurePosixPath(entry.filename).parent.as_posix())
        for entry in entries:
            name = text_of(entry.filename)
            try:
                with archive.open(entry) as stream:
                    begins = stream.read(_HEAD_BYTES)
            except _ZIP_ERRORS as error:
                yield Unusable(name, ImportUnreadable(str(error), path=name))
                continue
            if not _like_json(begins):
                continue
            packed = max(1, entry.compress_size)
            bomb = entry.file_size > RATIO_FROM_BYTES and entry.file_size / packed > MOST_RATIO
            if bomb or entry.file_size > MOST_BYTES:
                yield Unusable(name, ImportTooLarge(path=name))
                continue
            group = PurePosixPath(entry.filename).parent.as_posix()
            yield Document(name, group, entry.file_size, _opener(archive, entry))


def _in_cut_zip(path: Path) -> Iterator[Document | Unusable]:
    """One whose directory is missing: what stands before the cut."""
    found = False
    for entry in cut_zip.entries(path):
        with entry.open() as stream:
            begins = stream.read(_HEAD_BYTES)
        if not _like_json(begins):
            continue
        found = True
        name = text_of(entry.name)
        yield Document(name, PurePosixPath(entry.name).parent.as_posix(), 0, _cut_opener(entry))
    if not found:
        raise ImportUnreadable("its directory is missing", path=str(path))
    yield Unusable(path.name, ImportCut(path=path.name))


def _cut_opener(entry: cut_zip.Entry) -> Callable[[], BinaryIO]:
    most = max(RATIO_FROM_BYTES, MOST_RATIO * entry.path.stat().st_size)
    return lambda: _Limited(entry.open(), min(MOST_BYTES, most))  # type: ignore[return-value]


def _opener(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Callable[[], BinaryIO]:
    return lambda: _Limited(archive.open(entry), max(entry.file_size, 1))  # type: ignore[return-value]


class _Limited:
    """A stream that ends where its directory says, whatever more comes out of it, and where it is damaged."""

    def __init__(self, stream: object, left: int) -> None:
        self._stream = stream
        self._left = left

    def read(self, size: int = -1) -> bytes:
        wanted = self._left if size < 0 else min(size, self._left)
        try:
            raw: bytes = self._stream.read(wanted)  # type: ignore[attr-defined]
        except _ZIP_ERRORS:  # what came is used, and the JSON will be found cut short
            raw = b""
            self._left = 0
        self._left -= len(raw)
        return raw

    def close(self) -> None:
        self._stream.close()  # type: ignore[attr-defined]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _like_json(begins: bytes) -> bool:
    return begins.lstrip(_SPACES)[:1] in (b"{", b"[")
