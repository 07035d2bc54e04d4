"""The engine's process: a pipe, a reader thread, the main thread, which alone does inference, and one that
counts and renders prompts beside it.

`python -m engine.worker --channel N`. Knows frames and a runtime, not llama.cpp; tests run the same
process with a fake runtime. Frames go over the pipe only: stdout and stderr belong to native code.
"""

import contextlib
import faulthandler
import importlib.metadata
import logging
import os
import queue
import signal
import sys
import threading
from collections.abc import Callable, MutableMapping
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Final, assert_never

import msgspec

from engine import native
from engine.errors import Cancelled, EngineError, EngineStartFailed, ErrorInfo, NoMemory
from engine.gathering import Gathering
from engine.protocol import (
    PROTOCOL,
    Cancel,
    CountTokens,
    Done,
    Embed,
    Event,
    EventFrame,
    Failed,
    ForgetChat,
    Generate,
    ListDevices,
    LoadEmbedder,
    LoadModel,
    MeasurePerplexity,
    Quantize,
    Ready,
    Render,
    Request,
    RequestFrame,
    Shutdown,
    Stats,
    SwitchChat,
    Unloaded,
    UnloadModel,
)
from engine.quiet_logs import log_to_stderr
from engine.runtime import Runtime
from engine.runtimes import FOLDER_OPTION, NEEDS_GPU_OPTION
from engine.stop import StopFlag

LEAVE_S: Final = 2.0  # how long a native call may take to notice that the window is gone
CHANNEL_OPTION: Final = "--channel"

log = logging.getLogger("engine.worker")


def main(arguments: list[str]) -> None:
    """Serve the pipe whose number stands after `--channel` until it closes or a Shutdown comes.

    `--runtime FOLDER`: with llama.cpp of that runtime folder. `--needs-gpu`: only when it finds a GPU.
    """
    settle_openmp(os.environ)
    folder = option(arguments, FOLDER_OPTION)
    if not folder:
        run(arguments, runtime_version(), _llama)
        return
    # a driver may crash as soon as it is looked at: before Ready, so that it is known what for
    needs_gpu = NEEDS_GPU_OPTION in arguments
    run(arguments, runtime_version(), lambda: _llama(Path(folder), needs_gpu=needs_gpu), made_first=True)


def run(arguments: list[str], version: str, make: Callable[[], Runtime], *, made_first: bool = False) -> None:
    """A worker process with any runtime. `make` is called after `Ready`, on the main thread.

    With `made_first`, it is called before; where it fails, what it raises is sent in place of `Ready`.
    """
    faulthandler.enable()
    log_to_stderr(logging.INFO)
    # a Ctrl+C in a terminal reaches every process; what it means is the parent's to say
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Worker(open_channel(int(option(arguments, CHANNEL_OPTION))), version, make).serve(made_first=made_first)


def option(arguments: list[str], name: str) -> str:
    """What stands after `name`; "" without it."""
    return arguments[arguments.index(name) + 1] if name in arguments else ""


def settle_openmp(environment: MutableMapping[str, str]) -> None:
    """Choose how llama.cpp's threads wait for each other, unless the user did.

    libgomp reads this once, when it is loaded, so it must stand before llama.cpp is imported. Spinning
    briefly, then sleeping, is as fast as OpenMP's default on a quiet machine and many times as fast on a
    busy one: packaging/decisions/0015.
    """
    if not {"GOMP_SPINCOUNT", "OMP_WAIT_POLICY"} & environment.keys():
        environment["GOMP_SPINCOUNT"] = "200" if _pauses_long() else "1000"


def _pauses_long() -> bool:
    """Whether one turn of libgomp's spinning takes 40 cycles and more.

    So long is PAUSE on every x86 processor that knows CLFLUSHOPT: AMD since Zen, Intel since Skylake.
    """
    try:
        return " clflushopt" in Path("/proc/cpuinfo").read_text(encoding="ascii", errors="replace")
    except OSError:
        return False


def runtime_version() -> str:
    """Which llama.cpp this is, without importing it."""
    try:
        return f"llama-cpp-python {importlib.metadata.version('llama-cpp-python')}"
    except importlib.metadata.PackageNotFoundError:
        return "llama-cpp-python"


def open_channel(handle: int) -> Connection:
    """The child's end of its pipe, from the number after `--channel`."""
    if sys.platform == "win32":
        from multiprocessing.connection import PipeConnection

        return PipeConnection(handle)
    return Connection(handle)


def _llama(folder: Path | None = None, *, needs_gpu: bool = False) -> Runtime:
    name = native.settle(folder)
    from engine.session import LlamaRuntime  # loads the native library

    return LlamaRuntime(name, needs_gpu=needs_gpu)


class WindowGone(Exception):
    """Nobody reads the pipe any more."""


