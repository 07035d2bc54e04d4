"""The indexing thread: takes jobs, owns the writing connection, goes on with what was left unfinished."""

import contextlib
import logging
import shutil
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from pathlib import Path

from rag.errors import Cancelled, LibraryError, RagError
from rag.index.chroma import INDEX_FOLDER
from rag.indexing.desk import Desk
from rag.indexing.embedding import PassageEmbedder
from rag.indexing.indexer import SCANS, Indexer
from rag.indexing.jobs import Batch, Care, CatchUp, Choice, Jobs, Keeping, NewModel, Removal, Short
from rag.indexing.keeper import IndexKeeper
from rag.indexing.no_index import NoIndex
from rag.indexing.port import EmbedderPort
from rag.indexing.reader_client import ReaderClient
from rag.indexing.runs import Runs
from rag.indexing.switching import ModelSwitch
from rag.indexing.upkeep import Upkeep
from rag.indexing.watching import Looked, Watcher
from rag.protocol import (
    Checked,
    CheckLibrary,
    Failed,
    LibraryEvent,
    ModelsInUse,
    Rebuilt,
    Removed,
    UseModel,
)
from rag.sealing import Key
from rag.sqlite import sqlite3
from rag.store.opening import DATABASE, problem_of
from rag.store.writer import LibraryWriter

