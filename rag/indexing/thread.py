"""The indexing thread: takes jobs, owns the writing connection, goes on with what was left unfinished."""

import contextlib
import logging
import sqlite3
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

from rag.errors import Cancelled, LibraryError, RagError
from rag.index.chroma import INDEX_FOLDER
from rag.indexing.embedding import PassageEmbedder
from rag.indexing.indexer import Indexer
from rag.indexing.jobs import Batch, CatchUp, Jobs, NewModel, Removal, Short
from rag.indexing.keeper import IndexKeeper
from rag.indexing.port import EmbedderPort
from rag.indexing.reader_client import ReaderClient
from rag.protocol import Failed, IndexDone, LibraryEvent, Removed
from rag.store.opening import DATABASE, problem_of
from rag.store.writer import LibraryWriter

log = logging.getLogger(__name__)


class IndexingThread:
    """`send` takes a request's number and an event of its."""

    def __init__(
        self,
        folder: Path,
        logs: Path,
        jobs: Jobs,
        port: EmbedderPort,
        send: Callable[[int, LibraryEvent], None],
    ) -> None:
        self._folder = folder
        self._database = folder / DATABASE
        self._logs = logs
        self._jobs = jobs
        self._port = port
        self._send = send
        self._thread = threading.Thread(target=self._run, name="indexing", daemon=True)
        self.keeper = IndexKeeper(folder / INDEX_FOLDER)

    def start(self) -> None:
        self._thread.start()

    def join(self, timeout_s: float) -> None:
        self._thread.join(timeout_s)

    def _run(self) -> None:
        writer = LibraryWriter(self._database)
        reader = ReaderClient(self._logs / "reader-indexing.log")
        embedder = PassageEmbedder(writer, self._port)
        self.keeper.attach(writer)
        between = lambda: self._short_writes(writer, embedder)  # noqa: E731
        indexer = Indexer(
            self._folder, writer, embedder, reader, self.keeper.follow, between, lambda: self._jobs.closed
        )
        try:
            self._tidy(writer)
            resuming = True
            while not self._jobs.closed:
                job = self._jobs.next(wait=not resuming)
                match job:
                    case None:
                        resuming = resuming and self._resume(indexer)
                    case Batch():
                        self._index(indexer, job)
                        reader.close()
                        resuming = True
                    case _:
                        self._short_write(writer, embedder, job)
                        resuming = resuming or isinstance(job, NewModel)
        except EOFError:
            pass  # nobody listens any more
        finally:
            reader.close()
            writer.close()

    def _tidy(self, writer: LibraryWriter) -> None:
        """What a start does before anything else: compare the index, drop what nothing needs."""
        with _noted("tidy"):
            self.keeper.catch_up()
            if writer.unfinished() is None:
                writer.collect_garbage()

    def _resume(self, indexer: Indexer) -> bool:
        """Whether there may be more. What stops it is not shown to anyone, and not tried again at once."""
        try:
            return indexer.resume(self._jobs.batch_waits)
        except Cancelled:
            return True  # after the batch that it gave way to
        except (RagError, sqlite3.Error) as error:
            log.warning("could not go on with an unfinished document: %s", error)
            return False

    def _index(self, indexer: Indexer, job: Batch) -> None:
        request, body = job
        try:
            done: IndexDone | Failed = indexer.index(
                body,
                lambda event: self._send(request, event),
                lambda: self._jobs.is_cancelled(request),
            )
        except RagError as error:
            done = Failed(error.info())
        except sqlite3.Error as error:
            done = Failed(problem_of(error, self._database).info())
        except EOFError:
            raise
        except Exception as error:
            log.exception("could not index")
            done = Failed(LibraryError(repr(error)).info())
        self._send(request, done)

    def _short_writes(self, writer: LibraryWriter, embedder: PassageEmbedder) -> bool:
        """Whether there were any."""
        written = False
        while (job := self._jobs.next_short()) is not None:
            self._short_write(writer, embedder, job)
            written = True
        return written

    def _short_write(self, writer: LibraryWriter, embedder: PassageEmbedder, job: Short) -> None:
        match job:
            case Removal():
                self._send(job.request, self._removed(writer, job))
            case NewModel():
                with _noted("take another model for the one in use"):
                    if job.fingerprint != embedder.fingerprint:
                        embedder.use(job.fingerprint, job.dimensions)
            case CatchUp():
                with _noted("bring the vector index in step"):
                    self.keeper.catch_up()

    def _removed(self, writer: LibraryWriter, job: Removal) -> Removed | Failed:
        try:
            count, change = writer.remove(job.body.documents)
        except sqlite3.Error as error:
            return Failed(problem_of(error, self._database).info())
        with _noted("take removed passages out of the vector index"):
            self.keeper.follow(change)
        return Removed(count)


@contextlib.contextmanager
def _noted(what: str) -> Iterator[None]:
    """A database's error where nobody waits for an answer: the next start or batch meets it again."""
    try:
        yield
    except sqlite3.Error as error:
        log.warning("could not %s: %s", what, error)
