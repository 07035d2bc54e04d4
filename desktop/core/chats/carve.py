"""Rows of a SQLite file found by their form, where no table leads to them any more. Opens no database.

Reads leaf pages of tables as https://www.sqlite.org/fileformat2.html describes them, those of the journal
before those of the file; of an encrypted file, what its pages hold. What was deleted is not found again:
the store has it overwritten with zeros.
"""

import struct
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from rag.sealed_pages import RESERVED_BYTES, Pages
from rag.sealing import Key

PAGE_BYTES = 4096  # of every file that the store makes
LEAF_OF_TABLE = 0x0D
WAL_HEAD, FRAME_HEAD = 32, 24

Value = int | float | str | bytes | None
Record = list[Value]
# by table: whether a record has the form of its rows
FORMS: Mapping[str, Callable[[Record], bool]] = {
    "messages": lambda row: (
        len(row) >= 10 and row[0] is None and row[3] in ("system", "user", "assistant") and _json(row[4])
    ),
    "chats": lambda row: (
        len(row) >= 9 and row[0] is None and isinstance(row[1], str) and _json(row[3]) and _number(row[6])
    ),
}


def carve(path: Path, key: Key | None = None) -> Iterator[tuple[str, int, Record]]:
    """Rows that look like those of FORMS: (table, rowid, values as they are stored, the first being NULL).

    Raises OSError where the file cannot be read.
    """
    newer = _journal(path.with_name(path.name + "-wal"))
    pages = Pages(key) if key is not None else None
    with path.open("rb") as file:

        def page(number: int) -> bytes:
            if number in newer:
                raw = newer[number]
            else:
                file.seek((number - 1) * PAGE_BYTES)
                raw = file.read(PAGE_BYTES)
            return raw if pages is None else pages.opened(number, raw)

        last = max([path.stat().st_size // PAGE_BYTES, *newer])
        for number in range(1, last + 1):
            for rowid, record in _rows(page(number), page, last, 0 if pages is None else RESERVED_BYTES):
                for table, fits in FORMS.items():
                    if fits(record):
                        yield table, rowid, record


def _journal(wal: Path) -> dict[int, bytes]:
    """The newest form of each page whose change was finished."""
    try:
        content = wal.read_bytes()
    except OSError:
        return {}
    finished: dict[int, bytes] = {}
    waiting: dict[int, bytes] = {}
    salt = content[16:24]
    for at in range(WAL_HEAD, len(content) - FRAME_HEAD - PAGE_BYTES + 1, FRAME_HEAD + PAGE_BYTES):
        number, pages_then = struct.unpack_from(">II", content, at)
        if content[at + 8 : at + 16] != salt:
            break
        waiting[number] = content[at + FRAME_HEAD : at + FRAME_HEAD + PAGE_BYTES]
        if pages_then:  # only the last frame of a transaction says so
            finished |= waiting
            waiting = {}
    return finished


def _rows(
    page: bytes, read: Callable[[int], bytes], last: int, reserved: int
) -> Iterator[tuple[int, Record]]:
    if len(page) < PAGE_BYTES or page[0] != LEAF_OF_TABLE:
        return
    (count,) = struct.unpack_from(">H", page, 3)
    for cell in range(min(count, PAGE_BYTES // 6)):
        (at,) = struct.unpack_from(">H", page, 8 + 2 * cell)
        try:
            size, at = _varint(page, at)
            rowid, at = _varint(page, at)
            yield rowid, _record(_payload(page, at, size, read, last, PAGE_BYTES - reserved))
        except (IndexError, ValueError, struct.error):
            continue


def _payload(page: bytes, at: int, size: int, read: Callable[[int], bytes], last: int, usable: int) -> bytes:
    """All bytes of a cell, also those on overflow pages. `usable`: bytes of a page that SQLite fills."""
    if size > last * PAGE_BYTES:
        raise ValueError("longer than the file")
    local = size
    if size > usable - 35:
        least = (usable - 12) * 32 // 255 - 23
        local = least + (size - least) % (usable - 4)
        local = local if local <= usable - 35 else least
    parts = [page[at : at + local]]
    left, number = size - local, 0
    if left:
        (number,) = struct.unpack_from(">I", page, at + local)
    while left > 0:
        if not 0 < number <= last:
            raise ValueError("no such page")
        more = read(number)
        (number,) = struct.unpack_from(">I", more, 0)
        parts.append(more[4 : min(4 + left, usable)])
        left -= usable - 4
    return b"".join(parts)


def _record(payload: bytes) -> Record:
    head, at = _varint(payload, 0)
    types: list[int] = []
    while at < head:
        kind, at = _varint(payload, at)
        types.append(kind)
    record: Record = []
    for kind in types:
        size = _size(kind)
        raw = payload[at : at + size]
        if len(raw) < size:
            raise ValueError("cut short")
        record.append(_value(kind, raw))
        at += size
    return record


def _size(kind: int) -> int:
    if kind >= 12:
        return (kind - 12) // 2
    return (0, 1, 2, 3, 4, 6, 8, 8, 0, 0)[kind]


def _value(kind: int, raw: bytes) -> Value:
    if kind >= 12:
        return raw.decode("utf-8", "replace") if kind % 2 else raw
    if kind == 7:
        return float(struct.unpack(">d", raw)[0])
    if kind in (8, 9):
        return kind - 8
    return int.from_bytes(raw, "big", signed=True) if raw else None


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = 0
    for place in range(9):
        byte = data[at + place]
        if place == 8:
            return (value << 8) | byte, at + 9
        value = (value << 7) | (byte & 0x7F)
        if byte < 0x80:
            return value, at + place + 1
    raise ValueError("no varint")


def _json(value: Value) -> bool:
    return isinstance(value, str) and value.startswith("[")


def _number(value: Value) -> bool:
    return isinstance(value, int | float)
