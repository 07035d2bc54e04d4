"""Runtime folders for tests: of files that are no libraries, and of the installed llama.cpp's own."""

import importlib.util
import shutil
from pathlib import Path

import msgspec

from engine.runtimes import MANIFEST, Manifest, Purpose, machine, version


def write_manifest(
    folder: Path, purpose: Purpose = "vulkan", base: tuple[str, ...] = (), made_for: str = ""
) -> Path:
    """List what lies in `folder` as a runtime."""
    files = {file.name: file.stat().st_size for file in sorted(folder.iterdir()) if file.name != MANIFEST}
    manifest = Manifest(purpose, made_for or version(), machine(), base or tuple(files), files)
    (folder / MANIFEST).write_bytes(msgspec.json.encode(manifest))
    return folder


def write_hollow_runtime(folder: Path, purpose: Purpose = "vulkan", made_for: str = "") -> Path:
    """A folder that looks whole; what lies in it cannot be loaded."""
    folder.mkdir(parents=True)
    (folder / "libggml-base.so.0").write_bytes(b"no library")
    return write_manifest(folder, purpose, made_for=made_for)


def copy_built_in(folder: Path, purpose: Purpose = "cpu") -> Path:
    """llama-cpp-python's own libraries as a runtime folder: it runs, and knows the CPU alone."""
    folder.mkdir(parents=True)
    spec = importlib.util.find_spec("llama_cpp")
    assert spec is not None
    assert spec.origin is not None
    own = Path(spec.origin).parent / "lib"
    for name in ("libggml-base.so.0", "libggml-cpu.so.0", "libggml.so.0", "libllama.so"):
        shutil.copy(own / name, folder / name)
    return write_manifest(folder, purpose, ("libggml-base.so.0", "libggml-cpu.so.0", "libggml.so.0"))
