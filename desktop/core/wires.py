"""How the frames of each kind of worker look on its pipe. Starts nothing, sends nothing."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

import msgspec

from desktop.core.errors import CoreError, Reported
from engine import protocol as engine
from rag import protocol as rag

Q = TypeVar("Q")
E = TypeVar("E")


@dataclass(frozen=True)
class Wire(Generic[Q, E]):
    """The frames of one kind of worker: requests `Q` go out, events `E` come back, both with an id."""

    protocol: int
    encode: Callable[[int, Q], bytes]
    decode: Callable[[bytes], tuple[int, E]]
    ready_protocol: Callable[[E], int | None]  # what a Ready announces; None for every other event
    refusal: Callable[[E], CoreError | None]  # what a Failed says; None for every other event
    terminal: tuple[type, ...]
    cancel: Callable[[int], Q]
    shutdown: Q


def engine_wire() -> Wire[engine.Request, engine.Event]:
    encoder = msgspec.msgpack.Encoder()
    decoder = msgspec.msgpack.Decoder(engine.EventFrame)

    def decode(data: bytes) -> tuple[int, engine.Event]:
        frame = decoder.decode(data)
        return frame.id, frame.body

    return Wire(
        protocol=engine.PROTOCOL,
        encode=lambda number, body: encoder.encode(engine.RequestFrame(number, body)),
        decode=decode,
        ready_protocol=lambda event: event.protocol if isinstance(event, engine.Ready) else None,
        refusal=lambda event: Reported.of(event.error) if isinstance(event, engine.Failed) else None,
        terminal=engine.TERMINAL,
        cancel=engine.Cancel,
        shutdown=engine.Shutdown(),
    )


def library_wire() -> Wire[rag.LibraryRequest, rag.LibraryEvent]:
    encoder = msgspec.msgpack.Encoder()
    decoder = msgspec.msgpack.Decoder(rag.LibraryEventFrame)

    def decode(data: bytes) -> tuple[int, rag.LibraryEvent]:
        frame = decoder.decode(data)
        return frame.id, frame.body

    return Wire(
        protocol=rag.PROTOCOL,
        encode=lambda number, body: encoder.encode(rag.LibraryRequestFrame(number, body)),
        decode=decode,
        ready_protocol=lambda event: event.protocol if isinstance(event, rag.Ready) else None,
        refusal=lambda event: Reported.of(event.error) if isinstance(event, rag.Failed) else None,
        terminal=rag.LIBRARY_TERMINAL,
        cancel=rag.Cancel,
        shutdown=rag.Shutdown(),
    )


def embedder_wire() -> Wire[rag.EmbedderRequest, rag.EmbedderEvent]:
    encoder = msgspec.msgpack.Encoder()
    decoder = msgspec.msgpack.Decoder(rag.EmbedderEventFrame)

    def decode(data: bytes) -> tuple[int, rag.EmbedderEvent]:
        frame = decoder.decode(data)
        return frame.id, frame.body

    return Wire(
        protocol=rag.PROTOCOL,
        encode=lambda number, body: encoder.encode(rag.EmbedderRequestFrame(number, body)),
        decode=decode,
        ready_protocol=lambda event: event.protocol if isinstance(event, rag.Ready) else None,
        refusal=lambda event: Reported.of(event.error) if isinstance(event, rag.Failed) else None,
        terminal=rag.EMBEDDER_TERMINAL,
        cancel=rag.Cancel,
        shutdown=rag.Shutdown(),
    )


def reader_wire() -> Wire[rag.ReaderRequest, rag.ReaderEvent]:
    encoder = msgspec.msgpack.Encoder()
    decoder = msgspec.msgpack.Decoder(rag.ReaderEventFrame)

    def decode(data: bytes) -> tuple[int, rag.ReaderEvent]:
        frame = decoder.decode(data)
        return frame.id, frame.body

    return Wire(
        protocol=rag.PROTOCOL,
        encode=lambda number, body: encoder.encode(rag.ReaderRequestFrame(number, body)),
        decode=decode,
        ready_protocol=lambda event: event.protocol if isinstance(event, rag.Ready) else None,
        refusal=lambda event: Reported.of(event.error) if isinstance(event, rag.Failed) else None,
        terminal=rag.READER_TERMINAL,
        cancel=rag.Cancel,
        shutdown=rag.Shutdown(),
    )
