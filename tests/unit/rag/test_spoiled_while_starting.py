"""A library whose file is spoiled while its threads begin: each says so, and none ends the process."""

import queue
import threading
from contextlib import closing
from pathlib import Path

import pytest

from rag.errors import DatabaseDamaged
from rag.indexing.jobs import Jobs
from rag.indexing.port import EmbedderPort
from rag.indexing.thread import IndexingThread
from rag.indexing.watching import Looked, Watcher
from rag.store.opening import DATABASE
from rag.store.writer import LibraryWriter

WAIT_S = 30.0


def test_indexing_says_before_it_begins_that_the_library_is_damaged(tmp_path: Path) -> None:
    (tmp_path / DATABASE).write_bytes(b"\xff" * 8192)
    thread = IndexingThread(tmp_path, tmp_path, Jobs(), EmbedderPort(lambda _: None), lambda *_: None)
    with pytest.raises(DatabaseDamaged) as problem:
        thread.start()
    assert problem.value.info().params["folder"] == str(tmp_path)
    thread.join(WAIT_S)


def test_folders_are_watched_once_the_library_can_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended: list[threading.ExceptHookArgs] = []
    monkeypatch.setattr(threading, "excepthook", ended.append)
    tried = threading.Event()
    database, folder = tmp_path / DATABASE, tmp_path / "papers"
    folder.mkdir()
    (folder / "one.txt").write_text("a text", "utf-8")
    database.write_bytes(b"\xff" * 8192)
    looks: queue.SimpleQueue[Looked] = queue.SimpleQueue()
    monkeypatch.setattr("rag.indexing.watching.log.exception", lambda *_: tried.set())
    watcher = Watcher(database, looks.put)
    watcher.start()
    try:
        assert tried.wait(WAIT_S)
        database.unlink()
        with closing(LibraryWriter(database)) as writer:
            writer.watch_folder(writer.collection("papers"), str(folder), watched=True)
        watcher.look()
        assert looks.get(timeout=WAIT_S).changed == (str(folder / "one.txt"),)
    finally:
        watcher.close()
    assert not ended
