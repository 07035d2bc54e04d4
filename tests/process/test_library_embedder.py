"""The embedder worker: questions first, cancels between batches, refusals instead of deaths."""

import threading
from collections.abc import Callable, Iterator, Sequence
from multiprocessing.connection import Connection, Pipe
from pathlib import Path

import numpy as np
import pytest

from rag.embedder_worker import EmbedderWorker
from rag.embedding.embedder import Floats
from rag.frames import Frames
from rag.process import Child, spawn
from rag.protocol import (
    Cancel,
    Embed,
    EmbedderEventFrame,
    EmbedderRequest,
    EmbedderRequestFrame,
    Failed,
    Ready,
    Shutdown,
    TextKind,
    Vectors,
)
from tests.fakes.embedder import FakeEmbedder

Pipeline = Frames[EmbedderEventFrame, EmbedderRequestFrame]


def started(model: Path, log: Path) -> tuple[Child, Pipeline]:
    child = spawn("rag.embedder_worker", ("--model", str(model)), log)
    frames: Pipeline = Frames(child.channel, EmbedderEventFrame)
    assert isinstance(frames.receive().body, Ready)
    return child, frames


def test_a_folder_without_a_model_is_an_answer_and_the_worker_lives_on(tmp_path: Path) -> None:
    child, frames = started(tmp_path / "none", tmp_path / "embedder.log")
    for number in (1, 2):
        frames.send(EmbedderRequestFrame(number, Embed("query", ("a",))))
        frame = frames.receive()
        assert frame.id == number
        assert isinstance(frame.body, Failed)
        assert frame.body.error.code == "embedder_missing"
    frames.send(EmbedderRequestFrame(3, Shutdown()))
    assert child.process.wait(30) == 0


def test_a_damaged_model_is_an_answer(tmp_path: Path) -> None:
    for name in ("model.onnx", "tokenizer.json"):
        (tmp_path / name).write_bytes(b"\x08\x07" * 4000)
    child, frames = started(tmp_path, tmp_path / "embedder.log")
    frames.send(EmbedderRequestFrame(1, Embed("query", ("a",))))
    body = frames.receive().body
    assert isinstance(body, Failed)
    assert body.error.code == "embedder_damaged"
    frames.close()
    assert child.process.wait(30) == 0


@pytest.mark.models
def test_the_real_model_embeds_in_its_own_process(embedding_model: Path, tmp_path: Path) -> None:
    child, frames = started(embedding_model, tmp_path / "embedder.log")
    frames.send(EmbedderRequestFrame(1, Embed("passage", ("A ticket costs seven euros.", "No keel."))))
    frames.send(EmbedderRequestFrame(2, Embed("query", ("¿Cuánto cuesta la entrada?",))))
    found: dict[int, Floats] = {}
    for _ in range(2):
        frame = frames.receive()
        assert isinstance(frame.body, Vectors)
        found[frame.id] = np.frombuffer(frame.body.vectors, "<f4").reshape(-1, frame.body.dimensions)
    scores = found[1] @ found[2][0]
    assert scores[0] > scores[1]
    frames.close()
    assert child.process.wait(30) == 0


class Slow:
    """An embedder whose every text waits for permission."""

    fingerprint = "slow"
    dimensions = 4

    def __init__(self) -> None:
        self.permitted = threading.Semaphore(0)
        self.order: list[str] = []
        self.begun = threading.Semaphore(0)

    def embed(
        self, texts: Sequence[str], kind: TextKind, between: Callable[[], None] | None = None
    ) -> Floats:
        for text in texts:
            if between is not None:
                between()
            self.begun.release()
            assert self.permitted.acquire(timeout=30)
            self.order.append(text)
        return np.eye(len(texts), 4, dtype=np.float32)


class Heard(Frames[EmbedderRequestFrame, EmbedderEventFrame]):
    """The worker's end of the pipe. It asks for the next frame when it has taken in the one before."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection, EmbedderRequestFrame)
        self.asked = threading.Semaphore(0)

    def receive(self) -> EmbedderRequestFrame:
        self.asked.release()
        return super().receive()


class Bench:
    """A worker with a slow model, and a sender that goes on only when the worker has heard it."""

    def __init__(self) -> None:
        ours, theirs = Pipe(duplex=True)
        self.model = Slow()
        self._heard = Heard(theirs)
        worker = EmbedderWorker(self._heard, lambda: self.model)
        self._thread = threading.Thread(target=worker.run)
        self._thread.start()
        assert self._heard.asked.acquire(timeout=30)
        self.frames: Pipeline = Frames(ours, EmbedderEventFrame)

    def send(self, number: int, body: EmbedderRequest) -> None:
        self.frames.send(EmbedderRequestFrame(number, body))
        assert self._heard.asked.acquire(timeout=30)

    def permit(self, texts: int) -> None:
        for _ in range(texts):
            self.model.permitted.release()

    def close(self) -> None:
        self.permit(20)
        self.frames.close()
        self._thread.join(30)
        assert not self._thread.is_alive()


@pytest.fixture
def bench() -> Iterator[Bench]:
    bench = Bench()
    yield bench
    bench.close()


def test_a_question_overtakes_passages_between_two_batches(bench: Bench) -> None:
    bench.send(1, Embed("passage", ("p1", "p2", "p3")))
    assert bench.model.begun.acquire(timeout=30)
    bench.send(2, Embed("query", ("q",)))
    bench.permit(4)
    assert [bench.frames.receive().id, bench.frames.receive().id] == [2, 1]
    assert bench.model.order == ["p1", "q", "p2", "p3"]


def test_passages_that_are_taken_back_end_between_two_batches(bench: Bench) -> None:
    bench.send(1, Embed("passage", tuple(f"p{n}" for n in range(10))))
    assert bench.model.begun.acquire(timeout=30)
    bench.send(2, Cancel(1))
    bench.send(3, Embed("query", ("q",)))
    bench.permit(11)
    answers = {frame.id: frame.body for frame in (bench.frames.receive(), bench.frames.receive())}
    failed = answers[1]
    assert isinstance(failed, Failed)
    assert failed.error.code == "cancelled"
    assert isinstance(answers[3], Vectors)
    assert bench.model.order == ["p0", "q"]


def test_a_model_that_raises_anything_is_an_answer() -> None:
    class Broken(FakeEmbedder):
        def embed(self, *_: object, **__: object) -> Floats:
            raise ValueError("no idea")

    ours, theirs = Pipe(duplex=True)
    worker = EmbedderWorker(Frames(theirs, EmbedderRequestFrame), Broken)
    thread = threading.Thread(target=worker.run)
    thread.start()
    frames: Pipeline = Frames(ours, EmbedderEventFrame)
    frames.send(EmbedderRequestFrame(1, Embed("query", ("a",))))
    body = frames.receive().body
    assert isinstance(body, Failed)
    assert (body.error.code, "no idea" in body.error.detail) == ("embedder_error", True)
    frames.close()
    thread.join(30)
