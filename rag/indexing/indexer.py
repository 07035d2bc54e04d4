"""Index files: the work of the indexing thread. Owns the writing connection, the reader and the index.

A document becomes visible in one transaction when all of it is there. Vectors are stored as they come, by
what was embedded, so that a kill at any point costs one batch of them and the reading of one document.
"""

import contextlib
import logging
import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Protocol

from rag.errors import Cancelled, DocumentError, DocumentWithoutText, RagError, ReaderDied
from rag.indexing.changes import Changes
from rag.indexing.embedding import PassageEmbedder
from rag.indexing.line import Run, Waiting
from rag.indexing.reader_client import ReaderClient
from rag.indexing.space import check_space
from rag.language import guess_language
from rag.passages.cutting import cut, heading_after
from rag.protocol import (
    ANY_FILE,
    DocumentOpened,
    IndexedDocument,
    IndexProgress,
    PageRead,
    Recognizing,
    Stage,
)
from rag.reading.files import FileState, file_state
from rag.sqlite import sqlite3
from rag.store.opening import DATABASE, problem_of
from rag.store.values import HEADING_SEPARATOR, DocumentRow, NewPassage, digest_of
from rag.store.writer import LibraryWriter

PIPELINE_VERSION = 3  # raise it when reading or cutting changes what is stored
MOST_ATTEMPTS = 3
SCANS = "scans"  # folder of pages that were recognized in documents not stored yet
_PAGES_PER_WRITE, _PASSAGES_PER_WRITE = 16, 32
_MOST_READ_AHEAD_BYTES = 64 << 20  # it is hashed while the model works, which waits for us then
_FIRST_PASSAGES = 8  # are written at once: the model has nothing to do before them

log = logging.getLogger(__name__)


NO_PASSWORDS: Mapping[str, str] = MappingProxyType({})


class GivesWay(Exception):
    """Another file was put first; this one comes again."""


class Withdrawn(DocumentError):
    """It was removed from the library while it was indexed."""

    code = "cancelled"


