"""A library in a folder, filled without processes: for tests of store, search and index."""

from collections.abc import Callable, Sequence
from pathlib import Path

from rag.errors import Forwarded
from rag.indexing.embedding import PassageEmbedder
from rag.indexing.indexer import Indexer
from rag.indexing.port import EmbedderPort
from rag.indexing.reader_client import ReaderClient
from rag.indexing.runs import Runs
from rag.protocol import Embedded, EmbedTexts, Failed, IndexDone, IndexPaths, LibraryEvent
from rag.reading.reader import read
from rag.store.values import Change
from rag.store.writer import LibraryWriter
from tests.fakes.embedder import FakeEmbedder


class HereReader(ReaderClient):
    """Reads in this process: the tests' own files break no reader."""

    def read(  # type: ignore[no-untyped-def]
        self, path: Path, cancelled: Callable[[], bool], password: str | None = None, *_: object
    ):
        return (event for event in read(path, password) if type(event).__name__ != "DocumentRead")


class Noted:
    """Changes in the order in which they came, for a test that has no vector index."""

    def __init__(self) -> None:
        self.changes: list[Change] = []
        self.held = 0

    def follow(self, change: Change) -> None:
        self.changes.append(change)

    def hold(self, change: Change) -> None:
        self.held += 1
        self.changes.append(change)

    def settle(self) -> None:
        pass


class Shelf:
    """Writer, embedder and indexer of one library, all on this thread."""

    def __init__(self, folder: Path, embedder: FakeEmbedder | None = None) -> None:
        self.folder = folder
        self.embedder = embedder or FakeEmbedder()
        self.writer = LibraryWriter(folder / "library.db")
        self.port = EmbedderPort(self._embed)
        self.noted = Noted()
        self.changes = self.noted.changes
        self.passages = PassageEmbedder(self.writer, self.port)
        self.indexer = Indexer(
            folder,
            self.writer,
            self.passages,
            HereReader(folder / "reader.log"),
            self.noted,
            lambda: False,
            lambda: False,
        )

    def index(
        self,
        *paths: Path,
        collection: str = "default",
        cancelled: Callable[[list[LibraryEvent]], bool] = lambda _: False,
    ) -> IndexDone:
        """`cancelled` looks at what was told so far. Raises what stops it."""
        told: list[LibraryEvent] = []
        runs = Runs(
            self.folder,
            self.writer,
            self.indexer,
            self.noted,
            lambda _, event: told.append(event),
            lambda _: cancelled(told),
            lambda: False,
        )
        runs.begin(1, IndexPaths(tuple(str(path) for path in paths), collection))
        while runs.step():
            pass
        end = next(event for event in told if isinstance(event, IndexDone | Failed))
        if isinstance(end, Failed):
            raise Forwarded(end.error)
        return end

    def write(self, texts: Sequence[str], prefix: str = "doc") -> Path:
        """A folder with a text file for each text."""
        folder = self.folder / "files"
        folder.mkdir(exist_ok=True)
        for number, text in enumerate(texts):
            (folder / f"{prefix}{number}.txt").write_text(text, "utf-8")
        return folder

    def _embed(self, request: EmbedTexts) -> None:
        vectors = self.embedder.embed(request.texts, request.kind)
        self.port.answer(
            Embedded(request.call, vectors.shape[1], vectors.tobytes(), self.embedder.fingerprint)
        )
