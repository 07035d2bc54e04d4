"""The library process: sole owner of library.db and the Chroma folder.

    python -m rag.library_worker --channel N --data DIR --logs DIR [--sealed]

With --sealed the first frame brings the key of the library: it stands in no argument and no environment.

Three threads: the main one receives, one answers questions with a reading connection, one indexes with the
writing one. A question that comes while a batch is indexed is answered at once.
"""

import argparse
import logging
import os
import queue
import sys
import threading
import uuid
from collections.abc import Sequence
from concurrent.futures import Future
from pathlib import Path

from rag.embedding.embedder import Floats
from rag.errors import Cancelled, LibraryError, RagError
from rag.frames import Frames
from rag.index.chroma import ChromaIndex
from rag.indexing.jobs import Batch, Care, CatchUp, Choice, Jobs, Keeping, NewModel, Removal
from rag.indexing.port import EmbedderPort
from rag.indexing.thread import IndexingThread
from rag.keeping_frames import Folders, KeepingQuestion, ListFolders, ListPages, ListRemoved, PagesOf
from rag.lock import FolderLock
from rag.process import end_with_any_thread, open_channel
from rag.protocol import (
    PROTOCOL,
    Cancel,
    CheckLibrary,
    Collections,
    Documents,
    Embedded,
    Failed,
    IndexPaths,
    LibraryEvent,
    LibraryEventFrame,
    LibraryRequestFrame,
    ListCollections,
    ListDocuments,
    LocatePassage,
    OpenWith,
    Ready,
    RebuildIndex,
    RemoveDocuments,
    Reranked,
    Search,
    ServerWanted,
    Shutdown,
    UseModel,
    UseServer,
)
from rag.question_frames import (
    ListQuestions,
    OwnQuestions,
    QuestionsQuestion,
    RankIn,
    RanksFound,
    Sampled,
    SamplePassages,
)
from rag.quiet_logs import log_to_stderr
from rag.sealing import Key
from rag.search.asking import vector_of
from rag.search.reranking import RerankerPort
from rag.search.searcher import Searcher
from rag.server import ServerThread
from rag.server.asking import Embed, search_both
from rag.sqlite import sqlite3
from rag.store import own_questions, rescue
from rag.store.opening import DATABASE, problem_of
from rag.store.queries import Queries
from rag.store.whole import whole
from rag.store.writer import LibraryWriter
from rag.whole_values import ReadWhole

LOCK = "library.lock"
_LEAVE_WITHIN_S = 3.0

Question = (
    Search | ListDocuments | ListCollections | LocatePassage | KeepingQuestion | ReadWhole | QuestionsQuestion
)

log = logging.getLogger(__name__)


