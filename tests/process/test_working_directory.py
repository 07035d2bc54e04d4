"""Whatever lies in the folder from which the program is started, none of it is loaded or run."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from rag.process import without_working_directory

ROOT = Path(__file__).parents[2]
MODULES = (
    "chromadb",
    "desktop",
    "engine",
    "json",
    "llama_cpp",
    "logging",
    "msgspec",
    "numpy",
    "onnxruntime",
    "platformdirs",
    "psutil",
    "rag",
    "sitecustomize",
    "socket",
    "sqlite3",
    "tokenizers",
    "usercustomize",
)
LIBRARIES = (
    "libllama.so",
    "libggml.so",
    "libggml-base.so",
    "libggml-cpu.so",
    "libgomp.so.1",
)

pytestmark = pytest.mark.slow


@pytest.fixture
def trap(tmp_path: Path) -> Path:
    """A folder full of what the program would like to load."""
    folder = tmp_path / "trap"
    folder.mkdir()
    sprung = f"open({str(tmp_path / 'sprung')!r}, 'a').write(__name__ + '\\n')\n"
    for name in MODULES:
        (folder / f"{name}.py").write_text(sprung)
    for name in LIBRARIES:
        (folder / name).write_bytes(b"no library")
    program = folder / "tesseract"
    program.write_text(f"#!/bin/sh\necho tesseract >> {tmp_path / 'sprung'}\n")
    program.chmod(0o755)
    return folder


@pytest.mark.skipif(sys.platform == "win32", reason="paths and libraries are looked for in other ways there")
def test_nothing_in_the_working_directory_is_loaded_by_the_program_or_its_workers(
    trap: Path, tmp_path: Path
) -> None:
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "PATH": f"{os.pathsep}{os.environ['PATH']}",  # an empty entry is the working directory
        "LD_LIBRARY_PATH": "",
    }
    trace = tmp_path / "trace"
    command = [
        sys.executable,
        "-P",
        "-m",
        "desktop",
        "--data-dir",
        str(tmp_path / "data"),
        "doctor",
        "--json",
    ]
    strace = shutil.which("strace")
    if strace:
        calls = "trace=openat,open,execve"
        command = [strace, "-f", "--seccomp-bpf", "-qq", "-e", calls, "-o", str(trace), *command]
    done = subprocess.run(
        command, cwd=trap, env=environment, capture_output=True, text=True, check=False, timeout=240
    )
    assert '"library_sound"' in done.stdout, done.stderr[-2000:]  # its worker ran
    assert not (tmp_path / "sprung").exists()
    if strace:
        opened = [line for line in trace.read_text(errors="replace").splitlines() if "ENOENT" not in line]
        names = {*(f"{name}.py" for name in MODULES), *LIBRARIES, "tesseract"}
        assert any("library_worker" in line for line in opened)
        ours = [f'"{name}"' for name in names] + [f"{trap}/{name}" for name in names]
        assert [line for line in opened if any(one in line for one in ours)] == []


def test_search_paths_of_workers_name_whole_folders_alone() -> None:
    given = {
        "PYTHONPATH": os.pathsep.join(("", str(ROOT), ".", "lib")),
        "LD_LIBRARY_PATH": os.pathsep.join(("", ".")),
        "HOME": "relative/stays",
    }
    assert without_working_directory(given) == {"PYTHONPATH": str(ROOT), "HOME": "relative/stays"}
