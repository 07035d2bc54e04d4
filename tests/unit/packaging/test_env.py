"""The environment's steps: what a second start does, what a change brings, what an interruption leaves."""

import re
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
import setup_env
import setup_system
from setup_env import Environment
from setup_words import SetupProblem

PINS = "llama-cpp-python==0.3.36\ntorch==2.13.0\nnumpy==2.4.6\n"


class FakeEnvironment(Environment):
    """Notes what it would have done; making the environment makes its Python's file."""

    def __init__(self, root: Path) -> None:
        super().__init__(root, setup_system.Machine(run=self._fake_run))
        self.did: list[str] = []
        self.fails_at = ""

    def _fake_run(self, command: Sequence[str]) -> tuple[int, str]:
        if "venv" in command:
            self.did.append("venv")
            self.python.parent.mkdir(parents=True)
            self.python.touch()
        return 0, ""

    def _system(self) -> None:
        self.did.append("system")

    def _run(
        self, words: str, arguments: Sequence[str], share_of: Callable[[str], float | None] | None = None
    ) -> None:
        extras = re.search(r"\[.*\]", arguments[-1])
        name = words + (extras[0] if extras else "")
        if name == self.fails_at:
            raise SetupProblem("no_network")
        self.did.append(name)

    def take(self) -> list[str]:
        done, self.did = self.did, []
        return done


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SOBREMESA_TORCH_INDEX", "")
    monkeypatch.setattr(setup_env, "NEEDED_BYTES", 0)
    checkout = tmp_path / "checkout"
    catalogue = checkout / "desktop" / "locale" / "es" / "LC_MESSAGES" / "sobremesa.po"
    catalogue.parent.mkdir(parents=True)
    catalogue.write_text("msgid", encoding="utf-8")
    (checkout / "packaging").mkdir()
    (checkout / "packaging" / "constraints.txt").write_text(PINS, encoding="utf-8")
    (checkout / "packaging" / "compile_catalogues.py").touch()
    (checkout / "pyproject.toml").write_text("[project]", encoding="utf-8")
    return checkout


ALL = ["system", "venv", "tools", "llama", "torch", "packages[setup,fast]", "program"]


def test_the_first_set_up_does_everything_and_the_second_nothing(root: Path) -> None:
    environment = FakeEnvironment(root)
    assert environment.set_up()
    assert environment.take() == ALL
    again = FakeEnvironment(root)
    assert not again.set_up()
    assert again.take() == []


def test_the_tools_of_the_checks_come_when_they_are_asked_for(root: Path) -> None:
    environment = FakeEnvironment(root)
    environment.set_up()
    environment.take()
    assert environment.set_up(checks=True)
    assert environment.take() == ["packages[setup,fast,dev]"]
    assert not environment.set_up(checks=True)
    assert not environment.set_up()


def test_a_first_set_up_for_the_checks_installs_the_packages_once(root: Path) -> None:
    environment = FakeEnvironment(root)
    environment.set_up(checks=True)
    assert environment.take() == [*ALL[:-2], "packages[setup,fast,dev]", "program"]
    assert not environment.set_up()


def test_an_interrupted_set_up_goes_on_where_it_stopped(root: Path) -> None:
    environment = FakeEnvironment(root)
    environment.fails_at = "torch"
    with pytest.raises(SetupProblem):
        environment.set_up()
    assert environment.take() == ALL[:4]
    again = FakeEnvironment(root)
    again.set_up()
    assert again.take() == ALL[4:]


def test_a_new_translation_is_compiled_and_nothing_else_is_done(root: Path) -> None:
    environment = FakeEnvironment(root)
    environment.set_up()
    environment.take()
    (root / "desktop/locale/es/LC_MESSAGES/sobremesa.po").write_text("msgid nuevo", encoding="utf-8")
    environment.set_up()
    assert environment.take() == ["program"]


def test_a_new_pin_does_not_build_llama_cpp_again(root: Path) -> None:
    environment = FakeEnvironment(root)
    environment.set_up()
    environment.take()
    pins = root / "packaging" / "constraints.txt"
    pins.write_text(PINS.replace("2.4.6", "2.5.0"), encoding="utf-8")
    environment.set_up()
    assert environment.take() == ["tools", "packages[setup,fast]"]


def test_a_new_engine_is_built(root: Path) -> None:
    environment = FakeEnvironment(root)
    environment.set_up()
    environment.take()
    pins = root / "packaging" / "constraints.txt"
    pins.write_text(PINS.replace("0.3.36", "0.3.37"), encoding="utf-8")
    environment.set_up()
    assert "llama" in environment.take()


def test_a_lost_environment_is_made_again(root: Path) -> None:
    FakeEnvironment(root).set_up()
    shutil.rmtree(root / ".venv")
    environment = FakeEnvironment(root)
    environment.set_up()
    assert environment.take() == ALL


def test_a_moved_checkout_gets_a_new_environment(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    FakeEnvironment(root).set_up()
    moved = root.rename(root.with_name("elsewhere"))
    environment = FakeEnvironment(moved)
    environment.set_up()
    assert environment.take() == ALL[1:]
    assert "making it anew" in capsys.readouterr().err


def test_an_environment_that_somebody_made_by_hand_is_taken_over(root: Path) -> None:
    environment = FakeEnvironment(root)
    environment.python.parent.mkdir(parents=True)
    environment.python.touch()
    kept = root / ".venv" / "kept"
    kept.touch()
    environment.set_up()
    assert kept.exists()
    assert "venv" not in environment.take()


def test_a_damaged_note_means_that_everything_is_looked_at_again(root: Path) -> None:
    environment = FakeEnvironment(root)
    environment.set_up()
    environment.take()
    (root / ".venv" / setup_env.STAMP).write_text("{", encoding="utf-8")
    environment.set_up()
    assert environment.take() == [step for step in ALL if step != "venv"]


def test_too_little_disk_is_said_before_anything_is_fetched(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(setup_env, "NEEDED_BYTES", 1 << 60)
    environment = FakeEnvironment(root)
    with pytest.raises(SetupProblem) as caught:
        environment.set_up()
    assert caught.value.key == "disk_full"
    assert environment.take() == []


def test_the_real_pins_hold_what_the_steps_ask_for() -> None:
    checkout = Path(__file__).resolve().parents[3]
    names = [step.name for step in Environment(checkout).steps(checks=True)]
    assert names == ["system", "venv", "tools", "llama", "torch", "packages", "checks", "catalogues"]


def test_the_pins_cover_every_dependency_of_the_project() -> None:
    import tomllib

    checkout = Path(__file__).resolve().parents[3]
    pins = (checkout / "packaging" / "constraints.txt").read_text(encoding="utf-8")
    pinned = {re.sub(r"[-_.]+", "-", line.split("==")[0]) for line in pins.splitlines() if "==" in line}
    project = tomllib.loads((checkout / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [*project["dependencies"]]
    for extra in project["optional-dependencies"].values():
        wanted += extra
    names = {re.sub(r"[-_.]+", "-", re.split(r"[\[<>=!~ ;]", text)[0]).lower() for text in wanted}
    assert names - pinned == set()
    tools = {name.lower() for name in setup_env.TOOLS} | {"cmake", "ninja"}
    assert tools - pinned == set()
