"""The indexing thread: takes jobs, owns the writing connection, goes on with what was left unfinished."""

import contextlib
import logging
import shutil
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from rag.errors import Cancelled, LibraryError, RagError
from rag.index.chroma import INDEX_FOLDER
from rag.indexing.embedding import PassageEmbedder
from rag.indexing.indexer import SCANS, Indexer
from rag.indexing.jobs import Batch, Care, CatchUp, Choice, Jobs, NewModel, Removal, Short
from rag.indexing.keeper import IndexKeeper
from rag.indexing.port import EmbedderPort
from rag.indexing.reader_client import ReaderClient
from rag.indexing.switching import ModelSwitch
from rag.indexing.upkeep import Upkeep
from rag.protocol import (
    Checked,
    CheckLibrary,
    Failed,
    IndexDone,
    LibraryEvent,
    ModelsInUse,
    Rebuilt,
    Removed,
    UseModel,
)
from rag.store.opening import DATABASE, problem_of
from rag.store.writer import LibraryWriter

KEPT_S = 60.0  # vectors of removed documents: the window offers to take a removal back for some seconds

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
        kept_s: float = KEPT_S,
    ) -> None:
        self._folder = folder
        self._database = folder / DATABASE
        self._logs = logs
        self._jobs = jobs
        self._port = port
        self._send = send
        self._thread = threading.Thread(target=self._run, name="indexing", daemon=True)
        self.keeper = IndexKeeper(folder / INDEX_FOLDER)
        self._kept_s = kept_s
        self._sweep_at_s: float | None = None  # of time.monotonic: when removed documents' vectors go
        self._refused = ""  # a model that was wanted and does not work: not tried again at every answer

    def start(self) -> None:
        self._thread.start()

    def join(self, timeout_s: float) -> None:
        self._thread.join(timeout_s)

    def _run(self) -> None:
        writer = LibraryWriter(self._database)
        reader = ReaderClient(self._logs / "reader-indexing.log")
        embedder = PassageEmbedder(writer, self._port, lambda answer: self._wanted(answer.chosen, switch))
        self.keeper.attach(writer)
        switch = ModelSwitch(self._folder, writer, self._port, embedder, self.keeper, self._tell_models)
        self._switch, self._embedder = switch, embedder
        between = lambda: self._short_writes(writer, embedder)  # noqa: E731
        indexer = Indexer(
            self._folder, writer, embedder, reader, self.keeper.follow, between, lambda: self._jobs.closed
        )
        try:
            self._tidy(writer)
            if switch.coming:
                self._tell_models(switch.state())
            resuming = True
            while not self._jobs.closed:
                job = self._jobs.next(0.0 if resuming else self._until_sweep_s())
                match job:
                    case None:
                        resuming = resuming and self._resume(indexer, between)
                        self._sweep(writer)
                    case Batch():
                        self._index(indexer, job)
                        reader.close()
                        resuming = True
                    case Care():
                        self._care(Upkeep(self._folder, writer, self.keeper, between), job)
                        resuming = True
                    case _:
                        self._short_write(writer, embedder, job)
                        resuming = resuming or isinstance(job, NewModel | Choice)
        except EOFError:
            pass  # nobody listens any more
        finally:
            reader.close()
            writer.close()

    def _tidy(self, writer: LibraryWriter) -> None:
        """What a start does before anything else: compare the index, drop what nothing needs."""
        with _noted("tidy"):
            self.keeper.catch_up()
            self._switch.tidy()
            if writer.unfinished() is None:
                writer.collect_garbage()
                shutil.rmtree(self._folder / SCANS, ignore_errors=True)

    def _resume(self, indexer: Indexer, let_in: Callable[[], object]) -> bool:
        """Whether there may be more. What stops it is not tried again at once."""
        try:
            more = indexer.resume(self._jobs.batch_waits)
            return more or self._switch.step(self._jobs.choice_waits, let_in)
        except Cancelled:
            return True  # after the batch that it gave way to
        except (RagError, sqlite3.Error) as error:
            log.warning("could not go on with an unfinished document: %s", error)
            return False

    def _index(self, indexer: Indexer, job: Batch) -> None:
        request, body = job
        self._answer(
            request,
            lambda: indexer.index(
                body,
                lambda event: self._send(request, event),
                lambda: self._jobs.is_cancelled(request),
            ),
        )

    def _care(self, upkeep: Upkeep, job: Care) -> None:
        request, body = job
        emit = lambda event: self._send(request, event)  # noqa: E731
        cancelled = lambda: self._jobs.is_cancelled(request)  # noqa: E731
        self._answer(
            request,
            lambda: (
                upkeep.check(body.thorough, emit, cancelled)
                if isinstance(body, CheckLibrary)
                else upkeep.rebuild(emit, cancelled)
            ),
        )

    def _answer(self, request: int, work: Callable[[], IndexDone | Checked | Rebuilt]) -> None:
        """Send what comes of long work, or what stops it."""
        try:
            done: LibraryEvent = work()
        except RagError as error:
            done = Failed(error.info())
        except sqlite3.Error as error:
            done = Failed(problem_of(error, self._database).info())
        except EOFError:
            raise
        except Exception as error:
            log.exception("could not do what was asked for")
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
                    answering = embedder.fingerprint, embedder.source
                    if answering[1] in ("", job.source) and answering != (job.fingerprint, job.source):
                        embedder.use(job.fingerprint, job.dimensions, job.source)
                    self._wanted(job.chosen, self._switch)
            case Choice():
                answer = self._chosen(job.body.source)
                if job.request is not None:
                    self._send(job.request, answer)
            case CatchUp():
                with _noted("bring the vector index in step"):
                    self.keeper.catch_up()

    def _tell_models(self, state: ModelsInUse) -> None:
        self._send(0, state)

    def _wanted(self, source: str, switch: ModelSwitch) -> None:
        """An answer of the embedder said which model the person wants; the setting may have been changed
        while nobody was here."""
        if source and source not in (switch.coming or self._embedder.source, self._refused):
            self._jobs.add(Choice(None, UseModel(source)))

    def _chosen(self, source: str) -> ModelsInUse | Failed:
        try:
            state = self._switch.choose(source, lambda: self._jobs.closed)
        except (RagError, sqlite3.Error) as error:
            problem = problem_of(error, self._database) if isinstance(error, sqlite3.Error) else error
            log.warning("another embedding model is not taken: %s", problem)
            self._refused = source
            return Failed(problem.info())
        self._refused = ""
        return state

    def _until_sweep_s(self) -> float | None:
        return None if self._sweep_at_s is None else max(0.0, self._sweep_at_s - time.monotonic())

    def _sweep(self, writer: LibraryWriter) -> None:
        """Drop the vectors of what was removed and not put back in time."""
        if self._sweep_at_s is not None and time.monotonic() >= self._sweep_at_s:
            self._sweep_at_s = None
            with _noted("drop vectors that nothing needs"):
                if writer.unfinished() is None:
                    writer.collect_garbage()

    def _removed(self, writer: LibraryWriter, job: Removal) -> Removed | Failed:
        self._sweep_at_s = time.monotonic() + self._kept_s
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
