"""What is told of a Chroma server comes in the order in which it happened."""

import threading
import time
from pathlib import Path

import pytest

from rag.server.thread import ServerThread
from rag.server_values import ServerNow, UseServer
from rag.store.opening import DATABASE
from rag.store.writer import LibraryWriter
from tests.fakes.chroma_server import HOST, free_port

pytestmark = pytest.mark.loopback


def test_a_slow_answer_does_not_come_after_what_happened_since(tmp_path: Path) -> None:
    LibraryWriter(tmp_path / DATABASE).close()
    told: list[str] = []
    failed = threading.Event()

    def tell(now: ServerNow) -> None:
        told.append(now.state)
        if now.state == "failed":
            failed.set()

    def answer(now: ServerNow) -> None:
        time.sleep(0.3)  # nobody answers at that port, which is known at once
        told.append(now.state)

    thread = ServerThread(tmp_path, tell)
    thread.start()
    try:
        thread.use(UseServer(HOST, free_port()), answer)
        assert failed.wait(30)
    finally:
        thread.close()
    assert told == ["connecting", "failed"]
