"""Drafts in the models folder: what is written appears under its own name in one step, or not at all.

A draft's hidden name holds the number of the process that writes it, so that the next start can take away
what a killed one left. Writes nothing itself.
"""

import contextlib
import os
import re
import secrets
import shutil
from pathlib import Path

from desktop.core.models.walking import entries

# left free for everything else on the disk
MARGIN_BYTES = 64 << 20
_DRAFT = re.compile(r"\.(?P<pid>\d+)-[0-9a-f]{8}\.importing")


def draft_in(folder: Path) -> Path:
    """A path for a draft of this process. Makes the folder where there is none; raises OSError."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder / f".{os.getpid()}-{secrets.token_hex(4)}.importing"


def placed(draft: Path, folder: Path, base: str, suffix: str) -> Path:
    """Give the draft its name, numbered where another file has it already. Never replaces anything."""
    number = 1
    while True:
        wanted = folder / (f"{base}{suffix}" if number == 1 else f"{base}-{number}{suffix}")
        number += 1
        if os.path.lexists(wanted):
            continue
        try:
            if draft.is_dir():
                draft.rename(wanted)  # fails on a folder with something in it
                return wanted
            os.link(draft, wanted)  # unlike the rename of a file, it fails when somebody was faster
        except FileExistsError:
            continue
        except OSError:  # a file system without links
            if draft.is_dir():
                raise
            draft.rename(wanted)
            return wanted
        draft.unlink()
        return wanted


def sweep(folder: Path) -> None:
    """Take away what a killed process left. Drafts of programs that still run stay."""
    for entry in entries(folder):
        found = _DRAFT.fullmatch(entry.name)
        if found and not _runs(int(found["pid"])):
            discard(Path(entry.path))


def discard(draft: Path) -> None:
    """Delete a draft, a file or a folder, as far as the system lets us."""
    if draft.is_dir():
        shutil.rmtree(draft, ignore_errors=True)
    else:
        with contextlib.suppress(OSError):
            draft.unlink()


def free_bytes(folder: Path) -> int:
    return shutil.disk_usage(folder).free


def _runs(pid: int) -> bool:
    import psutil  # only where a draft lies: the program starts without it

    return bool(psutil.pid_exists(pid))
