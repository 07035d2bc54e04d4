"""Vectors of removed documents: kept while the removal may be taken back, and no longer."""

from pathlib import Path
from queue import SimpleQueue

from rag.indexing.jobs import Jobs, Removal
from rag.indexing.port import EmbedderPort
from rag.indexing.thread import IndexingThread
from rag.protocol import LibraryEvent, Removed, RemoveDocuments
from tests.unit.rag.shelf import Shelf


def vectors(shelf: Shelf) -> int:
    return int(shelf.writer._db.execute("SELECT count(*) FROM vectors").fetchone()[0])


def test_they_go_when_their_time_is_over(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    shelf.index(shelf.write(["one text", "and another"]))
    answers: SimpleQueue[LibraryEvent] = SimpleQueue()
    jobs = Jobs()
    thread = IndexingThread(
        tmp_path,
        tmp_path,
        jobs,
        EmbedderPort(lambda _: None),
        lambda _, event: answers.put(event),
        kept_s=0.3,
    )
    thread.start()
    try:
        jobs.add(Removal(1, RemoveDocuments((1,))))
        assert answers.get(timeout=30) == Removed(1)
        while vectors(shelf) != 1:
            assert thread._thread.is_alive()
        jobs.add(Removal(2, RemoveDocuments((2,))))
        while vectors(shelf):
            assert thread._thread.is_alive()
    finally:
        jobs.close()
        thread.join(10)
