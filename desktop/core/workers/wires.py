"""How the frames of each kind of worker look on its pipe. Starts nothing, sends nothing."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import msgspec

from desktop.core.errors import CoreError, Reported
from engine import protocol as engine
from rag import protocol as rag
from rag import reranker_protocol as reranking

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
    return wire_of(engine, engine.RequestFrame, engine.EventFrame, engine.TERMINAL)


def library_wire() -> Wire[rag.LibraryRequest, rag.LibraryEvent]:
    return wire_of(rag, rag.LibraryRequestFrame, rag.LibraryEventFrame, rag.LIBRARY_TERMINAL)


def embedder_wire() -> Wire[rag.EmbedderRequest, rag.EmbedderEvent]:
    return wire_of(rag, rag.EmbedderRequestFrame, rag.EmbedderEventFrame, rag.EMBEDDER_TERMINAL)


def reranker_wire() -> Wire[reranking.RerankerRequest, reranking.RerankerEvent]:
    return wire_of(
        rag, reranking.RerankerRequestFrame, reranking.RerankerEventFrame, reranking.RERANKER_TERMINAL
    )


def reader_wire() -> Wire[rag.ReaderRequest, rag.ReaderEvent]:
    return wire_of(rag, rag.ReaderRequestFrame, rag.ReaderEventFrame, rag.READER_TERMINAL)


def wire_of(
    package: Any, requests: Callable[[int, Q], object], events: type[Any], terminal: tuple[type, ...]
) -> Wire[Q, E]:
    """`package` is a module of frames like engine.protocol; they name their common messages alike."""
    encoder = msgspec.msgpack.Encoder()
    decoder = msgspec.msgpack.Decoder(events)

    def decode(data: bytes) -> tuple[int, E]:
        frame = decoder.decode(data)
        return frame.id, frame.body

    def ready_protocol(event: E) -> int | None:
        return event.protocol if isinstance(event, package.Ready) else None

    def refusal(event: E) -> CoreError | None:
        return Reported.of(event.error) if isinstance(event, package.Failed) else None

    return Wire(
        protocol=package.PROTOCOL,
        encode=lambda number, body: encoder.encode(requests(number, body)),
        decode=decode,
        ready_protocol=ready_protocol,
        refusal=refusal,
        terminal=terminal,
        cancel=package.Cancel,
        shutdown=package.Shutdown(),
    )
