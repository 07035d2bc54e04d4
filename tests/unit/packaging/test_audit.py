"""What an audit finds: packages that no lock file knows, changed files; which hashes the set-up asks for."""

import subprocess
import tomllib
from collections.abc import Callable, Sequence
from importlib.metadata import Distribution, PathDistribution
from pathlib import Path

import audit
import pin_hashes
import pytest
import setup_env
from setup_env import Environment

ROOT = Path(__file__).parents[3]
SUM = "LPJNul-wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ"  # SHA-256 of "hello", as RECORD writes it
LOCK = """\
a==1.0 \\
    --hash=sha256:aa \\
    --hash=sha256:bb
b-c==2.0 ; sys_platform == 'linux' \\
    --hash=sha256:cc
"""


def package(folder: Path, name: str = "a", version: str = "1.0") -> Distribution:
    info = folder / f"{name}-{version}.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    (folder / f"{name}.py").write_bytes(b"hello")
    (info / "RECORD").write_text(f"{name}.py,sha256={SUM},5\n{info.name}/RECORD,,\n")
    return PathDistribution(info)


def test_a_lock_file_is_read_entry_by_entry() -> None:
    found = list(pin_hashes.entries("# head\n" + LOCK))
    assert [(name, version) for name, version, _ in found] == [("a", "1.0"), ("b-c", "2.0")]
    assert "".join(text for _, _, text in found) == LOCK


def test_a_package_that_is_not_locked_or_has_another_version_is_told(tmp_path: Path) -> None:
    one, other = package(tmp_path / "x"), package(tmp_path / "y", "other")
    assert list(audit.strangers([one], {"a": "1.0"})) == []
    assert list(audit.strangers([one, other], {"a": "1.1"})) == [
        "a 1.0 is installed, 1.1 is locked",
        "other 1.0 is in no lock file",
    ]


def test_a_file_that_was_changed_or_is_missing_is_told(tmp_path: Path) -> None:
    one = package(tmp_path)
    assert list(audit.changed_files(one)) == []
    (tmp_path / "a.py").write_bytes(b"hellO")
    assert list(audit.changed_files(one)) == ["a: a.py was changed after it was installed"]
    (tmp_path / "a.py").unlink()
    assert list(audit.changed_files(one)) == ["a: a.py is missing"]


def test_every_tested_version_is_locked_with_hashes() -> None:
    pins = dict(
        line.strip().split("==")
        for line in pin_hashes.CONSTRAINTS.read_text("utf-8").splitlines()
        if "==" in line
    )
    locks = [entry for file in pin_hashes.EXTRAS for entry in pin_hashes.entries(file.read_text("utf-8"))]
    locked = {name: version for name, version, _ in locks}
    # PyTorch has an index of its own; pip installs itself, and the others come from the system
    assert {name: version for name, version in pins.items() if locked.get(name, version) != version} == {}
    assert set(pins) - set(locked) <= {"torch", "pip", "cmake", "ninja"}
    assert all("--hash=sha256:" in text for _, _, text in locks)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    asked = {audit.canonical(audit.Requirement(text).name) for text in project["dependencies"]}
    assert asked <= set(locked)


def test_the_set_up_takes_packages_with_their_hashes_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packaging = tmp_path / "packaging"
    packaging.mkdir()
    (packaging / "constraints.txt").write_text("llama-cpp-python==0.3.36\n")
    (packaging / "lock.txt").write_text("llama-cpp-python==0.3.36 \\\n    --hash=sha256:dd\n" + LOCK)
    ran: list[list[str]] = []

    class Noting(Environment):
        def _run(
            self,
            words: str,
            arguments: Sequence[str],
            share_of: Callable[[str], float | None] | None = None,
        ) -> None:
            ran.append(list(arguments))

    environment = Noting(tmp_path)
    environment.folder.mkdir()
    environment._llama()
    environment._packages("setup,fast")
    assert "--require-hashes" in ran[0]
    assert Path(ran[0][-1]).read_text() == "llama-cpp-python==0.3.36 \\\n    --hash=sha256:dd\n"
    assert "--require-hashes" in ran[1]
    assert ran[1][-1] == str(packaging / "lock.txt")
    assert setup_env.locked_entry([packaging / "lock.txt"], "b-c").startswith("b-c==2.0")
    assert setup_env.locked_entry([packaging / "lock.txt"], "none") == ""


def test_weaknesses_that_could_not_be_looked_up_are_not_taken_for_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    said = "a  Dependency not found on PyPI and could not be audited: a (1.0)\n"

    def answered(*_words: object, **_more: object) -> subprocess.CompletedProcess[str]:
        return subprocess.CompletedProcess([], 0, said, "No known vulnerabilities found\n")

    monkeypatch.setattr(audit, "find_spec", lambda _name: object())
    monkeypatch.setattr(subprocess, "run", answered)
    code, words = audit.advisories()
    assert code == audit.NOT_ASKED
    assert "1 could not be looked up" in words
    said = "Name  Version\n"
    assert audit.advisories() == (0, said + "No known vulnerabilities found\n")
