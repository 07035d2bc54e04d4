"""The one door to llama.cpp: the only import of `llama_cpp` in the project.

What stands below `engine/llama` calls the low-level C API through it and hands on plain Python values or
errors of `engine.errors`. Importing it loads the native library, from the runtime folder that
`engine.native` named before, else from llama-cpp-python's own: only a worker does so.
"""

import ctypes
import functools
import os
from pathlib import Path
from typing import Any

from llama_cpp import llama_cpp as api

__all__ = ["api", "folder", "ggml"]


def ggml(name: str) -> Any:
    """A function of ggml that the package does not wrap; the caller gives it its types."""
    for library in _libraries():
        found = getattr(library, name, None)
        if found is not None:
            return found
    raise AttributeError(name)


def folder() -> Path:
    """Where llama.cpp was loaded from."""
    return Path(api._base_path)  # noqa: SLF001


@functools.cache
def _libraries() -> tuple[Any, ...]:
    """What functions of ggml are looked up in. Windows does not look into what a library needs itself."""
    own = api._lib  # noqa: SLF001
    if os.name != "nt":
        return (own,)
    return (own, *(ctypes.CDLL(str(file)) for file in sorted(folder().glob("ggml*.dll")) if _is_base(file)))


def _is_base(file: Path) -> bool:
    return file.stem in ("ggml", "ggml-base")
