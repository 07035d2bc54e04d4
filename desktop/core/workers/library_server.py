"""The library's client and a Chroma server: which one it may use, and how it stands with it."""

from collections.abc import Callable
from typing import Any

from desktop.core.errors import Reported
from desktop.core.events import DocumentsChanged, ServerStatus
from desktop.core.secrets import ServerChoice
from rag.protocol import ServerNow


class LibraryServer:
    """What `LibraryClient` inherits."""

    _publish: Callable[[Any], None]
    _worker: Any
    _server: ServerChoice | None
    _told_collections: tuple[Any, ...] = ()

    def use_server(self) -> None:
        """A setting about it has changed: the library, where it runs, hears of it; a new one asks."""
        if self._worker.pid is not None:
            self._say_server()
        elif self._server is not None and self._server.forbidden:
            self._publish(ServerStatus("offline", self._server.host))

    def _say_server(self) -> None:
        if self._server is None:
            return
        for event in self._worker.run(self._server.wanted()):
            if isinstance(event, ServerNow):
                self._server_is(event)

    def _server_is(self, now: ServerNow) -> None:
        assert self._server is not None  # noqa: S101 - it was asked for one
        if self._server.forbidden:
            now = ServerNow("offline", self._server.host)
        problem = Reported.of(now.problem).problem() if now.problem else None
        self._publish(ServerStatus(now.state, now.host, now.done, now.total, len(now.collections), problem))
        if now.collections != self._told_collections:
            self._told_collections = now.collections
            self._publish(DocumentsChanged())
