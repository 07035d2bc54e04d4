"""A model on a GPU: a real runtime folder for Vulkan, on whatever device its driver offers.

Needs a runtime folder (packaging/build_runtime.py vulkan): the one that SOBREMESA_TEST_RUNTIME names, else
"vulkan" among the user's own runtimes; and a driver, for which Mesa's software device will do. How to run
it: packaging/runtimes.md.
"""

import os
import re
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import platformdirs
import pytest

from engine import runtimes
from engine.errors import RuntimeUnusable
from engine.fit import Device, Placement, predict
from engine.gguf_header import inspect
from engine.protocol import (
    Devices,
    EventFrame,
    Failed,
    Generate,
    KvType,
    ListDevices,
    Loaded,
    LoadModel,
    Progress,
)
from rag.process import spawn
from tests.bench.fit import MOST_BYTES, MOST_PART
from tests.fakes.engine_client import GREEDY, EngineClient, stats_of, user
from tests.fakes.engine_models import write_tiny_model
from tests.fakes.engine_random import LLAMA_LIKE, write_random_model

VARIABLE = "SOBREMESA_TEST_RUNTIME"
FOLDER = platformdirs.user_data_path("sobremesa", appauthor=False) / "runtimes" / "vulkan"
# drivers in software are left out by llama.cpp unless they are asked for by number
ENVIRONMENT = {} if "GGML_VK_VISIBLE_DEVICES" in os.environ else {"GGML_VK_VISIBLE_DEVICES": "0"}
BUFFER = re.compile(r"(\S+)\s+(model|KV|RS|compute|output) buffer size =\s+([\d.]+) MiB")

pytestmark = pytest.mark.slow


def named_folder() -> Path:
    return Path(os.environ[VARIABLE]) if os.environ.get(VARIABLE) else FOLDER


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EngineClient]:
    try:
        folder = runtimes.opened(named_folder()).path
    except RuntimeUnusable as error:
        pytest.skip(f"there is no runtime for Vulkan: {error}. Build one, or name it in {VARIABLE}")
    log = tmp_path_factory.mktemp("vulkan") / "worker.log"
    with EngineClient(False, log, ENVIRONMENT, ("--runtime", str(folder))) as client:
        if not gpus(client):
            pytest.skip("no Vulkan driver offers a device; Mesa's in software is one (mesa-vulkan-drivers)")
        yield client


