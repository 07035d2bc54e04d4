"""A Python module as a child process with a message pipe of its own. Knows no message.

The standard library's `multiprocessing.connection` carries the frames; its process pool does not start
the child, because a child must run its own entry point and never re-import the window's `__main__`.
The core starts every worker through here, and the library worker its readers.
"""

import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from multiprocessing.connection import Connection, Pipe
from pathlib import Path
from typing import Any

from rag.quiet_logs import told

CHANNEL_OPTION = "--channel"
OOM_SCORE = 500  # of 1000: as if it held half of the memory besides what it holds


@dataclass(frozen=True)
class Child:
    """A running child: its process, our end of its pipe, and the file its native output goes to."""

    process: "subprocess.Popen[bytes]"
    channel: Connection
    log_path: Path


def spawn(
    module: str,
    arguments: tuple[str, ...],
    log_path: Path,
    environment: dict[str, str] | None = None,
    program: Path | None = None,
) -> Child:
    """Start `python -m module --channel N arguments...`, spawned, never forked with our state.

    stdout and stderr both go to `log_path`, which starts empty: native code writes to them, so no frame
    may. `environment` is added to ours. `program`: a frozen one that has the module in place of ours.
    Raises OSError when the process cannot be started.
    """
    ours, theirs = Pipe(duplex=True)
    log_path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(log_path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        process: subprocess.Popen[bytes] = subprocess.Popen(
            [*entry_point(module, program), CHANNEL_OPTION, str(theirs.fileno()), *arguments],
            stdin=subprocess.DEVNULL,
            stdout=descriptor,
            stderr=descriptor,
            env=without_working_directory({**os.environ, **(environment or {})}),
            umask=0o077,  # what a worker writes is its user's alone, whichever library writes it
            **_inheriting(theirs.fileno()),
        )
    except OSError:
        ours.close()
        raise
    finally:
        os.close(descriptor)
        theirs.close()
    _give_way(process.pid)
    return Child(process, ours, log_path)


def entry_point(module: str, program: Path | None = None) -> list[str]:
    """The command that runs one of our modules, also from a frozen build, whose program dispatches."""
    if program is not None:
        return [str(program), "--worker", module]
    if getattr(sys, "frozen", False):
        return [sys.executable, "--worker", module]
    # -P: a file named like a module in the working directory must not be imported in its place
    return [sys.executable, "-P", "-m", module]


def without_working_directory(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment, whose search paths name whole folders alone: an empty or a relative one would have
    modules, libraries and programs come from wherever this program happens to be started."""
    kept = dict(environment)
    for name in ("PYTHONPATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "PATH"):
        if name in kept:
            folders = [folder for folder in kept[name].split(os.pathsep) if os.path.isabs(folder)]  # noqa: PTH117
            kept[name] = os.pathsep.join(folders)
            if not folders:
                del kept[name]
    return kept


def open_channel(handle: int) -> Connection:
    """The child's end of its pipe, from the number after `--channel`."""
    if sys.platform == "win32":
        from multiprocessing.connection import PipeConnection

        return PipeConnection(handle)
    return Connection(handle)


def end_with_any_thread() -> None:
    """For a child: an error that one of its threads did not foresee ends the process, so that whoever waits
    for that thread is told. The error is in the log."""

    def end(error: threading.ExceptHookArgs) -> None:
        if error.exc_value is not None:
            sys.stderr.write(told(error.exc_value) + "\n")
        sys.stderr.flush()
        os._exit(1)

    threading.excepthook = end


def last_lines(log_path: Path, count: int = 12) -> str:
    """The end of a child's log, for an error message. Empty when there is none."""
    try:
        with log_path.open("rb") as log:
            log.seek(0, os.SEEK_END)
            log.seek(max(0, log.tell() - 16_384))
            text = log.read().decode("utf-8", "replace")
    except OSError:
        return ""
    return "\n".join(text.splitlines()[-count:])


def how_it_ended(returncode: int | None) -> str:
    """A return code in the words of the system: "SIGSEGV", "exit code 3"."""
    if returncode is None:
        return "still running"
    if returncode < 0:
        try:
            return signal.Signals(-returncode).name
        except ValueError:
            return f"signal {-returncode}"
    return f"exit code {returncode}"


def _give_way(pid: int) -> None:
    """Where memory runs out, the system is to end a worker, which is started again, and not the window."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            Path(f"/proc/{pid}/oom_score_adj").write_text(str(OOM_SCORE))


def _inheriting(handle: int) -> dict[str, Any]:
    """Let the child have this handle and no other of ours."""
    if sys.platform == "win32":
        os.set_handle_inheritable(handle, True)
        startup = subprocess.STARTUPINFO(lpAttributeList={"handle_list": [handle]})
        return {"startupinfo": startup, "creationflags": subprocess.CREATE_NO_WINDOW}
    # a group of its own: a Ctrl+C in a terminal is the parent's alone, even while the child is starting
    return {"pass_fds": (handle,), "process_group": 0}
