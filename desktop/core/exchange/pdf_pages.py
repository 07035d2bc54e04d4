"""Has a page set as PDF by a process of its own, which is killed when nobody wants the page any more."""

import contextlib
import os
import subprocess
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

from desktop.core.errors import Cancelled
from desktop.core.exchange.errors import PdfNotMade
from desktop.core.workers.launches import OFFLINE
from rag.process import entry_point

MODULE: Final = "desktop.pdf_worker"
DETAIL_BYTES: Final = 4_000
WAKE_S: Final = 0.2


def print_pdf(pieces: Iterable[bytes], path: Path, cancelled: Callable[[], bool]) -> None:
    """Raises PdfNotMade, Cancelled, and what `pieces` raises."""
    try:
        process = subprocess.Popen(
            [*entry_point(MODULE), str(path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            env={**os.environ, **OFFLINE},
        )
    except OSError as error:
        raise PdfNotMade(str(error), path=str(path)) from error
    said: list[bytes] = []
    listener = threading.Thread(target=_listen, args=(process, said), name="pdf-said", daemon=True)
    listener.start()
    try:
        _send(process, pieces)
        while process.poll() is None:
            if cancelled():
                raise Cancelled
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(WAKE_S)
        listener.join(WAKE_S)
        if process.returncode != 0 or not path.stat().st_size:
            detail = b"".join(said)[-DETAIL_BYTES:].decode("utf-8", "replace")
            raise PdfNotMade(detail or f"exit code {process.returncode}", path=str(path))
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
        for stream in (process.stdin, process.stderr):
            with contextlib.suppress(OSError):
                if stream is not None:
                    stream.close()


def _send(process: "subprocess.Popen[bytes]", pieces: Iterable[bytes]) -> None:
    """A process that dies while it listens says why with its exit code."""
    assert process.stdin is not None  # noqa: S101  it was opened as a pipe
    for piece in pieces:
        try:
            process.stdin.write(piece)
        except OSError:
            return
    with contextlib.suppress(OSError):
        process.stdin.close()


def _listen(process: "subprocess.Popen[bytes]", said: list[bytes]) -> None:
    with contextlib.suppress(OSError, ValueError):
        for line in process.stderr or ():
            said.append(line)
            del said[:-40]
