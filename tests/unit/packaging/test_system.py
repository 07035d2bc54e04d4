"""What the set-up asks of the system, on machines that are made up."""

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import pytest
import setup_system
from setup_system import QT_LIBRARIES, Machine, require
from setup_words import SetupProblem

PYTHON = "/usr/bin/python3"


@dataclass
class FakeSystem:
    """Programs, Debian packages and exit codes of a made-up machine; notes what was run."""

    programs: set[str] = field(default_factory=set)
    installed: set[str] = field(default_factory=set)
    venv: bool = True
    sudo: bool = False
    install_fails: bool = False
    ran: list[list[str]] = field(default_factory=list)

    def run(self, command: Sequence[str]) -> tuple[int, str]:
        self.ran.append(list(command))
        if command[0] == PYTHON:
            return (0, "") if self.venv else (1, "No module named 'ensurepip'")
        if command[0] == "dpkg-query":
            known = [name for name in command[4:] if name in self.installed]
            return 1, "".join(f"{name} installed\n" for name in known) + "dpkg-query: no packages found\n"
        if list(command[:3]) == ["sudo", "-n", "true"]:
            return (0, "") if self.sudo else (1, "a password is required")
        if "install" in command:
            return (100, "E: broken") if self.install_fails else (0, "")
        return 0, ""

    def machine(self, system: str = "Linux", root: bool = False) -> Machine:
        which: Callable[[str], str | None] = lambda name: name if name in self.programs else None  # noqa: E731
        return Machine(system, root, which, self.run, lambda _path: False, PYTHON)

    def installs(self) -> list[list[str]]:
        return [command for command in self.ran if "install" in command]


DEBIAN = {"apt-get", "dpkg-query"}
COMPILERS = {"cc", "c++"}


@pytest.fixture(autouse=True)
def _no_compiler_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CC", raising=False)
    monkeypatch.delenv("CXX", raising=False)


def test_nothing_is_installed_where_nothing_is_missing() -> None:
    system = FakeSystem(DEBIAN | COMPILERS, set(QT_LIBRARIES))
    require(system.machine(root=True))
    assert system.installs() == []


def test_libraries_under_their_newer_names_count_as_there() -> None:
    newer = {name + "t64" if name == "libglib2.0-0" else name for name in QT_LIBRARIES}
    system = FakeSystem(DEBIAN | COMPILERS, newer)
    require(system.machine(root=True))
    assert system.installs() == []


def test_root_installs_exactly_what_is_missing_and_is_asked_nothing() -> None:
    system = FakeSystem(DEBIAN, set(QT_LIBRARIES) - {"libegl1"}, venv=False)
    require(system.machine(root=True))
    (install,) = system.installs()
    assert install[:3] == ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get"]
    names = install[install.index("install") :]
    venv = f"python3.{sys.version_info.minor}-venv"
    assert names == ["install", "-y", "--no-install-recommends", venv, "build-essential", "libegl1"]


def test_sudo_without_a_password_is_used() -> None:
    system = FakeSystem(DEBIAN | COMPILERS | {"sudo"}, set(), sudo=True)
    require(system.machine())
    assert system.installs()[0][:3] == ["sudo", "-n", "env"]


def test_without_rights_one_line_to_run_is_given_and_nothing_is_tried() -> None:
    system = FakeSystem(DEBIAN | COMPILERS | {"sudo"}, set(QT_LIBRARIES) - {"libegl1"})
    with pytest.raises(SetupProblem) as caught:
        require(system.machine())
    line = caught.value.params["line"]
    assert line == "sudo apt-get update && sudo apt-get install -y --no-install-recommends libegl1"
    assert str(caught.value).count("\n    sudo") == 1
    assert system.installs() == []


def test_an_installation_that_fails_names_the_line_to_look_into() -> None:
    system = FakeSystem(DEBIAN | COMPILERS, set(), install_fails=True)
    with pytest.raises(SetupProblem) as caught:
        require(system.machine(root=True))
    assert caught.value.key == "packages_failed"
    assert str(caught.value.params["line"]).startswith("apt-get update && apt-get install")


@pytest.mark.parametrize(
    ("manager", "names"), [("dnf", "gcc-c++"), ("pacman", "base-devel"), ("apk", "build-base")]
)
def test_other_linux_systems_are_told_their_line(manager: str, names: str) -> None:
    with pytest.raises(SetupProblem) as caught:
        require(FakeSystem({manager}).machine())
    assert names in str(caught.value.params["line"])


def test_a_system_nobody_knows_is_told_what_is_needed() -> None:
    with pytest.raises(SetupProblem) as caught:
        require(FakeSystem().machine())
    assert "gcc, g++" in str(caught.value)


def test_windows_without_a_compiler_is_told_how_to_get_one(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SetupProblem) as caught:
        require(FakeSystem().machine("Windows"))
    assert "winget install" in str(caught.value)
    require(FakeSystem({"cl"}).machine("Windows"))


def test_a_mac_without_its_tools_is_told_the_command() -> None:
    system = FakeSystem()
    fails = Machine("Darwin", False, system.machine().which, lambda _command: (2, ""), lambda _path: False)
    with pytest.raises(SetupProblem) as caught:
        require(fails)
    assert setup_system.MAC_COMPILER in str(caught.value)
