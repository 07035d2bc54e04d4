"""Small files that are replaced whole, for this user alone, and files that are not to be written at all.

Knows not what stands in them.
"""

import contextlib
import errno
import os
import shutil
from pathlib import Path

from desktop.core.errors import CoreError, DataUnwritable, StorageFull


def write_private(path: Path, data: bytes) -> None:
    """Put `data` into `path`, all or nothing, for this user alone. Raises StorageFull, DataUnwritable."""
    draft = path.with_name(path.name + ".new")
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(descriptor)
        draft.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            draft.unlink(missing_ok=True)
        raise write_error(error, path.parent) from error


def append_private(path: Path, data: bytes) -> None:
    """Add to the end of a file that is this user's alone from its first byte on. Raises OSError."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(descriptor, "ab") as file:
        file.write(data)


def private_folder(path: Path) -> None:
    """Make a folder and those above it that are missing, all for this user alone. Raises OSError."""
    missing = [path]
    while not missing[-1].parent.exists():
        missing.append(missing[-1].parent)
    for folder in reversed(missing):  # `parents=True` would give the ones above the usual rights
        folder.mkdir(mode=0o700, exist_ok=True)


def copy_private(source: Path, target: Path) -> None:
    """Copy a file, or a folder with all that is in it, for this user alone. Raises OSError, shutil.Error."""
    if not source.is_dir():
        _copy_file(str(source), str(target))
        return
    shutil.copytree(source, target, ignore_dangling_symlinks=True, copy_function=_copy_file)
    for folder, _, _ in os.walk(target):
        Path(folder).chmod(0o700)


def _copy_file(source: str, target: str) -> str:
    # private from its first byte on, also where a kill comes in between
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as copy, Path(source).open("rb") as original:
        shutil.copyfileobj(original, copy)
    return target


def leave_no_core_dumps() -> None:
    """Have this process, and those that it starts from now on, write no memory to the disk when they crash:
    chats are in it, temporary ones too."""
    with contextlib.suppress(ImportError, ValueError, OSError):  # there is no such thing on Windows
        import resource

        _, most = resource.getrlimit(resource.RLIMIT_CORE)
        resource.setrlimit(resource.RLIMIT_CORE, (0, most))


def write_error(error: OSError, folder: Path) -> CoreError:
    full = error.errno in (errno.ENOSPC, errno.EDQUOT) if hasattr(errno, "EDQUOT") else False
    return (StorageFull if full else DataUnwritable)(str(error), folder=str(folder))
