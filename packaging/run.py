"""Set Sobremesa up in .venv where that is still to be done, and start it. Standard library only.

`python3 packaging/run.py [--setup-only] [ARGUMENTS OF SOBREMESA]`
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from types import FrameType

NEEDED = (3, 11)
MODELS_FAILED, INTERRUPTED = 3, 130
ROOT = Path(__file__).resolve().parent.parent
USAGE = """\
python3 packaging/run.py [--setup-only] [ARGUMENTS]

  --setup-only  set everything up, start nothing
  ARGUMENTS     are handed to the program, such as: ask "How much does a ticket cost?" --docs folder
"""


def python_is_new_enough() -> bool:
    """Say so where it is not; nothing newer than this may be imported before."""
    if sys.version_info >= NEEDED:
        return True
    from setup_words import SetupProblem

    found = ".".join(map(str, sys.version_info[:3]))
    sys.stderr.write(str(SetupProblem("python_too_old", needed="3.11", found=found)) + "\n")
    return False


def _stop(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _patiently(command: list[str]) -> int:
    """Run it; when interrupted, let it clean up (subprocess.run would kill it after a moment)."""
    # a group of its own: it is to hear of an interruption once, from here
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=os.name != "nt")
    try:
        return process.wait()
    except KeyboardInterrupt:
        process.terminate()
        process.wait()
        raise


def set_up(checks: bool = False, models: bool = True) -> int:
    """Everything that is still to be done, told as it goes: 0, or an exit code for what went wrong."""
    import starter_models
    from setup_console import say
    from setup_env import Environment
    from setup_words import SetupProblem, word

    signal.signal(signal.SIGTERM, _stop)
    environment = Environment(ROOT)
    try:
        environment.set_up(checks)
        if models and not starter_models.present(starter_models.models_folder()):
            command = [str(environment.python), str(ROOT / "packaging" / "starter_models.py")]
            return MODELS_FAILED if _patiently(command) else 0
    except SetupProblem as problem:
        say(str(problem))
        return 1
    except KeyboardInterrupt:
        say("\n" + word("interrupted"))
        return INTERRUPTED
    return 0


def start(arguments: list[str]) -> int:
    """Become the program (on Windows, wait for it)."""
    from setup_env import Environment

    program = str(Environment(ROOT).program)
    if os.name != "nt":
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        sys.stdout.flush()
        sys.stderr.flush()
        os.execv(program, [program, *arguments])  # noqa: S606 - our own program
    return subprocess.run([program, *arguments], check=False).returncode


def main() -> int:
    """Set up, then start."""
    arguments = sys.argv[1:]
    if arguments[:1] in (["-h"], ["--help"]):
        print(USAGE)
        return 0
    if not python_is_new_enough():
        return 1
    only = "--setup-only" in arguments[:1]
    code = set_up()
    if only or code == INTERRUPTED:
        return code
    # without starter models the program still serves whoever has a model of their own
    return start(arguments) if code in (0, MODELS_FAILED) else code


if __name__ == "__main__":
    sys.exit(main())
