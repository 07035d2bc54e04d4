"""Values out of JSON that may be larger than the memory, cut short, or broken in the middle.

A list is read entry by entry, an object field by field, a list under one of `LISTS` entry by entry too,
and whatever follows line by line. One entry is kept at a time. Accepts what Python's json module does: NaN
and halves of surrogate pairs as well.
"""

import codecs
import json
import re
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO, Final, Literal

CHUNK_BYTES: Final = 1 << 20
MOST_CHARACTERS: Final = 1 << 27  # of one entry
LISTS: Final = ("chats", "conversations", "threads")
_NEAR_END: Final = 32  # an error so near the end of what was read may come from the end
_MOST_TRIES: Final = 1000  # to find the next entry behind a broken one

_decoder = json.JSONDecoder(strict=False)
_SPACE = re.compile(r"[ \t\r\n\ufeff\0]*")
_OBJECT = re.compile(r"\{\s*\"")

Reason = Literal["cut", "malformed", "too_large", "empty", "no_json"]


@dataclass(frozen=True)
class Entry:
    """A value of a list, or a line."""

    value: Any


@dataclass(frozen=True)
class Head:
    """The fields before the list that follows."""

    fields: dict[str, Any]


@dataclass(frozen=True)
class Whole:
    """A single object."""

    fields: dict[str, Any]


@dataclass(frozen=True)
class Broken:
    """Something could not be read: the rest ("cut", "too_large"), or one entry ("malformed")."""

    reason: Reason


Piece = Entry | Head | Whole | Broken


class _Bad(Exception):
    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason: Reason = reason


def pieces(stream: BinaryIO, wanted: Callable[[Any], bool]) -> Iterator[Piece]:
    """All that can be read. `wanted` knows an entry when it sees one, to go on behind a broken one."""
    text = _Text(stream)
    first = text.peek()
    if first == "[":
        text.at += 1
        yield from _entries(text, wanted)
    elif first == "{":
        yield from _object(text, wanted)
    else:
        yield Broken("empty" if not first else "no_json")


def _entries(text: "_Text", wanted: Callable[[Any], bool]) -> Iterator[Piece]:
    while (sign := text.peek()) != "]":
        if not sign:
            yield Broken("cut")
            return
        if sign == ",":
            text.at += 1
            continue
        start = text.at
        try:
            yield Entry(text.value())
        except _Bad as bad:
            yield Broken(bad.reason)
            if bad.reason != "malformed" or not (yield from _next_entry(text, start + 1, wanted)):
                return
    text.at += 1


def _next_entry(text: "_Text", start: int, wanted: Callable[[Any], bool]) -> Generator[Piece, None, bool]:
    """Look for an entry behind a broken one; gives, by `yield from`, whether there is one."""
    text.at = start
    for _ in range(_MOST_TRIES):
        while (found := _OBJECT.search(text.text, text.at)) is None:
            text.at = max(text.at, len(text.text) - 1)
            if not text.more():
                return False
        text.at = found.start()
        try:
            value = text.value()
        except _Bad:
            text.at = found.start() + 1
            continue
        if wanted(value):
            yield Entry(value)
            return True
    return False


def _object(text: "_Text", wanted: Callable[[Any], bool]) -> Iterator[Piece]:
    fields: dict[str, Any] = {}
    listed = False
    text.at += 1
    try:
        while (sign := text.peek()) != "}":
            if sign == ",":
                text.at += 1
                continue
            name = text.value() if sign == '"' else None
            if not isinstance(name, str) or text.peek() != ":":
                raise _Bad("malformed" if text.peek() else "cut")  # noqa: TRY301
            text.at += 1
            if name in LISTS and text.peek() == "[":
                listed = True
                yield Head(dict(fields))
                text.at += 1
                yield from _entries(text, wanted)
            else:
                fields[name] = text.value()
    except _Bad as bad:
        yield Broken(bad.reason)
        if not listed and wanted(fields):
            yield Whole(fields)
        return
    text.at += 1
    if not listed:
        yield Whole(fields)
    yield from _lines(text)


def _lines(text: "_Text") -> Iterator[Piece]:
    while text.peek():
        try:
            yield Entry(text.value())
        except _Bad as bad:
            yield Broken(bad.reason)
            if bad.reason != "malformed" or not text.skip_line():
                return


class _Text:
    """What was read and not yet used. `at`: the place of the next character in `text`."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.text = ""
        self.at = 0
        first = stream.read(CHUNK_BYTES)
        self._decoder = codecs.getincrementaldecoder(_encoding(first))("replace")
        self._ended = not first
        self.text = self._decoder.decode(first, final=self._ended)

    def more(self) -> bool:
        """Read on; twice as far each time that one entry needs it. False at the end."""
        if self._ended:
            return False
        self.text, self.at = self.text[self.at :], 0
        raw = self._stream.read(max(CHUNK_BYTES, len(self.text)))
        self._ended = not raw
        self.text += self._decoder.decode(raw, final=self._ended)
        return True

    def peek(self) -> str:
        """The next character that is no space; "" at the end."""
        while True:
            match = _SPACE.match(self.text, self.at)
            self.at = match.end() if match else self.at
            if self.at < len(self.text):
                return self.text[self.at]
            if not self.more():
                return ""

    def value(self) -> Any:
        """Read the value that begins here. Raises _Bad."""
        self.peek()
        while True:
            try:
                value, end = _decoder.raw_decode(self.text, self.at)
            except RecursionError as error:
                raise _Bad("malformed") from error
            except ValueError as error:  # also a number of too many digits
                place = getattr(error, "pos", self.at)
                unfinished = str(error).startswith("Unterminated") or place > len(self.text) - _NEAR_END
                if not unfinished:
                    raise _Bad("malformed") from error
                if len(self.text) - self.at > MOST_CHARACTERS:
                    raise _Bad("too_large") from error
                if not self.more():
                    raise _Bad("cut") from error
            else:
                if end == len(self.text) and isinstance(value, int | float) and self.more():
                    continue  # the number may go on
                self.at = end
                return value

    def skip_line(self) -> bool:
        while (end := self.text.find("\n", self.at)) < 0:
            self.at = len(self.text)
            if not self.more():
                return False
        self.at = end + 1
        return True


def _encoding(first: bytes) -> str:
    for mark, name in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF32_LE, "utf-32"),
        (codecs.BOM_UTF32_BE, "utf-32"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if first.startswith(mark):
            return name
    return "utf-8"
