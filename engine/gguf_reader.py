"""Take values from a GGUF file in order, never beyond its end, and pass over what nobody needs.

Knows numbers, texts and arrays, and how to skip a vocabulary; not what they mean. Does not map the file: one
that is cut short under a mapping kills the process.
"""

import struct
from typing import BinaryIO, Final, NoReturn

from engine.errors import ModelDamaged, ModelTruncated

MAX_STRING_BYTES: Final = 1 << 24
BLOCK_BYTES: Final = 1 << 16
LARGE_BLOCK_BYTES: Final = 1 << 20  # while a vocabulary is walked through
KNOWN_BY_BYTES: Final = 1 << 12  # of the beginning and of the end of a vocabulary
MOST_KNOWN: Final = 1000

_WHOLE: Final = struct.Struct("<Q")
_LAYOUTS: Final = {code: struct.Struct(f"<{code}") for code in "BbHhIif?Qqd"}
_BEYOND: Final = (struct.error, OverflowError)  # an offset that lies outside of the block


class KnownTexts:
    """How long the arrays of texts were that stood in other files, by their count, beginning and end.

    A folder of models has few vocabularies: most of them need not be walked through again. May be used from
    any thread.
    """

    def __init__(self) -> None:
        self._ends: dict[tuple[int, bytes], dict[int, bytes]] = {}

    def lengths(self, count: int, beginning: bytes) -> dict[int, bytes]:
        """Lengths in bytes, each with the last bytes of what was as long."""
        return dict(self._ends.get((count, beginning), {}))

    def keep(self, count: int, beginning: bytes, length_bytes: int, end: bytes) -> None:
        if len(self._ends) >= MOST_KNOWN:
            self._ends.clear()
        self._ends.setdefault((count, beginning), {})[length_bytes] = end


class Reader:
    """Takes values from the file in order, never more than the file holds, in blocks of some size."""

    def __init__(self, file: BinaryIO, path: str, size_bytes: int, known: KnownTexts | None = None) -> None:
        self.path = path
        self.size_bytes = size_bytes
        self._known = known
        self._file = file
        self._block = b""
        self._at = 0
        self._before = 0  # bytes of the file before the block

    @property
    def position(self) -> int:
        return self._before + self._at

    def damaged(self, why: str) -> NoReturn:
        raise ModelDamaged(f"{why} (byte {self.position})", path=self.path)

    def ends_early(self) -> NoReturn:
        """Before its header is complete: nobody knows how much is missing."""
        raise ModelTruncated(path=self.path)

    def take(self, count: int) -> bytes:
        """The next `count` bytes. Raises ModelTruncated when the file ends before."""
        end = self._at + count
        if end > len(self._block):
            self._fill(count)
            end = count
        data = self._block[self._at : end]
        self._at = end
        return data

    def skip(self, count: int) -> None:
        """Pass over `count` bytes without reading them. Raises ModelTruncated."""
        self._at += count
        if self._at <= len(self._block):
            return
        if self.position > self.size_bytes:
            self.ends_early()
        self._go(self.position)

    def values(self, layout: struct.Struct) -> tuple[int, ...]:
        """What a layout of whole numbers holds."""
        try:
            found: tuple[int, ...] = layout.unpack_from(self._block, self._at)
        except struct.error:  # not in the block
            self._fill(layout.size)
            found = layout.unpack_from(self._block)
        self._at += layout.size
        return found

    def scalar(self, code: str) -> int | float:
        """One value of a `code` of struct."""
        return self.values(_LAYOUTS[code])[0]

    def number(self, code: str) -> int:
        """One value of a `code` of struct that stands for a whole number."""
        return self.values(_LAYOUTS[code])[0]

    def text(self, limit_bytes: int = MAX_STRING_BYTES) -> str:
        (length,) = self.values(_WHOLE)
        if length > limit_bytes:
            self.damaged(f"a text of {length} bytes")
        return str(self.take(length), "utf-8", "replace")

    def skip_texts(self, count: int) -> None:
        """Pass over `count` texts without keeping them: a vocabulary has a hundred thousand."""
        if self._known is None:
            self._walk(count)
            return
        start = self.position
        beginning = self._peek(KNOWN_BY_BYTES)
        for length, end in self._known.lengths(count, beginning).items():
            if self._ends_alike(start + length, end):
                return
        self._go(start)
        self._walk(count)
        length = self.position - start
        if length >= 2 * KNOWN_BY_BYTES:  # a short one is walked through at once
            self._known.keep(count, beginning, length, self._last(KNOWN_BY_BYTES))

    def _walk(self, count: int) -> None:
        left = count
        while True:
            left -= self._walk_block(left)
            if self._at > len(self._block):
                if self.position > self.size_bytes:
                    self.ends_early()
                self._go(self.position)
            if not left:
                return
            self._fill(_WHOLE.size, LARGE_BLOCK_BYTES)

    def _walk_block(self, count: int) -> int:
        """How many texts begin in this block, `count` at most; the position is after the last of them."""
        block, at, unpack = self._block, self._at, _WHOLE.unpack_from
        done = length = 0
        try:
            for done in range(count):  # noqa: B007 (read after an error)
                (length,) = unpack(block, at)
                if length > MAX_STRING_BYTES:
                    break
                at += 8 + length
            else:
                done = count
        except _BEYOND:
            length = 0
        self._at = at
        if length > MAX_STRING_BYTES:
            self.damaged(f"a text of {length} bytes")
        return done

    def _ends_alike(self, position: int, end: bytes) -> bool:
        """Go to `position` if the bytes before it are these."""
        if position > self.size_bytes:
            return False
        self._go(position - len(end))
        return self.take(len(end)) == end

    def _peek(self, count: int) -> bytes:
        count = min(count, self.size_bytes - self.position)
        data = self.take(count)
        self._at -= count
        return data

    def _last(self, count: int) -> bytes:
        """The bytes before the position."""
        position = self.position
        self._go(position - count)
        return self.take(count)

    def _go(self, position: int) -> None:
        """Read on from `position`, which lies within the file."""
        self._at = position - self._before
        if not 0 <= self._at <= len(self._block):
            self._file.seek(position)
            self._block, self._before, self._at = b"", position, 0

    def _fill(self, count: int, block_bytes: int = BLOCK_BYTES) -> None:
        """Have `count` bytes in the block from its position on."""
        if self.position + count > self.size_bytes:
            self.ends_early()
        rest = self._block[self._at :]
        self._before += self._at
        self._block = rest + self._file.read(max(count - len(rest), block_bytes))
        self._at = 0
        if len(self._block) < count:  # the file shrank while we read it
            self.ends_early()
