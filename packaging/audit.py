"""Hold what is installed against the lock files, file by file, and ask for known weaknesses on demand.

    .venv/bin/python packaging/audit.py               versions and files; works without a network
    .venv/bin/python packaging/audit.py --advisories  published weaknesses too: asks the network

Exit codes: 0 all agrees, 1 something does not, 2 the advisories were asked for and could not be had.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from importlib.metadata import Distribution, PackageNotFoundError, distribution, distributions
from importlib.util import find_spec
from pathlib import Path

from packaging.requirements import Requirement

import pin_hashes  # isort: skip - beside this file

PROGRAM = "sobremesa"
WRONG, NOT_ASKED = 1, 2
NOT_LOOKED_UP = "could not be audited"  # pip-audit's words, in the line of each package
# pip and its like are the environment's own; PyTorch's build for processors has another index
_ELSEWHERE = re.compile(r"^(sobremesa|torch|pip|setuptools|wheel)$")


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def needed(program: str = PROGRAM, extras: Sequence[str] = ("setup", "fast")) -> Iterator[Distribution]:
    """The program's packages that are installed here, and theirs. Raises PackageNotFoundError without it."""
    waiting = [(distribution(program), tuple(extras))]
    seen: set[tuple[str, tuple[str, ...]]] = set()
    told: set[str] = set()
    while waiting:
        one, wanted = waiting.pop()
        name = canonical(one.name)
        if (name, wanted) in seen:
            continue
        seen.add((name, wanted))
        if name not in told:
            told.add(name)
            yield one
        for text in one.requires or ():
            requirement = Requirement(text)
            environments = [{"extra": extra} for extra in ("", *wanted)]
            if requirement.marker and not any(requirement.marker.evaluate(one) for one in environments):
                continue
            try:
                waiting.append((distribution(requirement.name), tuple(sorted(requirement.extras))))
            except PackageNotFoundError:
                continue  # whether it must be here, pip has decided


def strangers(found: Sequence[Distribution], lock: dict[str, str]) -> Iterator[str]:
    """Packages that the lock files do not know, or know with another version."""
    for one in found:
        name, version = canonical(one.name), one.version.split("+")[0]
        if _ELSEWHERE.match(name):
            continue
        if name not in lock:
            yield f"{name} {version} is in no lock file"
        elif lock[name] != version:
            yield f"{name} {version} is installed, {lock[name]} is locked"


def changed_files(one: Distribution) -> Iterator[str]:
    """Files of a package that are not as they were installed: its RECORD has the hash of each."""
    for file in one.files or ():
        # Python writes its byte code anew whenever it pleases, and checks it against the source
        if file.hash is None or file.hash.mode != "sha256" or file.suffix == ".pyc":
            continue
        path = Path(str(one.locate_file(file)))
        try:
            digest = hashlib.sha256(path.read_bytes()).digest()
        except OSError:
            yield f"{one.name}: {file} is missing"
            continue
        if base64.urlsafe_b64encode(digest).rstrip(b"=").decode() != file.hash.value:
            yield f"{one.name}: {file} was changed after it was installed"


def doubled() -> Iterator[str]:
    """Packages that are installed twice: which one is imported depends on the order of folders."""
    seen: dict[str, str] = {}
    for one in distributions():
        name = canonical(one.name)
        if seen.setdefault(name, one.version) != one.version:
            yield f"{name} is installed twice, {seen[name]} and {one.version}"


def advisories() -> tuple[int, str]:
    """What `pip-audit` says of the lock file: its exit code and its words. Asks the network."""
    if find_spec("pip_audit") is None:
        return NOT_ASKED, "Known weaknesses were not looked up: install pip-audit for that (and a network).\n"
    command = [sys.executable, "-m", "pip_audit", "--requirement", str(pin_hashes.LOCK), "--disable-pip"]
    done = subprocess.run(
        [*command, "--progress-spinner", "off"], capture_output=True, text=True, check=False
    )
    unknown = done.stdout.count(NOT_LOOKED_UP)
    if unknown:  # it calls that no weakness found
        asked = len(pin_hashes.locked(pin_hashes.LOCK))
        return NOT_ASKED, f"Of {asked} packages {unknown} could not be looked up: nothing is known of them.\n"
    return done.returncode, done.stdout + done.stderr


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="audit.py", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--advisories", action="store_true", help="ask for published weaknesses too")
    chosen = parser.parse_args(arguments)
    lock = {**pin_hashes.locked(pin_hashes.LOCK), **pin_hashes.locked(pin_hashes.LOCK_CHECKS)}
    found = list(needed())
    wrong = [*strangers(found, lock), *doubled()]
    for one in found:
        wrong += changed_files(one)
    for line in wrong:
        print(line)
    print(f"{len(found)} packages looked at, {len(wrong)} things wrong")
    if not chosen.advisories:
        print("Published weaknesses were not looked up: --advisories asks the network for them.")
        return WRONG if wrong else 0
    code, said = advisories()
    print(said, end="")
    return WRONG if wrong else code


if __name__ == "__main__":
    sys.exit(main())
