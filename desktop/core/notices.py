"""The licences of everything inside, and their texts.

An installed program has them in a folder, which packaging/package_legal.py makes; one that runs from its
source asks its packages. Changes nothing.
"""

import re
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import msgspec

from desktop.core.types.notices import Notice, PartKind

FOLDER = "licences"
LIST = "notices.json"
PROGRAM = "sobremesa"
UNTOLD = "see its text"  # as packages write it where no name is known
_LEGAL = re.compile(r"(licen[cs]e|copying|notice|copyright)", re.IGNORECASE)
_NAME = re.compile(r"[A-Za-z0-9._-]+")
MOST_BYTES = 2_000_000


class _Part(msgspec.Struct):
    name: str
    version: str
    licence: str
    kind: PartKind
    files: tuple[str, ...]


class Notices:
    """`program`: the folder of an installed program; None where it runs from its source."""

    def __init__(self, program: Path | None) -> None:
        self._folder = program / FOLDER if program is not None else None

    def all(self) -> tuple[Notice, ...]:
        """Every part, ours first, the others by name. Empty where nothing is known."""
        found = self._listed() if self._folder is not None else list(_installed())
        return tuple(sorted(found, key=lambda one: (one.kind != "own", one.name.casefold())))

    def text(self, name: str) -> str:
        """The licence of a part in full; "" where it brought none."""
        if self._folder is None:
            return "\n\n".join(_texts_of(name))
        folder = self._folder.resolve()
        files = [folder / file for part in self._parts() if part.name == name for file in part.files]
        return "\n\n".join(_read(file) for file in files if file.resolve().is_relative_to(folder))

    def _listed(self) -> list[Notice]:
        return [
            Notice(part.name, part.version, "" if part.licence == UNTOLD else part.licence, part.kind)
            for part in self._parts()
        ]

    def _parts(self) -> list[_Part]:
        if self._folder is None:
            return []
        try:
            return msgspec.json.decode((self._folder / LIST).read_bytes(), type=list[_Part])
        except (OSError, msgspec.DecodeError):
            return []


def _installed() -> Iterator[Notice]:
    """The program, and what it asks for by name."""
    for name in (PROGRAM, *_asked()):
        try:
            found = metadata.metadata(name)
        except metadata.PackageNotFoundError:
            continue
        told = found.json
        licence = str(told.get("license_expression") or told.get("license") or "")
        short = licence if len(licence) < 80 and "\n" not in licence else ""
        yield Notice(found["Name"], found["Version"], short, "own" if name == PROGRAM else "python")


def _asked() -> list[str]:
    try:
        asked = metadata.requires(PROGRAM) or []
    except metadata.PackageNotFoundError:
        return []
    names = (_NAME.match(one) for one in asked if "extra ==" not in one)
    return [found[0] for found in names if found is not None]


def _texts_of(name: str) -> Iterator[str]:
    try:
        files = metadata.files(name) or []
    except metadata.PackageNotFoundError:
        return
    for file in files:
        if _LEGAL.search(file.name) and file.suffix not in (".py", ".pyc", ".json"):
            yield _read(Path(str(file.locate())))


def _read(file: Path) -> str:
    try:
        with file.open("rb") as opened:
            return opened.read(MOST_BYTES).decode("utf-8", "replace").strip()
    except OSError:
        return ""
