"""Write the constraints file: the versions in this environment of everything that the program asks for.

Run it with the environment's Python after the tests have passed with newer packages:
`.venv/bin/python packaging/tested_versions.py`. Installs nothing.
"""

from __future__ import annotations

import re
import sys
import tomllib
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement

# what builds: the environment's own tools, so that a build fetches nothing unpinned
TOOLS = ("pip", "hatchling", "editables", "Babel", "scikit-build-core", "cmake", "ninja")
CONSTRAINTS = Path(__file__).with_name("constraints.txt")
HEAD = """\
# The versions that the tests have passed with; made by packaging/tested_versions.py.
# Wheels for the CPU carry a "+cpu" behind PyTorch's version; the constraint takes both.
"""


def canonical(name: str) -> str:
    """A package's name as registries compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def closure(wanted: list[Requirement], kept: dict[str, str]) -> dict[str, str]:
    """Versions by name of the requirements and all that they need here; `kept` where nothing is here."""
    versions: dict[str, str] = dict(kept)
    seen: set[tuple[str, str]] = set()
    waiting = [(requirement, "") for requirement in wanted]
    while waiting:
        requirement, extra = waiting.pop()
        if requirement.marker and not requirement.marker.evaluate({"extra": extra}):
            continue
        name = canonical(requirement.name)
        try:
            found = metadata.distribution(name)
        except metadata.PackageNotFoundError:
            if name not in versions:
                sys.stderr.write(f"not installed here, left open: {requirement}\n")
            continue
        versions[name] = found.version.split("+")[0]
        for asked in ("", *sorted(requirement.extras)):
            if (name, asked) not in seen:
                seen.add((name, asked))
                waiting += [(Requirement(text), asked) for text in found.requires or ()]
    return versions


def _tools_before() -> dict[str, str]:
    # which of these are here differs: CMake may come from the system
    before = dict(
        line.strip().split("==") for line in CONSTRAINTS.read_text("utf-8").splitlines() if "==" in line
    )
    return {name: before[name] for name in map(canonical, TOOLS) if name in before}


def main() -> int:
    """Write the file."""
    project = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text("utf-8"))["project"]
    texts = [*project["dependencies"], *TOOLS]
    for extra in project["optional-dependencies"].values():
        texts += extra
    versions = closure([Requirement(text) for text in texts], _tools_before())
    lines = [f"{name}=={version}\n" for name, version in sorted(versions.items())]
    CONSTRAINTS.write_text(HEAD + "".join(lines), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
