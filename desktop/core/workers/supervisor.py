"""A worker process kept alive on demand: start, requests, death, idle stop, end. Knows no worker by name.

Three threads stand between the pipe and the callers, so that nobody who asks ever waits for a full
pipe: one writes, one reads and hands events to the streams, and the caller consumes its stream.
"""

import logging
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, Generic, TypeVar

import msgspec

from desktop.core.errors import Cancelled, CoreError
from desktop.core.workers.wires import Wire
from rag.process import Child, how_it_ended, last_lines, spawn

Q = TypeVar("Q")
E = TypeVar("E")

START_LIMIT_S = 60.0
GRACE_S = 2.0
IDLE_CHECK_S = 1.0
# Python's own account of a crash takes twenty lines; the native ones that say why stand before it
LOG_LINES = 40
NO_ANSWER = "no answer"  # how a worker ended that we killed because it was silent

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Launch:
    """How a worker is started."""

    module: str
    log_path: Path
    arguments: tuple[str, ...] = ()
    environment: dict[str, str] = field(default_factory=dict)
    program: Path | None = None  # of an add-on, where the program itself lacks what the module needs
    # a request that is sent before it says that it is ready: what may stand in no argument
    first: Any = field(default=None, repr=False)


@dataclass(frozen=True)
class Terms:
    """What the supervisor is told about one kind of worker.

    `launch` is asked at every start, so that a changed setting counts from the next start on.
    `died` and `not_started` make errors from how the process ended and its last log lines.
    `on_death` hears of every death that nobody asked for, and whether requests were open.
    `again` is asked when a start failed: whether to launch once more, because `launch` will give something
    else now.
    `idle_s`: without requests for so long, the worker is stopped until it is needed again.
    """

    launch: Callable[[], Launch]
    died: Callable[[str, str], CoreError]
    not_started: Callable[[str, str], CoreError]
    again: Callable[[CoreError], bool] = lambda _error: False
    on_start: Callable[[], None] = lambda: None
    on_death: Callable[[CoreError, bool], None] = lambda _error, _was_working: None
    idle_s: float | None = None
    start_limit_s: float = START_LIMIT_S
    grace_s: float = GRACE_S


class Stream(Generic[E]):
    """The events of one request, in order. One thread consumes it; any thread may cancel it."""

    def __init__(self, number: int, terminal: tuple[type, ...], cancel: Callable[[int], None]) -> None:
        self.number = number
        self._terminal = terminal
        self._cancel = cancel
        self._events: SimpleQueue[E | CoreError] = SimpleQueue()

    def next(self, timeout_s: float | None = None) -> E | None:
        """The next event; None when none came in time. Raises what ended the worker, if that came first."""
        try:
            event = self._events.get(timeout=timeout_s)
        except Empty:
            return None
        if isinstance(event, CoreError):
            raise event
        return event

    def ends_with(self, event: E) -> bool:
        return isinstance(event, self._terminal)

    def __iter__(self) -> Iterator[E]:
        """Every event up to and with the terminal one."""
        while (event := self.next()) is not None:
            yield event
            if self.ends_with(event):
                return

    def cancel(self) -> None:
        """Ask the worker to stop this request. Does not wait; the stream still ends by itself."""
        self._cancel(self.number)

    def put(self, event: E | CoreError) -> None:
        self._events.put(event)


class Patience:
    """How long a request that was taken back may go on before its worker counts as hung."""

    def __init__(self, limit_s: float, give_up: Callable[[], None]) -> None:
        self._limit_s = limit_s
        self._give_up = give_up
        self._since: float | None = None

    def check(self, *, overdue: bool) -> None:
        """Call it now and then. `overdue`: the request should be over already."""
        now = time.monotonic()
        if overdue and self._since is None:
            self._since = now
        if self._since is not None and now - self._since >= self._limit_s:
            self._give_up()


