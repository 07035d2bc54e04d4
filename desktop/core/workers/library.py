"""The library worker as the core sees it, with its Embedder port wired to whoever embeds."""

import contextlib
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, TypeVar

from desktop.core.errors import Cancelled, CoreError, Reported, Unexpected
from desktop.core.events import CoreEvent, DocumentsChanged, IndexingNow, LibraryStatus, SearchModel
from desktop.core.operations import Operation
from desktop.core.passwords import Passwords, Unlock
from desktop.core.secrets import ServerChoice
from desktop.core.types import Problem
from desktop.core.workers.embedders import Embedders
from desktop.core.workers.library_keeping import LibraryKeeping
from desktop.core.workers.library_questions import LibraryQuestions
from desktop.core.workers.library_server import LibraryServer
from desktop.core.workers.reranker import Reranker
from desktop.core.workers.supervisor import Launch, Stream, Terms, Worker
from desktop.core.workers.wires import library_wire
from engine.errors import ModelFileError
from rag.errors import (
    DatabaseError,
    EmbedderError,
    ErrorInfo,
    LibraryInUse,
    RagError,
    RerankerMissing,
    WorkerDied,
    WorkerStartFailed,
)
from rag.keeping_frames import EraseRemoved, LibraryChanged
from rag.protocol import (
    Checked,
    CheckLibrary,
    CollectionInfo,
    Collections,
    DocumentIndexed,
    DocumentInfo,
    Documents,
    Embed,
    Embedded,
    EmbedTexts,
    Failed,
    Found,
    IndexDone,
    IndexPaths,
    IndexProgress,
    LibraryEvent,
    LibraryRequest,
    ListCollections,
    ListDocuments,
    Located,
    LocatePassage,
    ModelsInUse,
    RebuildIndex,
    Rebuilt,
    Reranked,
    RerankTexts,
    Search,
    ServerNow,
    ServerWanted,
    UpkeepProgress,
    UseModel,
)
from rag.whole_values import ReadWhole, WholeRead

LIBRARY_GRACE_S = 4.0  # to end the document it is storing
# a question's vector need not wait behind the core's own queue while a batch is indexed
EMBEDDING_THREADS = 3
AGAIN_AFTER_S = 3.0
# one that dies again and again waits until it is asked for something
MOST_DEATHS, DEATHS_WITHIN_S = 3, 120.0

T = TypeVar("T")


