"""What was asked for, file by file: runs begin, take their turns, and end. Belongs to the indexing thread."""

import logging
import os
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from rag.errors import Cancelled, DocumentError, LibraryError, RagError, ReaderDied
from rag.indexing.changes import Changes
from rag.indexing.indexer import MOST_ATTEMPTS, PIPELINE_VERSION, GivesWay, Indexer
from rag.indexing.line import Line, Run, Waiting
from rag.indexing.pace import Pace
from rag.indexing.space import check_space
from rag.indexing.walk import walk
from rag.keeping_frames import IndexingNow
from rag.protocol import (
    DocumentIndexed,
    Failed,
    IndexDone,
    IndexedDocument,
    IndexingState,
    IndexPaths,
    IndexProgress,
    LibraryEvent,
)
from rag.reading.kinds import is_document
from rag.sqlite import sqlite3
from rag.store.writer import LibraryWriter

TOLD_EVERY_S = 0.25

log = logging.getLogger(__name__)

Send = Callable[[int, LibraryEvent], None]


class Runs:
    """`send` takes a request's number and an event of it; `cancelled` says whether one was taken back."""

    def __init__(
        self,
        folder: Path,
        writer: LibraryWriter,
        indexer: Indexer,
        index: Changes,
        send: Send,
        cancelled: Callable[[int], bool],
        leaving: Callable[[], bool],
    ) -> None:
        self._folder = folder
        self._writer = writer
        self._indexer = indexer
        self._index = index
        self._send = send
        self._cancelled = cancelled
        self._leaving = leaving
        self.line = Line()
        indexer.upcoming = self.line.first
        self.pace = Pace()
        self.paused = writer.fact("paused") == "1"
        self.line.arrange("small_first" if writer.fact("order") == "small_first" else "added")
        self._now: IndexProgress | None = None
        self._run: Run | None = None  # which the file under way belongs to
        self._collection = ""
        self._told = IndexingState()
        self._told_at = 0.0

    # ── begin and end ──

    def begin(self, request: int, body: IndexPaths) -> None:
        """Look which files are meant and put them into the line; what goes wrong ends the request."""
        run = Run(request, 0, body.collection, passwords=body.passwords)
        try:
            check_space(self._folder)
            run.collection = self._writer.collection(body.collection)
            self._add(run, self._found(run, body.paths))
        except Cancelled:
            if not self._leaving():
                self._send(request, IndexDone((), cancelled=True))
        except (RagError, sqlite3.Error) as error:
            self._send(request, Failed(self._indexer.given_up(error).info()))

    def _found(self, run: Run, paths: tuple[str, ...]) -> list[Waiting]:
        items = []
        for found in walk(paths):
            if self._taken_back(run):
                raise Cancelled
            path, problem = found if isinstance(found, tuple) else (found, None)
            items.append(self._waiting(run.collection, path, problem))
        return items

    def begin_unasked(self, collection: int, name: str, paths: Iterable[str]) -> None:
        """Files that have changed below a watched folder."""
        waiting = self.line.holds(collection)
        run = Run(None, collection, name)
        fresh = [Path(path) for path in paths if path not in waiting]
        if fresh:
            self._add(run, [self._waiting(collection, path, None) for path in fresh])

    def take_up(self) -> bool:
        """Put what an earlier run left unfinished into the line; False: there is nothing."""
        left = self._writer.all_unfinished()
        paths: dict[int, list[str]] = {}
        for document in left:
            if document.attempts >= MOST_ATTEMPTS:
                self._writer.fail(document, ReaderDied("tried before", file=document.path).info())
            else:
                paths.setdefault(document.collection, []).append(document.path)
        for collection, files in paths.items():
            self.begin_unasked(collection, self._writer.name_of(collection), files)
        return bool(left)

    def _add(self, run: Run, items: list[Waiting]) -> None:
        run.files = len(items)
        paths = [str(item.path) for item in items if item.problem is None and _indexable(item.path)]
        for path in self._writer.in_trash(run.collection, paths):
            self._index.follow(self._writer.wanted_again(run.collection, path))
        self._writer.queue(run.collection, paths)
        run.paths = set(paths)
        self.line.add(run, items)
        if not items:
            self._end(run)
        self.tell(at_once=True)

    def _waiting(self, collection: int, path: Path, problem: DocumentError | None) -> Waiting:
        try:
            status = path.stat()
        except (OSError, ValueError):
            return Waiting(path, problem, 0, 0.0)
        known = self._writer.known_as(collection, str(path), PIPELINE_VERSION)
        unchanged = known == (status.st_size, status.st_mtime)
        expected = 0.0 if unchanged or problem else self.pace.expected(path, status.st_size)
        return Waiting(path, problem, status.st_size, expected)

    def _end(self, run: Run, *, cancelled: bool = False) -> None:
        self._index.settle()  # who asked may search now
        self.line.end(run)
        if cancelled:
            left = run.paths - {document.file for document in run.done}
            try:
                self._writer.drop_queued(run.collection, left)
            except (
                sqlite3.Error
            ) as error:  # the next start goes on with them; who cancelled is told all the same
                log.warning("could not forget what was cancelled: %s", error)
        if run.request is not None:
            self._send(run.request, IndexDone(tuple(run.done), cancelled=cancelled))

    def end_cancelled(self) -> None:
        """End those that were taken back."""
        for run in list(self.line.runs):
            if self._taken_back(run) and not self._leaving():
                self._end(run, cancelled=True)
                self.tell(at_once=True)

    def fail(self, error: RagError) -> None:
        """What stops one run stops all: a full disk, a missing model."""
        for run in list(self.line.runs):
            self.line.end(run)
            if run.request is not None:
                self._send(run.request, Failed(error.info()))

    @property
    def taken_back(self) -> bool:
        """Whether nobody wants the file under way any more."""
        return self._run is not None and self._taken_back(self._run)

    def _taken_back(self, run: Run) -> bool:
        return self._leaving() if run.request is None else self._cancelled(run.request)

    def pause(self, paused: bool) -> None:
        self.paused = paused
        self._index.settle()
        self.pace.rests()
        if not paused and self._now is not None:
            self.pace.began()

    # ── turns ──

    def step(self) -> bool:
        """Index the next file; False when none waits. Raises Cancelled when the process ends."""
        turn = self.line.next()
        if turn is None:
            return False
        run, item = turn
        run.begun += 1
        self._run = run
        self.pace.began()
        try:
            self._turn(run, item)
        except GivesWay:
            run.begun -= 1
            self.line.put_back(run, item)
        except Cancelled:
            if self._leaving():  # not taken back by anyone: the next start goes on
                raise
            self._end(run, cancelled=True)
        except (RagError, sqlite3.Error) as error:
            self.fail(self._indexer.given_up(error))
        except EOFError:
            raise
        except Exception as error:
            log.exception("could not index")
            self.fail(LibraryError(repr(error)))
        finally:
            self._now = self._run = None
            if not len(self.line):
                self._index.settle()
                self.pace.rests()
            self.tell(at_once=not len(self.line))
        return True

    def _turn(self, run: Run, item: Waiting) -> None:
        if self._taken_back(run):
            raise Cancelled
        embedded = 0
        self._collection = run.name

        def progress(event: IndexProgress) -> None:
            nonlocal embedded
            if event.stage == "embedding":
                self.pace.embedded(event.done - embedded)
                embedded = event.done
            self._now = event
            left = self._left(event)
            event = IndexProgress(
                event.file,
                event.number,
                event.files,
                event.stage,
                event.done,
                event.total,
                round(self.pace.passages_per_s(), 2),
                left,
            )
            if run.request is not None:
                self._send(run.request, event)
            self.tell()
            if self.line.first_waits() and not self.line.is_first(item.path):
                raise GivesWay

        path, problem = item.path, item.problem
        document = self._indexer.one(
            run, path, problem, progress, lambda: self._taken_back(run), run.passwords
        )
        self._came(run, item, document)

    def _came(self, run: Run, item: Waiting, document: IndexedDocument) -> None:
        run.done.append(document)
        if document.state == "indexed":
            self.pace.came(item.path, item.size_bytes, document.passages)
        else:  # it gave the model nothing to do
            self._index.settle()
        if run.request is not None:
            self._send(run.request, DocumentIndexed(document))
        if len(run.done) == run.files:
            self._end(run)

    # ── told ──

    def _left(self, now: IndexProgress | None) -> float | None:
        """Seconds, roughly, for all that waits."""
        here = max(0, now.total - now.done) if now is not None and now.stage == "embedding" else 0
        left = self.pace.remaining_s(here + self.line.passages)
        return None if left is None else round(left, 1)

    def state(self) -> IndexingState:
        now = self._now
        waiting = len(self.line) + (now is not None)
        if now is None or self.paused:
            return IndexingState(
                waiting,
                self.paused,
                self.line.order,
                now.file if now else "",
                self._collection if now else "",
            )
        return IndexingState(
            waiting,
            self.paused,
            self.line.order,
            now.file,
            self._collection,
            now.stage,
            now.done,
            now.total,
            round(self.pace.passages_per_s(), 2),
            self._left(now),
        )

    def tell(self, *, at_once: bool = False) -> None:
        """Where the work stands, not too often."""
        now = time.monotonic()
        if not at_once and now - self._told_at < TOLD_EVERY_S:
            return
        state = self.state()
        if state != self._told:
            self._told, self._told_at = state, now
            self._send(0, IndexingNow(state))


def _indexable(path: Path) -> bool:
    """Whether a file is worth a row in the library: one that is not there or of no kind we read is not."""
    # not Path.exists(): it raises in a folder that may be listed and not entered
    return is_document(path) and os.path.exists(path)  # noqa: PTH110
