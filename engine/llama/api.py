"""The one door to llama.cpp: the only import of `llama_cpp` in the project.

What stands below `engine/llama` calls the low-level C API through it and hands on plain Python values or
errors of `engine.errors`. Importing it loads the native library: only a worker does so.
"""

from typing import Any

from llama_cpp import llama_cpp as api

__all__ = ["api", "ggml"]


def ggml(name: str) -> Any:
    """A function of ggml that the package does not wrap; the caller gives it its types."""
    return getattr(api._lib, name)  # noqa: SLF001