class Worker(Generic[Q, E]):
    """One kind of worker, with at most one process at a time. All methods from any thread."""

    def __init__(
        self,
        wire: Wire[Q, E],
        terms: Terms,
        on_push: Callable[[E], None] = lambda _event: None,
    ) -> None:
        self._wire = wire
        self._terms = terms
        self._on_push = on_push  # events with id 0: what the worker says or asks on its own account
        self._lock = threading.Lock()
        self._life: _Life[Q, E] | None = None
        self._closed = False

    def run(self, request: Q) -> Stream[E]:
        """Send a request, starting the worker when there is none. Waits for its start, not for the send.

        Raises the `not_started` error of the terms, or what a worker that cannot start says of itself.
        """
        with self._lock:
            if self._closed:
                raise Cancelled
            if self._life is None or (stream := self._life.open(request)) is None:
                self._life = self._start()
                stream = self._life.open(request)
        if stream is None:
            raise self._terms.not_started(
                "it ended at once", last_lines(self._life.child.log_path, LOG_LINES)
            )
        return stream

    def post(self, request: Q) -> None:
        """Send what has no answer, to the present process only; lost when there is none."""
        life = self._life
        if life is not None:
            life.send(0, request)

    @property
    def pid(self) -> int | None:
        """The present process, for tests and for the person who looks after it."""
        life = self._life
        return None if life is None or life.ended else life.child.process.pid

    def kill(self) -> None:
        """End a process that hears nothing any more. Counts as a death; does not wait for it."""
        life = self._life
        if life is not None:
            life.silent = True
            life.child.process.kill()

    def stop(self) -> None:
        """End the process: asked first, killed after the terms' grace. Open requests end as cancelled."""
        with self._lock:
            life, self._life = self._life, None
        if life is not None:
            life.stop()

    @contextmanager
    def at_rest(self) -> Iterator[None]:
        """No process inside: who asks for something waits until it is over. Open requests are cancelled."""
        with self._lock:
            life, self._life = self._life, None
            if life is not None:
                life.stop()
            yield

    def close(self) -> None:
        """Stop it for good: later requests are cancelled, not served by a new process."""
        self._closed = True
        self.stop()

    def _start(self) -> "_Life[Q, E]":
        try:
            return self._launched()
        except CoreError as error:
            if not self._terms.again(error):
                raise
        return self._launched()

    def _launched(self) -> "_Life[Q, E]":
        launch = self._terms.launch()
        self._terms.on_start()
        try:
            child = spawn(
                launch.module, launch.arguments, launch.log_path, launch.environment, launch.program
            )
        except OSError as error:
            raise self._terms.not_started(str(error), "") from error
        life = _Life(child, self._wire, self._terms, self._on_push)
        if launch.first is not None:
            life.send(0, launch.first)
        life.wait_until_ready()
        return life


