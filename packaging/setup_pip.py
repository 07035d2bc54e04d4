"""Run pip and follow what it does: words for its failures, and how far a build is. Chooses no package."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO

from setup_words import SetupProblem

_NO_NETWORK = re.compile(
    r"failure in name resolution|Name or service not known|nodename nor servname|getaddrinfo failed"
    r"|NewConnectionError|Failed to establish a new connection|Connection refused|Network is unreachable"
    r"|Max retries exceeded|ConnectTimeoutError|ReadTimeoutError|Read timed out|NameResolutionError"
    r"|ProxyError|Could not fetch URL"
)
_DISK_FULL = re.compile(
    r"No space left on device|\[Errno 28\]|not enough space on the disk|Disk quota exceeded"
)
_NO_COMPILER = re.compile(
    r"CMAKE_C(?:XX)?_COMPILER not set|No CMAKE_C(?:XX)?_COMPILER could be found|Could NOT find Ninja"
    r"|is not able to compile a simple test program|CMAKE_MAKE_PROGRAM is not set",
)
_NINJA = re.compile(r"^\s*\[(\d+)/(\d+)\]")
TAIL_LINES = 20

Line = Callable[[str], None]
Tick = Callable[[], None]


def ninja_share(line: str) -> float | None:
    """The share done that a line of ninja tells (`[12/345] Building ...`), or None."""
    found = _NINJA.match(line)
    return int(found[1]) / max(int(found[2]), 1) if found else None


def explain(output: str) -> str | None:
    """The key of `WORDS` for what went wrong, where pip's output shows a known cause."""
    if _DISK_FULL.search(output):
        return "disk_full"
    if _NO_COMPILER.search(output):
        return "no_compiler"
    # pip tries each address several times; only what it could not do without has stopped it
    if _NO_NETWORK.search(output):
        return "no_network"
    return None


def follow(
    command: Sequence[str],
    *,
    log: Path,
    on_line: Line = lambda _line: None,
    on_tick: Tick = lambda: None,
    environment: Mapping[str, str] | None = None,
    folder: Path | None = None,
) -> tuple[int, list[str]]:
    """Run a command to its end: its exit code and last lines. `log` is appended with all it says.

    `on_line` gets each line, `on_tick` is called several times a second. A KeyboardInterrupt ends the
    command too.
    """
    last: deque[str] = deque(maxlen=400)
    process = subprocess.Popen(
        list(command),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        errors="replace",
        env=None if environment is None else dict(environment),
        cwd=folder,
        # a group of its own, so that the compilers that pip starts can be ended with it
        start_new_session=os.name != "nt",
    )
    assert process.stdout is not None  # noqa: S101 - asked for above

    def read(stream: IO[str]) -> None:
        with log.open("a", encoding="utf-8") as kept:
            for line in stream:
                kept.write(line)
                last.append(line.rstrip("\n"))
                on_line(line)

    reader = threading.Thread(target=read, args=(process.stdout,), daemon=True)
    reader.start()
    try:
        while process.poll() is None:
            on_tick()
            time.sleep(0.1)
        reader.join()
    except BaseException:
        end_tree(process)
        raise
    return process.returncode, list(last)


def end_tree(process: subprocess.Popen[str]) -> None:
    """End a process that leads its own group, with all that it has started, and wait for it."""
    if os.name == "nt":
        command = ["taskkill", "/F", "/T", "/PID", str(process.pid)]
        subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    else:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
    process.wait()


def quiet_environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment with pip told to ask nothing, to draw nothing, and to speak English (it is parsed)."""
    environment = dict(os.environ)
    environment |= {"PIP_NO_INPUT": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PYTHONUNBUFFERED": "1"}
    environment |= {"PIP_PROGRESS_BAR": "off", "PIP_ROOT_USER_ACTION": "ignore", "LC_ALL": "C.UTF-8"}
    environment.pop("LANGUAGE", None)
    return environment | dict(extra or {})


def raise_for(code: int, lines: Sequence[str], problem: SetupProblem, **known: object) -> None:
    """Raise what the output shows, else `problem`. `known` are the parameters of the known causes."""
    if code == 0:
        return
    key = explain("\n".join(lines))
    if key is not None:
        raise SetupProblem(key, **known)
    raise problem
