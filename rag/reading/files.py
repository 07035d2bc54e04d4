"""Whether a file can be read at all, and what is in it, before any parser sees it."""

import hashlib
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from rag.errors import DocumentEmpty, DocumentMissing, DocumentUnreadable, UnknownFormat
from rag.reading.kinds import is_document, suffix

_READ_BYTES = 1 << 20
_HEAD_BYTES = 1024  # within these a PDF says that it is one


@dataclass(frozen=True)
class FileState:
    """What tells whether a file has changed. `modified_at` is in seconds since the epoch."""

    size_bytes: int
    modified_at: float
    sha256: str


def check_file(path: Path, *, any_kind: bool = False) -> None:
    """Look whether a file is one that we read and may be opened. `any_kind`: whatever it is called.

    Raises DocumentMissing, DocumentUnreadable, DocumentEmpty or UnknownFormat.
    """
    with _checked(path, any_kind=any_kind):
        pass


def looks_like_pdf(path: Path) -> bool:
    """Whether it says so at its beginning, whatever it is called. Raises OSError."""
    with path.open("rb") as file:
        return b"%PDF-" in file.read(_HEAD_BYTES)


def begins_as_pdf(path: Path) -> bool:
    """Whether its first bytes are a PDF's: text may hold them further on. False if it cannot be looked at."""
    try:
        with path.open("rb") as file:
            return file.read(5) == b"%PDF-"
    except OSError:
        return False


def file_state(path: Path) -> FileState:
    """Look at a file as `check_file` does, and hash it."""
    with _checked(path) as file:
        status = os.fstat(file.fileno())
        digest = hashlib.sha256()
        while piece := file.read(_READ_BYTES):
            digest.update(piece)
        return FileState(status.st_size, status.st_mtime, digest.hexdigest())


@contextmanager
def _checked(path: Path, *, any_kind: bool = False) -> Iterator[BinaryIO]:
    try:
        status = path.stat()
        known = any_kind or is_document(path)
        if not stat.S_ISREG(status.st_mode) or not known:  # a pipe or device would hang us
            raise UnknownFormat(file=str(path), suffix=suffix(path))
        if status.st_size == 0:
            raise DocumentEmpty(file=str(path))
        with path.open("rb") as file:
            yield file
    except (FileNotFoundError, NotADirectoryError) as error:
        raise DocumentMissing(file=str(path)) from error
    except OSError as error:
        raise DocumentUnreadable(str(error), file=str(path)) from error
