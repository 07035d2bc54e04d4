"""The frames between the core and the process that talks to the hub. Holds values only.

One process serves one person's wish; requests come one after the other.
"""

import msgspec

from desktop.core.types import Problem
from engine.gguf_header import ModelHeader

PROTOCOL = 1


class RemotePart(msgspec.Struct, frozen=True):
    """A file of a repository; `name` is its path. `sha256` is "" where Git itself keeps it (`git_sha1`)."""

    name: str
    size_bytes: int
    sha256: str = ""
    git_sha1: str = ""


class FileAt(msgspec.Struct, frozen=True):
    """A file as it was at a commit."""

    repository: str
    revision: str
    part: RemotePart


# ── requests ──────────────────────────────────────────────────────────────────────────────────────


class ListFiles(msgspec.Struct, frozen=True, tag=True):
    """Listed. `revision` "": the newest. `folder`: what a search model's folder needs, not the GGUF files."""

    repository: str
    revision: str = ""
    folder: bool = False


class ReadHeader(msgspec.Struct, frozen=True, tag=True):
    """HeaderRead: the beginning of a file, as far as its header goes."""

    file: FileAt


class FetchPart(msgspec.Struct, frozen=True, tag=True):
    """Bring a file to `path`, going on where what lies there ends. Emits Fetching; Fetched."""

    file: FileAt
    path: str


class Cancel(msgspec.Struct, frozen=True, tag=True):
    target: int


class Shutdown(msgspec.Struct, frozen=True, tag=True):
    pass


HubRequest = ListFiles | ReadHeader | FetchPart | Cancel | Shutdown

# ── events ────────────────────────────────────────────────────────────────────────────────────────


class Ready(msgspec.Struct, frozen=True, tag=True):
    protocol: int
    pid: int


class Failed(msgspec.Struct, frozen=True, tag=True):
    error: Problem


class Listed(msgspec.Struct, frozen=True, tag=True):
    """The wanted files of a repository at the commit `revision`. `id` as the hub writes it."""

    id: str
    revision: str
    files: tuple[RemotePart, ...]
    licence: str = ""


class HeaderRead(msgspec.Struct, frozen=True, tag=True):
    """None: what the file begins with is no header, or a longer one than is fetched for a look."""

    header: ModelHeader | None


class Fetching(msgspec.Struct, frozen=True, tag=True):
    """`done_bytes` lie on the disk, or have been compared while `checking`."""

    done_bytes: int
    checking: bool = False


class Fetched(msgspec.Struct, frozen=True, tag=True):
    """All of it is there and is what the hub says. `sha256` of what lies on the disk."""

    sha256: str


HubEvent = Ready | Failed | Listed | HeaderRead | Fetching | Fetched
TERMINAL = (Failed, Listed, HeaderRead, Fetched)


class HubRequestFrame(msgspec.Struct, frozen=True, array_like=True):
    id: int
    body: HubRequest


class HubEventFrame(msgspec.Struct, frozen=True, array_like=True):
    """`id` 0: on the worker's own account."""

    id: int
    body: HubEvent