class LibraryWorker:
    """Serves one pipe over one library folder, whose lock is held."""

    def __init__(
        self,
        frames: Frames[LibraryRequestFrame, LibraryEventFrame],
        folder: Path,
        logs: Path,
        key: Key | None = None,
    ) -> None:
        self._key = key
        self._frames = frames
        self._folder = folder
        self._jobs = Jobs()
        self._questions: queue.SimpleQueue[tuple[int, Question] | None] = queue.SimpleQueue()
        self._open: Future[None] = Future()  # for questions
        self._port = EmbedderPort(lambda event: self._send(0, event))
        self._reranker = RerankerPort(lambda event: self._send(0, event))
        self._indexing = IndexingThread(folder, logs, self._jobs, self._port, self._send, key)
        self._server = ServerThread(folder, lambda state: self._send(0, state), key)
        self._indexing.keeper.changed = self._server.library_changed

    def run(self) -> None:
        """Until told to leave or the pipe closes. Raises what rag.database.open_database raises."""
        answering = threading.Thread(target=self._answer_all, name="answering", daemon=True)
        answering.start()
        self._indexing.start()
        self._open.result()
        self._send(0, Ready(PROTOCOL, os.getpid()))  # whatever is wrong with the library was said before
        self._indexing.begin()
        self._server.start()
        try:
            self._send(0, ServerWanted())
            while self._dispatch(self._frames.receive()):
                pass
        except EOFError:
            pass
        finally:
            self._jobs.close()
            self._port.close()
            self._server.close()
            self._questions.put(None)
            self._indexing.join(_LEAVE_WITHIN_S)
            answering.join(1.0)

    def _dispatch(self, frame: LibraryRequestFrame) -> bool:
        """Hand a frame to the thread it concerns; False to leave."""
        match frame.body:
            case Search() | ListDocuments() | ListCollections() | LocatePassage() | ReadWhole():
                self._ask(frame.id, frame.body)
            case IndexPaths():
                self._jobs.add(Batch(frame.id, frame.body))
            case CheckLibrary() | RebuildIndex():
                self._jobs.add(Care(frame.id, frame.body))
            case RemoveDocuments():
                self._jobs.add(Removal(frame.id, frame.body))
            case UseModel():
                self._jobs.add(Choice(frame.id, frame.body))
            case ListQuestions() | SamplePassages() | RankIn() | ListRemoved() | ListPages() | ListFolders():
                self._ask(frame.id, frame.body)
            case UseServer():
                self._server.use(frame.body, lambda now: self._send(frame.id, now))
            case Embedded():
                self._port.answer(frame.body)
            case Reranked():
                self._reranker.answer(frame.body)
            case Cancel():
                self._jobs.cancel(frame.body.target)
            case Shutdown() | OpenWith():  # a key comes before all others, or never
                return False
            case change:
                self._jobs.add(Keeping(frame.id, change))
        return True

    def _ask(self, request: int, question: Question) -> None:
        self._indexing.keeper.courtesy.asked()
        self._questions.put((request, question))

    # ── answering thread ──

    def _answer_all(self) -> None:
        try:
            queries = Queries(self._folder / DATABASE, self._key)
        except BaseException as error:  # noqa: BLE001  told where it is waited for
            self._open.set_exception(error)
            return
        self._open.set_result(None)
        request = 0
        asked_of = ""  # where the model of the last question is found

        def cancelled() -> bool:
            return self._jobs.is_cancelled(request)

        last: tuple[int, str, tuple[str, Floats]] | None = None  # a question is embedded once

        def embed(question: str) -> tuple[str, Floats]:
            nonlocal asked_of, last
            if last is not None and last[:2] == (request, question):
                return last[2]
            answer = vector_of(question, self._port, queries, cancelled)
            dimensions = answer.vectors.shape[1]
            self._jobs.add(NewModel(answer.fingerprint, dimensions, answer.source, answer.chosen))
            asked_of = answer.source
            last = request, question, (answer.fingerprint, answer.vectors[0])
            return last[2]

        def measure(texts: Sequence[str]) -> Floats:
            return self._port.embed("query", texts, cancelled, asked_of).vectors

        def distrust(index: ChromaIndex) -> None:
            keeper.distrust(index)
            self._jobs.add(CatchUp())

        keeper = self._indexing.keeper

        def rerank(question: str, texts: Sequence[str]) -> tuple[list[float], str]:
            return self._reranker.scores(question, texts, cancelled)

        searcher = Searcher(queries, embed, keeper.current, distrust, measure, rerank)
        queries.stop_when(cancelled)
        while (question := self._questions.get()) is not None:
            request, body = question
            try:
                if cancelled():
                    self._send(request, Failed(Cancelled().info()))
                else:
                    self._send(request, self._answer(body, queries, searcher, embed))
            except EOFError:
                return
            finally:
                keeper.courtesy.answered()
        queries.close()

    def _answer(self, body: Question, queries: Queries, searcher: Searcher, embed: Embed) -> LibraryEvent:
        try:
            queries.follow_file()
            match body:
                case Search():
                    own = [collection.name for collection in queries.collections()]
                    return search_both(body, searcher, embed, self._server, own)
                case ListDocuments():
                    return Documents(queries.documents(body.collection))
                case ListCollections():
                    return Collections((*queries.collections(), *self._server.collections()))
                case LocatePassage() if body.document < 0:
                    return self._server.locate(body.document, body.page)
                case ReadWhole():
                    scope = queries.scope(body.collections, body.documents)
                    return whole(queries.connection, scope, body.limit_characters)
                case LocatePassage():
                    return queries.locate(body.document, body.page, body.start, body.end)
                case _:
                    return _kept(body, queries, searcher)
        except RagError as error:
            return Failed(error.info())
        except sqlite3.Error as error:
            if getattr(error, "sqlite_errorcode", 0) == sqlite3.SQLITE_INTERRUPT:
                return Failed(Cancelled().info())
            return Failed(problem_of(error, self._folder / DATABASE).info())
        except EOFError:
            raise
        except Exception as error:
            log.exception("could not answer")
            return Failed(LibraryError(repr(error)).info())

    def _send(self, request: int, event: LibraryEvent) -> None:
        self._frames.send(LibraryEventFrame(request, event))