class _Life(Generic[Q, E]):
    """One process from start to end."""

    def __init__(self, child: Child, wire: Wire[Q, E], terms: Terms, on_push: Callable[[E], None]) -> None:
        self.child = child
        self.ended = False
        self.silent = False  # it heard nothing any more, and we killed it
        self._wire = wire
        self._terms = terms
        self._on_push = on_push
        self._lock = threading.Lock()
        self._streams: dict[int, Stream[E]] = {}
        self._next = 1
        self._ready = threading.Event()
        self._announced: int | None = None
        self._refusal: CoreError | None = None  # what it sent in place of Ready
        self._expected = False  # we asked it to leave
        self._idle_since = time.monotonic()
        self._outbox: SimpleQueue[bytes | None] = SimpleQueue()
        name = child.log_path.stem
        self._reader = threading.Thread(target=self._read, name=f"{name}-reader", daemon=True)
        self._reader.start()
        threading.Thread(target=self._write, name=f"{name}-writer", daemon=True).start()

    # ── callers ──

    def wait_until_ready(self) -> None:
        in_time = self._ready.wait(self._terms.start_limit_s)
        if self._announced == self._wire.protocol and not self.ended:
            return
        self._expected = True
        process = self.child.process
        if self._refusal is not None:
            self._reader.join()
            raise self._refusal
        if not in_time:
            how = f"no answer within {self._terms.start_limit_s:.0f} s"
        elif self._announced is not None and self._announced != self._wire.protocol:
            how = f"it speaks protocol {self._announced}, we speak {self._wire.protocol}"
        else:
            self._reader.join()
            how = how_it_ended(process.returncode)
        process.kill()
        self._reader.join()
        raise self._terms.not_started(how, last_lines(self.child.log_path, LOG_LINES))

    def open(self, request: Q) -> Stream[E] | None:
        """None: this process is over, and another one is needed."""
        with self._lock:
            if self.ended or self._expected:
                return None
            number = self._next
            self._next += 1
            stream: Stream[E] = Stream(number, self._wire.terminal, self._cancel)
            # encoded before it is registered: a request that cannot be encoded leaves nothing behind
            data = self._wire.encode(number, request)
            self._streams[number] = stream
        self._outbox.put(data)
        return stream

    def send(self, number: int, request: Q) -> None:
        self._outbox.put(self._wire.encode(number, request))

    def stop(self) -> None:
        with self._lock:
            self._expected = True
        self.send(0, self._wire.shutdown)
        try:
            self.child.process.wait(self._terms.grace_s)
        except subprocess.TimeoutExpired:
            self.child.process.kill()
        if threading.current_thread() is not self._reader:
            self._reader.join()

    def _cancel(self, number: int) -> None:
        with self._lock:
            known = number in self._streams
        if known:
            self.send(number, self._wire.cancel(number))

    # ── threads ──

    def _write(self) -> None:
        while (data := self._outbox.get()) is not None:
            try:
                self.child.channel.send_bytes(data)
            except OSError:
                return  # the reader sees the end too, and tells it

    def _read(self) -> None:
        try:
            while self._wait_for_frame():
                number, event = self._wire.decode(self.child.channel.recv_bytes())
                self._dispatch(number, event)
        except (EOFError, OSError):
            pass
        except msgspec.MsgspecError as error:
            log.warning("%s sent a frame that cannot be read: %s", self.child.log_path.stem, error)
        except Exception:  # the edge of this thread: a worker without a reader would hang its callers
            log.exception("reading from %s failed", self.child.log_path.stem)
        self._end()

    def _wait_for_frame(self) -> bool:
        """False: it stood idle for its time and is to go."""
        idle_s = self._terms.idle_s
        if idle_s is None:
            return True
        while not self.child.channel.poll(min(idle_s, IDLE_CHECK_S)):
            with self._lock:
                # not before its first request: it was started for that one
                waited = self._next > 1 and time.monotonic() - self._idle_since >= idle_s
                idle = waited and not self._streams
                if idle:
                    self._expected = True
            if idle:
                self.send(0, self._wire.shutdown)
                return False
        return True

    def _dispatch(self, number: int, event: E) -> None:
        if number == 0:
            self._hear(event)
            return
        with self._lock:
            stream = self._streams.get(number)
            if stream is not None and stream.ends_with(event):
                del self._streams[number]
                self._idle_since = time.monotonic()
        if stream is not None:
            stream.put(event)

    def _hear(self, event: E) -> None:
        """What a worker says on its own account: that it is ready, that it cannot start, or a push."""
        announced = self._wire.ready_protocol(event)
        if announced is not None:
            self._announced = announced
            self._ready.set()
        elif not self._ready.is_set():
            self._refusal = self._wire.refusal(event)  # it leaves now: `_end` wakes who waits
        else:
            self._on_push(event)

    def _end(self) -> None:
        """The pipe is closed: see the process off, and tell whoever waits."""
        process = self.child.process
        try:
            process.wait(self._terms.grace_s)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        was_ready = self._ready.is_set()
        with self._lock:
            self.ended = True
            streams = list(self._streams.values())
            self._streams.clear()
            expected = self._expected
        self._outbox.put(None)
        self.child.channel.close()
        self._ready.set()
        error: CoreError = Cancelled()
        if not expected:
            how = NO_ANSWER if self.silent else how_it_ended(process.returncode)
            error = self._terms.died(how, last_lines(self.child.log_path, LOG_LINES))
        # before the streams: who fails on one of them may start the next process at once
        if was_ready and not expected:
            self._terms.on_death(error, bool(streams))
        for stream in streams:
            stream.put(error)
