"""One set-up at a time: a lock on a file, freed by the system when its process ends, however it ends."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

# far behind the end of any such file: Windows keeps others from reading what is locked
_FAR = 1 << 30


def _try(handle: int) -> bool:
    try:
        if os.name == "nt":
            import msvcrt

            os.lseek(handle, _FAR, os.SEEK_SET)
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


@contextlib.contextmanager
def alone(path: Path, on_wait: Callable[[], None], poll_s: float = 0.5) -> Iterator[None]:
    """Hold the lock on `path` (made when missing); `on_wait` is called once when another process holds it.

    Raises OSError when the file can be neither opened nor made.
    """
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        if not _try(handle):
            on_wait()
            while not _try(handle):
                time.sleep(poll_s)
        yield
    finally:
        os.close(handle)
