"""llama.cpp as a library: initialized once, its log kept, its devices listed. Loads no model."""

import ctypes
import sys
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

import msgspec

from engine import runtimes
from engine.devices import Device, host
from engine.llama import modules
from engine.llama.api import api, folder, ggml

LEVEL_DEBUG, LEVEL_WARNING, LEVEL_CONTINUED = 1, 3, 5
CPU, GPU, SHARED_GPU = 0, 1, 2  # ggml_backend_dev_type
KEPT_LINES: Final = 60


class Library:
    """llama.cpp, initialized once in a process. Its log goes to stderr; the last lines are kept."""

    def __init__(self) -> None:
        self._lines: deque[tuple[int, str]] = deque(maxlen=KEPT_LINES)
        self._level = 0
        self._listener: Callable[[str], None] | None = None
        callback = api.llama_log_callback(self._log)
        # native code keeps the pointer as long as the process lives, so the callback may never be freed
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(callback))
        api.llama_log_set(callback, ctypes.c_void_p(0))
        modules.load(folder())
        self.runtime = runtimes.told(folder())
        api.llama_backend_init()

    def _log(self, level: int, text: bytes, _data: object) -> None:
        if level != LEVEL_CONTINUED:
            self._level = level
        if self._level == LEVEL_DEBUG:
            return
        line = text.decode("utf-8", "replace")
        sys.stderr.write(line)
        if self._listener is not None:
            self._listener(line)
        if line.strip(" .\n"):
            self._lines.append((self._level, line.rstrip()))

    @contextmanager
    def heard_by(self, listener: Callable[[str], None]) -> Iterator[None]:
        """Meanwhile each piece of the log goes to `listener` too, lines in several pieces as they come."""
        self._listener = listener
        try:
            yield
        finally:
            self._listener = None

    def forget_log(self) -> None:
        self._lines.clear()

    def last_words(self) -> str:
        """The last warnings and errors since `forget_log`; without any, the last lines."""
        loud = [line for level, line in self._lines if level >= LEVEL_WARNING]
        return "\n".join((loud or [line for _, line in self._lines])[-6:])

    def find_in_log(self, text: str) -> str:
        """The last line with `text` in it, or ""."""
        return next((line for _, line in reversed(self._lines) if text in line), "")

    def devices(self) -> tuple[Device, ...]:
        """The machine's devices as ggml knows them, such as CPU or Vulkan0, with their free memory now."""
        found = (_device(pointer) for pointer in _pointers())
        return tuple(device for device in found if device is not None)

    def device_list(self, names: Sequence[str]) -> Any:
        """These devices as llama.cpp takes them: an array of pointers that ends with none.

        It must live as long as the call that it is handed to.
        """
        known = {_text("name", pointer): pointer for pointer in _pointers()}
        pointers = [known[name] for name in names]
        return (ctypes.c_void_p * (len(pointers) + 1))(*pointers, None)


def _pointers() -> list[int]:
    count, get = ggml("ggml_backend_dev_count"), ggml("ggml_backend_dev_get")
    count.restype, get.restype, get.argtypes = ctypes.c_size_t, ctypes.c_void_p, [ctypes.c_size_t]
    return [get(number) for number in range(count())]


def _text(what: str, pointer: int) -> str:
    """The "name" or the "description" of a device."""
    ask = ggml(f"ggml_backend_dev_{what}")
    ask.restype, ask.argtypes = ctypes.c_char_p, [ctypes.c_void_p]
    return (ask(pointer) or b"").decode("utf-8", "replace")


def _device(pointer: int) -> Device | None:
    """A device of ggml as a value; None for one without memory of its own, such as a BLAS library."""
    kind, memory = ggml("ggml_backend_dev_type"), ggml("ggml_backend_dev_memory")
    size = ctypes.POINTER(ctypes.c_size_t)
    kind.restype, memory.restype = ctypes.c_int, None
    kind.argtypes, memory.argtypes = [ctypes.c_void_p], [ctypes.c_void_p, size, size]
    found, label, description = kind(pointer), _text("name", pointer), _text("description", pointer)
    if found == CPU:
        return msgspec.structs.replace(host(), name=label, description=description)
    if found not in (GPU, SHARED_GPU):
        return None
    free, total = ctypes.c_size_t(), ctypes.c_size_t()
    memory(pointer, ctypes.byref(free), ctypes.byref(total))
    return Device(label, "gpu" if found == GPU else "igpu", free.value, total.value, description)
