"""Worker processes come, stand idle, refuse, hang and go."""

import os
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from desktop.core.errors import Cancelled, CoreError, Reported
from desktop.core.workers.supervisor import Launch, Terms, Worker
from desktop.core.workers.wires import embedder_wire, engine_wire
from engine.errors import EngineDied, EngineStartFailed
from engine.protocol import CountTokens, Done, Event, Failed, Generate, LoadModel, Message, Request, Token
from rag.errors import WorkerDied, WorkerStartFailed
from rag.protocol import Embed, EmbedderEvent, EmbedderRequest, Vectors
from tests.fakes import engine_worker, rag_workers
from tests.fakes.house import PATIENCE_S


def engine_terms(folder: Path, launch: Launch | None = None, **more: float) -> Terms:
    own = Launch(engine_worker.MODULE, folder / "engine.log", (), engine_worker.ENVIRONMENT)
    return Terms(
        launch=lambda: launch or own,
        died=lambda how, detail: Reported.of(EngineDied(detail, how=how)),
        not_started=lambda how, detail: Reported.of(EngineStartFailed(detail, how=how)),
        **more,
    )


def engine(folder: Path, launch: Launch | None = None, **more: float) -> Worker[Request, Event]:
    return Worker(engine_wire(), engine_terms(folder, launch, **more))


def embedder(folder: Path, idle_s: float) -> Worker[EmbedderRequest, EmbedderEvent]:
    launch = Launch(rag_workers.MODULE, folder / "embedder.log", ("embedder",), rag_workers.ENVIRONMENT)
    terms = Terms(
        launch=lambda: launch,
        died=lambda how, detail: Reported.of(WorkerDied(detail, worker="embedder", how=how)),
        not_started=lambda how, detail: Reported.of(WorkerStartFailed(detail, worker="embedder", how=how)),
        idle_s=idle_s,
    )
    return Worker(embedder_wire(), terms)


def wait_until(holds: Callable[[], bool]) -> None:
    end_s = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < end_s, "it did not happen"
        time.sleep(0.02)


def test_an_idle_worker_is_stopped_and_comes_back_with_the_next_request(tmp_path: Path) -> None:
    worker = embedder(tmp_path, idle_s=0.2)
    try:
        assert isinstance(list(worker.run(Embed("query", ("a",))))[-1], Vectors)
        first = worker.pid
        assert first is not None
        wait_until(lambda: worker.pid is None)
        assert not psutil.pid_exists(first)  # seen off, no zombie
        assert isinstance(list(worker.run(Embed("query", ("b",))))[-1], Vectors)
        assert worker.pid != first
    finally:
        worker.stop()


@pytest.mark.parametrize(
    ("launch_module", "arguments", "how"),
    [("no.such.module", (), "exit code 1"), ("http.server", ("--help",), "exit code 0")],
)
def test_what_does_not_start_as_a_worker_is_an_error_with_its_last_words(
    tmp_path: Path, launch_module: str, arguments: tuple[str, ...], how: str
) -> None:
    worker = engine(tmp_path, Launch(launch_module, tmp_path / "engine.log", arguments))
    with pytest.raises(CoreError) as failed:
        worker.run(CountTokens(()))
    problem = failed.value.problem()
    assert problem.code == "engine_start_failed"
    assert problem.params["how"] in (how, "exit code 2")
    assert problem.detail
    assert worker.pid is None


def test_a_worker_that_says_nothing_is_given_up(tmp_path: Path) -> None:
    (tmp_path / "silent_worker.py").write_text("import time\ntime.sleep(600)\n")
    launch = Launch("silent_worker", tmp_path / "engine.log", (), {"PYTHONPATH": str(tmp_path)})
    worker = engine(tmp_path, launch, start_limit_s=0.5)
    with pytest.raises(CoreError) as failed:
        worker.run(CountTokens(()))
    assert "no answer" in str(failed.value.params["how"])
    silent = [child for child in psutil.Process().children() if "silent_worker" in child.cmdline()]
    assert not silent


