"""Files beside the chats' database that hold chats and are no part of it: when they go. Opens none of them.

Halves that a killed program left go at the next start. Damaged files that were set aside stay for a while,
as somebody may want to look into them; but nothing can be taken out of them singly, so that they go whole
as soon as a chat is deleted for good. packaging/decisions/0133 says why.
"""

import contextlib
import os
from pathlib import Path

KEPT_DAYS = 30
KEPT_S = KEPT_DAYS * 86_400.0  # what was set aside or replaced; as long as the trash keeps a chat at first

_HALVES = ("{name}.good.part*", "{name}.version-*.part*", "{name}.rescued.part*")
_DAMAGED = "{name}.damaged-*"


def sweep(path: Path) -> None:
    """What was being written beside the database at `path` when the program was killed. To be done by the
    one process that works in the folder, before it writes there."""
    for pattern in _HALVES:
        _delete(path, pattern)


def set_aside_at(kept: Path) -> None:
    """From now on the damaged file `kept` has its time."""
    with contextlib.suppress(OSError):
        os.utime(kept)


def age_out(path: Path, now: float) -> None:
    """Damaged files that lie beside `path` for long enough. `now`: seconds since the epoch."""
    for kept in _found(path, _DAMAGED):
        with contextlib.suppress(OSError):
            if not kept.name.endswith(("-wal", "-shm")) and kept.stat().st_mtime < now - KEPT_S:
                _delete(path, kept.name + "*")


def give_up(path: Path) -> None:
    """All damaged files beside `path`: a chat that is in them is about to be deleted for good."""
    _delete(path, _DAMAGED)


def _found(path: Path, pattern: str) -> list[Path]:
    return sorted(path.parent.glob(pattern.format(name=path.name)))


def _delete(path: Path, pattern: str) -> None:
    for file in _found(path, pattern):
        with contextlib.suppress(OSError):
            file.unlink(missing_ok=True)
