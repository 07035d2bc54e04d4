"""Commands from one program of this user to another: the owner of a data folder listens, others ask.

The standard library's multiprocessing.connection carries the frames over a socket (a named pipe on
Windows) that only this user may open, and both sides prove that they can read the key in the data folder.
One connection carries one command. Knows no command: desktop.core.commands carries them out.
"""

import contextlib
import logging
import os
import secrets
import sys
import threading
from collections.abc import Callable
from multiprocessing import AuthenticationError
from multiprocessing.connection import Client, Connection, Listener, answer_challenge, deliver_challenge
from pathlib import Path
from queue import SimpleQueue

import msgspec

from desktop.core.commands import Command, CommandEvent, Emit, Result, run
from desktop.core.contract import Core
from desktop.core.errors import CoreError, DataInUse, OwnerDiffers, OwnerGone, Reported, Unexpected
from desktop.core.events import (
    CheckingModel,
    CopyingModel,
    DownloadingModel,
    QuantizingModel,
    ReplyEvent,
)
from desktop.core.places import Places
from desktop.core.types import Problem
from desktop.core.types.exchange import ExchangeEvent
from desktop.core.types.health import LookingAt
from desktop.core.types.scoring import ScoringEvent
from desktop.core.types.training import GatheringMaterial
from rag.protocol import DocumentIndexed, IndexedDocument, IndexProgress, UpkeepProgress

PROTOCOL = 2
FAMILY = "AF_PIPE" if sys.platform == "win32" else "AF_UNIX"
# an owner that does not greet within this time hangs, or is on its way out
GREETING_S = 5.0
POLL_S = 0.05

log = logging.getLogger(__name__)


class Hello(msgspec.Struct, frozen=True, tag=True):
    """First frame of each side."""

    protocol: int


class Do(msgspec.Struct, frozen=True, tag=True):
    command: Command


class Stop(msgspec.Struct, frozen=True, tag=True):
    """The person wants no more of it."""


class Happened(msgspec.Struct, frozen=True, tag=True):
    event: (
        ReplyEvent
        | CopyingModel
        | CheckingModel
        | DownloadingModel
        | QuantizingModel
        | IndexProgress
        | UpkeepProgress
        | LookingAt
        | DocumentIndexed
        | ExchangeEvent
        | GatheringMaterial
        | ScoringEvent
    )


class Ended(msgspec.Struct, frozen=True, tag=True):
    result: Result


class Refused(msgspec.Struct, frozen=True, tag=True):
    problem: Problem


FromClient = Hello | Do | Stop
FromOwner = Hello | Happened | Ended | Refused

_from_client: msgspec.msgpack.Decoder[FromClient] = msgspec.msgpack.Decoder(FromClient)
_from_owner: msgspec.msgpack.Decoder[FromOwner] = msgspec.msgpack.Decoder(FromOwner)
_hello: msgspec.msgpack.Decoder[Hello] = msgspec.msgpack.Decoder(Hello)


# ── the owner's side ──────────────────────────────────────────────────────────────────────────────


def serve(
    core: Core, places: Places, show_window: Callable[[tuple[str, ...]], None] | None = None
) -> "Server":
    """Listen for commands until the server is closed. Only for the holder of the data folder's lock.

    `show_window` is called on any thread when a second copy of the program is started, with the files that
    it was given; None: this program has no window. Raises OSError when the system refuses to listen.
    """
    return Server(core, places, show_window)