class LibraryClient(LibraryKeeping, LibraryQuestions, LibraryServer):
    """All methods block their thread, which is one of the core's, until the worker has answered."""

    def __init__(
        self,
        library: Callable[[], Launch],
        embedders: Embedders,
        publish: Callable[[CoreEvent], None],
        passwords: Passwords,
        trash_days: Callable[[], int] = lambda: 30,
        server: ServerChoice | None = None,
        reranker: Reranker | None = None,
    ) -> None:
        """`trash_days`: how long what was removed can come back. `reranker`: reads again what was found."""
        self._reranker = reranker
        self._publish = publish
        self._server = server
        self._passwords = passwords
        self._trash_days = trash_days
        self._deaths: list[float] = []  # of time.monotonic
        self._swept: int | None = None  # the process that was asked to empty the trash of what is too old
        self._lock = threading.RLock()
        self._indexing = 0
        self._status = LibraryStatus("starting")
        self._pool = ThreadPoolExecutor(EMBEDDING_THREADS, thread_name_prefix="embedding")
        self._worker: Worker[LibraryRequest, LibraryEvent] = Worker(
            library_wire(),
            Terms(
                launch=library,
                died=lambda how, detail: Reported.of(WorkerDied(detail, worker="library", how=how)),
                not_started=lambda how, detail: Reported.of(
                    WorkerStartFailed(detail, worker="library", how=how)
                ),
                on_start=self._on_start,
                on_death=self._on_death,
                grace_s=LIBRARY_GRACE_S,
            ),
            on_push=self._on_push,
        )
        self._embedders = embedders
        publish(self._status)

    @property
    def pid(self) -> int | None:
        return self._worker.pid

    @property
    def embedder_pids(self) -> tuple[int, ...]:
        return self._embedders.pids

    @property
    def reranker_pid(self) -> int | None:
        return self._reranker.pid if self._reranker is not None else None

    def index(
        self,
        paths: tuple[str, ...],
        collection: str,
        operation: Operation[Any],
        unlock: Unlock | None = None,
    ) -> IndexDone:
        """Emits IndexProgress and IndexedDocument on the operation; cancelling it keeps what is done."""
        with self._lock:
            self._indexing += 1
        try:
            stream = self._run(IndexPaths(paths, collection, self._passwords.to_try(unlock)))
            operation.on_cancel(stream.cancel)
            for event in stream:
                match event:
                    case IndexProgress():
                        operation.emit(event)
                    case DocumentIndexed(document=document):
                        if unlock is not None and document.state == "indexed":
                            self._passwords.opened(document.file, unlock)
                        operation.emit(document)
                        self._publish(DocumentsChanged())
                    case IndexDone():
                        return event
                    case Failed(error=error):
                        raise self._refused(error)
                    case _:
                        continue
            raise Unexpected("the library ended an index without a result")
        finally:
            with self._lock:
                self._indexing -= 1
                if self._status.state == "indexing":
                    self._well()
            self._publish(DocumentsChanged())

    def search(self, request: Search, operation: Operation[Any]) -> Found:
        """Raises Cancelled soon after the operation is cancelled, whatever the search waits for."""
        return self._ask(request, Found, operation)

    def whole(self, request: ReadWhole) -> WholeRead:
        return self._ask(request, WholeRead)

    def documents(self, collection: str | None) -> tuple[DocumentInfo, ...]:
        return self._ask(ListDocuments(collection), Documents).documents

    def collections(self) -> tuple[CollectionInfo, ...]:
        return self._ask(ListCollections(), Collections).collections

    def locate(self, request: LocatePassage) -> Located:
        return self._ask(request, Located)

    def check(self, thorough: bool, operation: Operation[Any]) -> Checked:
        """Emits UpkeepProgress."""
        return self._ask(CheckLibrary(thorough), Checked, operation)

    def rebuild(self, operation: Operation[Any]) -> Rebuilt:
        """Emits UpkeepProgress; cancelling it leaves the old index."""
        return self._ask(RebuildIndex(), Rebuilt, operation)

    def use_chosen_model(self) -> ModelsInUse:
        """The person has chosen an embedding model: another one than before embeds all passages anew, while
        the one before answers. Raises what keeps it from being used."""
        self._embedders.forgive(self._embedders.chosen)
        for event in self._run(UseModel(str(self._embedders.chosen))):
            if isinstance(event, ModelsInUse):
                return event
            if isinstance(event, Failed):  # of the model that was chosen: the one before still works
                raise Reported.of(event.error)
        raise Unexpected("the library ended a choice of models without an answer")

    def use_reranker(self, *, chosen: bool) -> None:
        """The person has chosen a reranker, or none. Raises what keeps it from being used."""
        if self._reranker is None:
            return
        if chosen:
            self._reranker.try_out()
        else:
            self._reranker.stop()

    def forget_models(self) -> None:
        """Stop those that nobody has chosen; the library starts again what it asks for."""
        self._embedders.keep(self._embedders.chosen)

    def at_rest(self) -> AbstractContextManager[None]:
        """Nobody has library.db open inside; who asks waits. What was being indexed goes on afterwards."""
        return self._worker.at_rest()

    def wake(self) -> None:
        """After `at_rest`: whoever shows the documents asks for them anew."""
        self._publish(DocumentsChanged())

    def close(self) -> None:
        self._worker.close()
        self._embedders.close()
        if self._reranker is not None:
            self._reranker.close()
        self._pool.shutdown(wait=False, cancel_futures=True)

    # ── requests ──

    def _ask(self, request: LibraryRequest, kind: type[T], operation: Operation[Any] | None = None) -> T:
        stream = self._run(request)
        if operation is not None:
            operation.on_cancel(stream.cancel)
        for event in stream:
            if isinstance(event, kind):
                self._well()
                return event
            if isinstance(event, Failed):
                raise self._refused(event.error)
            if isinstance(event, UpkeepProgress) and operation is not None:
                operation.emit(event)
        raise Unexpected(f"the library ended {type(request).__name__} without an answer")

    def _run(self, request: LibraryRequest) -> Stream[LibraryEvent]:
        try:
            stream = self._worker.run(request)
        except Cancelled:
            raise
        except CoreError as error:
            self._set("unavailable", error.problem())
            raise
        with self._lock:
            if self._indexing:
                self._set("indexing")
            if self._swept != self._worker.pid:
                self._swept = self._worker.pid
                self._worker.post(EraseRemoved(86_400.0 * self._trash_days()))
        return stream

    def _refused(self, error: ErrorInfo) -> CoreError:
        """A request's error; one that stands for the whole library shows in the status too."""
        if error.code == Cancelled.code:
            return Cancelled()
        reported = Reported.of(error)
        if error.code in _unavailable_codes():
            self._set("unavailable", reported.problem())
        return reported

    # ── status ──

    def _well(self) -> None:
        """It has answered, so it works again."""
        with self._lock:
            self._set("indexing" if self._indexing else "ready")

    def _set(self, state: str, problem: Problem | None = None) -> None:
        match state:
            case "starting":
                status = LibraryStatus("starting")
            case "indexing":
                status = LibraryStatus("indexing")
            case "unavailable":
                status = LibraryStatus("unavailable", problem)
            case _:
                status = LibraryStatus("ready")
        with self._lock:
            if status != self._status:
                self._status = status
                self._publish(status)

    def _on_start(self) -> None:
        self._set("starting")

    def _on_death(self, error: CoreError, _was_working: bool) -> None:
        self._set("unavailable", error.problem())
        now = time.monotonic()
        self._deaths = [at for at in self._deaths if now - at < DEATHS_WITHIN_S] + [now]
        if len(self._deaths) <= MOST_DEATHS:
            # folders are watched and files wait: it goes on without being asked for anything
            again = threading.Timer(AGAIN_AFTER_S, self._wake)
            again.daemon = True
            again.start()

    def _wake(self) -> None:
        with contextlib.suppress(CoreError):
            self.collections()

    # ── the Embedder port ──

    def _on_push(self, event: LibraryEvent) -> None:
        # after the end of the pool nobody waits for these vectors: the library is leaving
        with contextlib.suppress(RuntimeError):
            match event:
                case EmbedTexts():
                    self._pool.submit(self._embed, event)
                case RerankTexts():
                    self._pool.submit(self._rerank, event)
                case ModelsInUse():
                    self._pool.submit(self._models_are, event)
                case ServerWanted():
                    self._pool.submit(self._say_server)
                case ServerNow():
                    self._pool.submit(self._server_is, event)
                case IndexingNow():
                    self._publish(event)
                case LibraryChanged():
                    self._publish(DocumentsChanged())
                case _:
                    pass

    def _models_are(self, state: ModelsInUse) -> None:
        self._embedders.keep(*(Path(path) for path in (state.answering, state.coming) if path))
        problem = Reported.of(state.problem).problem() if state.problem else None
        self._publish(
            SearchModel(state.answering, state.coming, state.done, state.total, problem),
        )

    def _embed(self, asked: EmbedTexts) -> None:
        try:
            chosen = self._embedders.chosen
            path = Path(asked.source) if asked.source else chosen
            vectors = self._embedders.embed(Embed(asked.kind, asked.texts), path)
        except CoreError as error:
            self._worker.post(Embedded(asked.call, error=info_of(error.problem())))
            return
        self._worker.post(
            Embedded(
                asked.call,
                vectors.dimensions,
                vectors.vectors,
                vectors.fingerprint,
                source=str(path),
                chosen=str(chosen),
            )
        )

    def _rerank(self, asked: RerankTexts) -> None:
        if self._reranker is None:
            error = RerankerMissing(path="").info()
            self._worker.post(Reranked(asked.call, error=error))
            return
        try:
            scores, name = self._reranker.scores(asked.query, asked.texts)
        except CoreError as error:
            self._worker.post(Reranked(asked.call, error=info_of(error.problem())))
            return
        self._worker.post(Reranked(asked.call, scores, name))


def info_of(problem: Problem) -> ErrorInfo:
    """A problem as the library's process is told of it."""
    return ErrorInfo(problem.code, dict(problem.params), problem.detail)


def _unavailable_codes() -> set[str]:
    """Errors that stand for the whole library or its embedding model, not for one request."""
    roots: tuple[type[RagError | ModelFileError], ...] = (
        DatabaseError,
        EmbedderError,
        LibraryInUse,
        ModelFileError,  # of a GGUF file that was chosen to embed
    )
    return {kind.code for root in roots for kind in (root, *root.__subclasses__())}
