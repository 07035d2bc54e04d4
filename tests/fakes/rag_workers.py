"""Library, embedder and reader without documents: `python -m tests.fakes.rag_workers --channel N ROLE`.

The library knows one passage, asks for the vector of every query as the real one does, and finds the
passage in any collection but "empty" and "gone" (which it does not know). Tricks: a query "!crash" kills
it, "!damaged" fails, "!endless" goes on until it is cancelled, as does indexing a path named "slow". The
embedder refuses texts that hold "!no-model" and dies of "!kill-embedder". The reader dies of page 13.
"""

import contextlib
import os
import signal
import struct
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import msgspec

from rag.errors import DatabaseDamaged, EmbedderMissing, ErrorInfo, UnknownCollection
from rag.process import CHANNEL_OPTION, open_channel
from rag.protocol import (
    PROTOCOL,
    Box,
    Cancel,
    Checked,
    CheckLibrary,
    CollectionInfo,
    Collections,
    DocumentIndexed,
    DocumentInfo,
    Documents,
    Embed,
    Embedded,
    EmbedderEventFrame,
    EmbedderRequestFrame,
    EmbedTexts,
    Failed,
    Found,
    Hit,
    IndexDone,
    IndexedDocument,
    IndexPaths,
    IndexProgress,
    LibraryEvent,
    LibraryEventFrame,
    LibraryRequest,
    LibraryRequestFrame,
    ListCollections,
    ListDocuments,
    Located,
    LocatePassage,
    ModelsInUse,
    PageBitmap,
    ReaderEventFrame,
    ReaderRequestFrame,
    Ready,
    RebuildIndex,
    Rebuilt,
    Removed,
    RemoveDocuments,
    RenderPage,
    Search,
    SearchTrace,
    ServerNow,
    Shutdown,
    UpkeepProgress,
    UseModel,
    UseServer,
    Vectors,
)
from rag.search_values import Candidate, Evidence, Fate
from rag.whole_values import PageText, ReadWhole, WholeRead

MODULE = "tests.fakes.rag_workers"
ENVIRONMENT = {"PYTHONPATH": str(Path(__file__).parents[2])}
PASSAGE = "A ticket costs seven euros. Children under twelve come in free."
FILE = "/documents/museum.pdf"
HIT = Hit(7, 1, FILE, "museum.pdf", 3, 10, 10 + len(PASSAGE), PASSAGE, "Tickets", 0.9)


class Library:
    def __init__(self, send: Callable[[int, LibraryEvent], None]) -> None:
        self._send = send
        self._waiting: dict[int, tuple[int, Search]] = {}
        self._endless: set[int] = set()  # searches that end when they are cancelled
        self._indexing: int | None = None

    def take(self, number: int, request: LibraryRequest) -> None:
        match request:
            case Search():
                self._search(number, request)
            case Embedded():
                self._embedded(request)
            case IndexPaths():
                self._index(number, request)
            case Cancel(target=target) if target in self._endless:
                self._endless.remove(target)
                self._send(target, Failed(ErrorInfo("cancelled")))
            case Cancel(target=target) if target == self._indexing:
                self._send(target, IndexDone((), cancelled=True))
            case ListDocuments(collection="gone"):
                self._send(number, Failed(ErrorInfo(UnknownCollection.code, {"name": "gone"})))
            case ListDocuments():
                info = DocumentInfo(1, "default", FILE, "museum.pdf", "indexed", 4, 9, 1000, 0.0)
                self._send(number, Documents((info,)))
            case ListCollections():
                self._send(number, Collections((CollectionInfo("default", 1, 9),)))
            case RemoveDocuments(documents=documents):
                self._send(number, Removed(len(documents)))
            case LocatePassage(page=page):
                box = Box(0.1, 0.2, 0.3, 0.4)
                self._send(number, Located(FILE, "museum.pdf", 4, page, PASSAGE, (box,)))
            case UseModel(source=source):
                self._send(number, ModelsInUse(source))
            case _:
                self._look_after(number, request)

    def _look_after(self, number: int, request: LibraryRequest) -> None:
        match request:
            case CheckLibrary(thorough=thorough):
                self._send(number, UpkeepProgress("database", 0, 1))
                self._send(number, Checked(1, 4, 9, 9, 9, "fake/2", thorough))
            case UseServer(host=host):
                self._send(number, ServerNow("ready" if host else "off", host))
            case ReadWhole(limit_characters=limit):
                page = PageText(1, FILE, "museum.pdf", 3, PASSAGE)
                fits = len(PASSAGE) <= limit
                self._send(number, WholeRead((page,) if fits else (), 1, len(PASSAGE)))
            case RebuildIndex():
                self._send(number, UpkeepProgress("building", 9, 9))
                self._send(number, Rebuilt(9))

    def _search(self, number: int, request: Search) -> None:
        if request.query == "!crash":
            die()
        if request.query == "!endless":
            self._endless.add(number)
        elif request.query == "!damaged":
            self._send(number, Failed(ErrorInfo(DatabaseDamaged.code, {"file": "library.db"})))
        elif "gone" in request.collections:
            self._send(number, Failed(ErrorInfo(UnknownCollection.code, {"name": "gone"})))
        else:
            self._waiting[number] = (number, request)
            self._send(0, EmbedTexts(number, "query", (request.query,)))

    def _embedded(self, answer: Embedded) -> None:
        number, request = self._waiting.pop(answer.call)
        if answer.error is not None:
            self._send(number, Failed(answer.error))
            return
        assert len(answer.vectors) == 4 * answer.dimensions
        hits = () if "empty" in request.collections else (HIT,) * min(1, request.k)
        self._send(number, Found(hits, _trace(request, hits) if request.trace else None))

    def _index(self, number: int, request: IndexPaths) -> None:
        done = []
        for place, path in enumerate(request.paths, start=1):
            self._send(number, IndexProgress(path, place, len(request.paths), "reading", 0, 4))
            if Path(path).name == "slow":
                self._indexing = number
                return
            document = IndexedDocument(path, "indexed", 4, 9, place)
            done.append(document)
            self._send(number, DocumentIndexed(document))
        self._send(number, IndexDone(tuple(done)))


