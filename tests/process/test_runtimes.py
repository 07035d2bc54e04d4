"""Workers with llama.cpp of a runtime folder: real libraries, loaded from there and from nowhere else."""

import shutil
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from desktop.core.errors import Reported
from desktop.core.events import EngineStatus
from desktop.core.operations import Operation
from desktop.core.places import Places
from desktop.core.settings import Settings
from desktop.core.workers.devices import KnownDevices
from desktop.core.workers.engine import EngineClient as CoreEngine
from desktop.core.workers.launches import Launches
from desktop.core.workers.supervisor import Launch
from engine.protocol import Devices, EventFrame, Failed, ListDevices, LoadModel
from rag.process import how_it_ended, spawn
from tests.fakes import engine_worker
from tests.fakes.engine import TRICK_VARIABLE
from tests.fakes.engine_client import EngineClient, user
from tests.fakes.engine_models import write_tiny_model
from tests.fakes.runtimes import copy_built_in, write_hollow_runtime, write_manifest

COMPILER = shutil.which("cc")
needs_compiler = pytest.mark.skipif(COMPILER is None, reason="there is no C compiler to make a library with")


@pytest.fixture(scope="module")
def runtime(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_built_in(tmp_path_factory.mktemp("runtimes") / "copy")


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_model(tmp_path_factory.mktemp("models") / "tiny.gguf")


def libraries(pid: int) -> set[str]:
    """The files of llama.cpp that a process has in its memory."""
    lines = Path(f"/proc/{pid}/maps").read_text().splitlines()
    files = {line.split(maxsplit=5)[5] for line in lines if line.count("/")}
    return {file for file in files if Path(file).name.startswith(("libllama", "libggml"))}


def compiled(file: Path, source: str) -> Path:
    """A shared library made of `source`, in C."""
    assert COMPILER is not None
    command = [COMPILER, "-shared", "-fPIC", "-x", "c", "-", "-o", str(file)]
    subprocess.run(command, input=source.encode(), check=True)
    return file


def leaves_a_note(note: Path) -> str:
    """The source of a library that writes to `note` as soon as it is opened."""
    return (
        "#include <stdio.h>\n"
        "__attribute__((constructor)) static void came(void) {"
        f' FILE *note = fopen("{note}", "w"); if (note) fclose(note); }}'
    )


def test_a_worker_runs_with_the_libraries_of_the_folder_alone(
    runtime: Path, tiny: Path, tmp_path: Path
) -> None:
    with EngineClient(False, tmp_path / "worker.log", arguments=("--runtime", str(runtime))) as client:
        answer = client.ask(ListDevices())[-1]
        assert isinstance(answer, Devices)
        assert answer.runtime == "copy"
        assert [device.kind for device in answer.devices] == ["cpu"]
        client.load(tiny, 512)
        stats = client.say(user("Hello"), max_tokens=5)[1]
        assert stats.generated_tokens
        assert stats.record is not None
        assert stats.record.runtime.endswith(", copy")
        assert {Path(file).parent for file in libraries(client.ready.pid)} == {runtime}


def test_without_a_folder_the_built_in_one_tells_its_devices(tmp_path: Path) -> None:
    with EngineClient(False, tmp_path / "worker.log") as client:
        answer = client.ask(ListDevices())[-1]
        assert isinstance(answer, Devices)
        assert answer.runtime == "built-in"


@needs_compiler
def test_a_library_in_the_working_directory_or_in_the_search_path_is_not_loaded(
    runtime: Path, tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    note, here = tmp_path / "note", tmp_path / "here"
    here.mkdir()
    names = ("libggml-evil.so", "libggml-cpu-evil.so", "libggml-vulkan.so", "libggml-cpu.so", "libllama.so")
    for name in (*names, "libggml-base.so.0", "libggml.so.0"):
        compiled(here / name, leaves_a_note(note))
    monkeypatch.chdir(here)
    hostile = {
        "LD_LIBRARY_PATH": str(here),
        "GGML_BACKEND_PATH": str(here / "libggml-evil.so"),
        "LLAMA_CPP_LIB_PATH": str(here),
    }
    # so that nothing can only mean that they were not loaded
    subprocess.run([sys.executable, "-c", "import ctypes; ctypes.CDLL('./libggml-evil.so')"], check=True)
    note.unlink()
    with EngineClient(False, tmp_path / "worker.log", hostile, ("--runtime", str(runtime))) as client:
        client.load(tiny, 512)
        assert {Path(file).parent for file in libraries(client.ready.pid)} == {runtime}
    assert not note.exists()


def refusal(tmp_path: Path, folder: Path, *options: str) -> str:
    """What a worker says in place of Ready."""
    child = spawn("engine.worker", ("--runtime", str(folder), *options), tmp_path / "worker.log")
    try:
        assert child.channel.poll(60)
        frame = msgspec.msgpack.decode(child.channel.recv_bytes(), type=EventFrame)
        assert isinstance(frame.body, Failed), frame
        assert child.process.wait(30) == 0
        return frame.body.error.code
    finally:
        child.process.kill()


def test_a_folder_that_does_not_load_is_refused_before_the_worker_is_ready(tmp_path: Path) -> None:
    assert refusal(tmp_path, write_hollow_runtime(tmp_path / "hollow")) == "runtime_unusable"
    assert refusal(tmp_path, tmp_path / "nowhere") == "runtime_missing"


def test_where_a_gpu_is_needed_and_none_answers_the_worker_says_so_and_leaves(
    runtime: Path, tmp_path: Path
) -> None:
    assert refusal(tmp_path, runtime, "--needs-gpu") == "runtime_no_gpu"


@needs_compiler
def test_a_driver_that_crashes_when_it_is_looked_at_ends_a_worker_that_is_not_ready_yet(
    tmp_path: Path,
) -> None:
    child = spawn("engine.worker", ("--runtime", str(crashing(tmp_path / "bad"))), tmp_path / "worker.log")
    with pytest.raises((EOFError, OSError)):
        child.channel.recv_bytes()
    assert how_it_ended(child.process.wait(30)) == "SIGABRT"


def crashing(folder: Path) -> Path:
    """A runtime folder that takes its process down when it is opened."""
    folder.mkdir(parents=True)
    source = "#include <stdlib.h>\n__attribute__((constructor)) static void came(void) { abort(); }"
    compiled(folder / "libggml-base.so.0", source)
    return write_manifest(folder)


class Core:
    """An engine client over real workers, on a data folder of its own."""

    def __init__(self, places: Places, runtime: str) -> None:
        places.create()
        settings = Settings(places.settings_file)
        settings.set("runtime", runtime)
        self.launches = Launches(places, settings)
        self.said: list[EngineStatus] = []
        self.engine = CoreEngine(self.launches.engine, self.said.append, self.launches.runtimes)

    def load(self, path: Path | str) -> EngineStatus:
        operation: Operation[object] = Operation()
        with self.engine.turn(lambda: False):
            self.engine.ensure(LoadModel(str(path), 512), operation)
        return self.engine.status


@pytest.mark.parametrize(
    ("make", "code"),
    [
        pytest.param(crashing, "runtime_failed", marks=needs_compiler),
        (write_hollow_runtime, "runtime_unusable"),
        (lambda folder: write_hollow_runtime(folder, made_for="0.2.0"), "runtime_version"),
    ],
)
def test_a_runtime_that_does_not_work_is_told_and_the_built_in_one_loads_the_model(
    make: object, code: str, tiny: Path, tmp_path: Path
) -> None:
    make(tmp_path / "data" / "runtimes" / "bad")  # type: ignore[operator]
    core = Core(Places.of(tmp_path / "data", tmp_path / "models"), "bad")
    try:
        status = core.load(tiny)
        assert status.state == "ready"
        assert status.runtime_problem is not None
        assert status.runtime_problem.code == code
        pid = core.engine.pid
        assert pid is not None
        assert not any(str(tmp_path) in file for file in libraries(pid))
    finally:
        core.engine.close()


@pytest.mark.parametrize("wanted", ["auto", "built-in"])
def test_a_runtime_without_a_gpu_is_passed_over_without_a_word(
    wanted: str, tiny: Path, tmp_path: Path
) -> None:
    copy_built_in(tmp_path / "data" / "runtimes" / "vulkan", "vulkan")
    core = Core(Places.of(tmp_path / "data", tmp_path / "models"), wanted)
    try:
        assert core.load(tiny).runtime_problem is None
        assert core.engine.pid is not None
        assert not any(str(tmp_path) in file for file in libraries(core.engine.pid))
    finally:
        core.engine.close()


class FakeCore(Core):
    """Workers with the fake engine; those with a runtime folder play `tricks`, one after the other."""

    def __init__(self, places: Places, runtime: str, trick: str) -> None:
        super().__init__(places, runtime)
        self.started: list[bool] = []  # each with a runtime folder?

        def launch() -> Launch:
            of_folder = bool(self.launches.runtimes.arguments())
            self.started.append(of_folder)
            tricked = {TRICK_VARIABLE: trick} if of_folder else {}
            environment = {**engine_worker.ENVIRONMENT, **tricked}
            return Launch(engine_worker.MODULE, places.logs_dir / "engine.log", (), environment)

        self.engine = CoreEngine(launch, self.said.append, self.launches.runtimes)


@pytest.fixture
def hollow(tmp_path: Path) -> Places:
    write_hollow_runtime(tmp_path / "data" / "runtimes" / "vulkan")
    return Places.of(tmp_path / "data", tmp_path / "models")


def test_a_driver_that_crashes_at_its_first_load_is_not_the_model_s_fault(hollow: Places) -> None:
    core = FakeCore(hollow, "vulkan", "crash")
    try:
        status = core.load("fake:model")
        assert status.state == "ready"
        assert status.runtime_problem is not None
        assert status.runtime_problem.params == {"runtime": "vulkan", "how": "SIGSEGV"}
        assert core.started == [True, False]
        assert "failed" not in [said.state for said in core.said]
    finally:
        core.engine.close()


def test_a_model_that_kills_every_runtime_is_held_to_be_the_cause_and_not_tried_for_ever(
    hollow: Places,
) -> None:
    core = FakeCore(hollow, "vulkan", "crash")
    try:
        for _ in range(3):
            with pytest.raises(Reported) as died:
                core.load("fake:crash")
            assert died.value.problem().code == "engine_died"
        assert core.started == [True, False]
    finally:
        core.engine.close()


def test_a_model_that_is_refused_is_not_tried_with_another_runtime(hollow: Places) -> None:
    core = FakeCore(hollow, "vulkan", "refuse")
    try:
        with pytest.raises(Reported) as refused:
            core.load("fake:model")
        assert refused.value.problem().code == "model_load_failed"
        assert core.started == [True]
        assert core.engine.status.runtime_problem is None
    finally:
        core.engine.close()


def test_what_is_wrong_with_a_runtime_is_told_when_devices_are_asked_for(tmp_path: Path) -> None:
    core = Core(Places.of(tmp_path / "data", tmp_path / "models"), "nowhere")
    known = KnownDevices(core.engine.devices, core.launches.runtimes, core.engine.tell_runtime)
    for _ in range(2):
        assert [device.kind for device in known.now()] == ["cpu"]
    told = [said.runtime_problem.code for said in core.said if said.runtime_problem is not None]
    assert told == ["runtime_missing"]
    assert core.engine.pid is None