def test_a_worker_of_another_version_is_refused(tmp_path: Path) -> None:
    (tmp_path / "other_worker.py").write_text(
        "import sys, msgspec\nfrom rag.process import open_channel\nfrom engine.protocol import *\n"
        "channel = open_channel(int(sys.argv[2]))\n"
        "channel.send_bytes(msgspec.msgpack.encode(EventFrame(0, Ready(999, 1, 'other'))))\n"
        "channel.recv_bytes()\n"
    )
    launch = Launch("other_worker", tmp_path / "engine.log", (), {"PYTHONPATH": str(tmp_path)})
    with pytest.raises(CoreError) as failed:
        engine(tmp_path, launch).run(CountTokens(()))
    assert "999" in str(failed.value.params["how"])


def test_a_worker_that_cannot_start_says_why_itself(tmp_path: Path) -> None:
    (tmp_path / "sorry_worker.py").write_text(
        "import sys, msgspec\nfrom rag.process import open_channel\nfrom engine.protocol import *\n"
        "from engine.errors import ErrorInfo\nchannel = open_channel(int(sys.argv[2]))\n"
        "error = ErrorInfo('engine_busy', {'why': 'lunch'})\n"
        "channel.send_bytes(msgspec.msgpack.encode(EventFrame(0, Failed(error))))\n"
    )
    launch = Launch("sorry_worker", tmp_path / "engine.log", (), {"PYTHONPATH": str(tmp_path)})
    with pytest.raises(CoreError) as failed:
        engine(tmp_path, launch).run(CountTokens(()))
    assert failed.value.problem().code == "engine_busy"


def test_every_open_request_hears_of_a_death(tmp_path: Path) -> None:
    worker = engine(tmp_path)
    try:
        list(worker.run(LoadModel("fake:")))
        long = worker.run(Generate((Message("user", "!long"),)))
        waiting = worker.run(Generate((Message("user", "Hello"),)))
        assert isinstance(long.next(PATIENCE_S), Event)
        assert worker.pid is not None
        os.kill(worker.pid, signal.SIGKILL)
        for stream in (long, waiting):
            with pytest.raises(CoreError) as died:
                list(stream)
            assert died.value.problem().code == "engine_died"
    finally:
        worker.stop()


def test_sending_to_a_worker_that_does_not_listen_does_not_wait(tmp_path: Path) -> None:
    worker = engine(tmp_path)
    try:
        list(worker.run(LoadModel("fake:")))
        assert worker.pid is not None
        os.kill(worker.pid, signal.SIGSTOP)
        text = "x" * 100_000  # more than any pipe holds
        streams = [worker.run(Generate((Message("user", text),))) for _ in range(50)]
        for stream in streams:
            stream.cancel()
        os.kill(worker.pid, signal.SIGCONT)
        ends = [list(stream)[-1] for stream in streams]
        assert all(isinstance(end, Done | Failed) for end in ends)
    finally:
        worker.stop()


def test_a_worker_that_does_not_leave_is_killed_and_its_requests_end(tmp_path: Path) -> None:
    worker = engine(tmp_path, grace_s=0.3)
    list(worker.run(LoadModel("fake:")))
    stream = worker.run(Generate((Message("user", "!hang"),)))
    pid = worker.pid
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    worker.stop()
    assert not psutil.pid_exists(pid)
    with pytest.raises(Cancelled):
        list(stream)


def test_many_threads_share_one_worker(tmp_path: Path) -> None:
    worker = engine(tmp_path)
    texts: dict[int, str] = {}
    try:
        list(worker.run(LoadModel("fake:")))

        def ask(number: int) -> None:
            stream = worker.run(Generate((Message("user", f"number {number}"),)))
            texts[number] = "".join(event.text for event in stream if isinstance(event, Token))

        threads = [threading.Thread(target=ask, args=(number,)) for number in range(12)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(PATIENCE_S)
        assert all(texts[number].startswith(f"You said: number {number}") for number in range(12))
        assert len(texts) == 12
    finally:
        worker.stop()
