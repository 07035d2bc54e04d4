"""A request's wish to stop. Holds one byte that Python and native code can both look at."""

import ctypes


class StopFlag:
    """Set by the reader thread, looked at by the inference thread and, without the GIL, by llama.cpp."""

    def __init__(self) -> None:
        self._bytes = ctypes.create_string_buffer(8)

    def set(self) -> None:
        self._bytes[0] = b"\x01"

    def __bool__(self) -> bool:
        return self._bytes[0] != b"\x00"

    @property
    def address(self) -> int:
        """Where native code finds the flag as a C string: empty until it is set."""
        return ctypes.addressof(self._bytes)
