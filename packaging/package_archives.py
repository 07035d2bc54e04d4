"""The portable archive, checksums, and the table of what each part takes. Knows no package manager."""

from __future__ import annotations

import gzip
import hashlib
import lzma
import tarfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

SUMS = "SHA256SUMS"
# which part a file belongs to, by the beginning of its path in the application folder; the first that fits
PARTS = (
    ("llama.cpp for processors", ("_internal/llama_cpp",)),
    ("llama.cpp for graphics cards", ("runtimes",)),
    ("Tesseract, Spanish and English", ("tesseract",)),
    ("numba with LLVM", ("_internal/llvmlite", "_internal/numba")),
    (
        "Qt",
        (
            "_internal/PySide6",
            "_internal/shiboken6",
            "_internal/libQt6",
            "_internal/libicu",
            "_internal/pyqtgraph",
        ),
    ),
    ("Chroma", ("_internal/chromadb",)),
    ("onnxruntime", ("_internal/onnxruntime",)),
    ("NumPy", ("_internal/numpy",)),
    ("tokenizers, safetensors", ("_internal/tokenizers", "_internal/safetensors")),
    ("pdfium", ("_internal/pypdfium2",)),
    ("cryptography", ("_internal/cryptography", "_internal/bcrypt")),
    (
        "Python",
        ("_internal/libpython", "_internal/python3", "_internal/base_library", "_internal/lib-dynload"),
    ),
    ("all Python code, compiled", ("sobremesa",)),
    ("licences", ("licences",)),
    ("libraries of the system", ("_internal/lib",)),
)
OTHER = "smaller packages"


@dataclass(frozen=True)
class Row:
    """One part: bytes on the disk, and bytes in the package."""

    name: str
    size_bytes: int
    packed_bytes: int


def part_of(place: str) -> str:
    """The part that a file belongs to, by its path in the application folder."""
    for name, beginnings in PARTS:
        if place.startswith(beginnings):
            return name
    return OTHER


def table(application: Path) -> list[Row]:
    """What each part takes, the largest first; packed as the package packs it, each part by itself."""
    members: dict[str, list[Path]] = {}
    for path in sorted(application.rglob("*")):
        if path.is_file() and not path.is_symlink():
            members.setdefault(part_of(path.relative_to(application).as_posix()), []).append(path)
    rows = [
        Row(name, sum(path.stat().st_size for path in paths), _packed(paths))
        for name, paths in members.items()
    ]
    return sorted(rows, key=lambda row: -row.packed_bytes)


def _packed(paths: Iterable[Path]) -> int:
    packer = lzma.LZMACompressor(preset=6)
    total = 0
    for path in paths:
        total += len(packer.compress(path.read_bytes()))
    return total + len(packer.flush())


def written(rows: Iterable[Row]) -> str:
    """The table in Markdown, in megabytes."""
    lines = ["| part | MB on the disk | MB in the package |", "|---|---|---|"]
    found = list(rows)
    total = Row("**all**", sum(row.size_bytes for row in found), sum(row.packed_bytes for row in found))
    lines += [
        f"| {row.name} | {row.size_bytes / 1e6:.1f} | {row.packed_bytes / 1e6:.1f} |"
        for row in (*found, total)
    ]
    return "\n".join(lines) + "\n"


def tarball(tree: Path, name: str, out: Path, moment_s: int, level: int = 6, folder: str = "") -> Path:
    """`tree` as `name.tar.gz` with one folder in it, called `name` or `folder`; the same bytes from the same
    files."""
    folder = folder or name
    target = out / f"{name}.tar.gz"
    draft = target.with_name(target.name + ".new")

    def plain(member: tarfile.TarInfo) -> tarfile.TarInfo:
        member.uid = member.gid = 0
        member.uname = member.gname = "root"
        member.mtime = moment_s
        return member

    with (
        draft.open("wb") as raw,
        gzip.GzipFile("", "wb", level, raw, mtime=moment_s) as packed,
        tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as archive,
    ):
        archive.add(tree, folder, recursive=False, filter=plain)
        for path in sorted(tree.rglob("*")):
            inside = f"{folder}/{path.relative_to(tree).as_posix()}"
            archive.add(path, inside, recursive=False, filter=plain)
    draft.replace(target)
    return target


def checksums(folder: Path) -> Path:
    """`SHA256SUMS` over the files of a folder, for `sha256sum --check`."""
    lines = []
    for path in sorted(folder.iterdir()):
        if path.is_file() and path.name != SUMS and not path.name.endswith(".new"):
            with path.open("rb") as file:
                lines.append(f"{hashlib.file_digest(file, 'sha256').hexdigest()}  {path.name}\n")
    target = folder / SUMS
    target.write_text("".join(lines), "utf-8")
    return target
