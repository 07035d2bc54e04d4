"""One program per data folder. The system drops the lock with its holder, so a killed one blocks nobody."""

import os
import sys
from pathlib import Path

from desktop.core.errors import DataInUse, DataUnwritable


class DataLock:
    """Held from the call of `take` until `release`, or until the process ends in whatever way."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor: int | None = descriptor

    @classmethod
    def take(cls, path: Path) -> "DataLock":
        """Raises DataInUse when another program holds it, DataUnwritable when the file cannot be opened."""
        folder = str(path.parent)
        try:
            # not inherited: a worker that outlives us for a moment must not hold our lock
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise DataUnwritable(str(error), folder=folder) from error
        try:
            _lock(descriptor)
        except OSError as error:
            os.close(descriptor)
            raise DataInUse(folder=folder) from error
        return cls(descriptor)

    def release(self) -> None:
        """The file stays: removing it would let two programs lock two files of one name."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def _lock(descriptor: int) -> None:
    if sys.platform == "win32":
        import msvcrt

        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
