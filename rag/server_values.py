"""Frames about a Chroma server beside the local index. Values only. Part of `rag.protocol`."""

from typing import Literal

import msgspec

from rag.errors import ErrorInfo
from rag.found_values import CollectionInfo

ServerState = Literal["off", "offline", "connecting", "sharing", "ready", "failed"]


class UseServer(msgspec.Struct, frozen=True, tag=True):
    """Which server to ask from now on; `host` "": none. Events: ServerNow, and more of them with id 0.

    `share`: keep this library's collections there too, with text, page and span; without it, what is there
    of this library is taken back. `token` goes into the header of every request and nowhere else.
    """

    host: str = ""
    port: int = 8000
    tls: bool = False
    token: str = ""
    share: bool = False

    def __repr__(self) -> str:
        return f"UseServer({self.host!r}, {self.port}, tls={self.tls}, share={self.share})"


class ServerWanted(msgspec.Struct, frozen=True, tag=True):
    """The library has started and asks, with id 0, which server it is to use."""


class ServerNow(msgspec.Struct, frozen=True, tag=True):
    """How it stands with the server. `collections`: what others keep there, by the names to search them by.

    "sharing": `done` of `total` passages are there; "failed": `problem` says why, and it is tried again.
    """

    state: ServerState
    host: str = ""
    done: int = 0
    total: int = 0
    collections: tuple[CollectionInfo, ...] = ()
    problem: ErrorInfo | None = None
