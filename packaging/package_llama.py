"""llama.cpp in the application folder: for any processor, and for graphics cards beside it.

One build of `build_runtime.py` gives both: the parts for processors lie where llama-cpp-python looks, and the
folder `runtimes/vulkan` holds the part for graphics cards with links to the others.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import build_runtime

FOR_CARDS = "ggml-vulkan"
# macOS has Metal on every machine; on Windows the Vulkan SDK of LunarG is named by VULKAN_SDK
KINDS = {"linux": "vulkan", "darwin": "metal", "win32": "vulkan" if os.environ.get("VULKAN_SDK") else "cpu"}
# beside the libraries, where they look first: a system without a driver's loader or OpenMP still starts them
COMPANIONS = ("libgomp.so.1",)
COMPANIONS_FOR_CARDS = ("libvulkan.so.1",)


def built(work: Path, constraints: Path, headers: Path | None, jobs: int) -> Path:
    """The runtime folder of the pinned version, built where it is not there. Raises build_runtime.Problem."""
    version = build_runtime.pinned_version(constraints)
    folder = work / "runtime"
    if _fits(folder, version):
        return folder
    kind = KINDS.get(sys.platform, "cpu")
    build_runtime.require(kind, build_runtime.Tools(), headers)
    sources = work / "runtime-work"
    sources.mkdir(parents=True, exist_ok=True)
    source = build_runtime.fetch_source(version, sources)
    libraries = build_runtime.build(kind, source, sources / f"build-{kind}", jobs, headers)
    build_runtime.assemble(kind, version, libraries, folder)
    return folder


def _fits(folder: Path, version: str) -> bool:
    try:
        told = json.loads((folder / build_runtime.MANIFEST).read_text("utf-8"))
    except (OSError, ValueError):
        return False
    return bool(told.get("llama_cpp_python") == version and told.get("machine") == build_runtime.machine())


def put(runtime: Path, application: Path, inner: Path) -> list[str]:
    """Lay the runtime into the folder: `inner` is where Python's packages lie. Gives its files."""
    manifest = json.loads((runtime / build_runtime.MANIFEST).read_text("utf-8"))
    built_in = inner / "llama_cpp" / "lib"
    shutil.rmtree(built_in, ignore_errors=True)
    built_in.mkdir(parents=True)
    cards = [name for name in manifest["files"] if build_runtime.plain(name) == FOR_CARDS]
    for name in manifest["files"]:
        if name not in cards:
            shutil.copy(runtime / name, built_in / name)
    _companions(COMPANIONS, built_in)
    if cards:
        _put_cards(runtime, manifest, cards, application / "runtimes" / "vulkan", built_in)
    return sorted(manifest["files"])


def _put_cards(
    runtime: Path, manifest: dict[str, object], cards: list[str], folder: Path, built_in: Path
) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name in cards:
        shutil.copy(runtime / name, folder / name)
    for file in sorted(built_in.iterdir()):
        if sys.platform == "win32":
            shutil.copy(file, folder / file.name)  # links are a privilege there
        else:
            (folder / file.name).symlink_to(os.path.relpath(file, folder))
    _companions(COMPANIONS_FOR_CARDS, folder)
    (folder / build_runtime.MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n", "utf-8")


def _companions(names: tuple[str, ...], folder: Path) -> None:
    if not sys.platform.startswith("linux"):
        return
    known = subprocess.run(["/sbin/ldconfig", "-p"], capture_output=True, text=True, check=True).stdout
    for name in names:
        found = [
            line.rsplit("=> ", 1)[-1] for line in known.splitlines() if line.split(" ")[0].strip() == name
        ]
        if not found:
            raise build_runtime.Problem(f"This system lacks {name}, which belongs beside llama.cpp.")
        shutil.copy(os.path.realpath(found[0]), folder / name)
