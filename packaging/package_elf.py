"""What native files need of each other and of the system, read by binutils. Changes nothing but in `prune`.

On Linux only: which libraries of an application folder nobody asks for, which the system must have, and
from which glibc on it runs.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

MAGIC = b"\x7fELF"
_NEEDED = re.compile(r"\(NEEDED\).*\[(.+?)\]")
_NAME = re.compile(r"\(SONAME\).*\[(.+?)\]")
_GLIBC = re.compile(r"Name: GLIBC_(\d+(?:\.\d+)+)")
# of glibc itself, and the loader
SYSTEM = re.compile(r"(ld-linux.*|linux-vdso|lib(c|m|dl|rt|pthread|util|resolv))\.so\.\d+")
_PUBLIC = re.compile(r"/(usr/)?lib/([\w-]+-linux-gnu/)?[^/]+$")
LIBRARY = re.compile(r"lib.+\.so(\.[\w.]+)?")


@dataclass(frozen=True)
class Native:
    """One native file: what it is called by others, what it asks for, and the newest glibc it names."""

    path: Path
    soname: str
    needed: frozenset[str]
    glibc: tuple[int, ...]


def natives(folder: Path) -> tuple[Native, ...]:
    """Every native file below a folder; links stand for what they lead to and are not followed."""
    return tuple(_read(path) for path in _files(folder))


def _files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink():
            with path.open("rb") as file:
                if file.read(4) == MAGIC:
                    yield path


def _read(path: Path) -> Native:
    command = ["readelf", "--wide", "--dynamic", "--version-info", str(path)]
    told = subprocess.run(command, capture_output=True, text=True, check=False, errors="replace").stdout
    return parsed(path, told)


def parsed(path: Path, told: str) -> Native:
    """A native file from what readelf tells of it."""
    soname = _NAME.search(told)
    versions = [tuple(int(part) for part in found.split(".")) for found in _GLIBC.findall(told)]
    return Native(
        path,
        soname[1] if soname else path.name,
        frozenset(_NEEDED.findall(told)),
        max(versions, default=()),
    )


def floor(found: Iterable[Native]) -> str:
    """The oldest glibc with which all of them load, such as "2.36"; "" when none names any."""
    return ".".join(str(part) for part in max((native.glibc for native in found), default=()))


def names(native: Native) -> set[str]:
    """How others may ask for a file: by its own name, and by its file's."""
    return {native.soname, native.path.name}


def outside(found: Iterable[Native], links: Iterable[str] = ()) -> dict[str, list[str]]:
    """What the folder asks the system for beside glibc: each library with the files that want it."""
    known = set(links)
    files = list(found)
    for native in files:
        known |= names(native)
    wanted: dict[str, list[str]] = {}
    for native in files:
        for name in native.needed - known:
            if not SYSTEM.fullmatch(name):
                wanted.setdefault(name, []).append(native.path.name)
    return dict(sorted(wanted.items()))


def unneeded(found: Iterable[Native], roots: Iterable[Path], kept: Iterable[str] = ()) -> list[Path]:
    """Libraries in `roots` themselves, not below, that no file asks for, nor those that would go asks.

    `kept`: names that programs open by themselves.
    """
    places = set(roots)
    files = list(found)
    gone: set[Path] = set()
    while True:
        asked = {name for native in files if native.path not in gone for name in native.needed} | set(kept)
        fresh = {
            native.path
            for native in files
            if native.path.parent in places
            and native.path not in gone
            and LIBRARY.fullmatch(native.path.name)
            and not names(native) & asked
        }
        if not fresh:
            return sorted(gone)
        gone |= fresh


def prune(folder: Path, roots: Iterable[Path], kept: Iterable[str] = ()) -> list[str]:
    """Take libraries away that nobody asks for, and links that then lead nowhere. Gives their names."""
    gone = unneeded(natives(folder), roots, kept)
    for path in gone:
        path.unlink()
    for path in folder.rglob("*"):
        if path.is_symlink() and not path.exists():
            path.unlink()
    return [path.name for path in gone]


class Orphans(Exception):
    """Libraries that are asked for, and that neither the folder nor any package of the system has."""


def debian_packages(libraries: Mapping[str, list[str]], owners: Mapping[str, str]) -> list[str]:
    """The packages that have these libraries. `owners`: package by library. Raises Orphans."""
    lost = [f"{name}, for {', '.join(users[:3])}" for name, users in libraries.items() if name not in owners]
    if lost:
        raise Orphans("Nobody has " + "; ".join(lost))
    return sorted({owners[name] for name in libraries})


def owners(libraries: Iterable[str]) -> dict[str, str]:
    """Which package of this system has each library, as dpkg says; unknown ones are left out."""
    wanted = sorted(set(libraries))
    command = ["dpkg-query", "--search", *(f"*/{name}" for name in wanted)]
    told = subprocess.run(command, capture_output=True, text=True, check=False).stdout if wanted else ""
    return owned(told.splitlines(), wanted)


def owned(lines: Iterable[str], wanted: Iterable[str]) -> dict[str, str]:
    """The package by library, from what dpkg-query tells; the first that has it counts."""
    names_wanted, found = set(wanted), dict[str, str]()
    for line in lines:
        packages, _, path = line.partition(": ")
        name = Path(path).name
        # a system's own places only: others ship copies of libraries for themselves
        if name in names_wanted and not packages.startswith("diversion") and _PUBLIC.match(path):
            found.setdefault(name, packages.split(",")[0].split(":")[0].strip())
    return found
