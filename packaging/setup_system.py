"""What the system must bring: Qt's libraries, a compiler, Python's venv. Installs it where it may.

Debian and Ubuntu get exactly what is missing; of other systems only what stops the set-up is looked at. What
pip can bring (CMake, Ninja) is not asked of the system.
"""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from setup_console import Progress, say
from setup_words import SetupProblem, word

QT_LIBRARIES = (
    "fontconfig",
    "fonts-dejavu-core",  # a bare system has no font at all, and Qt then paints none
    "libdbus-1-3",
    "libegl1",
    "libfontconfig1",
    "libgl1",
    "libglib2.0-0",
    "libgomp1",
    "libwayland-client0",
    "libwayland-cursor0",
    "libwayland-egl1",
    "libx11-xcb1",
    "libxcb-cursor0",
    "libxcb-icccm4",
    "libxcb-image0",
    "libxcb-keysyms1",
    "libxcb-randr0",
    "libxcb-render-util0",
    "libxcb-shape0",
    "libxcb-shm0",
    "libxcb-sync1",
    "libxcb-xfixes0",
    "libxcb-xkb1",
    "libxkbcommon-x11-0",
    "libxkbcommon0",
)
RENAMED_SUFFIX = "t64"
"""Newer Debian and Ubuntu call some libraries by their name with this behind; apt-get knows both."""

WINDOWS_COMPILER = (
    "winget install Microsoft.VisualStudio.2022.BuildTools --override "
    '"--wait --passive --add Microsoft.VisualStudio.Workload.VCTools --includeRecommended"'
)
MAC_COMPILER = "xcode-select --install"
COMPILERS = {
    "dnf": "sudo dnf install -y gcc gcc-c++",
    "zypper": "sudo zypper install -y gcc gcc-c++",
    "pacman": "sudo pacman -S --needed base-devel",
    "apk": "sudo apk add build-base linux-headers",
}


def _run(command: Sequence[str]) -> tuple[int, str]:
    try:
        done = subprocess.run(
            list(command), stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
        )
    except OSError as error:
        return 127, str(error)
    return done.returncode, done.stdout + done.stderr


@dataclass(frozen=True)
class Machine:
    """What the questions about this system are asked through; tests put their own here."""

    system: str = platform.system()
    root: bool = hasattr(os, "geteuid") and os.geteuid() == 0
    which: Callable[[str], str | None] = shutil.which
    run: Callable[[Sequence[str]], tuple[int, str]] = _run
    exists: Callable[[str], bool] = os.path.exists
    python: str = sys.executable

    def succeeds(self, *command: str) -> bool:
        return self.run(command)[0] == 0


def has_venv(machine: Machine) -> bool:
    """Whether this Python can make environments (Debian ships that apart)."""
    return machine.succeeds(machine.python, "-c", "import ensurepip, venv")


def has_compiler(machine: Machine) -> bool:
    """Whether C and C++ can be compiled here."""
    if machine.system == "Windows":
        return _has_msvc(machine)
    if machine.system == "Darwin":
        return machine.succeeds("xcode-select", "-p")
    given = os.environ.get("CC") and os.environ.get("CXX")
    return bool(given or (_any(machine, "cc", "gcc", "clang") and _any(machine, "c++", "g++", "clang++")))


def _any(machine: Machine, *names: str) -> bool:
    return any(machine.which(name) for name in names)


def _has_msvc(machine: Machine) -> bool:
    if machine.which("cl"):
        return True
    installer = os.environ.get("PROGRAMFILES(X86)", r"C:\Program Files (x86)")
    finder = str(Path(installer) / "Microsoft Visual Studio" / "Installer" / "vswhere.exe")
    if not machine.exists(finder):
        return False
    wanted = "Microsoft.VisualStudio.Component.VC.Tools.x86.x64"
    code, found = machine.run(
        [finder, "-products", "*", "-requires", wanted, "-property", "installationPath"]
    )
    return code == 0 and bool(found.strip())


def debian_missing(machine: Machine) -> list[str]:
    """The Debian packages that are not there."""
    missing = [] if has_venv(machine) else [f"python3.{sys.version_info.minor}-venv"]
    if not has_compiler(machine):
        missing.append("build-essential")
    names = [*QT_LIBRARIES, *(name + RENAMED_SUFFIX for name in QT_LIBRARIES)]
    # its exit code says that some name is unknown, which the second half nearly always is
    _, listed = machine.run(["dpkg-query", "-W", "-f", "${Package} ${db:Status-Status}\n", *names])
    installed = {line.split()[0] for line in listed.splitlines() if line.endswith(" installed")}
    missing += [name for name in QT_LIBRARIES if not {name, name + RENAMED_SUFFIX} & installed]
    return missing


def _install_debian(machine: Machine, names: Sequence[str]) -> None:
    install = ["apt-get", "install", "-y", "--no-install-recommends", *names]
    line = " ".join(["sudo apt-get update && sudo", *install])
    if machine.root:
        before: list[str] = []
    elif machine.which("sudo") and machine.succeeds("sudo", "-n", "true"):
        before = ["sudo", "-n"]
    else:
        raise SetupProblem("packages_missing", line=line)
    # env, not our own environment: sudo hands none of it on
    before += ["env", "DEBIAN_FRONTEND=noninteractive"]
    # a desktop's own updates may hold dpkg's lock for a while
    patient = ["apt-get", "-o", "DPkg::Lock::Timeout=300"]
    with Progress(word("system_packages", names=" ".join(names))):
        machine.run([*before, *patient, "update"])
        code, output = machine.run([*before, *patient, *install[1:]])
    if code:
        say("\n".join(output.splitlines()[-8:]))
        raise SetupProblem("packages_failed", line=line.replace("sudo ", "") if machine.root else line)


def require(machine: Machine | None = None) -> None:
    """See to it that the system has what is needed. Raises SetupProblem with the one thing to do."""
    machine = machine or Machine()
    if machine.system == "Linux" and machine.which("apt-get") and machine.which("dpkg-query"):
        missing = debian_missing(machine)
        if missing:
            _install_debian(machine, missing)
        return
    if has_compiler(machine):
        return
    if machine.system == "Windows":
        raise SetupProblem("no_compiler", how=f"\n\n    {WINDOWS_COMPILER}\n\n")
    if machine.system == "Darwin":
        raise SetupProblem("no_compiler", how=f"\n\n    {MAC_COMPILER}\n\n")
    for manager, line in COMPILERS.items():
        if machine.which(manager):
            raise SetupProblem("packages_missing", line=line)
    raise SetupProblem("unknown_system", names="gcc, g++")
