"""Copy models into the models folder: whole or not at all. What they are copied from stays as it is.

A file is written under a hidden name and gets its own in one step; a split model comes as a hidden folder.
"""

import contextlib
import errno
import hashlib
import os
import re
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from desktop.core.errors import Cancelled, CoreError, ModelNotCopied, NoRoomForModel, Reported
from desktop.core.events import CopyingModel
from desktop.core.models.checksums import BLOCK_BYTES, checksum
from desktop.core.models.drafts import MARGIN_BYTES, discard, draft_in, free_bytes, placed, sweep
from desktop.core.models.shelf import ModelShelf
from desktop.core.models.splits import Split, part_name, split_of
from desktop.core.models.walking import Cancel
from desktop.core.types.models import ImportedModel, ModelFile
from engine.errors import ModelTruncated

STEP = 0.01  # of the whole, between two events
LOCK_CHECK_S = 0.1
FICLONE = 0x40049409  # linux/fs.h: both files share their blocks until one of them is written to

Emit = Callable[[CopyingModel], None]


class Importer:
    """Brings in one model at a time, so that the same file given twice is recognized."""

    def __init__(self, shelf: ModelShelf) -> None:
        self._shelf = shelf
        self._lock = threading.Lock()

    def run(self, path: str, emit: Emit, cancelled: Cancel) -> ImportedModel:
        """Bring in the model that the file at `path` is or belongs to.

        Raises what `ModelShelf.inspect` raises, Cancelled, NoRoomForModel and ModelNotCopied; then the models
        folder is as it was.
        """
        source = self._shelf.inspect(path)
        while not self._lock.acquire(timeout=LOCK_CHECK_S):
            if cancelled():
                raise Cancelled
        try:
            return self._bring(source, emit, cancelled)
        finally:
            self._lock.release()

    def sweep(self) -> None:
        """Take away what an import left that was killed. Those of programs that still run stay."""
        sweep(self._shelf.folder)

    def _bring(self, source: ModelFile, emit: Emit, cancelled: Cancel) -> ImportedModel:
        split = split_of(Path(source.path))
        present = self._present(split, cancelled)
        if present is not None:
            return ImportedModel(self._shelf.described(present), already=True)
        copy = _Copy(self._shelf.folder, split, source, emit, cancelled)
        try:
            made = copy.run()
        except OSError as error:
            full = error.errno in (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC))
            raise copy.no_room() if full else copy.failed(error) from error
        for part, sha256 in zip(made, copy.sha256, strict=True):
            self._shelf.facts.keep_sha256(part, part.stat(), sha256)
        return ImportedModel(self._shelf.described(split_of(made[0])), already=False)

    def _present(self, split: Split, cancelled: Cancel) -> Split | None:
        """The model of our folder with the same bytes. Reads files only where one has the same sizes."""
        sizes = [part.stat().st_size for part in split.parts.values()]
        for own in self._shelf.own():
            if own.first == split.first:
                return own
            parts = list(own.parts.values())
            with contextlib.suppress(OSError, Reported):  # gone meanwhile, or not ours to read
                if [part.stat().st_size for part in parts] == sizes and all(
                    checksum(mine, self._shelf.facts, cancelled)
                    == checksum(theirs, self._shelf.facts, cancelled)
                    for mine, theirs in zip(parts, split.parts.values(), strict=True)
                ):
                    return own
        return None


class _Copy:
    """One model on its way: drafts first, then all of it in one step."""

    def __init__(self, folder: Path, split: Split, source: ModelFile, emit: Emit, cancelled: Cancel) -> None:
        self._folder = folder
        self._split = split
        self._source = source
        self._emit = emit
        self._cancelled = cancelled
        self._done_bytes = 0
        self._told = 0.0
        self.sha256: list[str] = []

    def run(self) -> list[Path]:
        """The files in the models folder. Raises OSError and what `Importer.run` says."""
        draft = draft_in(self._folder)
        try:
            if self._split.count == 1:
                self._write(self._split.first, draft)
                return [placed(draft, self._folder, _safe_name(self._source, self._split), ".gguf")]
            draft.mkdir(mode=0o700)
            names = [part_name(self._split.base, number, self._split.count) for number in self._split.parts]
            for name, part in zip(names, self._split.parts.values(), strict=True):
                self._write(part, draft / name)
            folder = placed(draft, self._folder, self._split.base, "")
            return [folder / name for name in names]
        except BaseException:
            discard(draft)
            raise

    def no_room(self) -> CoreError:
        return NoRoomForModel(
            path=self._source.path,
            folder=str(self._folder),
            needed_bytes=self._source.size_bytes,
            free_bytes=free_bytes(self._folder),
        )

    def failed(self, error: OSError) -> CoreError:
        return ModelNotCopied(str(error), path=self._source.path, folder=str(self._folder))

    def _write(self, source: Path, draft: Path) -> None:
        digest = hashlib.sha256()
        descriptor = os.open(draft, os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
        with os.fdopen(descriptor, "w+b") as target, source.open("rb") as file:
            size_bytes = os.fstat(file.fileno()).st_size
            shared = _share_blocks(file, target)
            if not shared and free_bytes(self._folder) < size_bytes + MARGIN_BYTES:
                raise self.no_room()
            copied_bytes = 0
            while block := (target if shared else file).read(BLOCK_BYTES):
                if self._cancelled():
                    raise Cancelled
                if not shared:
                    target.write(block)
                digest.update(block)
                copied_bytes += len(block)
                self._advance(len(block))
            if copied_bytes != size_bytes:  # it was cut while we read it
                cut = ModelTruncated(path=str(source), size_bytes=copied_bytes, needed_bytes=size_bytes)
                raise Reported.of(cut)
            target.flush()
            os.fsync(target.fileno())
        self.sha256.append(digest.hexdigest())

    def _advance(self, count_bytes: int) -> None:
        self._done_bytes += count_bytes
        done = self._done_bytes / max(1, self._source.size_bytes)
        if done - self._told >= STEP or done >= 1:
            self._told = done
            self._emit(CopyingModel(self._done_bytes, self._source.size_bytes))


def _share_blocks(source: BinaryIO, target: BinaryIO) -> bool:
    """Have a file system that can (Btrfs, XFS, ZFS) give `target` the blocks of `source`, copying nothing.

    Not a hard link: a program that goes on writing to its file would write to ours.
    """
    if sys.platform != "linux":
        return False
    import fcntl

    try:
        fcntl.ioctl(target.fileno(), FICLONE, source.fileno())
    except OSError:  # another disk, or a file system that cannot
        return False
    return True


def _safe_name(source: ModelFile, split: Split) -> str:
    """The file's stem; where its store names it otherwise, that name as a file can have it."""
    if not source.label:
        return split.first.name.removesuffix(".gguf")
    return re.sub(r"[^\w.-]+", "-", source.label).strip("-.") or "model"
