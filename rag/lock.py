"""One owner for a folder: a lock that the system takes back when the process dies, however it dies."""

import os
import sys
from pathlib import Path

from rag.errors import DatabaseUnreadable, LibraryInUse


class FolderLock:
    """Held from construction to `close`."""

    def __init__(self, path: Path) -> None:
        """Raises LibraryInUse when another process holds it, DatabaseUnreadable without permission."""
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise DatabaseUnreadable(str(error), file=str(path)) from error
        try:
            _lock(self._descriptor)
        except OSError as error:
            os.close(self._descriptor)
            raise LibraryInUse(str(error), folder=str(path.parent)) from error

    def close(self) -> None:
        os.close(self._descriptor)


def _lock(descriptor: int) -> None:
    if sys.platform == "win32":
        import msvcrt

        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
