"""The trainer's process: `python -m engine.train.worker --channel N`. One request at a time, at low priority.

Settles how BLAS works before NumPy is brought in. A thread hears what comes meanwhile, so that a cancel is
obeyed between two steps. It leaves with its parent, and what was learnt up to the last checkpoint lies on
the disk.
"""

import contextlib
import faulthandler
import logging
import os
import signal
import sys
import threading
from collections.abc import MutableMapping
from multiprocessing.connection import Connection
from queue import SimpleQueue
from typing import Any, Final

import msgspec

from engine.errors import EngineError, ErrorInfo, NoMemory
from engine.quiet_logs import log_to_stderr
from engine.train.protocol import (
    PROTOCOL,
    Cancel,
    Failed,
    Happened,
    LookAround,
    LookInside,
    Ready,
    Shutdown,
    TrainerEvent,
    TrainerEventFrame,
    TrainerRequestFrame,
    Work,
)
from engine.worker import CHANNEL_OPTION, WindowGone, open_channel, option

NICENESS: Final = 10  # the person's other programs go first
LEAVE_S: Final = 10.0  # for the step that is under way, and its checkpoint

log = logging.getLogger("engine.train.worker")


def settle_blas(environment: MutableMapping[str, str]) -> None:
    """One thread of BLAS for each of ours, and the kernels of this very processor.

    NumPy's BLAS reads these once, when it is loaded. A core type that something else on the machine asked
    for would hold: OpenBLAS knows better which one this is.
    """
    environment["OPENBLAS_NUM_THREADS"] = environment["MKL_NUM_THREADS"] = "1"
    environment.pop("OPENBLAS_CORETYPE", None)


class Worker:
    """Serves one pipe."""

    def __init__(self, channel: Connection) -> None:
        self._channel = channel
        self._queue: SimpleQueue[tuple[int, Work] | None] = SimpleQueue()
        self._stops: dict[int, threading.Event] = {}
        self._sending = threading.Lock()
        self._left = threading.Event()
        self._looker: Any = None  # made with the first look: it brings NumPy in

    def serve(self) -> None:
        """Until the pipe closes or a Shutdown comes."""
        self._send(0, Ready(PROTOCOL, os.getpid()))
        threading.Thread(target=self._hear, name="reader", daemon=True).start()
        try:
            while (waiting := self._queue.get()) is not None:
                number, body = waiting
                self._send(number, self._served(number, body))
                del self._stops[number]
        except WindowGone:
            log.info("nobody listens any more")
        finally:
            self._left.set()

    def _hear(self) -> None:
        decoder = msgspec.msgpack.Decoder(TrainerRequestFrame)
        while True:
            try:
                frame = decoder.decode(self._channel.recv_bytes())
            except (EOFError, OSError):
                break
            match frame.body:
                case Cancel(target):
                    if target in self._stops:
                        self._stops[target].set()
                case Shutdown():
                    break
                case body:
                    self._stops[frame.id] = threading.Event()
                    self._queue.put((frame.id, body))
        for stop in list(self._stops.values()):
            stop.set()
        self._queue.put(None)
        if not self._left.wait(LEAVE_S):
            os._exit(0)

    def _served(self, number: int, body: Work) -> TrainerEvent:
        from engine.train.looking import Looker
        from engine.train.serving import look, parts_for, serve

        try:
            if isinstance(body, LookInside | LookAround):
                self._looker = self._looker or Looker(parts_for("auto"))  # the next look finds the model open
                return look(body, self._looker)
            return serve(body, lambda event: self._send(number, Happened(event)), self._stops[number].is_set)
        except EngineError as error:
            return Failed(error.info())
        except WindowGone:
            raise
        except MemoryError:
            log.exception("no memory")
            return Failed(NoMemory().info())
        except Exception as error:  # the edge of the process: log, report, serve the next request
            log.exception("request %s failed", number)
            return Failed(ErrorInfo(EngineError.code, {}, f"{type(error).__name__}: {error}"))

    def _send(self, number: int, event: TrainerEvent) -> None:
        data = msgspec.msgpack.encode(TrainerEventFrame(number, event))
        try:
            with self._sending:
                self._channel.send_bytes(data)
        except OSError as error:
            raise WindowGone from error


def main(arguments: list[str]) -> None:
    """Serve the pipe whose number stands after `--channel`."""
    faulthandler.enable()
    log_to_stderr(logging.INFO)
    # a Ctrl+C in a terminal reaches every process; what it means is the parent's to say
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    settle_blas(os.environ)
    with contextlib.suppress(OSError, AttributeError):  # Windows has no niceness
        os.nice(NICENESS)
    Worker(open_channel(int(option(arguments, CHANNEL_OPTION)))).serve()


if __name__ == "__main__":
    main(sys.argv[1:])