@pytest.fixture(scope="module")
def llama(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_random_model(tmp_path_factory.mktemp("models") / "llama.gguf", LLAMA_LIKE)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_model(tmp_path_factory.mktemp("models") / "tiny.gguf", endless=True)


def devices(client: EngineClient) -> tuple[Device, ...]:
    answer = client.ask(ListDevices())[-1]
    assert isinstance(answer, Devices), answer
    return answer.devices


def gpus(client: EngineClient) -> tuple[Device, ...]:
    return tuple(device for device in devices(client) if device.kind != "cpu")


def load(client: EngineClient, request: LoadModel) -> Loaded:
    answer = client.ask(request)[-1]
    assert isinstance(answer, Loaded), answer
    return answer


def test_without_any_driver_the_runtime_is_whole_and_only_lacks_a_gpu(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    try:
        folder = runtimes.opened(named_folder()).path
    except RuntimeUnusable as error:
        pytest.skip(f"there is no runtime for Vulkan: {error}. Build one, or name it in {VARIABLE}")
    for variable in ("VK_DRIVER_FILES", "VK_ICD_FILENAMES"):
        monkeypatch.setenv(variable, str(tmp_path / "none.json"))
    child = spawn("engine.worker", ("--runtime", str(folder), "--needs-gpu"), tmp_path / "worker.log")
    try:
        assert child.channel.poll(60)
        frame = msgspec.msgpack.decode(child.channel.recv_bytes(), type=EventFrame)
        assert isinstance(frame.body, Failed), frame
        assert frame.body.error.code == "runtime_no_gpu"
    finally:
        child.process.kill()


def test_the_devices_are_told_with_their_memory_and_their_makers_names(client: EngineClient) -> None:
    found = devices(client)
    assert [device.kind for device in found].count("cpu") == 1
    for gpu in gpus(client):
        assert gpu.name.startswith("Vulkan")
        assert gpu.description
        assert 0 < gpu.free_bytes <= gpu.total_bytes


def test_a_model_goes_onto_the_gpu_with_all_its_layers(client: EngineClient, tiny: Path) -> None:
    model = load(client, LoadModel(str(tiny), 512)).model
    assert model.gpu_layers == model.layers + 1  # the output counts as one
    assert model.devices == (gpus(client)[0].name, "CPU")
    assert client.say(user("Hello"), max_tokens=4)[1].generated_tokens == 4


def test_the_text_is_that_of_the_processor(client: EngineClient, tiny: Path) -> None:
    said = []
    for layers in (-1, 0):
        load(client, LoadModel(str(tiny), 512, gpu_layers=layers))
        said.append(client.say(user("Hello"), max_tokens=4)[0])
    assert said[0] == said[1] != ""


@pytest.mark.models
def test_the_starter_model_answers_from_the_gpu(client: EngineClient, chat_model: Path) -> None:
    model = load(client, LoadModel(str(chat_model), 512)).model
    assert (model.gpu_layers, model.layers) == (31, 30)
    assert client.say(user("Say hello."), max_tokens=3)[1].generated_tokens == 3


@pytest.mark.models
def test_as_many_layers_as_a_person_chose_go_onto_the_gpu(client: EngineClient, chat_model: Path) -> None:
    assert load(client, LoadModel(str(chat_model), 512, gpu_layers=10)).model.gpu_layers == 10


def test_a_person_can_keep_a_model_off_the_gpu(client: EngineClient, tiny: Path) -> None:
    for request in (LoadModel(str(tiny), 512, devices=()), LoadModel(str(tiny), 512, gpu_layers=0)):
        model = load(client, request).model
        assert (model.gpu_layers, model.devices) == (0, ("CPU",))


def test_a_device_is_chosen_by_name_and_an_unknown_one_is_refused_with_those_there_are(
    client: EngineClient, tiny: Path
) -> None:
    name = gpus(client)[0].name
    assert load(client, LoadModel(str(tiny), 512, devices=(name,))).model.devices == (name, "CPU")
    answer = client.ask(LoadModel(str(tiny), 512, devices=("Vulkan99",)))[-1]
    assert isinstance(answer, Failed)
    assert answer.error.code == "device_unknown"
    assert name in str(answer.error.params["known"])


@pytest.mark.parametrize(
    ("context", "kv_type", "layers"),
    [(512, "f16", 9), (8192, "f16", 9), (8192, "q8_0", 5), (16_384, "q4_0", 8), (4096, "f16", 1)],
)
def test_what_each_device_takes_is_foreseen(
    client: EngineClient, llama: Path, context: int, kv_type: KvType, layers: int
) -> None:
    log = client.child.log_path
    before, places = log.stat().st_size, devices(client)
    assert not load(client, LoadModel(str(llama), context, layers, kv_type=kv_type)).model.stepped_down
    logged = dict.fromkeys((device.name for device in places), 0.0)
    for name, _kind, size in BUFFER.findall(log.read_bytes()[before:].decode()):
        # CPU_Mapped and the memory that the host lends to the GPU lie with the processor
        logged[name if name in logged else "CPU"] += float(size) * (1 << 20)
    foreseen = predict(inspect(llama), Placement(context, kv_type, gpu_layers=layers), places)
    for device, usage in zip(places, foreseen, strict=True):
        off = usage.bytes - usage.other_bytes - logged[device.name]
        assert abs(off) <= max(MOST_PART * logged[device.name], MOST_BYTES), (device.name, usage, logged)


def test_a_prompt_that_is_being_read_by_the_gpu_can_be_stopped(client: EngineClient, tiny: Path) -> None:
    load(client, LoadModel(str(tiny), 30_000))
    client.say(user("warm"), max_tokens=1)
    number = client.send(Generate((user("word " * 4000),), GREEDY))
    assert isinstance(client.next_event(number), Progress)
    asked_s = time.monotonic()
    client.cancel(number)
    assert stats_of(client.finish(number)).stop_reason == "cancelled"
    print(f"stopped after {time.monotonic() - asked_s:.2f} s")
    assert client.say(user("Hello"), max_tokens=1)[1].generated_tokens == 1
