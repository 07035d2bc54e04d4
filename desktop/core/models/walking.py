"""Find GGUF files below a folder. Opens no file; a folder that cannot be read is passed over."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

from desktop.core.errors import Cancelled

SUFFIX = ".gguf"
# half a download of GPT4All; the picture half of a model, which cannot answer by itself
UNWANTED_PREFIXES = (".", "incomplete-", "mmproj")

Cancel = Callable[[], bool]


def gguf_files(folder: Path, depth: int, cancelled: Cancel, without: str = "") -> Iterator[Path]:
    """GGUF files in `folder` and down to `depth` folders below it, links to files and folders followed.

    `without` is the name of folders to leave out. The depth bounds links that lead in circles. Raises
    Cancelled.
    """
    if cancelled():
        raise Cancelled
    below = []
    for entry in entries(folder):
        if entry.name.startswith(UNWANTED_PREFIXES):
            continue
        try:
            if entry.is_dir():
                below.append(entry)
            elif entry.name.lower().endswith(SUFFIX) and entry.is_file():
                yield Path(entry.path)
        except OSError:  # a link that leads to itself
            continue
    if depth > 0:
        for entry in below:
            if entry.name != without:
                yield from gguf_files(Path(entry.path), depth - 1, cancelled, without)


def entries(folder: Path) -> list["os.DirEntry[str]"]:
    """What is in a folder, by name; nothing where it is missing or may not be read."""
    try:
        with os.scandir(folder) as found:
            return sorted(found, key=lambda entry: entry.name)
    except (OSError, ValueError):  # ValueError: a zero byte in the name
        return []