PAUSED_LOOK_S = 0.25  # how often a pause looks whether what waits was taken back
READER_RESTS_S = 20.0  # the reader stays for the next file so long: it takes .15 s to start

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
        key: Key | None = None,
    ) -> None:
        self._key = key
        self._folder = folder
        self._database = folder / DATABASE
        self._logs = logs
        self._jobs = jobs
        self._port = port
        self._send = send
        self._thread = threading.Thread(target=self._run, name="indexing", daemon=True)
        self._open: Future[None] = Future()
        self._begun = threading.Event()
        keeper = IndexKeeper if key is None else NoIndex
        self.keeper = keeper(folder / INDEX_FOLDER)
        self._watcher = Watcher(self._database, jobs.add, key)
        self._refused = ""  # a model that was wanted and does not work: not tried again at every answer

    def start(self) -> None:
        """Return when the library is open; nothing is sent before `begin`. Raises what
        rag.database.open_database raises."""
        self._thread.start()
        self._open.result()

    def begin(self) -> None:
        """Go on with what was left unfinished, and take jobs."""
        self._begun.set()

    def join(self, timeout_s: float) -> None:
        self._begun.set()
        self._thread.join(timeout_s)

    def _run(self) -> None:
        try:
            self._set_up()
        except sqlite3.Error as error:
            self._open.set_exception(problem_of(error, self._database))
            return
        except BaseException as error:  # noqa: BLE001  told where it is waited for
            self._open.set_exception(error)
            return
        self._open.set_result(None)
        self._begun.wait()
        try:
            self._tidy()
            with _noted("tell which model is to take over"):
                if self._switch.coming:
                    self._tell_models(self._switch.state())
            if self._runs.paused:
                self._runs.tell(at_once=True)
            self._watcher.start()
            self._serve()
        except EOFError:
            pass  # nobody listens any more
        except Cancelled:
            pass  # the process ends
        finally:
            self._watcher.close()
            self._reader.close()
            self.keeper.settle()
            with _noted("put a lost file back"):
                self._writer.keep_file()
            self._writer.close()

    def _set_up(self) -> None:
        """Make all that belongs to this thread. Raises what LibraryWriter raises, or sqlite3.Error."""
        leaving = lambda: self._jobs.closed  # noqa: E731
        self._writer = writer = LibraryWriter(self._database, self._key)
        self._reader = ReaderClient(self._logs / "reader-indexing.log")
        self._embedder = PassageEmbedder(writer, self._port, lambda answer: self._wanted(answer.chosen))
        self.keeper.attach(writer)
        self._switch = ModelSwitch(
            self._folder, writer, self._port, self._embedder, self.keeper, self._tell_models
        )
        self._indexer = Indexer(
            self._folder, writer, self._embedder, self._reader, self.keeper, self._let_in, leaving
        )
        self._runs = Runs(
            self._folder, writer, self._indexer, self.keeper, self._send, self._jobs.is_cancelled, leaving
        )
        self._desk = Desk(self._folder, writer, self._runs, self._watcher, self.keeper.follow, self._send)

    def _serve(self) -> None:
        runs = self._runs
        resuming = True
        while not self._jobs.closed:
            job = self._jobs.next(self._wait_s(resuming))
            with _noted("put a lost file back"):
                self._writer.keep_file()
            match job:
                case None:
                    runs.end_cancelled()
                    if runs.paused:
                        continue
                    if runs.step():
                        resuming = True
                        continue
                    if not resuming:
                        self._reader.close()  # it has waited for another file
                    resuming = resuming and self._resume()
                case Batch(request, body):
                    runs.begin(request, body)
                case Care() as job:
                    self._care(job)
                    resuming = True
                case job:
                    self._short_write(job)
                    resuming = resuming or isinstance(job, NewModel | Choice | Keeping)

    def _wait_s(self, resuming: bool) -> float | None:
        """How long to wait for the next job; None: until there is one."""
        if self._runs.paused:
            return PAUSED_LOOK_S if len(self._runs.line) else None
        if resuming or len(self._runs.line):
            return 0.0
        return READER_RESTS_S if self._reader.running else None

    def _tidy(self) -> None:
        """What a start does before anything else: compare the index, drop what nothing needs."""
        with _noted("tidy"):
            self.keeper.catch_up()
            self._switch.tidy()
            if self._writer.unfinished() is None:
                self._writer.collect_garbage()
                shutil.rmtree(self._folder / SCANS, ignore_errors=True)

    def _resume(self) -> bool:
        """Whether there may be more. What stops it is not tried again at once."""
        try:
            line = self._runs.line
            if self._runs.take_up():
                return True
            more = self._indexer.resume(lambda: self._jobs.batch_waits() or bool(len(line)))
            return more or self._switch.step(
                lambda: self._jobs.choice_waits() or bool(len(line)), self._let_in
            )
        except Cancelled:
            return True  # after the batch that it gave way to
        except (RagError, sqlite3.Error) as error:
            log.warning("could not go on with an unfinished document: %s", error)
            return False

    def _care(self, job: Care) -> None:
        request, body = job
        upkeep = Upkeep(self._folder, self._writer, self.keeper, self._short_writes, self._key)
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

    def _answer(self, request: int, work: Callable[[], Checked | Rebuilt]) -> None:
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

    def _let_in(self) -> bool:
        """Do what is short, and stay here while the person wants a pause. Whether there was anything."""
        written = False
        while True:
            written = self._short_writes() or written
            batch = self._jobs.next_batch()
            if batch is not None:
                self._runs.begin(*batch)
            elif self._runs.paused and not self._jobs.closed and not self._runs.taken_back:
                self._jobs.wait(PAUSED_LOOK_S)
            else:
                return written

    def _short_writes(self) -> bool:
        """Whether there were any."""
        written = False
        while (job := self._jobs.next_short()) is not None:
            self._short_write(job)
            written = True
        return written

    def _short_write(self, job: Short) -> None:
        match job:
            case Removal():
                self._send(job.request, self._removed(job))
            case NewModel():
                with _noted("take another model for the one in use"):
                    answering = self._embedder.fingerprint, self._embedder.source
                    if answering[1] in ("", job.source) and answering != (job.fingerprint, job.source):
                        self._embedder.use(job.fingerprint, job.dimensions, job.source)
                    self._wanted(job.chosen)
            case Choice():
                answer = self._chosen(job.body.source)
                if job.request is not None:
                    self._send(job.request, answer)
            case CatchUp():
                with _noted("bring the vector index in step"):
                    self.keeper.catch_up()
            case Keeping():
                self._desk.answer(job.request, job.body)
            case Looked():
                self._desk.looked(job)

    def _tell_models(self, state: ModelsInUse) -> None:
        self._send(0, state)

    def _wanted(self, source: str) -> None:
        """An answer of the embedder said which model the person wants; the setting may have been changed
        while nobody was here."""
        if source and source not in (self._switch.coming or self._embedder.source, self._refused):
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

    def _removed(self, job: Removal) -> Removed | Failed:
        try:
            count, change = self._writer.remove(job.body.documents)
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
