"""The core's side of a real library worker, for tests: sends requests, wires the Embedder port."""

import contextlib
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self, TypeVar

from rag.embedding.embedder import Embedder
from rag.errors import EmbedderMissing, ErrorInfo, RagError
from rag.frames import Frames
from rag.process import Child, spawn
from rag.protocol import (
    LIBRARY_TERMINAL,
    Cancel,
    Embedded,
    EmbedTexts,
    Failed,
    LibraryEvent,
    LibraryEventFrame,
    LibraryRequest,
    LibraryRequestFrame,
    ModelsInUse,
    Ready,
    ServerNow,
    ServerWanted,
    Shutdown,
    UseServer,
)
from tests.fakes.embedder import FakeEmbedder

T = TypeVar("T")
WAIT_S = 60.0


class RequestFailed(Exception):
    """The worker answered Failed."""

    def __init__(self, error: ErrorInfo) -> None:
        super().__init__(f"{error.code} {error.params} {error.detail}")
        self.error = error


class Gone(Exception):
    """The worker ended before it answered."""


class Library:
    """A library worker in a process of its own, with an embedder in this one."""

    def __init__(self, folder: Path, embedder: Embedder | None = None) -> None:
        """Raises RequestFailed when the worker cannot start."""
        self.embedder: Embedder = embedder or FakeEmbedder()
        self.models: dict[str, Embedder] = {}  # by their sources; "": `embedder` is all there is
        self.chosen = ""
        self.pushed: list[ModelsInUse] = []
        self.server = UseServer()  # told to a worker that asks
        self.server_states: list[ServerNow] = []
        self.refusal: RagError | None = None  # the embedder's answer instead of vectors
        self.before_embedding: Callable[[EmbedTexts], bool] = lambda _: True  # False: never answered
        self.child: Child = spawn(
            "rag.library_worker",
            ("--data", str(folder / "library"), "--logs", str(folder / "logs")),
            folder / "logs" / "library.log",
        )
        self._frames: Frames[LibraryEventFrame, LibraryRequestFrame] = Frames(
            self.child.channel, LibraryEventFrame
        )
        self._events: dict[int, list[LibraryEvent]] = {}
        self._changed = threading.Condition()
        self._gone = False
        self._number = 0
        self._numbering = threading.Lock()
        first = self._frames.receive().body
        if isinstance(first, Failed):
            self.child.process.wait(10)
            raise RequestFailed(first.error)
        assert isinstance(first, Ready)
        threading.Thread(target=self._receive_all, daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def send(self, body: LibraryRequest) -> int:
        """Without waiting. Gives the request's number."""
        with self._numbering:  # what the worker asks for is answered on the receiving thread
            self._number += 1
            number = self._number
        self._frames.send(LibraryRequestFrame(number, body))
        return number

    def ask(self, body: LibraryRequest, kind: type[T]) -> T:
        """Send and wait for the answer. Raises RequestFailed or Gone."""
        return self.result(self.send(body), kind)

    def result(self, request: int, kind: type[T]) -> T:
        last = self.wait_for(request, lambda events: isinstance(events[-1], LIBRARY_TERMINAL))[-1]
        if isinstance(last, Failed):
            raise RequestFailed(last.error)
        assert isinstance(last, kind), last
        return last

    def events(self, request: int) -> list[LibraryEvent]:
        with self._changed:
            return list(self._events.get(request, []))

    def wait_for(self, request: int, enough: Callable[[list[LibraryEvent]], bool]) -> list[LibraryEvent]:
        """Wait until the events of a request are what is looked for."""

        def there() -> bool:
            events = self._events.get(request, [])
            return self._gone or bool(events and enough(events))

        with self._changed:
            assert self._changed.wait_for(there, WAIT_S), f"no answer: {self._events.get(request)}"
            events = list(self._events.get(request, []))
        if self._gone and not (events and enough(events)):
            raise Gone
        return events

    def cancel(self, request: int) -> None:
        self.send(Cancel(request))

    def use_server(self, server: UseServer) -> None:
        self.server = server
        self.ask(server, ServerNow)

    def server_is(self, right: Callable[[ServerNow], bool]) -> ServerNow:
        """Wait until the last state told is what is looked for."""

        def last() -> bool:
            return bool(self.server_states) and right(self.server_states[-1])

        with self._changed:
            assert self._changed.wait_for(last, WAIT_S), self.server_states[-3:]
            return self.server_states[-1]

    def kill(self) -> None:
        """kill -9."""
        self.child.process.kill()
        self.child.process.wait()

    def close(self) -> None:
        if self.child.process.poll() is None:
            try:
                self._frames.send(LibraryRequestFrame(0, Shutdown()))
                self.child.process.wait(20)
            except (EOFError, TimeoutError):
                self.kill()
        self.child.channel.close()

    def _receive_all(self) -> None:
        try:
            while True:
                frame = self._frames.receive()
                if isinstance(frame.body, EmbedTexts):
                    # on a thread of its own: a question may overtake passages
                    threading.Thread(target=self._embed, args=(frame.body,), daemon=True).start()
                    continue
                if isinstance(frame.body, ServerWanted):
                    self.send(self.server)
                    continue
                with self._changed:
                    if isinstance(frame.body, ServerNow):
                        self.server_states.append(frame.body)
                    if isinstance(frame.body, ModelsInUse) and frame.id == 0:
                        self.pushed.append(frame.body)
                    self._events.setdefault(frame.id, []).append(frame.body)
                    self._changed.notify_all()
        except (EOFError, TypeError, OSError):
            with self._changed:
                self._gone = True
                self._changed.notify_all()

    def _embed(self, body: EmbedTexts) -> None:
        if not self.before_embedding(body):
            return
        if self.refusal is not None:
            answer = Embedded(body.call, error=self.refusal.info())
        else:
            source = body.source or self.chosen
            embedder = self.models.get(source) if source else self.embedder
            if embedder is None:
                answer = Embedded(body.call, error=EmbedderMissing(path=source).info())
            else:
                vectors = embedder.embed(body.texts, body.kind)
                data = vectors.astype("<f4").tobytes()
                named = embedder.fingerprint
                answer = Embedded(body.call, vectors.shape[1], data, named, source=source, chosen=self.chosen)
        with contextlib.suppress(EOFError):
            self._frames.send(LibraryRequestFrame(0, answer))


def files_of(done: Any) -> dict[str, str]:
    """File name to state of an IndexDone."""
    return {Path(document.file).name: document.state for document in done.documents}
