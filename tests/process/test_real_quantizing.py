"""llama.cpp's own quantizer on models made here: sizes foreseen, files that run, disks that fill, kills."""

import random
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import gguf
import numpy as np
import pytest

from desktop.core.places import Places
from desktop.core.services import Services, open_core
from engine.gguf_header import inspect
from engine.protocol import Failed, Measured, MeasurePerplexity, Quantize, Quantized
from engine.quantization import TYPES, predicted_bytes
from tests.fakes.engine_adapters import write_adapter
from tests.fakes.engine_client import EngineClient
from tests.fakes.engine_random import write_random_model
from tests.fakes.engine_shapes import SMALL, Shape
from tests.fakes.house import PATIENCE_S
from tests.process.test_core_death import ROOT, wait_until
from tests.process.test_core_quantizing import names, quantize

NARROW = Shape("llama", 8192, 288, 8, 768, 9, 3, 32, tied=True)  # no row is a whole block of 256 but one
WINDOWED = Shape("gemma3", 16_384, 512, 6, 1024, 4, 1, 128, tied=True, window_tokens=128)
LASTING = Shape("llama", 4096, 1024, 12, 4096, 16, 8, 64)
TEXT = "The sea is grey, and the salt is white. " * 40
OFF = 0.03


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EngineClient]:
    with EngineClient(False, tmp_path_factory.mktemp("worker") / "worker.log") as client:
        yield client


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    for name, shape in (("small", SMALL), ("narrow", NARROW), ("windowed", WINDOWED)):
        write_random_model(folder / f"{name}.gguf", shape)
    return folder


@pytest.fixture
def core(tmp_path: Path) -> Iterator[Services]:
    (tmp_path / "models").mkdir()
    core = open_core(Places.of(tmp_path / "data", tmp_path / "models"), others=())
    try:
        yield core
    finally:
        core.close()


def foreseen(client: EngineClient, path: Path, to: str) -> Quantized:
    answer = client.ask(Quantize(str(path), "", to, predict=True))[-1]
    assert isinstance(answer, Quantized), answer
    return answer


@pytest.mark.parametrize("name", ["small", "narrow", "windowed"])
def test_the_size_of_every_type_is_foreseen_from_the_header_within_three_in_a_hundred(
    client: EngineClient, folder: Path, name: str
) -> None:
    path = folder / f"{name}.gguf"
    header = inspect(path)
    for to in TYPES.values():
        exact = foreseen(client, path, to.name).size_bytes
        assert predicted_bytes(header, to) == pytest.approx(exact, rel=OFF), to.name


@pytest.mark.slow
def test_every_type_is_made_as_large_as_llama_cpp_foresaw_and_runs(
    client: EngineClient, folder: Path, tmp_path: Path
) -> None:
    path, target = folder / "small.gguf", tmp_path / "made.gguf"
    for to in TYPES.values():
        made = client.ask(Quantize(str(path), str(target), to.name))[-1]
        assert isinstance(made, Quantized), (to.name, made)
        assert inspect(target).quantization == to.name
        assert abs(made.size_bytes - foreseen(client, path, to.name).size_bytes) < 1000
        measured = client.ask(MeasurePerplexity(str(target), TEXT))[-1]
        assert isinstance(measured, Measured), (to.name, measured)
        assert 1 < measured.perplexity < 1e6


def test_rows_that_are_no_whole_blocks_are_told_and_the_file_runs(
    client: EngineClient, folder: Path, tmp_path: Path
) -> None:
    target = tmp_path / "made.gguf"
    made = client.ask(Quantize(str(folder / "narrow.gguf"), str(target), "Q4_K_M"))[-1]
    assert isinstance(made, Quantized), made
    assert made.fell_back > 0
    assert made.lossy_source
    assert {"Q5_0", "Q8_0", "Q4_K"} <= {share.type for share in made.shares}
    assert isinstance(client.ask(MeasurePerplexity(str(target), TEXT))[-1], Measured)


def test_a_type_without_loss_is_not_called_lossy(client: EngineClient, folder: Path) -> None:
    assert not foreseen(client, folder / "small.gguf", "F16").lossy_source
    assert foreseen(client, folder / "small.gguf", "Q4_0").lossy_source


@pytest.mark.slow
def test_a_disk_that_is_full_in_the_middle_of_a_file_is_an_error_and_the_worker_goes_on(
    tmp_path: Path, folder: Path
) -> None:
    with EngineClient(False, tmp_path / "worker.log") as client:
        # what a full disk does to a write, without filling the machine's
        resource.prlimit(client.child.process.pid, resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))
        answer = client.ask(Quantize(str(folder / "small.gguf"), str(tmp_path / "made.gguf"), "Q4_0"))[-1]
        assert isinstance(answer, Failed)
        assert answer.error.code == "quantize_failed"
        assert answer.error.detail
        assert isinstance(client.ask(MeasurePerplexity(str(folder / "small.gguf"), TEXT))[-1], Measured)


