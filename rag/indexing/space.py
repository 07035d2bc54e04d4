"""Free space, looked at before writing: a full disk has cost Chroma its vectors."""

import shutil
from pathlib import Path

from rag.errors import DiskFull

LEAST_FREE_BYTES = 32 << 20


def check_space(folder: Path, needed_bytes: int = 0) -> None:
    """Raises DiskFull when less than a margin would stay free in `folder`."""
    try:
        free = shutil.disk_usage(folder).free
    except OSError:
        return  # whoever writes next says what is wrong
    if free < LEAST_FREE_BYTES + needed_bytes:
        raise DiskFull(f"{free} bytes free", folder=str(folder))
