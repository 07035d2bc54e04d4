"""The parts of llama.cpp that serve one kind of device each, loaded by path. Chooses no runtime.

Where llama.cpp was built with its devices as modules, it knows none until they are loaded. Its own search
would look beside the program and in the working directory, where anybody may have put a file; so it is
never asked to search.
"""

import ctypes
import logging
import os
import sys
from pathlib import Path
from typing import Final

from engine import runtimes
from engine.errors import RuntimeUnusable
from engine.llama.api import ggml

PREFIX: Final = "ggml-" if sys.platform == "win32" else "libggml-"
SUFFIX: Final = ".dll" if sys.platform == "win32" else ".so"
CPU: Final = "cpu"
BASE: Final = "base"  # what all of them stand on

log = logging.getLogger(__name__)


def load(folder: Path) -> None:
    """Load every module that lies in `folder`; of those for the CPU the one that suits it best.

    Does nothing where llama.cpp has its devices built in. Raises RuntimeUnusable.
    """
    if _count():
        return
    processors: list[Path] = []
    others: list[Path] = []
    listed = runtimes.files(folder)
    for file in sorted(folder.glob(f"{PREFIX}*{SUFFIX}")):
        if listed is not None and file.name not in listed:
            continue
        kind = file.name.removeprefix(PREFIX).removesuffix(SUFFIX).partition("-")[0]
        if kind != BASE:
            (processors if kind == CPU else others).append(file)
    # in llama.cpp's order: it prefers devices that it hears of first
    for file in others:
        if not _load(file):
            # as Vulkan's on a machine without any driver: there is no such device, and nothing is broken
            log.info("%s finds no driver", file.name)
    best = max(processors, key=_score, default=None)
    if best is None or not _score(best):
        raise RuntimeUnusable("no module for this processor", folder=str(folder))
    if not _load(best):
        raise RuntimeUnusable(f"{best.name} was refused", folder=str(folder))


def _count() -> int:
    count = ggml("ggml_backend_reg_count")
    count.restype = ctypes.c_size_t
    return int(count())


def _score(file: Path) -> int:
    """How well a module suits this processor; 0: not at all."""
    library = _opened(file)
    try:
        score = library.ggml_backend_score
    except AttributeError:
        return 1  # the only one there is was built for any
    score.restype = ctypes.c_int
    return int(score())


def _load(file: Path) -> bool:
    """Whether llama.cpp takes the module. Raises RuntimeUnusable for a file that cannot be opened."""
    _opened(file)  # llama.cpp does not say why a file could not be opened
    load = ggml("ggml_backend_load")
    load.restype, load.argtypes = ctypes.c_void_p, [ctypes.c_char_p]
    return bool(load(os.fsencode(file)))


def _opened(file: Path) -> ctypes.CDLL:
    try:
        return ctypes.CDLL(str(file))
    except OSError as error:
        raise RuntimeUnusable(str(error), folder=str(file.parent)) from error
