"""One file of the hub onto the disk: from where it broke off to its end, and compared with its checksum.

Whatever ends it, what came lies on the disk and counts next time, but for bytes that turned out wrong.
"""

import errno
import hashlib
import os
import re
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from desktop.core.errors import Cancelled, NoRoomForModel
from desktop.core.hub.errors import DownloadDamaged, DownloadNotWritten, HubBroke, HubBusy, HubStrange
from desktop.core.hub.protocol import Fetching, FileAt
from desktop.core.hub.remote import Answer, Remote, Transient

TELL_S = 0.5
SYNC_BYTES = 64 << 20
BLOCK_BYTES = 1 << 21
TRIES = 8  # in a row that bring next to nothing: half a minute and more
PROGRESS_BYTES = 1 << 18
LONGEST_WAIT_S = 30.0
_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+|\*)")

Emit = Callable[[Fetching], None]
Wait = Callable[[float], bool]  # for so many seconds; True: the person wants it to stop


class Fetch:
    """A file on its way."""

    def __init__(
        self, remote: Remote, file: FileAt, path: Path, emit: Emit, wait: Wait, tries: int = TRIES
    ) -> None:
        self._remote = remote
        self._file = file
        self._part = file.part
        self._path = path
        self._emit = emit
        self._wait = wait
        self._tries = tries
        self._told_at = 0.0
        self._reached = False
        self._unsynced = 0

    def run(self) -> str:
        """Bring the file and give its SHA-256. Raises CoreError; what came stays, but for DownloadDamaged."""
        try:
            # not buffered: what was received is the system's at once, also when we are killed
            with _opened(self._path) as file:
                self._receive(file)
                os.fsync(file.fileno())
                self._tell(self._part.size_bytes, now=True)
        except OSError as error:
            raise self._not_written(error) from error
        return self._checked()

    # ── receiving ──

    def _receive(self, file: BinaryIO) -> None:
        tries = 0
        while (at := self._at(file)) < self._part.size_bytes:
            self._tell(at, now=True)
            try:
                self._stream(file, at)
                broken: Transient | None = None
            except Transient as error:
                broken = error
            came = self._at(file) - at
            if self._at(file) >= self._part.size_bytes:
                return
            tries = 0 if came >= PROGRESS_BYTES else tries + 1
            self._pause(broken, tries)

    def _pause(self, broken: Transient | None, tries: int) -> None:
        """Before the next try. Raises what it was when there is no point in one."""
        if broken is not None:
            self._reached = self._reached or broken.reached
            if not self._reached:
                raise broken.error  # no network: said at once, not after five tries
            if broken.wait_s > LONGEST_WAIT_S:
                raise broken.error
        if tries >= self._tries:
            busy = broken is not None and isinstance(broken.error, HubBusy)
            error = broken.error if broken is not None and busy else HubBroke(host=self._remote.host)
            raise error
        asked = broken.wait_s if broken is not None else 0.0
        if self._wait(max(asked, min(0.25 * 2**tries, 8.0))):
            raise Cancelled

    def _stream(self, file: BinaryIO, at: int) -> None:
        """Append what the server sends. Raises Transient, CoreError, OSError."""
        with self._remote.opened(self._file, at) as answer:
            self._reached = True
            at = self._start(answer, at)
            file.seek(at)
            file.truncate()
            for piece in answer.pieces():
                if self._wait(0):
                    raise Cancelled
                # of a file that is longer than it should be, the checksum says whose word counts
                wanted = piece[: self._part.size_bytes - at]
                _write(file, wanted)
                at += len(wanted)
                self._sync(file, len(wanted))
                self._tell(at)
                if len(wanted) < len(piece):
                    return

    def _start(self, answer: Answer, at: int) -> int:
        """Where the answer's bytes begin. Raises HubStrange when its lengths are not those that the hub told.

        What came before is kept then: that the server is wrong now says nothing of it.
        """
        size = self._part.size_bytes
        if answer.status == 206:
            found = _RANGE.fullmatch(answer.range)
            fits = found is not None and int(found[1]) == at and found[3] in ("*", str(size))
        else:
            fits = answer.status == 200
            at = 0  # all of it once more, from a server that knows no ranges
        if not fits or answer.length not in ("", str(size - at)):
            told = f"{answer.status}, range {answer.range!r}, length {answer.length!r}"
            raise HubStrange(f"{told} for {at} to {size} of {self._part.name}", host=self._remote.host)
        return at

    def _at(self, file: BinaryIO) -> int:
        at = file.seek(0, os.SEEK_END)
        if at > self._part.size_bytes:  # nothing that we wrote
            file.truncate(0)
            return 0
        return at

    def _sync(self, file: BinaryIO, count: int) -> None:
        """Now and then onto the disk itself: a power cut loses little."""
        self._unsynced += count
        if self._unsynced >= SYNC_BYTES:
            self._unsynced = 0
            os.fsync(file.fileno())

    # ── comparing ──

    def _checked(self) -> str:
        """Read all of it from the disk and compare. The file is deleted where it differs."""
        sha256 = hashlib.sha256()
        # Git's own name of a small file: https://git-scm.com/book/en/v2/Git-Internals-Git-Objects
        git = hashlib.sha1(b"blob %d\0" % self._part.size_bytes, usedforsecurity=False)
        done = 0
        self._tell(0, checking=True, now=True)
        try:
            with self._path.open("rb") as file:
                while block := file.read(BLOCK_BYTES):
                    if self._wait(0):
                        raise Cancelled
                    sha256.update(block)
                    if not self._part.sha256:
                        git.update(block)
                    done += len(block)
                    self._tell(done, checking=True)
        except OSError as error:
            raise self._not_written(error) from error
        found, expected = sha256.hexdigest(), self._part.sha256
        if not expected:
            found_git = git.hexdigest()
            if found_git != self._part.git_sha1:
                raise self._damaged(f"blob {found_git}, not {self._part.git_sha1}")
        elif found != expected:
            raise self._damaged(f"SHA-256 {found}, not {expected}")
        return found

    def _tell(self, done: int, *, checking: bool = False, now: bool = False) -> None:
        moment = time.monotonic()
        if now or moment - self._told_at >= TELL_S:
            self._told_at = moment
            self._emit(Fetching(done, checking))

    def _damaged(self, why: str) -> DownloadDamaged:
        """The error, after what came was discarded."""
        self._path.unlink(missing_ok=True)
        return DownloadDamaged(why, file=self._part.name, host=self._remote.host)

    def _not_written(self, error: OSError) -> NoRoomForModel | DownloadNotWritten:
        folder = str(self._path.parent)
        if error.errno in (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)):
            return NoRoomForModel(
                str(error),
                path=self._part.name,
                folder=folder,
                needed_bytes=self._part.size_bytes - _size(self._path),
                free_bytes=shutil.disk_usage(folder).free,
            )
        return DownloadNotWritten(str(error), file=self._part.name, folder=folder)


def _write(file: BinaryIO, data: bytes) -> None:
    """All of it: an unbuffered file may take less, as where the disk is nearly full."""
    left = memoryview(data)
    while left:
        left = left[file.write(left) :]


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _opened(path: Path) -> BinaryIO:
    """For appending, readable by its user alone. A link in its place is not followed."""
    flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
    return os.fdopen(os.open(path, flags, 0o600), "r+b", buffering=0)