class Indexer:
    """One file at a time, and what an earlier run left."""

    def __init__(
        self,
        folder: Path,
        writer: LibraryWriter,
        embedder: PassageEmbedder,
        reader: ReaderClient,
        index: Changes,
        between: Callable[[], bool],
        leaving: Callable[[], bool],
    ) -> None:
        """`between` lets short writes in between batches, and says whether there were any; `leaving` says
        that the process ends."""
        self._folder = folder
        self._writer = writer
        self._embedder = embedder
        self._reader = reader
        self._index = index
        self._between = between
        self._leaving = leaving
        self._password: str | None = None  # of the file under way
        self.upcoming: Callable[[], tuple[Run, Waiting] | None] = lambda: None  # what comes after it
        embedder.meanwhile = index.settle

    def resume(self, cancelled: Callable[[], bool]) -> bool:
        """Go on with one document that an earlier run left unfinished, or that only another model has
        embedded; False when there is none. Raises what stops a batch, and Cancelled."""
        document = self._writer.unfinished()
        if document is not None:
            if document.attempts >= MOST_ATTEMPTS:
                self._writer.fail(document, ReaderDied("tried before", file=document.path).info())
            else:
                self._resume_one(document, cancelled)
            return True
        return self._embed_anew(cancelled)

    def _embed_anew(self, cancelled: Callable[[], bool]) -> bool:
        model = self._embedder.model
        if model is None or self._writer.fact("complete") == str(model):
            return False
        document = self._writer.incomplete(model)
        if document is None:
            self._writer.set_fact("complete", str(model))
            return False
        self._embedder.embed(document.id, document.generation, cancelled, lambda *_: self._let_in())
        self._index.follow(self._writer.embedded_anew(document))
        return True

    def _let_in(self) -> None:
        self._between()

    def _resume_one(self, document: DocumentRow, cancelled: Callable[[], bool]) -> None:
        try:
            check_space(self._folder)
            run = Run(None, document.collection, "", files=1)
            self.one(run, Path(document.path), None, lambda _: None, cancelled)
        except Cancelled:
            raise
        except (RagError, sqlite3.Error) as error:
            raise self.given_up(error) from error

    def given_up(self, error: RagError | sqlite3.Error) -> RagError:
        """Note what ends a batch for all that waits, and give it as one of our errors."""
        problem = problem_of(error, self._folder / DATABASE) if isinstance(error, sqlite3.Error) else error
        try:
            self._writer.fail_queued(problem.info())
        except sqlite3.Error:
            log.warning("could not note why the batch ended: %s", problem)
        return problem

    def one(
        self,
        run: Run,
        path: Path,
        problem: DocumentError | None,
        emit: Callable[[IndexProgress], None],
        cancelled: Callable[[], bool],
        passwords: Mapping[str, str] = NO_PASSWORDS,
    ) -> IndexedDocument:
        """Index one file; what keeps it out of the library is in the result.

        Raises what stops the whole batch, Cancelled, and what `emit` raises.
        """
        file, collection = str(path), run.collection
        self._password = _password(passwords, file)

        def progress(stage: Stage, done: int, total: int) -> None:
            if self._between() and not self._writer.is_wanted(collection, file):
                raise Withdrawn(file=file)
            _stop_if(cancelled)
            emit(IndexProgress(file, run.begun, run.files, stage, done, total))

        document = self._writer.document(collection, file)
        state: FileState | None = None
        try:
            if problem is not None:
                raise problem
            state = file_state(path)
            if file in run.paths and not self._writer.is_wanted(collection, file):
                raise _withdrawn(file)  # while it waited
            if document is None:  # it was no document yet when it was named
                self._writer.queue(collection, [file])
                document = self._writer.document(collection, file)
                assert document is not None  # noqa: S101 - it was just written
            document = self._moved_here(document, state) or document
            return self._document(document, path, state, progress, cancelled)
        except DocumentError as error:
            info = error.info()
            if document is not None:
                self._writer.fail(document, info, state)
            pages = info.params.get("pages", 0)
            return IndexedDocument(
                file,
                "failed",
                pages=pages if isinstance(pages, int) else 0,
                document=document.id if document is not None else None,
                error=info,
            )
        except (RagError, sqlite3.Error, GivesWay):
            if document is not None:
                with contextlib.suppress(sqlite3.Error):
                    self._writer.interrupted(document)
            raise

    def _moved_here(self, document: DocumentRow, state: FileState) -> DocumentRow | None:
        """The row of a file that had another name before, where this one is that file; None: it is new."""
        if document.generation or not state.sha256:
            return None
        for number, path in self._writer.same_elsewhere(document.collection, state.sha256, PIPELINE_VERSION):
            if not os.path.lexists(path):
                self._index.follow(self._writer.moved(number, document, state.modified_at))
                return self._writer.document(document.collection, document.path)
        return None

    def _document(
        self,
        document: DocumentRow,
        path: Path,
        state: FileState,
        progress: "Progress",
        cancelled: Callable[[], bool],
    ) -> IndexedDocument:
        known = document.generation > 0 and document.sha256 == state.sha256
        if known and document.version == PIPELINE_VERSION:
            if self._embedder.complete(document.id, document.generation):
                self._writer.touched(document.id, state.modified_at)
                return IndexedDocument(str(path), "unchanged", document.pages, document.passages, document.id)
            generation, title, language = document.generation, "", ""
        else:
            check_space(self._folder, 2 * state.size_bytes)
            generation = self._writer.begin(document)
            title, language = self._read(document, generation, path, state, progress, cancelled)
        self._embedder.embed(
            document.id, generation, cancelled, lambda done, total: progress("embedding", done, total)
        )
        progress("storing", 0, 1)
        if generation != document.generation:
            title = title or path.stem
            done = self._writer.finish(document, generation, title, state, PIPELINE_VERSION, language)
        else:
            done = self._writer.embedded_anew(document)
        if self._reader.reads_ahead:  # the next texts come at once: let the model have them first
            self._index.hold(done)
        else:
            self._index.follow(done)
        progress("storing", 1, 1)
        stored = self._writer.document(document.collection, document.path)
        pages, passages = (stored.pages, stored.passages) if stored else (0, 0)
        return IndexedDocument(str(path), "indexed", pages, passages, document.id)

    def _read(
        self,
        document: DocumentRow,
        generation: int,
        path: Path,
        state: FileState,
        progress: "Progress",
        cancelled: Callable[[], bool],
    ) -> tuple[str, str]:
        """Read, cut and store the pages where nobody sees them yet. Gives the title and what the file says
        of its language."""
        title = language = ""
        total = cut_here = 0
        enough = _FIRST_PASSAGES
        above: tuple[str, ...] = ()
        pages: list[tuple[PageRead, list[NewPassage]]] = []
        scans = self._folder / SCANS / state.sha256
        try:
            with self._embedder.ahead(document.id, generation, cancelled) as ahead:
                reading = self._reader.read(path, cancelled, self._password, str(scans), self._index.settle)
                for event in reading:
                    ahead.turn()
                    if isinstance(event, Recognizing):
                        progress("recognizing", event.page, event.pages)
                        continue
                    if isinstance(event, DocumentOpened):
                        title, total, language = event.title, event.pages, event.language
                        continue
                    pages.append((event, _passages(event, above)))
                    above = heading_after(event.headings, above)
                    cut_here += len(pages[-1][1])
                    if len(pages) == _PAGES_PER_WRITE or cut_here >= enough:
                        self._writer.add_pages(document.id, generation, pages)
                        pages, cut_here, enough = [], 0, _PASSAGES_PER_WRITE
                        ahead.more()
                        self._index.settle()
                        progress("reading", event.page, total)
                self._writer.add_pages(document.id, generation, pages)
                self._read_ahead()
        except DocumentError as error:
            if error.info().code == DocumentWithoutText.code:
                self._writer.add_pages(document.id, generation, pages)  # each says why it has none
            raise
        shutil.rmtree(scans, ignore_errors=True)  # the pages are in the library now
        progress("reading", total, total)
        return title, language

    def _read_ahead(self) -> None:
        """Let the reader begin with the next file, if it will have to: its first pages are there when the
        model has nothing else to do."""
        upcoming = self.upcoming()
        if upcoming is None:
            return
        run, item = upcoming
        if item.problem is not None or item.size_bytes > _MOST_READ_AHEAD_BYTES:
            return
        file = str(item.path)
        with contextlib.suppress(DocumentError):  # its turn will say so
            state = file_state(item.path)
            known = self._writer.document(run.collection, file)
            if known is None or known.sha256 != state.sha256 or known.version != PIPELINE_VERSION:
                scans = self._folder / SCANS / state.sha256
                self._reader.read_ahead(item.path, _password(run.passwords, file), str(scans))


def _password(passwords: Mapping[str, str], file: str) -> str | None:
    return passwords.get(file) or passwords.get(ANY_FILE) or None


def _withdrawn(file: str) -> Withdrawn:
    return Withdrawn(file=file)


def _stop_if(cancelled: Callable[[], bool]) -> None:
    if cancelled():
        raise Cancelled


class Progress(Protocol):
    """Tells how far a document is, lets short writes in, and raises Withdrawn when one removed it."""

    def __call__(self, stage: Stage, done: int, total: int) -> None: ...


def _passages(page: PageRead, above: tuple[str, ...]) -> list[NewPassage]:
    passages = []
    for start, end, path in cut(page.text, page.headings, above):
        text = page.text[start:end]
        heading = HEADING_SEPARATOR.join(path)
        passages.append(NewPassage(start, end, heading, guess_language(text), digest_of(heading, text)))
    return passages
