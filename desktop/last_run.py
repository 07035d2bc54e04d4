"""Whether the window's process ended in order last time, and what it left if not. Shows nothing.

Each run has a file of its own beside the log. It is removed at the orderly end; where Python or native code
crashes, faulthandler writes the stack into it; a process that was killed leaves it empty.
"""

import contextlib
import faulthandler
import logging
import os
from pathlib import Path

from desktop.core.errors import CoreError, WindowCrashed, WindowKilled

PATTERN = "window-*.run"
MOST_BYTES = 64_000

log = logging.getLogger(__name__)


class Run:
    """This run's file. Raises OSError where it cannot be made."""

    def __init__(self, logs_dir: Path) -> None:
        self.file = logs_dir / f"window-{os.getpid()}.run"
        # empty it: an earlier process may have had this number
        self._descriptor = os.open(self.file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        faulthandler.enable(self._descriptor)

    def end(self) -> None:
        """The process ends in order."""
        faulthandler.disable()
        with contextlib.suppress(OSError):
            os.close(self._descriptor)
            self.file.unlink(missing_ok=True)


def look_back(logs_dir: Path, own: int | None = None) -> CoreError | None:
    """What became of runs before this one, told once: their files are taken away. None: all ended in order.

    For the process that owns the data. `own`: its number; files of other processes that are alive stay.
    """
    own = os.getpid() if own is None else own
    left: CoreError | None = None
    for file in sorted(logs_dir.glob(PATTERN)):
        number = file.stem.removeprefix("window-")
        if (
            not number.isdigit()
            or int(number) == (os.getpid() if own is None else own)
            or _alive(int(number))
        ):
            continue
        try:
            trace = file.read_bytes()[:MOST_BYTES].decode("utf-8", "replace")
            file.unlink()
        except OSError as error:
            log.info("%s could not be read: %s", file.name, error)
            continue
        if trace.strip():
            left = WindowCrashed(trace, how=_how(trace))
        elif left is None:
            left = WindowKilled()
    return left


def _how(trace: str) -> str:
    """What faulthandler says first: "Segmentation fault"."""
    first = trace.strip().splitlines()[0]
    return first.removeprefix("Fatal Python error: ").removeprefix("Windows fatal exception: ")


def _alive(number: int) -> bool:
    """Whether a process with this number runs that may be a window of ours."""
    import psutil

    try:
        name: str = psutil.Process(number).name().lower()
    except psutil.Error:
        return False
    return name.startswith(("python", "sobremesa"))