def _of_questions(body: QuestionsQuestion, queries: Queries, searcher: Searcher) -> LibraryEvent:
    match body:
        case ListQuestions():
            if body.collection:
                queries.scope((body.collection,), ())
            return OwnQuestions(own_questions.listed(queries.connection, body.collection))
        case SamplePassages():
            (collection,) = queries.scope((body.collection,), ()).collections
            return Sampled(own_questions.sample(queries.connection, collection, body.count, body.seed))
        case RankIn():
            asked = own_questions.one(queries.connection, body.question)
            if asked is None:
                return RanksFound((0,) * len(body.tunings))
            return searcher.ranks(asked, body.tunings, body.k)


def _kept(body: KeepingQuestion | QuestionsQuestion, queries: Queries, searcher: Searcher) -> LibraryEvent:
    match body:
        case ListQuestions() | SamplePassages() | RankIn():
            return _of_questions(body, queries, searcher)
        case ListRemoved():
            return queries.removed()
        case ListPages():
            return PagesOf(queries.pages_of(body.document))
        case ListFolders():
            return Folders(queries.folders())


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--channel", type=int, required=True)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--logs", type=Path, required=True)
    parser.add_argument("--sealed", action="store_true")
    options = parser.parse_args()
    log_to_stderr(logging.WARNING)
    end_with_any_thread()
    frames: Frames[LibraryRequestFrame, LibraryEventFrame] = Frames(
        open_channel(options.channel), LibraryRequestFrame
    )
    try:
        key = _key_of(frames) if options.sealed else None
        return _serve(frames, options.data, options.logs, key)
    except EOFError:
        return 0  # the core is gone


def _key_of(frames: Frames[LibraryRequestFrame, LibraryEventFrame]) -> Key:
    first = frames.receive().body
    if not isinstance(first, OpenWith):
        raise EOFError  # noqa: TRY004  nobody who knows our frames is there
    return Key(first.key)


def _serve(
    frames: Frames[LibraryRequestFrame, LibraryEventFrame], folder: Path, logs: Path, key: Key | None
) -> int:
    try:
        lock = FolderLock(folder / LOCK)
        _begin(folder / DATABASE, key)
        LibraryWorker(frames, folder, logs, key).run()
    except RagError as error:
        frames.send(LibraryEventFrame(0, Failed(error.info())))
        return 1
    lock.close()
    sys.stderr.flush()
    os._exit(0)  # Chroma's native threads need no goodbye


def _begin(database: Path, key: Key | None) -> None:
    """Open the library for a moment; a new one gets the name by which a server tells it from others. One that
    is damaged is rescued first, where the person has asked for it."""
    if rescue.is_asked(database):
        rescue.rescue(database, key)
    writer = LibraryWriter(database, key)
    try:
        if not writer.fact("library"):
            writer.set_fact("library", uuid.uuid4().hex)
    except sqlite3.Error as error:
        raise problem_of(error, database) from error
    finally:
        writer.close()


if __name__ == "__main__":
    sys.exit(main())
