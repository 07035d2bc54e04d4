"""What came of downloads so far: a hidden folder of the models folder, with one slot for each model.

A slot holds the plan, pinned to a commit, and the files as far as they came. The system's lock on it keeps
two programs from writing one file. Downloads nothing.
"""

import contextlib
import hashlib
import os
import shutil
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec

from desktop.core.data_lock import DataLock
from desktop.core.errors import DataInUse, DataUnwritable
from desktop.core.hub.errors import DownloadNotWritten, DownloadRunning
from desktop.core.hub.offers import local_name
from desktop.core.hub.protocol import RemotePart
from desktop.core.models.walking import entries
from desktop.core.types.models import PausedDownload

FOLDER = ".downloads"
PLAN, LOCK, LOG, FILES = "plan.json", "lock", "worker.log", "files"
VERSION = 1
# whoever looks whether a download runs holds its lock for a moment
LOCK_PATIENCE_S = 0.5


class Plan(msgspec.Struct, frozen=True):
    """What is brought: a model as it was at one commit."""

    repository: str
    file: str  # of the first part, its path in the repository
    revision: str
    parts: tuple[RemotePart, ...]
    licence: str = ""
    version: int = VERSION
    folder: bool = False  # a search model's: its files keep their folders

    @property
    def size_bytes(self) -> int:
        return sum(part.size_bytes for part in self.parts)

    def local(self, part: RemotePart) -> str:
        """A part's path below the slot's files."""
        return part.name if self.folder else local_name(part)

    @property
    def digests(self) -> tuple[str, ...]:
        return tuple(part.sha256 or part.git_sha1 for part in self.parts)


class Slot:
    """One model on its way. Whoever has it open is alone with it; release it."""

    def __init__(self, folder: Path, lock: DataLock) -> None:
        self.folder = folder
        self._lock = lock
        self._gone = False

    @property
    def log(self) -> Path:
        return self.folder / LOG

    @property
    def files(self) -> Path:
        return self.folder / FILES

    def plan(self) -> Plan | None:
        return _plan(self.folder)

    def begin(self, plan: Plan) -> None:
        """Write the plan down, and drop what came of files that are others in it now. Raises OSError."""
        before = self.plan()
        kept = {}
        if before is not None:
            kept = dict(zip((before.local(part) for part in before.parts), before.digests, strict=True))
        for part, digest in zip(plan.parts, plan.digests, strict=True):
            if kept.pop(plan.local(part), "") != digest:
                (self.files / plan.local(part)).unlink(missing_ok=True)
        for name in kept:
            (self.files / name).unlink(missing_ok=True)
        for part in plan.parts:
            (self.files / plan.local(part)).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = self.folder / f"{PLAN}.new"
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(msgspec.json.encode(plan))
            file.flush()
            os.fsync(descriptor)
        draft.replace(self.folder / PLAN)

    def path(self, plan: Plan, part: RemotePart) -> Path:
        """Where a part of the plan comes to lie."""
        return self.files / plan.local(part)

    def kept_bytes(self) -> int:
        plan = self.plan()
        return _kept_bytes(self.folder, plan) if plan is not None else 0

    def discard(self) -> None:
        """Delete what came, the plan first: without it nobody takes the rest for a download."""
        self._gone = True
        with contextlib.suppress(OSError):
            (self.folder / PLAN).unlink(missing_ok=True)
        shutil.rmtree(self.files, ignore_errors=True)

    def release(self) -> None:
        """Let others have it. Left with nothing in it, it goes away."""
        if not self._gone and self.kept_bytes() == 0:
            self.discard()
        if not self._gone:
            self._lock.release()
        elif sys.platform == "win32":  # which deletes no file that is open
            self._lock.release()
            shutil.rmtree(self.folder, ignore_errors=True)
        else:
            shutil.rmtree(self.folder, ignore_errors=True)
            self._lock.release()


class Staging:
    """All slots of one models folder."""

    def __init__(self, models: Path) -> None:
        self._folder = models / FOLDER

    @contextlib.contextmanager
    def slot(self, repository: str, file: str) -> Iterator[Slot]:
        """The slot of a model, made where there is none. Raises DownloadRunning, DownloadNotWritten."""
        folder = self._folder / _key(repository, file)
        slot = Slot(folder, _taken(folder, file))
        try:
            yield slot
        finally:
            slot.release()

    def find(self, repository: str, file: str) -> Plan | None:
        """The plan of a model that was begun, by its path in the repository or by its file's name."""
        plans = [plan for _folder, plan in self._plans() if plan.repository.lower() == repository.lower()]
        for plan in plans:
            if plan.file == file:
                return plan
        whole = [plan for plan in plans if not plan.folder]
        named = [plan for plan in whole if file in {local_name(part) for part in plan.parts}]
        return named[0] if len(named) == 1 else None

    def kept_bytes(self, repository: str, file: str, digests: tuple[str, ...]) -> int:
        """What an earlier download left of the model with these checksums."""
        folder = self._folder / _key(repository, file)
        plan = _plan(folder)
        return _kept_bytes(folder, plan) if plan is not None and plan.digests == digests else 0

    def paused(self) -> tuple[PausedDownload, ...]:
        """The models that nobody is bringing at this moment."""
        found = []
        for folder, plan in self._plans():
            try:
                DataLock.take(folder / LOCK).release()
            except (DataInUse, DataUnwritable):
                continue
            kept = _kept_bytes(folder, plan)
            found.append(
                PausedDownload(plan.repository, plan.file, plan.revision, kept, plan.size_bytes, plan.folder)
            )
        return tuple(found)

    def _plans(self) -> Iterator[tuple[Path, Plan]]:
        for entry in entries(self._folder):
            folder = Path(entry.path)
            plan = _plan(folder)
            if plan is not None:
                yield folder, plan


def _taken(folder: Path, file: str) -> DataLock:
    give_up_at = time.monotonic() + LOCK_PATIENCE_S
    while True:
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            return DataLock.take(folder / LOCK)
        except DataInUse as error:
            if time.monotonic() >= give_up_at:
                raise DownloadRunning(file=file) from error
            time.sleep(0.05)
        except (DataUnwritable, OSError) as error:
            raise DownloadNotWritten(str(error), file=file, folder=str(folder.parent.parent)) from error


def _plan(folder: Path) -> Plan | None:
    """None also for one that a later version wrote: its files are left alone."""
    try:
        plan = msgspec.json.decode((folder / PLAN).read_bytes(), type=Plan)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return None
    return plan if plan.version == VERSION and plan.parts else None


def _kept_bytes(folder: Path, plan: Plan) -> int:
    kept = 0
    for part in plan.parts:
        with contextlib.suppress(OSError):
            kept += min((folder / FILES / plan.local(part)).stat().st_size, part.size_bytes)
    return kept


def _key(repository: str, file: str) -> str:
    return hashlib.sha256(f"{repository.lower()}\n{file}".encode()).hexdigest()[:16]
