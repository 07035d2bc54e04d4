"""Ways back for caches that cannot be cut: copies of what only their last state knows. Evaluates nothing.

A recurrent layer keeps one state in place of all tokens, a sliding window forgets what it has left. A copy of
that part alone, taken near the end of a prompt, leads back there: to another try, or to a history without the
thoughts of its last reply. The cells of ordinary layers are cut as ever. packaging/decisions/0097.
"""

import ctypes
from typing import Any, Final, NamedTuple

import psutil

from engine.llama.api import api

MOST: Final = 4  # the ends of so many prompts
SHARE: Final = 16  # of the memory that is free: no more than one part in so many for a copy
PARTIAL: Final = api.LLAMA_STATE_SEQ_FLAGS_PARTIAL_ONLY


class Checkpoint(NamedTuple):
    """The cache when it held its first `length` tokens."""

    length: int
    state: ctypes.Array[ctypes.c_char]


class Checkpoints:
    """Those of one sequence, each of a beginning of what it holds, shortest first. For one thread."""

    def __init__(self, pointer: Any, sequence: int) -> None:
        """`pointer`: the llama_context."""
        self._pointer, self._sequence = pointer, sequence
        self._taken: list[Checkpoint] = []

    def take(self, length: int) -> None:
        """Of the cache as it is, which holds `length` tokens. Not where memory is short."""
        size = int(api.llama_state_seq_get_size_ext(self._pointer, self._sequence, PARTIAL))
        if not size or size > psutil.virtual_memory().available // SHARE:
            return
        state = ctypes.create_string_buffer(size)
        arguments = self._pointer, bytes_of(state), size, self._sequence, PARTIAL
        if int(api.llama_state_seq_get_data_ext(*arguments)) == size:
            self.forget_after(length - 1)
            self._taken = [*self._taken, Checkpoint(length, state)][-MOST:]

    def go_back(self, length: int) -> int:
        """Restore the longest one of at most `length` tokens. Gives its length; 0: there is none.

        What other layers hold beyond it is still there, and the caller's to cut.
        """
        self.forget_after(length)
        if not self._taken:
            return 0
        found = self._taken[-1]
        size = ctypes.sizeof(found.state)
        arguments = self._pointer, bytes_of(found.state), size, self._sequence, PARTIAL
        return found.length if int(api.llama_state_seq_set_data_ext(*arguments)) == size else 0

    def forget_after(self, length: int) -> None:
        """The cache holds other tokens from there on."""
        self._taken = [one for one in self._taken if one.length <= length]

    def put_aside(self) -> list[Checkpoint]:
        """Hand them out, for `put_back`, while the cache holds something else."""
        taken, self._taken = self._taken, []
        return taken

    def put_back(self, taken: list[Checkpoint]) -> None:
        self._taken = taken


def bytes_of(buffer: ctypes.Array[ctypes.c_char]) -> Any:
    return ctypes.cast(buffer, ctypes.POINTER(ctypes.c_uint8))
