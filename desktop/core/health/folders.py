"""Whether the folders are the person's alone, and have room. Mends modes; reads no content."""

import os
import shutil
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

from desktop.core.places import Places
from desktop.core.types.health import Finding, State

LOW_BYTES = 2_000_000_000  # a model and its memory want more than this
SCARCE_BYTES = 50_000_000  # below it nothing is sure to be saved
_OTHERS = 0o077
_SHARED = ("models",)  # of all programs and data folders: its files hold nothing of the person's


def look_at_disk(places: Places) -> Iterator[Finding]:
    """Room where chats and where models lie; one finding where that is one disk."""
    seen: set[int] = set()
    for folder in (places.data, places.models):
        try:
            there = _existing(folder)
            device = there.stat().st_dev
            free_bytes = shutil.disk_usage(there).free
        except OSError:
            continue
        if device in seen:
            continue
        seen.add(device)
        params: dict[str, str | int | float] = {"free_bytes": free_bytes, "path": str(folder)}
        if free_bytes < SCARCE_BYTES:
            yield Finding("disk", "disk_full", "trouble", params)
        else:
            low = free_bytes < LOW_BYTES
            yield Finding("disk", "disk_low" if low else "disk_room", "notice" if low else "fine", params)


def look_at_permissions(places: Places, *, repair: bool) -> Iterator[Finding]:
    """Whether others may read what the data folder holds, and whether we may write it."""
    if not os.access(places.data, os.R_OK | os.W_OK | os.X_OK):
        yield Finding("permissions", "data_unwritable", "trouble", {"path": str(places.data)})
        return
    if sys.platform == "win32":  # the folder of a user's own data is theirs alone there
        yield Finding("permissions", "private")
        return
    foreign, open_ones = [], []
    for path in _everything(places.data):
        try:
            status = path.lstat()
        except OSError:
            continue
        if status.st_uid != os.getuid():
            foreign.append(path)
        elif not stat.S_ISLNK(status.st_mode) and status.st_mode & _OTHERS:
            open_ones.append(path)
    if foreign:
        yield Finding("permissions", "foreign_files", "trouble", {"count": len(foreign)})
    if not open_ones:
        yield Finding("permissions", "private")
        return
    left = [path for path in open_ones if not (repair and _close(path))]
    state: State = "repairable" if left else "repaired"
    yield Finding("permissions", "open_files", "trouble", {"count": len(open_ones)}, state=state)


def _everything(data: Path) -> Iterator[Path]:
    """The folder and what is in it; not the models, which all programs share."""
    yield data
    for folder, folders, files in os.walk(data):
        if Path(folder) == data:
            folders[:] = [name for name in folders if name not in _SHARED]
        for name in (*folders, *files):
            yield Path(folder) / name


def _close(path: Path) -> bool:
    try:
        path.chmod(stat.S_IMODE(path.lstat().st_mode) & ~_OTHERS)
    except OSError:
        return False
    return True


def _existing(folder: Path) -> Path:
    """The folder, or the nearest one above it that is there."""
    while not folder.exists() and folder.parent != folder:
        folder = folder.parent
    return folder
