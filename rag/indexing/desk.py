"""Carries out what is asked about collections, the trash, folders and the queue. For the indexing thread."""

import logging
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import assert_never

from rag.errors import RagError
from rag.indexing.indexer import SCANS
from rag.indexing.runs import Runs
from rag.indexing.watching import Looked, Watcher
from rag.keeping_frames import (
    Changed,
    CreateCollection,
    EraseRemoved,
    ForgetFolder,
    KeepingChange,
    LibraryChanged,
    LookThrough,
    OrderQueue,
    PauseIndexing,
    RemoveCollection,
    RenameCollection,
    RestoreCollection,
    RestoreDocuments,
    WatchFolder,
)
from rag.protocol import Failed, LibraryEvent
from rag.question_frames import AcceptQuestion, AddQuestion, DropQuestions, QuestionsChange
from rag.sqlite import sqlite3
from rag.store import own_questions
from rag.store.opening import DATABASE, problem_of
from rag.store.values import Change
from rag.store.writer import LibraryWriter

log = logging.getLogger(__name__)


class Desk:
    def __init__(
        self,
        folder: Path,
        writer: LibraryWriter,
        runs: Runs,
        watcher: Watcher,
        follow: Callable[[Change], None],
        send: Callable[[int, LibraryEvent], None],
    ) -> None:
        self._folder = folder
        self._writer = writer
        self._runs = runs
        self._watcher = watcher
        self._follow = follow
        self._send = send

    def answer(self, request: int, body: KeepingChange | QuestionsChange) -> None:
        try:
            answer: Changed | Failed = self._done(body)
        except RagError as error:
            answer = Failed(error.info())
        except sqlite3.Error as error:
            answer = Failed(problem_of(error, self._folder / DATABASE).info())
        self._send(request, answer)

    def _done(self, body: KeepingChange | QuestionsChange) -> Changed:
        writer = self._writer
        match body:
            case AddQuestion():
                return Changed(1, number=own_questions.add(writer.connection, body.question))
            case AcceptQuestion():
                return Changed(own_questions.accept(writer.connection, body.number, body.text))
            case DropQuestions():
                return Changed(own_questions.drop(writer.connection, body.numbers))
            case CreateCollection():
                writer.create_collection(body.name)
                return Changed()
            case RenameCollection():
                return Changed(name=writer.rename_collection(body.name, body.new_name))
            case RemoveCollection():
                number, change = writer.remove_collection(body.name)
                self._follow(change)
                return Changed(number=number)
            case RestoreCollection():
                name, change = writer.restore_collection(body.number)
                self._back(change)
                self._watcher.look()
                return Changed(name=name, number=body.number)
            case RestoreDocuments():
                count, change = writer.restore(body.documents)
                self._back(change)
                return Changed(count)
            case EraseRemoved():
                return Changed(self._erase(body.older_than_s))
            case WatchFolder() | ForgetFolder() | LookThrough():
                return self._of_folders(body)
            case PauseIndexing() | OrderQueue():
                return self._of_queue(body)
            case _:
                assert_never(body)

    def _back(self, change: Change) -> None:
        # another model may have come into use meanwhile: what has no vector of it gets one
        self._writer.set_fact("complete", "")
        self._follow(change)

    def _erase(self, older_than_s: float) -> int:
        count = self._writer.erase_removed(time.time() - older_than_s)
        if count and self._writer.unfinished() is None:
            self._writer.collect_garbage()
            shutil.rmtree(self._folder / SCANS, ignore_errors=True)
        return count

    def _of_folders(self, body: WatchFolder | ForgetFolder | LookThrough) -> Changed:
        match body:
            case WatchFolder():
                collection = self._writer.collection(body.collection)
                number = self._writer.watch_folder(collection, body.path, body.watched)
                self._watcher.look((number,))
                return Changed(number=number)
            case ForgetFolder():
                below = self._writer.forget_folder(body.folder)
                count = 0
                if body.remove:
                    count, change = self._writer.remove(below)
                    self._follow(change)
                self._watcher.look()
                return Changed(count)
            case LookThrough():
                self._watcher.look(body.folders)
                return Changed()

    def _of_queue(self, body: PauseIndexing | OrderQueue) -> Changed:
        match body:
            case PauseIndexing():
                self._writer.set_fact("paused", "1" if body.paused else "")
                self._runs.pause(body.paused)
            case OrderQueue():
                if body.order is not None:
                    self._writer.set_fact("order", body.order)
                    self._runs.line.arrange(body.order)
                self._runs.line.put_first(body.first)
        self._runs.tell(at_once=True)
        return Changed()

    def looked(self, looked: Looked) -> None:
        """A watched folder was looked through."""
        folder = looked.folder
        try:
            name = self._writer.name_of(folder.collection)
            if not name or not self._writer.is_followed(folder.id):
                return  # that was taken back while the folder was looked through
            self._runs.begin_unasked(folder.collection, name, looked.changed)
            # where a file has only moved, its document comes back when the file is met at its new place
            _, change = self._writer.remove(looked.missing, with_file=True)
            self._follow(change)
            news = self._writer.looked_through(folder.id, looked.problem)
        except (RagError, sqlite3.Error) as error:
            log.warning("what changed in a watched folder is left for the next look: %s", error)
            return
        if looked.changed or looked.missing or news:
            self._send(0, LibraryChanged())
