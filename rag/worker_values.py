"""What all of rag's workers say alike: that they are ready, that something failed, that they are to stop."""

import msgspec

from rag.errors import ErrorInfo

PROTOCOL = 1


class Ready(msgspec.Struct, frozen=True, tag=True):
    """First frame of a worker, with id 0."""

    protocol: int
    pid: int


class Failed(msgspec.Struct, frozen=True, tag=True):
    error: ErrorInfo


class Cancel(msgspec.Struct, frozen=True, tag=True):
    """Stop request `target` at the next safe point; what is finished stays."""

    target: int


class Shutdown(msgspec.Struct, frozen=True, tag=True):
    """Leave in order. A worker also leaves when its pipe closes."""
