"""The embedder worker: questions first, cancels between batches, refusals instead of deaths."""

import threading
from collections.abc import Callable, Iterator, Sequence
from multiprocessing.connection import Pipe
from pathlib import Path

import numpy as np
import pytest

from rag.embedder_worker import EmbedderWorker
from rag.embedding.embedder import Embedder, Floats
from rag.frames import Frames
from rag.process import Child, spawn
from rag.protocol import (
    Cancel,
    Embed,
    EmbedderEventFrame,
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


@pytest.fixture
def slow() -> Iterator[tuple[Slow, Pipeline]]:
    ours, theirs = Pipe(duplex=True)
    model: Embedder = Slow()
    worker = EmbedderWorker(Frames(theirs, EmbedderRequestFrame), lambda: model)
    thread = threading.Thread(target=worker.run)
    thread.start()
    frames: Pipeline = Frames(ours, EmbedderEventFrame)
    assert isinstance(model, Slow)
    yield model, frames
    for _ in range(20):
        model.permitted.release()
    frames.close()
    thread.join(30)
    assert not thread.is_alive()


def test_a_question_overtakes_passages_between_two_batches(slow: tuple[Slow, Pipeline]) -> None:
    model, frames = slow
    frames.send(EmbedderRequestFrame(1, Embed("passage", ("p1", "p2", "p3"))))
    assert model.begun.acquire(timeout=30)
    frames.send(EmbedderRequestFrame(2, Embed("query", ("q",))))
    for _ in range(4):
        model.permitted.release()
        model.begun.acquire(timeout=1)
    assert [frames.receive().id, frames.receive().id] == [2, 1]
    assert model.order.index("q") < model.order.index("p3")


def test_passages_that_are_taken_back_end_between_two_batches(slow: tuple[Slow, Pipeline]) -> None:
    model, frames = slow
    frames.send(EmbedderRequestFrame(1, Embed("passage", tuple(f"p{n}" for n in range(10)))))
    assert model.begun.acquire(timeout=30)
    frames.send(EmbedderRequestFrame(2, Cancel(1)))
    frames.send(EmbedderRequestFrame(3, Embed("query", ("q",))))
    for _ in range(11):
        model.permitted.release()
    answers = {frame.id: frame.body for frame in (frames.receive(), frames.receive())}
    failed = answers[1]
    assert isinstance(failed, Failed)
    assert failed.error.code == "cancelled"
    assert isinstance(answers[3], Vectors)


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
