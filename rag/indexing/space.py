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


def index_bytes(passages: int, vector_bytes: int) -> int:
    """What so many passages take in Chroma's folder at most: its log, its graph, and rows beside them."""
    return passages * (2 * vector_bytes + 2000)