class Server:
    """Takes commands, each on threads of its own."""

    def __init__(
        self, core: Core, places: Places, show_window: Callable[[tuple[str, ...]], None] | None
    ) -> None:
        self._core = core
        self._folder = str(places.data)
        self._show_window = show_window or self._no_window
        self._key = _new_key(places.socket_key_file)
        self._address = places.socket_address
        self._closing = threading.Event()
        self._lock = threading.Lock()
        self._visits: set[_Visit] = set()
        if FAMILY == "AF_UNIX":
            # we hold the lock, so whoever listened here is dead
            Path(self._address).unlink(missing_ok=True)
        # without a key here: it would be checked inside accept(), where one silent client blocks all
        self._listener = Listener(self._address, FAMILY)
        if FAMILY == "AF_UNIX":
            Path(self._address).chmod(0o600)
        self._thread = threading.Thread(target=self._listen, name="local socket", daemon=True)
        self._thread.start()

    @property
    def busy(self) -> bool:
        """Whether somebody's command is being carried out."""
        with self._lock:
            return bool(self._visits)

    def close(self, patience_s: float = 0.0) -> None:
        """Take no more commands; let those on their way finish for `patience_s`, then stop them."""
        if self._closing.is_set():
            return
        self._closing.set()
        self._wake()
        self._thread.join(1.0)
        self._listener.close()  # removes the socket
        with self._lock:
            visits = list(self._visits)
        for visit in visits:
            visit.join(patience_s)
            visit.end()

    def _listen(self) -> None:
        while not self._closing.is_set():
            try:
                channel = self._listener.accept()
            except OSError:  # a client that was gone before it was let in
                continue
            if self._closing.is_set():
                channel.close()
                return
            visit = _Visit(channel, self._key, self._core, self._show_window, self._forget)
            with self._lock:
                self._visits.add(visit)
            visit.start()

    def _forget(self, visit: "_Visit") -> None:
        with self._lock:
            self._visits.discard(visit)

    def _no_window(self, _files: tuple[str, ...]) -> None:
        raise DataInUse(folder=self._folder)

    def _wake(self) -> None:
        """accept() knows no time limit and does not notice that its socket is closed."""
        with contextlib.suppress(OSError):
            Client(self._address, FAMILY).close()


class _Visit:
    """One client: its channel, and a thread each that reads, works on its command, and writes.

    Writing has a thread of its own because a client may stop reading (its person pressed Ctrl+Z): the
    core's threads must not wait for it.
    """

    def __init__(
        self,
        channel: "Connection",
        key: bytes,
        core: Core,
        show_window: Callable[[tuple[str, ...]], None],
        over: Callable[["_Visit"], None],
    ) -> None:
        self._channel = channel
        self._key = key
        self._core = core
        self._show_window = show_window
        self._over = over
        self._abandoned = False
        self._cancelled = threading.Event()
        self._outbox: SimpleQueue[FromOwner | None] = SimpleQueue()
        self._ended = threading.Event()
        self._reader = threading.Thread(target=self._read, name="local client", daemon=True)

    def start(self) -> None:
        self._reader.start()

    def join(self, limit_s: float) -> None:
        self._ended.wait(limit_s)

    def end(self) -> None:
        """Stop the work; half of it must not look like a result, so the client is left without one."""
        self._abandoned = True
        self._cancelled.set()
        self._ended.wait(1.0)

    def _read(self) -> None:
        try:
            if self._greet():
                self._serve()
        except (OSError, EOFError, AuthenticationError, msgspec.MsgspecError) as error:
            log.info("a local client left: %r", error)
        finally:
            self._cancelled.set()
            self._outbox.put(None)
            self._channel.close()
            self._ended.set()
            self._over(self)

    def _greet(self) -> bool:
        """Whether the other side knows the key and speaks as we do."""
        deliver_challenge(self._channel, self._key)
        answer_challenge(self._channel, self._key)
        self._channel.send_bytes(msgspec.msgpack.encode(Hello(PROTOCOL)))
        return _hello.decode(self._channel.recv_bytes()).protocol == PROTOCOL

    def _serve(self) -> None:
        threading.Thread(target=self._write, name="local answers", daemon=True).start()
        working = False
        while not self._ended.is_set():
            if not self._channel.poll(POLL_S):
                continue
            try:
                frame = _from_client.decode(self._channel.recv_bytes())
            except (EOFError, OSError):
                break  # the client is gone: nobody wants the rest
            if isinstance(frame, Stop):
                self._cancelled.set()
            elif isinstance(frame, Do) and not working:
                working = True
                threading.Thread(
                    target=self._carry_out, args=(frame.command,), name="local command", daemon=True
                ).start()

    def _carry_out(self, command: Command) -> None:
        try:
            frame: FromOwner = Ended(run(self._core, command, self._emit, self._cancelled, self._show_window))
        except CoreError as error:
            frame = Refused(error.problem())
        except Exception as error:
            log.exception("a command of another program failed")
            frame = Refused(Unexpected(repr(error)).problem())
        if not self._abandoned:
            self._outbox.put(frame)
        self._outbox.put(None)

    def _emit(self, event: CommandEvent) -> None:
        self._outbox.put(Happened(DocumentIndexed(event) if isinstance(event, IndexedDocument) else event))

    def _write(self) -> None:
        try:
            while (frame := self._outbox.get()) is not None:
                self._channel.send_bytes(msgspec.msgpack.encode(frame))
        except (OSError, ValueError) as error:
            log.info("a local client stopped listening: %r", error)
        finally:
            self._ended.set()


