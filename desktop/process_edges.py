"""Where the window's process meets the system: its log, its crash file, memory, and signals that end it."""

import ctypes
import logging
import os
import signal
import socket
import sys
from collections.abc import Callable
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import FrameType

from PySide6.QtCore import QObject, QSocketNotifier, QtMsgType, qInstallMessageHandler

from desktop.core.errors import CoreError
from desktop.core.places import Places
from desktop.last_run import Run
from rag.quiet_logs import QuietFormatter

LOG_BYTES = 1_000_000
LOG_FILE = "window.log"
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD, M_ARENA_MAX = -1, -3, -8  # of glibc's malloc.h
RETURNED_BYTES = 256 * 1024

qt_log = logging.getLogger("qt")


def keep_log(places: Places) -> Run | Exception:
    """Log to a private file of the data folder, and note that this run has begun. Gives why not, where that
    cannot be."""
    try:
        places.create()
        handler = _PrivateLog(places.logs_dir / LOG_FILE, maxBytes=LOG_BYTES, backupCount=1, encoding="utf-8")
        run = Run(places.logs_dir)
    except (CoreError, OSError) as error:
        return error
    handler.setFormatter(QuietFormatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.getLogger().addHandler(handler)
    logging.getLogger().setLevel(logging.INFO)
    qInstallMessageHandler(_take_qt_message)
    return run


def return_memory() -> bool:
    """Have large pieces of memory go back to the system as soon as they are free, where the C library is
    glibc. True where it is. To be called before there are other threads.

    By itself it has a heap for each thread, and keeps in each what was once needed at the same time: after
    1,000 turns of a chat 10 MB more than is in use.
    """
    if not sys.platform.startswith("linux"):
        return False
    try:
        set_option = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):  # another C library
        return False
    taken = set_option(M_ARENA_MAX, 2)
    taken &= set_option(M_MMAP_THRESHOLD, RETURNED_BYTES)
    taken &= set_option(M_TRIM_THRESHOLD, RETURNED_BYTES)
    return bool(taken)


def give_back() -> bool:
    """Have whole pages that lie free between others go back to the system, where the C library is glibc. True
    where there were any. A few milliseconds, on a thread that nobody waits for.

    A long chat is read anew for each plan; what lay beside its texts stays, and the holes between with it.
    """
    if not sys.platform.startswith("linux"):
        return False
    try:
        return bool(ctypes.CDLL(None).malloc_trim(0))
    except (OSError, AttributeError):
        return False


class _PrivateLog(RotatingFileHandler):
    """Only its owner may read it."""

    def _open(self) -> "object":  # type: ignore[override]  # the parent promises its own wrapper type
        file = Path(self.baseFilename)
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        return os.fdopen(descriptor, "a", encoding=self.encoding)


def _take_qt_message(kind: QtMsgType, context: object, message: str) -> None:  # noqa: ARG001
    levels = {
        QtMsgType.QtDebugMsg: logging.DEBUG,
        QtMsgType.QtInfoMsg: logging.INFO,
        QtMsgType.QtWarningMsg: logging.WARNING,
    }
    qt_log.log(levels.get(kind, logging.ERROR), "%s", message)


class Signals(QObject):
    """SIGINT and SIGTERM close the window in order; a second one ends the process as usual.

    Python runs its handlers only between two of its own instructions, and Qt's loop may run none for
    hours: the interpreter's wake-up descriptor tells Qt (signal.set_wakeup_fd).
    """

    KINDS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))

    def __init__(self, close: Callable[[], None]) -> None:
        super().__init__()
        self._close = close
        self._ours, self._theirs = socket.socketpair()
        self._theirs.setblocking(False)
        self._notifier = QSocketNotifier(self._ours.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._woken)

    def __enter__(self) -> None:
        self._fd = signal.set_wakeup_fd(self._theirs.fileno(), warn_on_full_buffer=False)
        self._before = [(kind, signal.signal(kind, _nothing)) for kind in self.KINDS]

    def __exit__(self, *_: object) -> None:
        self._restore()
        signal.set_wakeup_fd(self._fd)
        self._notifier.setEnabled(False)
        self._ours.close()
        self._theirs.close()

    def _restore(self) -> None:
        for kind, before in self._before:
            signal.signal(kind, before)
        self._before = []

    def _woken(self) -> None:
        self._ours.recv(64)
        self._restore()
        self._close()


def _nothing(number: int, frame: FrameType | None) -> None:
    """The wake-up descriptor does the work."""
