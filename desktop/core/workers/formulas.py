"""LaTeX formulas set into outlines by a process of its own, because a formula can be built to take for ever.

`python -m desktop.core.workers.formulas`: for each line of JSON that comes in, one with outlines goes out.
Whoever asks kills it when an answer does not come. It opens no file of a person's, and no network.
"""

import contextlib
import os
import re
import sys
from collections.abc import Iterable
from typing import Any, Final
from xml.etree.ElementTree import Element

import msgspec

from rag.process import entry_point

EM: Final = 20.0  # units of the answer to the font's size
MOST_SOURCE: Final = 1_500  # characters; longer ones stay text
MOST_OUTLINES: Final = 60_000  # characters; what has more stays text
MEMORY_BYTES: Final = 1 << 30
_COMMANDS: Final = re.compile("[A-Za-df-z]")  # an "e" is part of a number
_NUMBERS: Final = re.compile(r"[-+]?\d*\.?\d+(?:[eE][-+]?\d+)?")
_NESTING: Final = 40  # braces in braces; before Python's stack or ziamath's patience end
_MODULE: Final = "desktop.core.workers.formulas"


class SetFormula(msgspec.Struct, frozen=True):
    """A formula's source without its dollars; `display`: on a line of its own."""

    number: int
    source: str
    display: bool = False


class Outlines(msgspec.Struct, frozen=True):
    """The answer, in units of `EM` to the font's size, from the baseline's left end, y downwards.

    `fills` and `strokes` are SVG path data of M, L, Q and Z alone; a stroke comes with its width. All are
    empty when the formula could not be set.
    """

    number: int
    width: float = 0.0
    ascent: float = 0.0
    descent: float = 0.0
    fills: tuple[str, ...] = ()
    strokes: tuple[tuple[str, float], ...] = ()


def command() -> list[str]:
    """How the process is started."""
    return entry_point(_MODULE)


def settable(source: str) -> bool:
    """Whether it is worth trying: not too long, not too deep, and its braces close."""
    depth = deepest = 0
    for place, sign in enumerate(source):
        escaped = place > 0 and source[place - 1] == "\\"
        depth += 0 if escaped else (sign == "{") - (sign == "}")
        deepest = max(deepest, depth)
        if depth < 0:
            return False
    return bool(source.strip()) and depth == 0 and deepest <= _NESTING and len(source) <= MOST_SOURCE


def outlines(asked: SetFormula) -> Outlines:
    """Set one formula. Whatever is wrong with it gives empty outlines."""
    import ziafont
    import ziamath

    ziafont.config.svg2 = False  # type: ignore[attr-defined]  # every outline where it stands, none by reference
    try:
        formula = ziamath.Latex(asked.source, size=EM, inline=not asked.display)  # type: ignore[attr-defined]
        drawn = formula.svgxml()
        box = formula.node.bbox
    except Exception:  # noqa: BLE001  its parser raises whatever it meets: KeyError, RecursionError ...
        return Outlines(asked.number)
    if _mistaken(drawn) or _unknown_command(asked.source, formula):
        return Outlines(asked.number)
    fills, strokes = _paths(drawn)
    if not (fills or strokes) or sum(map(len, fills)) > MOST_OUTLINES:
        return Outlines(asked.number)
    top, bottom = _reach((*fills, *(path for path, _ in strokes)))
    return Outlines(asked.number, box.xmax, max(box.ymax, -top), max(-box.ymin, bottom), fills, strokes)


def _mistaken(drawn: Element) -> bool:
    """Pictures and text have no outlines."""
    return any(part.tag.rpartition("}")[2] in ("image", "text") for part in drawn.iter())


def _unknown_command(source: str, formula: Any) -> bool:
    r"""ziamath writes a command that it does not know as its name: then the source says more."""
    said = "".join(formula.mathml.itertext()) if hasattr(formula, "mathml") else ""
    return "\\" in source and "\\" in said.replace("\\\\", "")


def _paths(drawn: Element) -> tuple[tuple[str, ...], tuple[tuple[str, float], ...]]:
    fills: list[str] = []
    strokes: list[tuple[str, float]] = []
    for part in drawn.iter():
        tag, form = part.tag.rpartition("}")[2], part.attrib
        if tag == "rect" and form.get("fill", "none") != "none":
            x, y, width, height = (float(form[name]) for name in ("x", "y", "width", "height"))
            fills.append(f"M {x} {y} L {x + width} {y} L {x + width} {y + height} L {x} {y + height} Z")
        elif tag == "path" and form.get("stroke", "none") != "none":
            strokes.append((form["d"], float(form.get("stroke-width", "1"))))
        elif tag == "path":
            fills.append(form["d"])
    return tuple(fills), tuple(strokes)


def _reach(paths: Iterable[str]) -> tuple[float, float]:
    """The least and the largest y of outlines. ziamath's own measure leaves out a part of what stands below a
    tall integral."""
    heights = [0.0]
    for path in paths:
        if not set("".join(_COMMANDS.findall(path))) - set("MLQCTSZ"):  # all of them take pairs: x y
            heights += map(float, _NUMBERS.findall(path)[1::2])
    return min(heights), max(heights)


def main() -> int:
    """Answer until standard input ends."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints must not come between answers
    with contextlib.suppress(ImportError, ValueError, OSError):  # not on every system
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    for line in sys.stdin.buffer:
        asked = msgspec.json.decode(line, type=SetFormula)
        try:
            answer = outlines(asked)
        except MemoryError:
            answer = Outlines(asked.number)
        answers.write(msgspec.json.encode(answer) + b"\n")
        answers.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
