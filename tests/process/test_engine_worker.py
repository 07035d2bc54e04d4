"""Engine workers that are killed, left alone, or lead a hard life: real processes, real signals."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from engine.protocol import (
    EventFrame,
    Failed,
    ForgetChat,
    Generate,
    LoadModel,
    Progress,
    Shutdown,
    SwitchChat,
    Token,
)
from engine.worker import settle_openmp
from rag.process import how_it_ended, last_lines, spawn
from tests.fakes.engine_client import GREEDY, EngineClient, stats_of, user, wait_until_gone
from tests.fakes.engine_files import write_fake_model
from tests.fakes.engine_models import write_tiny_model

ROOM_TOKENS = 60_000


@pytest.fixture
def endless(tmp_path: Path) -> Path:
    return write_tiny_model(tmp_path / "endless.gguf", endless=True)


def start_a_reply(client: EngineClient, model: Path | str, prompt: str) -> int:
    client.load(model, ROOM_TOKENS)
    number = client.send(Generate((user(prompt),), GREEDY))
    while not isinstance(client.next_event(number), Token):
        pass
    return number


@pytest.mark.parametrize("fake", [True, False], ids=["fake", "real"])
def test_a_worker_killed_in_the_middle_of_a_reply_is_seen_as_the_end_of_its_pipe(
    fake: bool, endless: Path, tmp_path: Path
) -> None:
    with EngineClient(fake, tmp_path / "worker.log") as client:
        number = start_a_reply(client, endless, "!long")
        client.child.process.send_signal(signal.SIGKILL)
        with pytest.raises(EOFError):
            client.finish(number)
        assert how_it_ended(client.child.process.wait(10)) == "SIGKILL"


@pytest.mark.parametrize("fake", [True, False], ids=["fake", "real"])
def test_a_worker_leaves_when_its_pipe_closes_in_the_middle_of_a_reply(
    fake: bool, endless: Path, tmp_path: Path
) -> None:
    with EngineClient(fake, tmp_path / "worker.log") as client:
        start_a_reply(client, endless, "!long")
        client.child.channel.close()
        assert client.child.process.wait(15) == 0


def test_a_worker_leaves_when_the_window_is_killed(tmp_path: Path) -> None:
    window = (
        "import sys, time; from pathlib import Path; from tests.fakes.engine_client import EngineClient;"
        f"client = EngineClient(False, Path({str(tmp_path / 'worker.log')!r}));"
        "Path(sys.argv[-1]).write_text(str(client.ready.pid)); time.sleep(60)"
    )
    note = tmp_path / "pid"
    # stands for the window: a process that owns a worker and is killed
    path = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    with subprocess.Popen([sys.executable, "-c", window, str(note)], env=path) as program:
        while not (note.exists() and note.read_text()):
            time.sleep(0.05)
        worker = int(note.read_text())
        os.kill(worker, 0)
        program.kill()
    assert wait_until_gone(worker)


def test_a_worker_that_hangs_in_native_code_leaves_all_the_same(tmp_path: Path) -> None:
    with EngineClient(True, tmp_path / "worker.log") as client:
        client.load("fake:model")
        client.send(Generate((user("!hang"),)))
        client.child.channel.close()
        assert client.child.process.wait(15) == 0


def test_shutdown_ends_a_running_reply_and_the_process(endless: Path, tmp_path: Path) -> None:
    with EngineClient(False, tmp_path / "worker.log") as client:
        number = start_a_reply(client, endless, "Talk.")
        assert client.shut_down() == 0
        assert stats_of(client.finish(number)).stop_reason == "cancelled"


@pytest.mark.parametrize(
    ("trick", "end"), [("!crash", "SIGSEGV"), ("!abort", "SIGABRT"), ("!exit", "exit code 3")]
)
def test_the_fake_dies_in_a_reply_as_native_code_does(trick: str, end: str, tmp_path: Path) -> None:
    with EngineClient(True, tmp_path / "worker.log") as client:
        client.load("fake:model")
        number = client.send(Generate((user(f"{trick} and some more words"),)))
        with pytest.raises(EOFError):
            client.finish(number)
        assert how_it_ended(client.child.process.wait(10)) == end


@pytest.mark.parametrize("trick", ["crash", "abort"])
def test_the_fake_dies_in_a_load_and_its_log_says_where(trick: str, tmp_path: Path) -> None:
    model = write_fake_model(tmp_path / "model.gguf", trick)
    with EngineClient(True, tmp_path / "worker.log") as client:
        number = client.send(LoadModel(str(model)))
        with pytest.raises(EOFError):
            client.finish(number)
        client.child.process.wait(10)
    assert "native code is about to fail" in (tmp_path / "worker.log").read_text()
    assert "in _load_trick" in last_lines(tmp_path / "worker.log", 40)  # faulthandler's stack


def test_a_slow_load_of_the_fake_is_cancelled_in_its_middle(tmp_path: Path) -> None:
    with EngineClient(True, tmp_path / "worker.log") as client:
        number = client.send(LoadModel("fake:slow"))
        assert isinstance(client.next_event(number), Progress)
        client.cancel(number)
        answer = client.finish(number)[-1]
        assert isinstance(answer, Failed)
        assert answer.error.code == "cancelled"


def test_a_frame_that_cannot_be_read_is_answered_and_the_worker_lives(tmp_path: Path) -> None:
    with EngineClient(False, tmp_path / "worker.log") as client:
        client.child.channel.send_bytes(b"\xc1 no message")
        frame: EventFrame = client.next_frame()
        assert frame.id == 0
        assert isinstance(frame.body, Failed)
        assert frame.body.error.code == "engine_error"
        assert client.fail(Generate((user("Hello"),))).error.code == "no_model_loaded"


def test_a_native_library_that_does_not_load_is_reported_and_not_a_dead_worker(tmp_path: Path) -> None:
    package = tmp_path / "packages" / "llama_cpp"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("raise RuntimeError('libllama.so: cannot open shared object file')")
    broken = {"PYTHONPATH": os.pathsep.join((str(package.parent), os.environ.get("PYTHONPATH", "")))}
    with EngineClient(False, tmp_path / "worker.log", broken) as client:
        error = client.fail(LoadModel(str(tmp_path / "any.gguf"))).error
        assert error.code == "engine_start_failed"
        assert "llama" in error.detail
        assert client.fail(Generate((user("Hello"),))).error.code == "engine_start_failed"


def test_native_output_goes_to_the_log_and_never_to_the_pipe(endless: Path, tmp_path: Path) -> None:
    with EngineClient(False, tmp_path / "worker.log") as client:
        client.load(endless, 512)
        text, _ = client.say(user("Talk."), max_tokens=20)
        assert text
    assert "llama_model_loader" in (tmp_path / "worker.log").read_text()


def test_a_module_in_the_working_directory_is_not_imported_by_a_worker(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "msgspec.py").write_text("raise SystemExit('imported from the working directory')")
    monkeypatch.chdir(tmp_path)
    child = spawn(
        "engine.worker", (), tmp_path / "worker.log", {"PYTHONPATH": str(Path(__file__).parents[2])}
    )
    assert child.channel.poll(30)
    assert child.channel.recv_bytes()
    child.channel.close()
    assert child.process.wait(15) == 0


@pytest.mark.skipif(sys.platform != "linux", reason="libgomp is what Linux builds wait with")
@pytest.mark.parametrize(
    ("given", "spins"),
    [({}, "'{ours}'"), ({"GOMP_SPINCOUNT": "77"}, "'77'"), ({"OMP_WAIT_POLICY": "passive"}, "'0'")],
)
def test_openmp_waits_as_we_chose_unless_the_user_chose(
    given: dict[str, str], spins: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("GOMP_SPINCOUNT", "OMP_WAIT_POLICY"):
        monkeypatch.delenv(name, raising=False)
    with EngineClient(False, tmp_path / "worker.log", {"OMP_DISPLAY_ENV": "VERBOSE", **given}) as client:
        client.fail(Generate((user("Hello"),)))
    chosen: dict[str, str] = {}
    settle_openmp(chosen)
    spins = spins.format(ours=chosen["GOMP_SPINCOUNT"])
    assert f"GOMP_SPINCOUNT = {spins}" in (tmp_path / "worker.log").read_text()


def test_a_chat_that_is_forgotten_while_the_worker_leaves_is_not_saved(endless: Path, tmp_path: Path) -> None:
    file = tmp_path / "kv" / "1.kv"
    file.parent.mkdir()
    with EngineClient(False, tmp_path / "worker.log") as client:
        client.load(endless, 4096)
        client.ask(SwitchChat(str(file), 1 << 30))
        number = client.send(Generate((user("a secret word " * 40),), GREEDY))
        while not isinstance(client.next_event(number), Token):
            pass
        client.send(ForgetChat(str(file)))
        client.send(Shutdown())
        client.child.process.wait(15)
    assert list(file.parent.iterdir()) == []