def test_a_file_cut_behind_its_header_is_refused_and_leaves_nothing(
    core: Services, folder: Path, tmp_path: Path
) -> None:
    whole = (folder / "small.gguf").read_bytes()
    (tmp_path / "cut.gguf").write_bytes(whole[: len(whole) // 2])
    operation = core.quantize_model(str(tmp_path / "cut.gguf"), "Q4_0")
    assert operation.error() is not None
    assert operation.error().problem().code == "model_truncated"  # type: ignore[union-attr]
    assert names(tmp_path / "models") == []


def test_weights_that_are_no_numbers_make_no_file(core: Services, folder: Path, tmp_path: Path) -> None:
    data = bytearray((folder / "small.gguf").read_bytes())
    data[-1 << 20 :] = b"\xff\x7f" * (1 << 19)  # scales of blocks that are no numbers
    (tmp_path / "bad.gguf").write_bytes(data)
    operation = core.quantize_model(str(tmp_path / "bad.gguf"), "Q4_0", measure=False)
    assert operation.error() is not None
    problem = operation.error().problem()  # type: ignore[union-attr]
    assert (problem.code, "failed to quantize" in problem.detail) == ("quantize_failed", True)
    assert names(tmp_path / "models") == []


def test_an_adapter_and_the_half_that_sees_pictures_are_refused(core: Services, tmp_path: Path) -> None:
    eyes = gguf.GGUFWriter(tmp_path / "eyes.gguf", "clip")
    eyes.add_uint32("clip.vision.block_count", 2)
    eyes.add_tensor("v.patch_embd.weight", np.zeros((4, 32), np.float32))
    eyes.write_header_to_file()
    eyes.write_kv_data_to_file()
    eyes.write_tensors_to_file()
    eyes.close()
    adapter = write_adapter(tmp_path / "adapter.gguf")
    for path, code in ((tmp_path / "eyes.gguf", "model_is_projector"), (adapter, "model_is_adapter")):
        operation = core.quantize_model(str(path), "Q8_0")
        assert operation.error() is not None
        assert operation.error().problem().code == code  # type: ignore[union-attr]
    assert core.jobs_pid is None


@pytest.mark.slow
def test_a_model_in_several_files_becomes_one_that_runs(core: Services, tmp_path: Path) -> None:
    write_random_model(tmp_path / "big.gguf", SMALL, tensors_each=12)
    parts = sorted(tmp_path.glob("big-*.gguf"))
    assert len(parts) > 2
    made = quantize(core, parts[1], "Q4_0")
    assert (Path(made.model.path).name, made.model.parts) == ("big.Q4_0.gguf", 1)
    assert made.before is not None
    assert made.after is not None
    assert made.before.perplexity == pytest.approx(made.after.perplexity, rel=0.5)
    assert made.before_bytes == sum(part.stat().st_size for part in parts)
    parts[2].unlink()
    operation = core.quantize_model(str(parts[0]), "Q5_0")
    assert operation.error() is not None
    assert operation.error().problem().code == "model_parts_missing"  # type: ignore[union-attr]


PROGRAM = """
import sys
from pathlib import Path
from desktop.core.places import Places
from desktop.core.services import open_core
folder = Path(sys.argv[1])
core = open_core(Places.of(folder / "data", folder / "models"), others=())
operation = core.quantize_model(str(folder / "lasting.gguf"), "Q4_K_M", measure=False)
operation.subscribe(lambda event: print(event.done, flush=True))
print("made", operation.result().model.path, flush=True)
"""


@pytest.mark.slow
def test_killed_at_any_moment_nothing_is_listed_and_the_next_start_takes_the_draft_away(
    tmp_path: Path,
) -> None:
    write_random_model(tmp_path / "lasting.gguf", LASTING)
    (tmp_path / "models").mkdir()
    left = 0
    for _ in range(4):
        program = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, str(tmp_path)], stdout=subprocess.PIPE, cwd=ROOT, text=True
        )
        assert program.stdout is not None
        assert program.stdout.readline()
        time.sleep(random.uniform(0.0, 0.6))  # any moment will do
        program.kill()
        program.wait()
        made = "made" in program.stdout.read()
        program.stdout.close()
        drafts = [name for name in names(tmp_path / "models") if name.endswith(".importing")]
        left += len(drafts)
        core = open_core(Places.of(tmp_path / "data", tmp_path / "models"), others=())
        try:
            listed = core.list_models().result(PATIENCE_S)
            assert all(model.problem is None for model in listed)
            assert made or not listed
        finally:
            core.close()
        # the worker notices within seconds that it is alone, and what it wrote to is gone
        wait_until(lambda: not any(name.endswith(".importing") for name in names(tmp_path / "models")))
        for path in (tmp_path / "models").glob("*.gguf"):
            path.unlink()
    assert left > 0, "no kill came while a draft lay there"


def test_a_measure_keeps_to_the_limit_of_memory_that_the_person_set(core: Services, folder: Path) -> None:
    core.set_setting("memory_limit_mib", 1).result(PATIENCE_S)
    made = quantize(core, folder / "small.gguf", "Q4_0")
    assert (made.before, made.after) == (None, None)
    assert made.unmeasured is not None
    assert made.unmeasured.code == "model_too_large"
    assert Path(made.model.path).is_file()


def test_a_graphics_card_that_is_not_there_keeps_from_measuring_alone(core: Services, folder: Path) -> None:
    core.set_setting("devices", "Vulkan7").result(PATIENCE_S)
    made = quantize(core, folder / "small.gguf", "Q4_0")
    assert made.unmeasured is not None
    assert made.unmeasured.code == "device_unknown"
