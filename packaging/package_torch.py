"""The add-on for sentence-transformers: an environment with torch for the processor, frozen apart, as a .deb.

It lies beside the program, in `sentence-transformers/`, which starts it for models that have no ONNX form.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import package_contents
import package_debian
import package_elf
import package_freeze
from setup_env import pinned, torch_command, torch_index

NAME = "sobremesa-sentence-transformers"
FOLDER = "sentence-transformers"
# what rag's workers ask for themselves
ALSO = ("msgspec", "numpy", "tokenizers", "safetensors", "psutil")
DESCRIPTION = """\
Lets Sobremesa use any search model or reranker in the form of sentence-transformers, computed by PyTorch on
the processor. Sobremesa's own search model does not need it.
"""


def environment(root: Path, work: Path) -> Path:
    """The Python of an environment with torch's build for the processor, made once."""
    folder = work / "venv-torch"
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    constraints = root / "packaging" / "constraints.txt"
    text = constraints.read_text("utf-8")
    done = folder / package_freeze.STAMP
    if done.is_file() and done.read_text("utf-8") == text:
        return python
    shutil.rmtree(folder, ignore_errors=True)
    package_freeze.run([sys.executable, "-m", "venv", str(folder)])
    pip = [str(python), "-m", "pip", "install", "-q", "--constraint", str(constraints)]
    package_freeze.run([*pip, *torch_command(pinned(text, "torch"), torch_index())])
    package_freeze.run([*pip, pinned(text, "sentence-transformers"), *ALSO, *package_freeze.FREEZER])
    done.write_text(text, "utf-8")
    return python


def place(work: Path) -> Path:
    """Where PyInstaller's folder lies."""
    return work / "frozen-torch" / FOLDER


def freeze(root: Path, work: Path, python: Path) -> None:
    """Make the add-on's folder. Raises Problem."""
    folder = place(work)
    out = folder.parent
    command = [str(python), "-m", "PyInstaller", "--noconfirm", "--log-level", "WARN"]
    command += ["--distpath", str(out), "--workpath", str(work / "pyinstaller-torch")]
    quiet = {key: value for key, value in os.environ.items() if key not in ("PYTHONPATH", "PYTHONHOME")}
    package_freeze.run(
        [*command, str(root / "packaging" / "sobremesa-torch.spec")], quiet | {"PYTHONNOUSERSITE": "1"}
    )
    done = subprocess.run([str(folder / "sobremesa-torch")], capture_output=True, check=False)
    if done.returncode != 2:
        raise package_freeze.Problem(f"The add-on does not start: {done.stderr.decode(errors='replace')}")


def lay(folder: Path, tree: Path) -> None:
    """The add-on where the program looks for it."""
    home = tree / package_debian.HOME / FOLDER
    home.parent.mkdir(parents=True)
    shutil.copytree(folder, home, symlinks=True)


def package(folder: Path, root: Path) -> package_debian.Package:
    """What stands in its control file."""
    found = package_elf.natives(folder)
    outside = package_elf.outside(found)
    version = package_contents.version(root)
    owners = package_elf.owners(outside)
    needs = package_elf.debian_packages(
        {name: who for name, who in outside.items() if name in owners}, owners
    )
    return package_debian.Package(
        NAME,
        version,
        "amd64",
        "search models of sentence-transformers for Sobremesa",
        DESCRIPTION,
        [f"sobremesa (= {version})", f"libc6 (>= {package_elf.floor(found)})", *needs],
        enhances=("sobremesa",),
    )
