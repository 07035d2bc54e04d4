"""Which model files took their worker with them, noted on disk, so that no start of the program tries again.

A note belongs to one version of a file: a file that was downloaded anew begins without one.
"""

import contextlib
import threading
from pathlib import Path

import msgspec

from desktop.core.errors import CoreError
from desktop.core.models.identity import Identity, identity_of
from desktop.core.private_files import write_private
from desktop.core.types import Problem

VERSION = 1
MOST_NOTES = 100
MOST_FILE_BYTES = 1 << 22


class _Note(msgspec.Struct, frozen=True):
    files: Identity
    problem: Problem


class _Kept(msgspec.Struct, frozen=True):
    version: int
    notes: dict[str, _Note]


class Killers:
    """Path of a model -> how loading or running it ended its worker. All methods from any thread."""

    def __init__(self, file: Path | None = None) -> None:
        """`file` None: nothing is kept beyond this run."""
        self._file = file
        self._lock = threading.Lock()
        self._notes = _read(file)

    def of(self, path: str) -> Problem | None:
        """What became of the worker; None where nothing did, or the file is another one by now."""
        with self._lock:
            note = self._notes.get(path)
        if note is None:
            return None
        if note.files != identity_of(path):
            self.forgive(path)
            return None
        return note.problem

    def note(self, path: str, problem: Problem) -> None:
        with self._lock:
            self._notes.pop(path, None)
            self._notes[path] = _Note(identity_of(path), problem)
            while len(self._notes) > MOST_NOTES:
                del self._notes[next(iter(self._notes))]
            self._save()

    def forgive(self, path: str) -> None:
        with self._lock:
            if self._notes.pop(path, None) is not None:
                self._save()

    def _save(self) -> None:
        """A disk that refuses costs the memory of it after the next start, no more."""
        if self._file is None:
            return
        with contextlib.suppress(CoreError, UnicodeEncodeError):
            write_private(self._file, msgspec.json.encode(_Kept(VERSION, self._notes)))


def _read(file: Path | None) -> dict[str, _Note]:
    if file is None:
        return {}
    try:
        if file.stat().st_size > MOST_FILE_BYTES:
            return {}
        kept = msgspec.json.decode(file.read_bytes(), type=_Kept)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return {}
    return kept.notes if kept.version == VERSION else {}
