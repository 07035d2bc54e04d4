"""Tesseract in the application folder, with Spanish and English: built without what could use the network.

Debian's own is linked with libcurl and libarchive; from the same source it needs neither. Its words for two
languages are those of Debian's packages.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

import package_apt
import package_elf

LANGUAGES = ("eng", "spa")
FOLDER = "tesseract"  # in the application folder; rag/reading/scans.py looks there
OPTIONS = (
    "-DCMAKE_BUILD_TYPE=Release",
    "-DBUILD_SHARED_LIBS=OFF",
    "-DBUILD_TRAINING_TOOLS=OFF",
    "-DBUILD_TESTS=OFF",
    "-DDISABLE_CURL=ON",
    "-DDISABLE_ARCHIVE=ON",
    "-DDISABLED_LEGACY_ENGINE=ON",
    "-DGRAPHICS_DISABLED=ON",
    "-DENABLE_NATIVE=OFF",
    "-DENABLE_LTO=OFF",
    "-DOPENMP_BUILD=OFF",
    "-DSW_BUILD=OFF",
)


class Problem(Exception):
    """What keeps Tesseract from being built, in words that say what to do."""


def built(work: Path, jobs: int) -> Path:
    """The program, built once into `work`. Raises Problem and package_apt.NotFetched."""
    program = work / "tesseract" / "bin" / "tesseract"
    if program.is_file():
        return program
    if shutil.which("pkg-config") is None or subprocess.call(["pkg-config", "--exists", "lept"]):
        raise Problem("Leptonica's headers are missing: apt install libleptonica-dev pkg-config")
    source = package_apt.source(work, "tesseract", package_apt.suite())
    build = work / "tesseract"
    configure = ["cmake", "-S", str(source), "-B", str(build), "-G", "Ninja", *OPTIONS]
    for command in (
        configure,
        ["cmake", "--build", str(build), "--target", "tesseract", "--parallel", str(jobs)],
    ):
        print("+", *command, flush=True)
        if subprocess.call(command):
            raise Problem("Tesseract could not be built; what the compiler said stands above.")
    return program


def put(program: Path, work: Path, application: Path) -> None:
    """Lay the program, its libraries and its languages into the application folder."""
    folder = application / FOLDER
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "tessdata").mkdir(parents=True)
    shutil.copy(program, folder / "tesseract")
    subprocess.run(["strip", str(folder / "tesseract")], check=True)
    for name, path in libraries(folder / "tesseract").items():
        shutil.copy(path, folder / name)
    for language in LANGUAGES:
        files = package_apt.package(work, f"tesseract-ocr-{language}", package_apt.suite())
        data = next(files.rglob(f"{language}.traineddata"))
        shutil.copy(data, folder / "tessdata" / data.name)
    # what the "tsv" at the end of the command line names
    configs = folder / "tessdata" / "configs"
    configs.mkdir()
    (configs / "tsv").write_text("tessedit_create_tsv 1\n", "utf-8")
    subprocess.run(["patchelf", "--set-rpath", "$ORIGIN", *map(str, _natives(folder))], check=True)


def libraries(program: Path) -> dict[str, Path]:
    """The libraries that the loader gives it beside glibc's, by the names that it asks for."""
    told = subprocess.run(["ldd", str(program)], capture_output=True, text=True, check=True).stdout
    return parsed(told.splitlines())


def parsed(lines: Iterable[str]) -> dict[str, Path]:
    """What ldd tells, without glibc's own."""
    found = (re.match(r"\s*(\S+) => (/\S+)", line) for line in lines)
    pairs = ((match[1], match[2]) for match in found if match is not None)
    return {
        name: Path(os.path.realpath(path)) for name, path in pairs if not package_elf.SYSTEM.fullmatch(name)
    }


def _natives(folder: Path) -> list[Path]:
    return [native.path for native in package_elf.natives(folder)]
