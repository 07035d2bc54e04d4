"""Which version of its files a model is: told from outside, without opening one."""

import os
from pathlib import Path

from desktop.core.models.splits import split_of

# of each file: its name, size, time of change and number on its disk; nothing but the name where it is gone
Identity = tuple[tuple[str, int, int, int], ...]


def identity_of(path: str) -> Identity:
    """All files of the model at `path`, as they are now. Equal while none was written to or replaced."""
    return tuple(_one(part) for part in split_of(Path(path)).parts.values())


def is_gone(files: Identity) -> bool:
    """Whether one of the files was missing."""
    return any(number == 0 for _name, _size, _changed, number in files)


def _one(path: Path) -> tuple[str, int, int, int]:
    try:
        found = os.stat(path)  # noqa: PTH116 (a link may lead to another file tomorrow)
    except (OSError, ValueError):
        return str(path), 0, 0, 0
    return str(path), found.st_size, found.st_mtime_ns, found.st_ino or 1
