"""Models in several files, as llama.cpp's gguf-split names them. Looks at names; reads no header."""

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from desktop.core.errors import ModelPartsMissing

# https://github.com/ggml-org/llama.cpp/blob/master/tools/gguf-split
_NUMBERED = re.compile(r"(?P<base>.+)-(?P<number>\d{5})-of-(?P<count>\d{5})(?P<suffix>\.gguf)", re.IGNORECASE)
MOST_NAMED = 10
MOST_PARTS = 1000  # a name that speaks of more is no part of anything


@dataclass(frozen=True)
class Split:
    """The files of one model. A whole file is a split of one."""

    base: str  # the name without number and suffix
    count: int
    parts: Mapping[int, Path]  # by number from 1, those that are there

    @property
    def first(self) -> Path:
        """The one that is loaded: llama.cpp finds the others by their names."""
        return self.parts[min(self.parts)]

    def missing(self) -> ModelPartsMissing | None:
        lacking = [str(number) for number in range(1, self.count + 1) if number not in self.parts]
        if not lacking:
            return None
        named = ", ".join(lacking[:MOST_NAMED]) + (", …" if len(lacking) > MOST_NAMED else "")
        return ModelPartsMissing(path=str(self.first), parts=self.count, missing=named)


def base_name(stem: str) -> str:
    """A file's stem without the number that tells one part from the others."""
    numbered = _NUMBERED.fullmatch(f"{stem}.gguf")
    return numbered["base"] if numbered else stem


def split_of(path: Path) -> Split:
    """The model that the file at `path` is or belongs to, with those of its parts that lie beside it."""
    numbered = _numbered(path)
    if numbered is None:
        return Split(path.stem, 1, {1: path})
    base, _number, count = numbered
    beside = {number: path.with_name(_name(path, number)) for number in range(1, count + 1)}
    # not Path.is_file(): it raises where a folder may not be entered
    there = {number: part for number, part in beside.items() if os.path.isfile(part)}  # noqa: PTH113
    return Split(base, count, there or {1: beside[1]})


def grouped(paths: Iterable[Path]) -> list[Split]:
    """One split for each model among `paths`."""
    found: dict[tuple[Path, str, int], dict[int, Path]] = {}
    for path in paths:
        base, number, count = _numbered(path) or (path.name, 1, 1)
        found.setdefault((path.parent, base, count), {})[number] = path
    return [
        Split(base if count > 1 else next(iter(parts.values())).stem, count, parts)
        for (_folder, base, count), parts in found.items()
    ]


def part_name(base: str, number: int, count: int) -> str:
    """What llama.cpp calls part `number`."""
    return f"{base}-{number:05}-of-{count:05}.gguf"


def _numbered(path: Path) -> tuple[str, int, int] | None:
    found = _NUMBERED.fullmatch(path.name)
    if found is None:
        return None
    number, count = int(found["number"]), int(found["count"])
    return (found["base"], number, count) if 1 <= number <= count and 1 < count <= MOST_PARTS else None


def _name(path: Path, number: int) -> str:
    found = _NUMBERED.fullmatch(path.name)
    if found is None:
        return path.name
    return f"{found['base']}-{number:05}-of-{found['count']}{found['suffix']}"
