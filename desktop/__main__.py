"""The program's one entry: a worker, a command, or the window. Imports each only when it is wanted."""

import os
import sys
from collections.abc import MutableMapping, Sequence

STOPPED = 130  # as shells write an end by Ctrl+C
WORKER_PACKAGES = ("engine.", "rag.", "desktop.core.hub.")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what was asked for and give the exit code. `arguments` None: those of the process."""
    typed = list(sys.argv[1:] if arguments is None else arguments)
    if getattr(sys, "frozen", False):
        leave_system_libraries(os.environ)
    if typed[:1] == ["--worker"]:
        return _work(typed[1:])
    try:
        return _do(typed)
    except KeyboardInterrupt:  # before the command itself listens for it: nothing has been begun
        if "--json" in typed:
            from desktop.cli.main import refuse
            from desktop.core.errors import Cancelled

            refuse(Cancelled(), as_json=True)
        return STOPPED


def leave_system_libraries(environment: MutableMapping[str, str]) -> None:
    """Let programs of the system, such as a browser, find their own libraries and not those beside ours.

    A frozen program is started with the search path changed, which its children would inherit; what stood
    there before is kept in a variable of its own. A worker is this program once more: it is to set its own
    path, which it would leave out, taking itself for a part of the program that started it.
    """
    environment["PYINSTALLER_RESET_ENVIRONMENT"] = "1"
    for variable in ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH"):
        before = environment.pop(f"{variable}_ORIG", None)
        if before:
            environment[variable] = before
        else:
            environment.pop(variable, None)


def _do(typed: list[str]) -> int:
    from desktop.cli import main as cli

    found, places = cli.understand(typed)
    if found.command:
        return cli.carry_out(found, places)
    if not cli.has_display():
        return cli.refuse_window(found.json)
    from desktop.core.errors import CoreError

    try:
        if cli.window_elsewhere(places, found.files):
            return 0
    except CoreError as error:
        return cli.refuse(error, found.json)
    from desktop.app import run

    return run(places, found.files)


def _work(words: list[str]) -> int:
    """`--worker MODULE ...`: a frozen build has no `python -m`. See rag.process.entry_point."""
    import runpy

    if not words or not words[0].startswith(WORKER_PACKAGES):
        return 2
    sys.argv = words
    runpy.run_module(words[0], run_name="__main__", alter_sys=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
