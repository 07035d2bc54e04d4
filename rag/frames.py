"""Typed frames over a worker's pipe. Knows no particular message."""

import threading
from multiprocessing.connection import Connection
from typing import Generic, TypeVar

import msgspec

In = TypeVar("In")
Out = TypeVar("Out")


class Frames(Generic[In, Out]):
    """Reads frames of one type and writes frames of another. Any thread may send; one receives."""

    def __init__(self, connection: Connection, incoming: type[In]) -> None:
        self._connection = connection
        self._decoder = msgspec.msgpack.Decoder(incoming)
        self._encoder = msgspec.msgpack.Encoder()
        self._sending = threading.Lock()

    def receive(self) -> In:
        """The next frame; waits for it. Raises EOFError when the other side is gone."""
        try:
            data = self._connection.recv_bytes()
        except OSError as error:  # a closed or broken pipe says so in several ways
            raise EOFError from error
        return self._decoder.decode(data)

    def waiting(self, timeout_s: float = 0.0) -> bool:
        """Whether a frame, or the end of the pipe, is there within the time."""
        try:
            return self._connection.poll(timeout_s)
        except OSError:
            return True

    def send(self, frame: Out) -> None:
        """Raises EOFError when the other side is gone."""
        data = self._encoder.encode(frame)
        try:
            with self._sending:
                self._connection.send_bytes(data)
        except OSError as error:
            raise EOFError from error

    def close(self) -> None:
        self._connection.close()
