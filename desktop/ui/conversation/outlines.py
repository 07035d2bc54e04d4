"""A formula's outline as few bytes, and as a path to paint. Asks nobody for it and knows no document."""

import zlib
from array import array
from collections.abc import Iterator
from typing import Final

import msgspec
from PySide6.QtCore import Qt
from PySide6.QtGui import QPainterPath, QPainterPathStroker

from desktop.core.workers.formulas import Outlines

UNITS: Final = 100  # to one of the outline's: more digits than it comes with
_NUMBERS: Final = {"M": 2, "L": 2, "Q": 4, "C": 6, "Z": 0}
_ELEMENTS: Final = {
    "M": 1,
    "L": 1,
    "Q": 3,
    "C": 3,
    "Z": 1,
}  # of a path, where a curve is three


class _Line(msgspec.Struct, frozen=True, array_like=True):
    """Commands, and how far each place lies from the one before: right and down in turn, of type `size`."""

    commands: str
    size: str
    steps: bytes


class _Packed(msgspec.Struct, frozen=True, array_like=True):
    fill: _Line
    strokes: tuple[tuple[_Line, float], ...]  # and how wide they are


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(_Packed).decode


def packed(outlines: Outlines) -> bytes:
    """A fifth of what it comes in: the same letters have the same steps wherever they stand."""
    strokes = tuple((_line(stroke), width) for stroke, width in outlines.strokes)
    return zlib.compress(_encode(_Packed(_line(" ".join(outlines.fills)), strokes)))


def path_of(data: bytes) -> QPainterPath:
    """What was packed, as it is filled."""
    outline = _decode(zlib.decompress(data))
    path = _path(outline.fill)
    for line, width in outline.strokes:
        stroker = QPainterPathStroker()
        stroker.setWidth(width)
        path.addPath(stroker.createStroke(_path(line)))
    return path


def _line(data: str) -> _Line:
    commands, places = "", [0, 0]
    words = iter(data.split())
    for word in words:
        if word in _NUMBERS:
            commands += word
            places.extend(round(float(next(words)) * UNITS) for _ in range(_NUMBERS[word]))
    steps = [place - before for before, place in zip(places, places[2:], strict=False)]
    size = "h" if all(-(1 << 15) <= step < 1 << 15 for step in steps) else "i"
    return _Line(commands, size, array(size, steps).tobytes())


def _places(line: _Line) -> Iterator[float]:
    x = y = 0
    moves = iter(array(line.size, line.steps))
    for right, down in zip(moves, moves, strict=True):
        x, y = x + right, y + down
        yield x / UNITS
        yield y / UNITS


def _path(line: _Line) -> QPainterPath:
    path = QPainterPath()
    path.setFillRule(Qt.FillRule.WindingFill)
    path.reserve(sum(_ELEMENTS[command] for command in line.commands) + 1)
    places = _places(line)
    for command in line.commands:
        match command:
            case "M":
                path.moveTo(next(places), next(places))
            case "L":
                path.lineTo(next(places), next(places))
            case "Q":
                path.quadTo(*(next(places) for _ in range(4)))
            case "C":
                path.cubicTo(*(next(places) for _ in range(6)))
            case "Z":
                path.closeSubpath()
    return path