class Worker:
    """Takes frames on one thread, serves them in order on another."""

    def __init__(self, channel: Connection, version: str, make: Callable[[], Runtime]) -> None:
        self._channel = channel
        self._version = version
        self._make = make
        self._runtime: Runtime | None = None
        self._queue: queue.SimpleQueue[RequestFrame | None] = queue.SimpleQueue()
        self._beside: queue.SimpleQueue[RequestFrame | None] = queue.SimpleQueue()
        self._stops: dict[int, StopFlag] = {}  # of requests taken and not yet answered
        self._ahead: dict[int, bool] = {}  # of the main thread's: whether it is a reply
        self._left = threading.Event()
        self._sending = threading.Lock()

    def serve(self, *, made_first: bool = False) -> None:
        """Answer requests until the pipe closes or a Shutdown comes."""
        if made_first:
            try:
                self._need_runtime()
            except EngineError as error:
                self._send(0, Failed(error.info()))
                return
        self._send(0, Ready(PROTOCOL, os.getpid(), self._version))
        threading.Thread(target=self._read, name="reader", daemon=True).start()
        threading.Thread(target=self._count_beside, name="counting", daemon=True).start()
        try:
            self._warm_up()
            while (frame := self._queue.get()) is not None:
                self._answer(frame)
            if self._runtime is not None:
                self._runtime.unload()
        except WindowGone:
            log.info("the window is gone")
        finally:
            self._left.set()

    # ── reader thread ────────────────────────────────────────────────────────────────────────────

    def _read(self) -> None:
        decoder = msgspec.msgpack.Decoder(RequestFrame)
        while True:
            try:
                frame = decoder.decode(self._channel.recv_bytes())
            except (EOFError, OSError):
                self._leave()
                return
            except MemoryError:
                log.critical("no memory for a frame, whose sender would wait for ever")
                os._exit(1)
            except msgspec.DecodeError as error:
                log.exception("a frame that cannot be read")
                self._report(error)
                continue
            if isinstance(frame.body, Shutdown):
                self._leave()
                return
            self._take(frame)

    def _report(self, error: Exception) -> None:
        with contextlib.suppress(WindowGone):
            self._send(0, Failed(ErrorInfo(EngineError.code, {}, str(error))))

    def _take(self, frame: RequestFrame) -> None:
        if isinstance(frame.body, Cancel):
            stop = self._stops.get(frame.body.target)
            if stop is not None:
                stop.set()
            return
        self._stops[frame.id] = StopFlag()
        counts = isinstance(frame.body, CountTokens | Render | ListDevices)
        # only past replies: a model that is still being loaded is waited for
        if counts and self._runtime is not None and self._ahead and all(list(self._ahead.values())):
            self._beside.put(frame)
            return
        self._ahead[frame.id] = isinstance(frame.body, Generate)
        self._queue.put(frame)

    def _leave(self) -> None:
        """Stop everything, and do not wait for native code that does not listen."""
        self._queue.put(None)
        self._beside.put(None)
        for stop in list(self._stops.values()):
            stop.set()
        if not self._left.wait(LEAVE_S):
            os._exit(0)

    # ── counting thread ──────────────────────────────────────────────────────────────────────────

    def _count_beside(self) -> None:
        with contextlib.suppress(WindowGone):  # the others see it too
            while (frame := self._beside.get()) is not None:
                self._answer(frame)

    # ── main thread ──────────────────────────────────────────────────────────────────────────────

    def _warm_up(self) -> None:
        """Load the native library before somebody waits for it. Its failure is told to who asks."""
        try:
            self._need_runtime().prepare()
        except EngineError:
            log.exception("the runtime does not start")

    def _need_runtime(self) -> Runtime:
        if self._runtime is None:
            try:
                self._runtime = self._make()
            except EngineError:
                raise
            except Exception as error:  # a native library can fail to load in any way
                raise EngineStartFailed(f"{type(error).__name__}: {error}") from error
        return self._runtime

    def _answer(self, frame: RequestFrame) -> None:
        stop = self._stops[frame.id]
        try:
            answer = self._serve(frame, stop)
        except EngineError as error:
            answer = Failed(error.info())
        except WindowGone:
            raise
        except MemoryError:
            log.exception("request %s found no memory", frame.id)
            answer = Failed(NoMemory().info())
        except Exception as error:  # the edge of the process: log, report, serve the next request
            log.exception("request %s failed", frame.id)
            answer = Failed(ErrorInfo(EngineError.code, {}, f"{type(error).__name__}: {error}"))
        del self._stops[frame.id]
        self._ahead.pop(frame.id, None)
        self._send(frame.id, answer)

    def _serve(self, frame: RequestFrame, stop: StopFlag) -> Event:  # noqa: C901 (a case for each request)
        request: Request = frame.body
        # cancelled while it waited; what a person deleted is forgotten even when the worker is leaving
        if stop and not isinstance(request, ForgetChat):
            return _cancelled(request)

        def emit(event: Event) -> None:
            self._send(frame.id, event)

        runtime = self._need_runtime()
        match request:
            case LoadModel():
                return runtime.load(request, emit, stop)
            case UnloadModel():
                runtime.unload()
                return Unloaded()
            case Generate():
                gathering = Gathering(emit)
                try:
                    return runtime.generate(request, gathering, stop)
                finally:
                    gathering.flush()
            case CountTokens():
                return runtime.count(request, stop)
            case Render():
                return runtime.render(request)
            case ListDevices():
                return runtime.devices()
            case SwitchChat():
                return runtime.switch(request)
            case ForgetChat():
                return runtime.forget(request)
            case Quantize():
                return runtime.quantize(request, emit, stop)
            case MeasurePerplexity():
                return runtime.measure(request, emit, stop)
            case LoadEmbedder():
                return runtime.load_embedder(request, emit, stop)
            case Embed():
                return runtime.embed(request, emit, stop)
            case Cancel() | Shutdown():
                raise AssertionError("taken by the reader thread")
            case _:
                assert_never(request)

    def _send(self, number: int, event: Event) -> None:
        data = msgspec.msgpack.encode(EventFrame(number, event))
        try:
            with self._sending:  # both threads answer, and a frame must not be cut by another
                self._channel.send_bytes(data)
        except OSError as error:
            raise WindowGone from error


def _cancelled(request: Request) -> Event:
    if isinstance(request, Generate):
        return Done(Stats(0, 0, 0, 0.0, 0.0, "cancelled", request.sampling.seed or 0))
    return Failed(Cancelled().info())


if __name__ == "__main__":
    main(sys.argv[1:])
