"""The application folder: an environment with what goes in, PyInstaller over it, what is taken away.

Knows no package format. What goes in and what stays out: package_contents.py.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import package_contents
import package_elf

FREEZER = ("pyinstaller==6.22.3", "pyinstaller-hooks-contrib==2026.9")
# what the build itself needs, and the finished program does not
TOOLS = ("pip", "setuptools", "scikit-build-core", "hatchling", "Babel")
LLAMA = "llama-cpp-python"
STAMP = "made-of"
# opened by name while it runs, or by a plugin
OPENED = ("libgomp.so.1", "libX11-xcb.so.1", "libsqlite3.so.0", "libreadline.so.8")


class Problem(Exception):
    """What keeps the folder from being made, in words."""


def environment(root: Path, work: Path) -> Path:
    """The Python of an environment with the pinned packages; made anew when what it is made of changed."""
    constraints = root / "packaging" / "constraints.txt"
    asked = package_contents.requirements(root)
    folder = work / "venv"
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    parts = [constraints.read_text("utf-8"), *asked, *FREEZER, sys.version]
    made_of = hashlib.sha256("\0".join(parts).encode()).hexdigest()
    stamp = folder / STAMP
    if python.exists() and stamp.is_file() and stamp.read_text("utf-8") == made_of:
        return python
    shutil.rmtree(folder, ignore_errors=True)
    run([sys.executable, "-m", "venv", str(folder)])
    pip = [str(python), "-m", "pip", "install", "-q", "--constraint", str(constraints)]
    run([*pip, *TOOLS])
    # its Python half: the libraries are built apart, for every processor
    bare = dict(os.environ) | {"CMAKE_ARGS": "-DLLAMA_BUILD=OFF"}
    tools = [name for name in ("cmake", "ninja") if shutil.which(name) is None]
    if tools:
        run([*pip, *tools])
    run([*pip, "--no-build-isolation", LLAMA], bare)
    run([*pip, *asked, *FREEZER])
    stamp.write_text(made_of, "utf-8")
    return python


def place(work: Path) -> Path:
    """Where PyInstaller's folder lies, as it comes."""
    return work / "frozen" / "sobremesa"


def freeze(root: Path, work: Path, python: Path, icon: Path | None = None) -> None:
    """Make PyInstaller's folder. Raises Problem."""
    run([str(python), str(root / "packaging" / "compile_catalogues.py")])
    out = place(work).parent
    command = [str(python), "-m", "PyInstaller", "--noconfirm", "--log-level", "WARN"]
    command += ["--distpath", str(out), "--workpath", str(work / "pyinstaller")]
    variables = {"SOBREMESA_ICON": str(icon)} if icon is not None else {}
    # no user's own packages, and nothing that python would find beside the working directory
    quiet = {key: value for key, value in os.environ.items() if key not in ("PYTHONPATH", "PYTHONHOME")}
    run([*command, str(root / "packaging" / "sobremesa.spec")], quiet | variables | {"PYTHONNOUSERSITE": "1"})
    return out / "sobremesa"


def inner(application: Path) -> Path:
    """Where Python's packages lie in an application folder."""
    return application / "_internal"


def sign(application: Path, root: Path) -> None:
    """Let the program find its own version, as an installed package of Python's does."""
    version = package_contents.version(root)
    folder = inner(application) / f"sobremesa-{version}.dist-info"
    folder.mkdir(exist_ok=True)
    lines = ["Metadata-Version: 2.4", "Name: sobremesa", f"Version: {version}"]
    lines += [f"Requires-Dist: {one}" for one in package_contents.requirements(root)]
    (folder / "METADATA").write_text("\n".join(lines) + "\n", "utf-8")


def clean(application: Path) -> list[str]:
    """Take away what nobody asks for: libraries of parts that stayed out, and links to them. Gives names."""
    libraries = inner(application)
    qt = libraries / "PySide6" / "Qt" / "lib"
    # the program's own beginning loads Python by its name
    python = [path.name for path in libraries.glob("libpython3*")]
    gone = package_elf.prune(application, [libraries, qt], [*OPENED, *python])
    for folder in sorted(libraries.rglob("*"), reverse=True):
        if folder.is_dir() and not folder.is_symlink() and not any(folder.iterdir()):
            folder.rmdir()
    strip(path for path in libraries.glob("libpython3*.so*") if not path.is_symlink())
    return gone


def strip(files: Iterable[Path]) -> None:
    """Without the names that only a debugger reads. Never for libraries that were changed after linking."""
    for file in files:
        subprocess.run(["strip", "--strip-unneeded", str(file)], check=False)


def check(application: Path) -> None:
    """Ask the program for its version: what it cannot start without is there. Raises Problem."""
    program = application / "sobremesa"
    quiet = {"PATH": "/usr/bin:/bin", "HOME": "/nonexistent"}
    done = subprocess.run([str(program), "--version"], capture_output=True, text=True, env=quiet, check=False)
    version = package_contents.version(Path(__file__).resolve().parent.parent)
    if done.returncode or version not in done.stdout:
        raise Problem(f"The frozen program does not start: {done.stdout}{done.stderr}")


def run(command: list[str], environment: dict[str, str] | None = None) -> None:
    """A command that must work. Raises Problem."""
    print("+", *command, flush=True)
    if subprocess.call(command, env=environment):
        raise Problem("This command failed; what it said stands above: " + " ".join(command[:6]))


LIST = """
import json, sys
from PyInstaller.archive.readers import CArchiveReader
archive = CArchiveReader(sys.argv[1])
inner = next(name for name in archive.toc if name.endswith(".pyz"))
print(json.dumps(sorted(archive.open_embedded_archive(inner).toc)))
"""


def archived(python: Path, program: Path) -> list[str]:
    """The names of the modules inside the program's own file."""
    done = subprocess.run([str(python), "-c", LIST, str(program)], capture_output=True, text=True, check=True)
    return list(json.loads(done.stdout))
