"""The header of a file that still lies at the hub: its first megabytes, fetched until they suffice."""

import tempfile
from pathlib import Path

from desktop.core.errors import Cancelled
from desktop.core.hub.fetching import Wait
from desktop.core.hub.protocol import FileAt
from desktop.core.hub.remote import Remote
from engine import gguf_header
from engine.errors import ModelFileError, ModelTruncated
from engine.gguf_header import ModelHeader

# most headers are vocabularies of two to nine megabytes
STEPS_BYTES = (1 << 20, 4 << 20, 8 << 20, 16 << 20, 32 << 20)


def header_of(remote: Remote, file: FileAt, wait: Wait) -> ModelHeader | None:
    """None: it is no header, or a longer one than is worth a look. Raises CoreError, Transient, OSError."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "header.gguf"
        got = 0
        for step in STEPS_BYTES:
            end = min(step, file.part.size_bytes)
            if end <= got:
                return None
            got = _extend(remote, file, path, got, end, wait)
            if got < end:
                return None
            try:
                return _parsed(path, file.part.size_bytes)
            except ModelTruncated:
                continue
            except ModelFileError:
                return None
    return None


def _parsed(path: Path, size_bytes: int) -> ModelHeader:
    """Raises ModelTruncated while the header goes on beyond what is there, and ModelFileError."""
    try:
        return gguf_header.inspect(path)
    except ModelTruncated as short:
        if "missing_bytes" not in short.params:
            raise
    # the header is whole, its weights are not: they are holes of the file now, and nobody reads them
    with path.open("r+b") as file:
        file.truncate(size_bytes)
    return gguf_header.inspect(path)


def _extend(remote: Remote, file: FileAt, path: Path, start: int, end: int, wait: Wait) -> int:
    """Append the bytes up to `end`; gives how many lie there now."""
    with remote.opened(file, start, end) as answer, path.open("ab") as head:
        if answer.status != (206 if answer.range else 200) or (answer.status == 200 and start):
            return start  # a server without ranges would send all of it each time
        for piece in answer.pieces():
            if wait(0):
                raise Cancelled
            wanted = piece[: end - start]
            head.write(wanted)
            start += len(wanted)
            if start >= end:
                break
    return start