def _new_key(path: Path) -> bytes:
    """A fresh key, readable by this user only; it replaces that of a program that is gone."""
    key = secrets.token_bytes(32)
    draft = path.with_name(path.name + ".new")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(key)
    draft.replace(path)
    return key


# ── the asking side ───────────────────────────────────────────────────────────────────────────────


def connect(places: Places) -> "Remote | None":
    """A connection to the program that owns this data folder; None when none listens.

    Raises OwnerDiffers when it is of a version that speaks otherwise.
    """
    try:
        key = places.socket_key_file.read_bytes()
        channel = Client(places.socket_address, FAMILY)
    except OSError:
        return None
    try:
        _expect(channel)
        answer_challenge(channel, key)
        deliver_challenge(channel, key)
        _expect(channel)
        theirs = _hello.decode(channel.recv_bytes()).protocol
        channel.send_bytes(msgspec.msgpack.encode(Hello(PROTOCOL)))
    except (OSError, EOFError, AuthenticationError, msgspec.MsgspecError, TimeoutError):
        channel.close()
        return None
    if theirs != PROTOCOL:
        channel.close()
        raise OwnerDiffers(theirs=theirs, ours=PROTOCOL)
    return Remote(channel)


class Remote:
    """A connection over which one command can be given."""

    def __init__(self, channel: "Connection") -> None:
        self._channel = channel

    def run(self, command: Command, emit: Emit, cancelled: threading.Event) -> Result:
        """As desktop.core.commands.run does, in the owner's process. `emit` is called on this thread.

        Raises CoreError, OwnerGone when the owner ended first.
        """
        try:
            return self._run(command, emit, cancelled)
        except (OSError, EOFError) as error:
            raise OwnerGone(repr(error)) from error
        except msgspec.MsgspecError as error:
            raise OwnerDiffers(str(error), theirs=PROTOCOL, ours=PROTOCOL) from error
        finally:
            self._channel.close()

    def _run(self, command: Command, emit: Emit, cancelled: threading.Event) -> Result:
        self._channel.send_bytes(msgspec.msgpack.encode(Do(command)))
        stopping = False
        while True:
            if cancelled.is_set() and not stopping:
                stopping = True
                self._channel.send_bytes(msgspec.msgpack.encode(Stop()))
            if not self._channel.poll(POLL_S):
                continue
            match _from_owner.decode(self._channel.recv_bytes()):
                case Happened(event=event):
                    emit(event.document if isinstance(event, DocumentIndexed) else event)
                case Ended(result=result):
                    return result
                case Refused(problem=problem):
                    raise Reported(problem)
                case Hello():
                    continue


def _expect(channel: "Connection") -> None:
    """Raises TimeoutError when the other side stays silent."""
    if not channel.poll(GREETING_S):
        raise TimeoutError
