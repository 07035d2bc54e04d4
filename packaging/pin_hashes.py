"""Write the lock files: for every package that the set-up installs, the hashes of its files on all systems.

    python packaging/pin_hashes.py        after packaging/tested_versions.py has written constraints.txt

Needs `uv`, which reads the hashes from the registry's index and fetches no package. lock.txt holds what the
program and its set-up need, lock-checks.txt what the checks need besides. PyTorch stands in neither: the
set-up takes its build for processors from PyTorch's own index, where it has other hashes.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

PACKAGING = Path(__file__).parent
CONSTRAINTS = PACKAGING / "constraints.txt"
LOCK = PACKAGING / "lock.txt"
LOCK_CHECKS = PACKAGING / "lock-checks.txt"
# what builds the program; CMake and Ninja come from the system where it has them
TOOLS = ("hatchling", "editables", "Babel", "scikit-build-core")
EXTRAS = {LOCK: ("setup", "fast"), LOCK_CHECKS: ("setup", "fast", "dev")}
# PyTorch and what its build for Nvidia's cards brings along
LEFT_OUT = re.compile(r"^(torch|triton|nvidia-.*|cuda-.*|httpx2-jsfetch)$")
HEAD = "# Hashes of every file of the packages in constraints.txt; made by packaging/pin_hashes.py.\n"

_ENTRY = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)")


def entries(text: str) -> Iterator[tuple[str, str, str]]:
    """(name, version, the whole entry with its hashes) of a requirements file."""
    waiting: list[str] = []
    for line in [*text.splitlines(keepends=True), ""]:
        begins = _ENTRY.match(line)
        if (begins or not line) and waiting:
            found = _ENTRY.match(waiting[0])
            assert found is not None  # noqa: S101  that is how an entry begins
            yield found[1], found[2], "".join(waiting)
            waiting = []
        if begins or waiting:
            waiting.append(line)


def locked(path: Path) -> Mapping[str, str]:
    """Versions by name of a lock file; {} where there is none."""
    if not path.exists():
        return {}
    return {name: version for name, version, _ in entries(path.read_text("utf-8"))}


def resolved(extras: tuple[str, ...]) -> str:
    """What uv finds for the project with these extras and the tools, as a requirements file."""
    project = str(PACKAGING.parent / "pyproject.toml")
    options = ["--universal", "--python-version", "3.11", "--generate-hashes", "--no-annotate", "--no-header"]
    for extra in extras:
        options += ["--extra", extra]
    with tempfile.TemporaryDirectory() as folder:
        tools = Path(folder) / "tools.in"
        tools.write_text("".join(f"{name}\n" for name in TOOLS), encoding="utf-8")
        command = ["uv", "pip", "compile", "--quiet", *options, "--constraint", str(CONSTRAINTS)]
        done = subprocess.run([*command, project, str(tools)], capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr)
    return done.stdout


def main() -> int:
    """Write both files."""
    before: set[str] = set()
    for path, extras in EXTRAS.items():
        wanted = [entry for entry in entries(resolved(extras)) if not LEFT_OUT.match(entry[0])]
        path.write_text(
            HEAD + "".join(text for name, _, text in wanted if name not in before), encoding="utf-8"
        )
        before |= {name for name, _, _ in wanted}
        print(f"{path.name}: {sum(1 for _ in entries(path.read_text('utf-8')))} packages")
    return 0


if __name__ == "__main__":
    sys.exit(main())
