"""Folders with llama.cpp built for some hardware: what each is for, and whether it is whole. Loads none.

A runtime folder holds libllama, ggml, and a module for each kind of device, as `packaging/build_runtime.py`
makes them, with a list of its files. The Python structs of llama-cpp-python mirror one llama.cpp commit, so
only a folder made from the very same source is taken: another one may crash in place of failing.
"""

import importlib.metadata
import importlib.util
import platform
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final, Literal

import msgspec

from engine.errors import RuntimeMissing, RuntimeOtherVersion, RuntimeUnusable

Purpose = Literal["cpu", "vulkan", "cuda", "metal"]

MANIFEST: Final = "runtime.json"
BUILT_IN: Final = "built-in"
PACKAGE: Final = "llama-cpp-python"
# of the worker's command line
FOLDER_OPTION: Final = "--runtime"  # a runtime folder's absolute path
NEEDS_GPU_OPTION: Final = "--needs-gpu"  # leave when no GPU answers
GPU_PURPOSES: Final[tuple[Purpose, ...]] = ("cuda", "metal", "vulkan")  # the likely fastest first


class Manifest(msgspec.Struct, frozen=True):
    """`runtime.json`: what a folder was made for, from what, and its files with their sizes.

    `base`: the files that the others need, in the order in which they are loaded.
    """

    purpose: Purpose
    llama_cpp_python: str
    machine: str
    base: tuple[str, ...]
    files: dict[str, int]


class RuntimeFolder(msgspec.Struct, frozen=True):
    """A folder that was found whole and of our version."""

    name: str
    path: Path
    manifest: Manifest

    @property
    def for_gpu(self) -> bool:
        return self.manifest.purpose in GPU_PURPOSES

    @property
    def base(self) -> tuple[Path, ...]:
        return tuple(self.path / name for name in self.manifest.base)


def version() -> str:
    """Which llama-cpp-python is installed, without importing it; "" for none."""
    try:
        return importlib.metadata.version(PACKAGE)
    except importlib.metadata.PackageNotFoundError:
        return ""


def told(path: Path) -> str:
    """Which llama.cpp it is that was loaded from `path`, such as "llama-cpp-python 0.3.36, vulkan"."""
    own = f"{PACKAGE} {version()}"
    return f"{own}, {path.name}" if (path / MANIFEST).is_file() else own


def machine() -> str:
    """The system and the processor that native code must be made for, such as "linux-x86_64"."""
    return f"{sys.platform}-{platform.machine()}".lower()


def opened(path: Path) -> RuntimeFolder:
    """The folder at `path`, looked through without loading anything.

    Raises RuntimeMissing, RuntimeOtherVersion, RuntimeUnusable.
    """
    manifest = _manifest(path)
    needed, here = version(), machine()
    if (manifest.llama_cpp_python, manifest.machine) != (needed, here):
        raise RuntimeOtherVersion(
            folder=str(path),
            version=manifest.llama_cpp_python,
            machine=manifest.machine,
            needed=needed,
            here=here,
        )
    for name, size in manifest.files.items():
        _check_file(path, name, size)
    if not manifest.base or not set(manifest.base) <= manifest.files.keys():
        raise RuntimeUnusable(f"{MANIFEST} does not list what it needs", folder=str(path))
    return RuntimeFolder(path.name, path, manifest)


def folders(parent: Path) -> Iterator[Path]:
    """The folders below `parent` that mean to be runtimes, in order of their names."""
    try:
        children = sorted(parent.iterdir())
    except OSError:
        return
    yield from (child for child in children if (child / MANIFEST).is_file())


def files(path: Path) -> frozenset[str] | None:
    """The names of the files that belong to a runtime folder; None for a folder without a list of them."""
    return frozenset(_manifest(path).files) if (path / MANIFEST).is_file() else None


def built_in_is_for_gpu() -> bool:
    """Whether llama-cpp-python itself was built for a GPU, as its own build options allow."""
    spec = importlib.util.find_spec("llama_cpp")  # finds and does not import
    if spec is None or not spec.origin:
        return False
    names = [file.name for file in (Path(spec.origin).parent / "lib").glob("*ggml-*")]
    return any(f"ggml-{kind}" in name for kind in GPU_PURPOSES for name in names)


def _manifest(path: Path) -> Manifest:
    file = path / MANIFEST
    try:
        there = path.is_absolute() and file.is_file()
    except OSError:  # a name that is too long, a folder that may not be looked into
        there = False
    if not there:
        raise RuntimeMissing(folder=str(path))
    try:
        return msgspec.json.decode(file.read_bytes(), type=Manifest)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
        raise RuntimeUnusable(f"{MANIFEST}: {error}", folder=str(path)) from error


def _check_file(path: Path, name: str, size: int) -> None:
    """A library that is cut does not fail to load: it kills its process when the missing part is used."""
    if not name or name in (".", "..") or any(mark in name for mark in ("/", "\\", "\0")):
        raise RuntimeUnusable(f"{MANIFEST} names {name!r}, which is no file of this folder", folder=str(path))
    try:
        found = (path / name).stat().st_size
    except OSError as error:
        raise RuntimeUnusable(f"{name}: {error.strerror}", folder=str(path)) from error
    if found != size:
        raise RuntimeUnusable(f"{name} has {found} bytes in place of {size}", folder=str(path))
