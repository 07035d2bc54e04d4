"""What is left of a zip whose directory, which stands at its end, is missing: a download that broke off.

Each entry has a head of its own (APPNOTE.TXT, 4.3.7); the last one ends where the file does.
"""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from io import RawIOBase
from pathlib import Path
from typing import Any, BinaryIO, Final, cast

_HEAD: Final = struct.Struct("<4sHHHHHIIIHH")
_BEGINS: Final = b"PK\x03\x04"
_STORED, _DEFLATED = 0, 8
_UNKNOWN: Final = (0, 0xFFFFFFFF)  # sizes that stand behind the data, or in a field for large ones
_CHUNK_BYTES: Final = 1 << 18
_MOST_BYTES: Final = 1 << 33  # of one entry, unpacked
_BEHIND_BYTES: Final = 24  # the longest that stands between an entry's data and the next head


@dataclass(frozen=True)
class Entry:
    """`start` of its data; `size_bytes` unpacked, of a stored one."""

    path: Path
    name: str
    start: int
    method: int
    size_bytes: int

    def open(self) -> BinaryIO:
        """What can be unpacked, up to the cut. Raises OSError."""
        return cast("BinaryIO", _Unpacking(self))


def is_cut(path: Path) -> bool:
    """Whether it begins as a zip does. Raises OSError."""
    with path.open("rb") as stream:
        return stream.read(len(_BEGINS)) == _BEGINS


def entries(path: Path) -> Iterator[Entry]:
    """From the first one on, as far as they can be followed. Raises OSError."""
    place = 0
    while True:
        with path.open("rb") as stream:
            stream.seek(place)
            raw = stream.read(_HEAD.size)
            if len(raw) < _HEAD.size:
                return
            begins, _, flags, method, _, _, _, packed, size, name_bytes, more_bytes = _HEAD.unpack(raw)
            name = stream.read(name_bytes).decode("utf-8" if flags & 0x800 else "cp437", "replace")
        if begins != _BEGINS or flags & 1 or method not in (_STORED, _DEFLATED) or not name:
            return
        entry = Entry(path, name, place + _HEAD.size + name_bytes + more_bytes, method, size)
        if not name.endswith("/"):
            yield entry
        if packed not in _UNKNOWN or (size == 0 and not flags & 8):
            end: int | None = entry.start + packed
        else:
            end = _end_of(entry)
        if end is None:
            return
        place = _next_head(path, end)
        if place < 0:
            return


def _end_of(entry: Entry) -> int | None:
    """Where the data of an entry end that does not say it; None: beyond the cut."""
    if entry.method != _DEFLATED:
        return None
    with _Unpacking(entry) as unpacking:
        left = _MOST_BYTES
        while left > 0 and (raw := unpacking.read(_CHUNK_BYTES)):
            left -= len(raw)
        return unpacking.end


def _next_head(path: Path, end: int) -> int:
    with path.open("rb") as stream:
        stream.seek(end)
        found = stream.read(_BEHIND_BYTES + len(_BEGINS)).find(_BEGINS)
    return end + found if found >= 0 else -1


class _Unpacking(RawIOBase):
    """Ends where the entry or the file does, or where its data are damaged."""

    def __init__(self, entry: Entry) -> None:
        super().__init__()
        self._file = entry.path.open("rb")
        self._file.seek(entry.start)
        self._left = entry.size_bytes if entry.method == _STORED else None
        self._inflate = zlib.decompressobj(-zlib.MAX_WBITS) if entry.method == _DEFLATED else None
        self.end: int | None = None  # of its data, once they were read and are whole

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        raw = self._some(len(buffer))
        buffer[: len(raw)] = raw
        return len(raw)

    def _some(self, size: int) -> bytes:
        if self._inflate is None:
            raw = self._file.read(min(size, self._left or 0))
            self._left = (self._left or 0) - len(raw)
            return raw
        raw = b""
        while not raw and not self._inflate.eof:
            packed = self._inflate.unconsumed_tail or self._file.read(_CHUNK_BYTES)
            if not packed:
                return b""
            try:
                raw = self._inflate.decompress(packed, size)
            except zlib.error:
                return b""
        if self._inflate.eof and self.end is None:
            self.end = self._file.tell() - len(self._inflate.unused_data)
        return raw

    def close(self) -> None:
        self._file.close()
        super().close()
