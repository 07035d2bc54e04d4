"""Fetch single Debian packages, or their sources, without installing them: newer headers, a source to build.

A private state of apt's stands in the work folder; archive and keys are those that this system already uses.
"""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

SOURCES = Path("/etc/apt")
_KEYS = re.compile(r"^Signed-By:\s*(\S+)|\[[^\]]*signed-by=([^\]\s]+)", re.MULTILINE)
_PLACE = re.compile(r"^URIs:\s*(\S+)|^deb\s+(?:\[[^\]]*\]\s+)?(\S+)", re.MULTILINE)
ALL_KEYS = "/usr/share/keyrings/debian-archive-keyring.gpg"


class NotFetched(Exception):
    """What apt did not bring, with its own last words."""


def archive(folder: Path = SOURCES) -> tuple[str, str]:
    """Where this system takes Debian's packages from, and the file with the keys that it trusts for that."""
    files = [folder / "sources.list", *sorted((folder / "sources.list.d").glob("*"))]
    for file in files:
        text = file.read_text("utf-8", "replace") if file.is_file() else ""
        for found in _PLACE.finditer(text):
            place = found[1] or found[2]
            if place.rstrip("/").endswith("/debian"):
                keys = _KEYS.search(text)
                return place, (keys[1] or keys[2]) if keys else ALL_KEYS
    raise NotFetched("This system names no archive of Debian's packages; build on Debian, or see --help.")


def suite() -> str:
    """This system's own suite, such as "bookworm"."""
    told = re.search(r"^VERSION_CODENAME=(\S+)", Path("/etc/os-release").read_text("utf-8"), re.MULTILINE)
    return told[1].strip('"') if told else "stable"


def package(work: Path, name: str, of: str) -> Path:
    """A package's files, unpacked below `work`. `of`: the suite to take it from."""
    folder = work / f"{of}-{name}"
    unpacked = folder / "files"
    if not unpacked.is_dir():
        _get(folder, of, "deb", "download", name)
        debs = sorted(folder.glob(f"{name}_*.deb"))
        draft = folder / "files.new"
        subprocess.run(["dpkg-deb", "-x", str(debs[-1]), str(draft)], check=True)
        draft.rename(unpacked)
    return unpacked


def source(work: Path, name: str, of: str) -> Path:
    """A package's source with Debian's changes, unpacked below `work`."""
    folder = work / f"{of}-{name}-source"
    if not any(path.is_dir() and path.name.startswith(name) for path in folder.glob("*")):
        _get(folder, of, "deb-src", "source", name)
    return next(path for path in sorted(folder.glob(f"{name}*")) if path.is_dir())


def _get(folder: Path, of: str, kind: str, verb: str, name: str) -> None:
    place, keys = archive()
    state = folder / "apt"
    for part in ("lists/partial", "cache/archives/partial"):
        (state / part).mkdir(parents=True, exist_ok=True)
    (state / "status").touch()
    sources = state / "sources.list"
    # the keyring of all suites, where there is one: a newer suite is signed with newer keys
    keys = ALL_KEYS if Path(ALL_KEYS).is_file() else keys
    sources.write_text(f"{kind} [signed-by={keys}] {place} {of} main\n", "utf-8")
    options = {
        "Dir::Etc::sourcelist": sources,
        "Dir::Etc::sourceparts": "-",
        "Dir::State": state,
        "Dir::State::status": state / "status",
        "Dir::Cache": state / "cache",
        "APT::Sandbox::User": "root",
    }
    common = ["apt-get", *(part for key, value in options.items() for part in ("-o", f"{key}={value}")), "-q"]
    for command in ([*common, "update"], [*common, verb, name]):
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        if done.returncode:
            raise NotFetched("\n".join([*done.stdout.splitlines()[-3:], *done.stderr.splitlines()[-5:]]))
