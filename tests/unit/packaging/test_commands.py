"""The two commands: what they start, what they hand on, and which exit codes they give."""

import ast
import importlib.util
import os
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest
import run
import setup_env
import starter_models
from setup_words import SetupProblem

PACKAGING = Path(__file__).resolve().parents[3] / "packaging"
# what the set-up itself runs; the others run with the environment's Python
BEFORE_SET_UP = ["run", "test", "setup_console", "setup_env", "setup_lock", "setup_pip", "setup_system"]
BEFORE_SET_UP += ["setup_words", "starter_models"]


@pytest.fixture
def check_command() -> ModuleType:
    # not by its name: the standard library has a package "test"
    spec = importlib.util.spec_from_file_location("packaging_test", PACKAGING / "test.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    calls: list[list[str]] = []
    monkeypatch.setattr(run, "start", lambda arguments: calls.append(arguments) or 0)
    return calls


def _argv(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> None:
    monkeypatch.setattr(sys, "argv", ["run.py", *arguments])


def test_arguments_are_handed_to_the_program(
    monkeypatch: pytest.MonkeyPatch, started: list[list[str]]
) -> None:
    monkeypatch.setattr(run, "set_up", lambda: 0)
    _argv(monkeypatch, "ask", "How much does a ticket cost?", "--docs", "folder")
    assert run.main() == 0
    assert started == [["ask", "How much does a ticket cost?", "--docs", "folder"]]


def test_set_up_only_starts_nothing(monkeypatch: pytest.MonkeyPatch, started: list[list[str]]) -> None:
    monkeypatch.setattr(run, "set_up", lambda: 0)
    _argv(monkeypatch, "--setup-only")
    assert run.main() == 0
    assert started == []


@pytest.mark.parametrize(("code", "starts"), [(0, True), (1, False), (3, True), (130, False)])
def test_the_program_starts_unless_the_environment_is_missing(
    code: int, starts: bool, monkeypatch: pytest.MonkeyPatch, started: list[list[str]]
) -> None:
    monkeypatch.setattr(run, "set_up", lambda: code)
    _argv(monkeypatch)
    assert run.main() == (0 if starts else code)
    assert bool(started) == starts


def test_a_problem_is_one_plain_message_and_a_failing_exit_code(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fails(*_args: object) -> bool:
        raise SetupProblem("no_network")

    monkeypatch.setattr(setup_env.Environment, "set_up", fails)
    assert run.set_up() == 1
    said = capsys.readouterr().err
    assert said.startswith("The package registry is out of reach.")
    assert "Traceback" not in said


def test_quick_checks_fetch_no_models(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(setup_env.Environment, "set_up", lambda *_args: False)
    monkeypatch.setattr(starter_models, "present", lambda *_args: pytest.fail("asked for models"))
    assert run.set_up(checks=True, models=False) == 0


def test_a_python_that_is_too_old_is_told_so_in_the_persons_language(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 10, 12, "final", 0))
    assert not run.python_is_new_enough()
    assert "needs Python 3.11 or newer; this is 3.10.12" in capsys.readouterr().err
    monkeypatch.setenv("LANGUAGE", "es")
    assert not run.python_is_new_enough()
    assert "necesita Python 3.11 o posterior; este es 3.10.12" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["run", "test", "setup_words"])
def test_what_tells_an_old_python_so_can_be_read_by_it(name: str) -> None:
    ast.parse((PACKAGING / f"{name}.py").read_text(encoding="utf-8"), feature_version=(3, 8))


@pytest.mark.parametrize("name", BEFORE_SET_UP)
def test_the_set_up_needs_the_standard_library_only(name: str) -> None:
    tree = ast.parse((PACKAGING / f"{name}.py").read_text(encoding="utf-8"))
    imported: set[str] = set()
    for node in tree.body:  # at their head: what stands inside functions runs with the environment's Python
        if isinstance(node, ast.Import):
            imported |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            imported.add((node.module or "").split(".")[0])
    assert imported <= set(sys.stdlib_module_names) | set(BEFORE_SET_UP)


def test_packaging_is_no_package() -> None:
    assert not (PACKAGING / "__init__.py").exists()


def test_every_check_runs_whatever_the_others_say(
    check_command: ModuleType, capfd: pytest.CaptureFixture[str]
) -> None:
    def says(name: str, code: int) -> tuple[str, list[str]]:
        return name, [sys.executable, "-c", f"print('{name} ran'); raise SystemExit({code})"]

    commands = [says("first", 0), says("second", 2), says("third", 5), says("last", 0)]
    assert check_command.run_checks(commands, dict(os.environ)) == ["second", "third"]
    assert capfd.readouterr().out.split("\n")[-2] == "last ran"


def test_the_tests_come_last_and_take_what_is_left_of_the_arguments(check_command: ModuleType) -> None:
    commands = check_command.checks("python", False, ["-k", "citation"])
    assert [name for name, _ in commands] == ["ruff", "ruff format", "mypy", "import-linter", "pytest"]
    assert commands[-1][1] == ["python", "-m", "pytest", *check_command.SIDE_BY_SIDE, "-k", "citation"]
    quick = check_command.checks("python", True, [])[-1][1]
    assert quick[-3:] == ["-m", "not models and not slow", "--ignore=tests/process"]


def _main(module: ModuleType, monkeypatch: pytest.MonkeyPatch, failed: list[str]) -> Callable[[], int]:
    monkeypatch.setattr(module, "set_up", lambda **_options: 0)
    monkeypatch.setattr(module, "run_checks", lambda *_args: failed)
    monkeypatch.setattr(sys, "argv", ["test.py"])
    return module.main


def test_a_failed_check_fails_the_command_and_is_named(
    check_command: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _main(check_command, monkeypatch, ["mypy"])() == 1
    assert "Failed: mypy" in capsys.readouterr().err
    assert _main(check_command, monkeypatch, [])() == 0


def test_checks_are_not_run_on_an_environment_that_could_not_be_set_up(
    check_command: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    main = _main(check_command, monkeypatch, [])
    monkeypatch.setattr(check_command, "set_up", lambda **_options: 1)
    monkeypatch.setattr(check_command, "run_checks", lambda *_args: pytest.fail("checked"))
    assert main() == 1