def _trace(request: Search, hits: tuple[Hit, ...]) -> SearchTrace:
    def told(fate: Fate, number: int) -> Candidate:
        evidence = Evidence(HIT.score, 1, 1, 1.0, "same", 9.5, 1, None, 0.9)
        return Candidate(number, 1, FILE, HIT.title, 3, HIT.start, HIT.end, "", PASSAGE, evidence, fate)

    candidates = tuple(told("kept", hit.passage) for hit in hits)
    about = told("kept" if request.about in {hit.passage for hit in hits} else "gone", request.about)
    return SearchTrace(
        request.query, (), "en", "fake", 9, True, 0.05, candidates, about if request.about else None
    )


def serve_library(arguments: list[str]) -> None:
    channel = open_channel(int(arguments[arguments.index(CHANNEL_OPTION) + 1]))
    decoder = msgspec.msgpack.Decoder(LibraryRequestFrame)
    lock = threading.Lock()

    def send(number: int, event: LibraryEvent) -> None:
        with lock:
            channel.send_bytes(msgspec.msgpack.encode(LibraryEventFrame(number, event)))

    library = Library(send)
    send(0, Ready(PROTOCOL, os.getpid()))
    while not isinstance((frame := decoder.decode(channel.recv_bytes())).body, Shutdown):
        library.take(frame.id, frame.body)


def serve_embedder(arguments: list[str]) -> None:
    channel = open_channel(int(arguments[arguments.index(CHANNEL_OPTION) + 1]))
    decoder = msgspec.msgpack.Decoder(EmbedderRequestFrame)

    def send(number: int, event: "Ready | Vectors | Failed") -> None:
        channel.send_bytes(msgspec.msgpack.encode(EmbedderEventFrame(number, event)))

    send(0, Ready(PROTOCOL, os.getpid()))
    while not isinstance((frame := decoder.decode(channel.recv_bytes())).body, Shutdown):
        if not isinstance(frame.body, Embed):
            continue
        texts = " ".join(frame.body.texts)
        if "!kill-embedder" in texts:
            die()
        if "!no-model" in texts:
            send(frame.id, Failed(ErrorInfo(EmbedderMissing.code, {"path": "/nowhere"})))
        else:
            vectors = struct.pack("<2f", 1.0, 0.0) * len(frame.body.texts)
            send(frame.id, Vectors(2, vectors, "fake"))


def serve_reader(arguments: list[str]) -> None:
    channel = open_channel(int(arguments[arguments.index(CHANNEL_OPTION) + 1]))
    decoder = msgspec.msgpack.Decoder(ReaderRequestFrame)
    channel.send_bytes(msgspec.msgpack.encode(ReaderEventFrame(0, Ready(PROTOCOL, os.getpid()))))
    while not isinstance((frame := decoder.decode(channel.recv_bytes())).body, Shutdown):
        if not isinstance(frame.body, RenderPage):
            continue
        if frame.body.page == 13:
            die()
        width = frame.body.width_px
        page = PageBitmap(frame.body.page, 20, width, width, 4 * width, bytes(4 * width * width))
        channel.send_bytes(msgspec.msgpack.encode(ReaderEventFrame(frame.id, page)))


def die() -> None:
    sys.stderr.write("fake worker: native code is about to fail\n")
    sys.stderr.flush()
    os.kill(os.getpid(), signal.SIGKILL)


ROLES = {"library": serve_library, "embedder": serve_embedder, "reader": serve_reader}

if __name__ == "__main__":
    with contextlib.suppress(EOFError):
        ROLES[sys.argv[-1]](sys.argv[1:])
