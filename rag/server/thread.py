"""The thread that speaks with a Chroma server: shares, lists, tries again. The library works without it."""

import logging
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from rag.embedding.embedder import Floats
from rag.errors import Cancelled, RagError, ServerDown, ServerError
from rag.found_values import CollectionInfo, Hit
from rag.protocol import Located
from rag.sealing import Key
from rag.server.connection import connect, told
from rag.server.mirror import Mirror
from rag.server.shelf import Shelf
from rag.server_values import ServerNow, UseServer
from rag.sqlite import sqlite3
from rag.store.opening import DATABASE, problem_of
from rag.store.sharing import SharedLibrary

AGAIN_S = (2.0, 5.0, 15.0, 60.0)  # after the first failure, the second, ...
LOOK_S = 60.0  # how often it is looked what others have done there
GATHER_S = 0.5  # changes come in bursts
SHARING_LIMIT_S = 30.0  # for one answer
SEARCH_LIMIT_S = 6.0

log = logging.getLogger(__name__)


class ServerThread:
    """`tell` takes the state as it changes, in the order of the changes. All methods from any thread."""

    def __init__(self, folder: Path, tell: Callable[[ServerNow], None], key: Key | None = None) -> None:
        self._key = key
        self._database = folder / DATABASE
        self._tell = tell
        self._changed = threading.Condition()
        self._server = UseServer()
        self._version = 0  # of `_server`
        self._dirty = self._closed = False
        self._now = ServerNow("off")
        self._shelf: Shelf | None = None
        self._asking: Any = None  # a client for questions, which wait less long
        self._thread = threading.Thread(target=self._run, name="server", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        """What is under way is left; nothing there is half of a passage."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def use(self, server: UseServer, answer: Callable[[ServerNow], None]) -> None:
        """`answer` takes the state from which on every change is told."""
        with self._changed:
            if server != self._server:
                self._server = server
                self._version += 1
                self._shelf = self._asking = None
                self._now = ServerNow("connecting" if server.host else "off", server.host)
                self._changed.notify_all()
            answer(self._now)

    def library_changed(self) -> None:
        with self._changed:
            self._dirty = True
            self._changed.notify_all()

    # ── for the answering thread ──

    def collections(self) -> tuple[CollectionInfo, ...]:
        """What others keep there, as far as is known."""
        with self._changed:
            return self._now.collections

    def holds(self, name: str) -> bool:
        """Whether this is the name of a collection there, or of one that was there."""
        with self._changed:
            server, shelf = self._server, self._shelf
        if shelf is not None and shelf.holds(name):
            return True
        return (bool(server.host) and name.rpartition(" (")[0].endswith(f" @ {server.host}")) or (
            bool(server.host) and name.endswith(f" @ {server.host}")
        )

    def search(self, names: tuple[str, ...], fingerprint: str, vector: Floats, most: int) -> list[Hit]:
        """Of the collections named, or of all there. Raises a ServerError only where some are named."""
        with self._changed:
            server, shelf, problem = self._server, self._shelf, self._now.problem
        if not server.host or most < 1:
            return []
        try:
            if shelf is None:
                raise ServerDown(problem.detail if problem else "", host=server.host, port=str(server.port))
            with told(server):
                return shelf.search(names, fingerprint, vector, most)
        except ServerError as error:
            log.warning("the server could not be searched: %s", error)
            self.library_changed()  # look again soon, and tell
            if names:
                raise
            return []

    def locate(self, document: int, page: int) -> Located:
        """Raises a ServerError or UnknownDocument."""
        with self._changed:
            server, shelf = self._server, self._shelf
        if shelf is None:
            raise ServerDown(host=server.host, port=str(server.port))
        with told(server):
            return shelf.locate(document, page)

    # ── the thread ──

    def _run(self) -> None:
        failures, version = 0, -1
        mirror: Mirror | None = None
        while not self._closed:
            with self._changed:
                if version != self._version:
                    failures, version, mirror = 0, self._version, None
                server = self._server
            if not server.host:
                self._say(version, ServerNow("off"))
                self._wait(None, version)
                continue
            try:
                mirror = self._step(server, version, mirror)
            except Cancelled:
                continue
            except EOFError:
                return
            except (RagError, sqlite3.Error) as error:
                problem = problem_of(error, self._database) if isinstance(error, sqlite3.Error) else error
                mirror = None
                self._failed(version, server, problem)
                self._wait(AGAIN_S[min(failures, len(AGAIN_S) - 1)], version, only_new=True)
                failures += 1
            else:
                failures = 0
                self._wait(LOOK_S, version)

    def _step(self, server: UseServer, version: int, mirror: Mirror | None) -> Mirror:
        """Bring the server in step, once. Gives the connection to go on with."""
        with self._changed:
            self._dirty = False
        shared = SharedLibrary(self._database, self._key)
        try:
            library = shared.fact("library")
            asking = self._asking
            if mirror is None or asking is None:
                asking = connect(server, SEARCH_LIMIT_S)
                mirror = Mirror(connect(server, SHARING_LIMIT_S), library)
            with told(server):
                shelf = Shelf(server, asking, library)
                with self._changed:
                    if version != self._version:
                        raise Cancelled
                    self._shelf, self._asking = shelf, asking
                if server.share:
                    mirror.bring(
                        shared,
                        lambda done, total: self._say(
                            version, ServerNow("sharing", server.host, done, total, shelf.collections)
                        ),
                        lambda: self._closed or version != self._version,
                    )
                else:
                    mirror.take_back()
            done = self._now.total if server.share else 0
            self._say(version, ServerNow("ready", server.host, done, done, shelf.collections))
        finally:
            shared.close()
        return mirror

    def _failed(self, version: int, server: UseServer, problem: RagError) -> None:
        log.warning("the Chroma server: %s", problem)
        with self._changed:
            if version == self._version:
                self._asking = self._shelf = None
        where = {"host": server.host, "port": str(server.port)}
        info = replace(problem.info(), params={**where, **problem.params})
        self._say(version, ServerNow("failed", server.host, problem=info))

    def _say(self, version: int, now: ServerNow) -> None:
        with self._changed:
            if version != self._version or now == self._now or self._closed:
                return
            self._now = now
            self._tell(now)  # not later: an older state would take its place

    def _wait(self, limit_s: float | None, version: int, *, only_new: bool = False) -> None:
        """For another server, for a change of the library, or so long."""
        with self._changed:
            self._changed.wait_for(
                lambda: self._closed or version != self._version or (self._dirty and not only_new), limit_s
            )
            if self._dirty and not self._closed and version == self._version:
                self._changed.wait_for(lambda: self._closed or version != self._version, GATHER_S)
