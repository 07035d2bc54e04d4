"""Set everything up and run every check and test. Standard library only.

`python3 packaging/test.py [--quick] [ARGUMENTS OF PYTEST]`
"""

from __future__ import annotations

import os
import subprocess
import sys
import time

from run import ROOT, python_is_new_enough, set_up

USAGE = """\
python3 packaging/test.py [--quick] [ARGUMENTS]

  --quick    without the starter models, all that needs them, and the tests of whole processes
  ARGUMENTS  are handed to pytest
"""
QUICK = ["-m", "not models and not slow", "--ignore=tests/process"]
# a test of processes or windows mostly waits; more than two at once want memory and save no time
SIDE_BY_SIDE = ["-n", "2", "--dist", "worksteal"]


def checks(python: str, quick: bool, more: list[str]) -> list[tuple[str, list[str]]]:
    """Names and commands, the tests last: their closing line is then the last that is printed."""
    module = [python, "-m"]
    return [
        ("ruff", [*module, "ruff", "check", "."]),
        ("ruff format", [*module, "ruff", "format", "--check", "."]),
        ("mypy", [*module, "mypy"]),
        ("import-linter", [python, "-c", "from importlinter.cli import lint_imports_command as c; c()"]),
        ("pytest", [*module, "pytest", *SIDE_BY_SIDE, *(QUICK if quick else []), *more]),
    ]


def run_checks(commands: list[tuple[str, list[str]]], environment: dict[str, str]) -> list[str]:
    """Run them all, whatever some of them say; gives the names of those that failed."""
    from setup_console import say
    from setup_words import word

    failed = []
    for name, command in commands:
        say(word("check", name=name))
        done = subprocess.run(command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, check=False)
        if done.returncode:
            failed.append(name)
    return failed


def environment_for_tests() -> dict[str, str]:
    """No display and no network is asked for: windows are drawn off screen, models come from folders."""
    environment = dict(os.environ)
    environment.setdefault("QT_QPA_PLATFORM", "offscreen")
    environment |= {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1", "PYTHONUNBUFFERED": "1"}
    environment.pop("PYTHONPATH", None)
    return environment


def main() -> int:
    """Set up, check, and say what failed."""
    arguments = sys.argv[1:]
    if arguments[:1] in (["-h"], ["--help"]):
        print(USAGE)
        return 0
    if not python_is_new_enough():
        return 1
    from setup_console import duration, say
    from setup_env import Environment
    from setup_words import word

    quick = "--quick" in arguments
    code = set_up(checks=True, models=not quick)
    if code:
        return code
    started = time.monotonic()
    more = [argument for argument in arguments if argument != "--quick"]
    python = str(Environment(ROOT).python)
    try:
        failed = run_checks(checks(python, quick, more), environment_for_tests())
    except KeyboardInterrupt:
        return 130
    if failed:
        say(word("check_failed", names=", ".join(failed)))
        return 1
    say(word("checks_passed", elapsed=duration(time.monotonic() - started)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
