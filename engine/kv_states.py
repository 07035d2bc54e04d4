"""KV states of chats in files, so that yesterday's chat needs no reading anew. Knows no llama.cpp.

One file per chat, named by the core, in a folder of their own. llama.cpp trusts the bytes of a state, so
none reaches it that was not checked here: the file is read whole, its digest compared, and its key must name
the very model, window and library in use. What is refused is logged, deleted and evaluated anew. A state is
copied at once and written by a thread of its own, so that the next chat does not wait for the disk.
"""

import contextlib
import ctypes
import hashlib
import logging
import os
import struct
import threading
from array import array
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, BinaryIO, Final, Protocol

MAGIC: Final = b"SMKV0001"
SUFFIX: Final = ".kv"
DRAFT: Final = ".new"
HEAD: Final = struct.Struct("<32sIIQ")  # digest of all that follows it, then sizes: key, tokens, state
LEAST_TOKENS: Final = 64  # fewer are read anew in no time
MOST_KEY_BYTES: Final = 1 << 16
BLOCK_BYTES: Final = 1 << 24

log = logging.getLogger("engine.kv_states")

State = ctypes.Array[ctypes.c_char]


class Cache(Protocol):
    """What holds a chat's tokens and can pack them into bytes."""

    @property
    def held(self) -> list[int]: ...

    def state(self) -> State | None: ...

    def restore(self, tokens: Sequence[int], state: State) -> bool: ...


class Refused(Exception):
    """A file that holds no state for this model. Says why, for the log."""


class ChatStates:
    """Whose chat the cache holds, and the files of the others. For one thread."""

    def __init__(self, cache: Cache, key: Callable[[], str]) -> None:
        """`key` names all that a state depends on, as it is now."""
        self._cache = cache
        self._key = key
        self._file: Path | None = None
        self._limit_bytes = 0
        self._changed = False
        self._writing: threading.Thread | None = None

    def switch(self, file: str, limit_bytes: int, prepare: Callable[[], None] = lambda: None) -> None:
        """From now on the cache is that of the chat whose state belongs into `file`; "": of none to be kept.

        The chat before is saved, if it is worth it; all files of the folder together stay within the limit.
        `prepare` is called when it has left and the next one has not come: its state may have another key.
        """
        path = Path(file) if file and limit_bytes > 0 else None
        self._limit_bytes = limit_bytes
        if path == self._file:
            return
        self.leave()
        self._file = path
        prepare()
        if path is not None:
            self._enter(path)

    def written(self) -> None:
        """The cache holds something new of the present chat."""
        self._changed = True

    def forget(self, file: str) -> None:
        """Delete a state; if it is the present chat's, it will not be saved again either."""
        self.wait()
        path = Path(file)
        if path == self._file:
            self._file, self._changed = None, False
        delete(path)

    def leave(self) -> None:
        """Save what the cache holds, if that is new. The file is written meanwhile; see `wait`."""
        path, changed = self._file, self._changed
        self._file, self._changed = None, False
        tokens = list(self._cache.held)
        if path is None or not changed or len(tokens) < LEAST_TOKENS:
            return
        state = self._cache.state()
        if state is None:
            return
        self.wait()
        arguments = (path, self._key(), tokens, state, self._limit_bytes)
        self._writing = threading.Thread(target=_save, args=arguments, name="kv-state")
        self._writing.start()

    def wait(self) -> None:
        """Until nothing is being written."""
        if self._writing is not None:
            self._writing.join()
            self._writing = None

    def _enter(self, path: Path) -> None:
        self.wait()
        if not path.is_file():  # nothing; or a pipe, which would keep the engine waiting
            return
        try:
            if self._cache.restore(*read(path, self._key())):
                os.utime(path)  # the least recently used go first
                return
            log.warning("llama.cpp does not take the KV state %s", path.name)
        except (Refused, OSError, MemoryError) as error:
            log.warning("the KV state %s is not used: %s", path.name, error)
        delete(path)


def read(path: Path, key: str) -> tuple[list[int], State]:
    """The tokens and the state in `path`. Raises Refused, OSError, MemoryError."""
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        start = file.read(len(MAGIC) + HEAD.size)
        if len(start) < len(MAGIC) + HEAD.size or not start.startswith(MAGIC):
            raise Refused("it is no KV state")
        digest, key_bytes, count, state_bytes = HEAD.unpack_from(start, len(MAGIC))
        if size != len(start) + key_bytes + 4 * count + state_bytes or key_bytes > MOST_KEY_BYTES:
            raise Refused("it is cut short, or too long")
        made_for = file.read(key_bytes)
        if made_for != key.encode():
            raise Refused("it was made for another model or other settings")
        tokens = array("i", file.read(4 * count))
        state = ctypes.create_string_buffer(state_bytes)
        _fill(file, state)
    if _digest(start[len(MAGIC) + len(digest) :], made_for, tokens, state) != digest:
        raise Refused("its bytes are not those that were written")
    return tokens.tolist(), state


def write(path: Path, key: str, tokens: Sequence[int], state: State) -> None:
    """All of it or nothing. Raises OSError."""
    made_for, numbers = key.encode(), array("i", tokens)
    sizes = HEAD.pack(b"", len(made_for), len(numbers), ctypes.sizeof(state))[32:]
    digest = _digest(sizes, made_for, numbers, state)
    draft = path.with_name(path.name + DRAFT)
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(MAGIC + digest + sizes + made_for)
            file.write(numbers.tobytes())
            file.write(memoryview(state))
        # not synced: a state that a power cut spoils is found out by its digest
        draft.replace(path)
    except OSError:
        delete(draft)
        raise


def make_room(path: Path, needed_bytes: int, limit_bytes: int) -> bool:
    """Delete what was not used for longest, until `path` may take so much. False: it may not."""
    if needed_bytes > limit_bytes:
        return False
    others = [file for file in path.parent.iterdir() if file.suffix in (SUFFIX, DRAFT) and file != path]
    aged = sorted((status.st_mtime, status.st_size, file) for file, status in _statuses(others))
    left = sum(size for _, size, _ in aged)
    for _, size, file in aged:
        if left + needed_bytes <= limit_bytes:
            break
        delete(file)
        left -= size
    return True


def delete(path: Path) -> None:
    with contextlib.suppress(OSError):
        path.unlink(missing_ok=True)


def _save(path: Path, key: str, tokens: Sequence[int], state: State, limit_bytes: int) -> None:
    try:
        if make_room(path, ctypes.sizeof(state) + 4 * len(tokens) + MOST_KEY_BYTES, limit_bytes):
            write(path, key, tokens, state)
        else:
            delete(path)  # what an earlier, shorter state says is still true, but the space is not there
    except OSError as error:
        log.warning("the KV state %s is not saved: %s", path.name, error)


def _statuses(files: Sequence[Path]) -> list[tuple[Path, os.stat_result]]:
    found = []
    for file in files:
        with contextlib.suppress(OSError):
            found.append((file, file.stat()))
    return found


def _fill(file: BinaryIO, buffer: State) -> None:
    view = memoryview(buffer).cast("B")
    at = 0
    while at < len(view):
        count = file.readinto(view[at : at + BLOCK_BYTES])  # type: ignore[attr-defined]
        if not count:
            raise Refused("it is cut short")
        at += count


def _digest(sizes: bytes, key: bytes, tokens: "array[int]", state: State) -> bytes:
    digest = hashlib.sha256(sizes)
    parts: tuple[Any, ...] = (key, tokens, memoryview(state).cast("B"))
    for part in parts:
        digest.update(part)
    return digest.digest()
