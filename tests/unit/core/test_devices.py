"""The devices that models are placed on, asked of an engine that answers, is slow, or does not start."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop.core.errors import Reported
from desktop.core.settings import Settings
from desktop.core.workers.devices import KnownDevices, wanted, wanted_devices
from desktop.core.workers.runtimes import Runtimes
from engine.devices import Device
from engine.errors import EngineStartFailed
from tests.fakes.runtimes import write_hollow_runtime

CPU = Device("CPU", "cpu", 8, 16)
GPU = Device("Vulkan0", "gpu", 4, 4)
OTHER = Device("Vulkan1", "gpu", 2, 4)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(tmp_path / "settings.json")


@pytest.fixture
def runtimes(tmp_path: Path) -> Runtimes:
    write_hollow_runtime(tmp_path / "runtimes" / "vulkan")
    return Runtimes(tmp_path / "runtimes", lambda: "auto")


@pytest.fixture
def gate() -> Iterator[threading.Event]:
    gate = threading.Event()
    yield gate
    gate.set()


def names(devices: tuple[Device, ...]) -> list[str]:
    return [device.name for device in devices]


def test_an_engine_that_knows_gpus_is_asked(runtimes: Runtimes) -> None:
    assert KnownDevices(lambda: (GPU, CPU), runtimes).now() == (GPU, CPU)


def test_where_no_runtime_can_know_a_gpu_no_engine_is_started(tmp_path: Path) -> None:
    def start() -> tuple[Device, ...]:
        raise AssertionError

    devices = KnownDevices(start, Runtimes(tmp_path, lambda: "auto")).now()
    assert [device.kind for device in devices] == ["cpu"]


def test_an_engine_that_does_not_start_leaves_the_host(runtimes: Runtimes) -> None:
    def fail() -> tuple[Device, ...]:
        raise Reported.of(EngineStartFailed())

    assert [device.kind for device in KnownDevices(fail, runtimes).now()] == ["cpu"]


def test_an_engine_that_is_slow_is_not_waited_for_and_is_asked_once(
    runtimes: Runtimes, gate: threading.Event
) -> None:
    asked = []

    def wait() -> tuple[Device, ...]:
        asked.append(1)
        gate.wait()
        return GPU, CPU

    known = KnownDevices(wait, runtimes, patience_s=0.01)
    assert [device.kind for device in known.now()] == ["cpu"]
    assert [device.kind for device in known.now()] == ["cpu"]
    assert len(asked) == 1
    gate.set()
    while names(known.now()) != ["Vulkan0", "CPU"]:
        pass


@pytest.mark.parametrize(
    ("text", "expected", "used"),
    [
        ("", None, ["Vulkan0", "Vulkan1", "CPU"]),
        ("none", (), ["CPU"]),
        (" Vulkan1 ,, ", ("Vulkan1",), ["Vulkan1", "CPU"]),
        ("Vulkan1,vulkan0", ("Vulkan1", "vulkan0"), ["Vulkan1", "Vulkan0", "CPU"]),
        # loading a model refuses it; looking into a file goes on
        ("CUDA0", ("CUDA0",), ["Vulkan0", "Vulkan1", "CPU"]),
    ],
)
def test_a_person_says_by_name_which_gpus_are_used(
    text: str, expected: tuple[str, ...] | None, used: list[str], settings: Settings, runtimes: Runtimes
) -> None:
    settings.set("devices", text)
    assert wanted_devices(settings) == expected
    assert names(KnownDevices(lambda: (GPU, OTHER, CPU), runtimes).to_use(settings)) == used


def test_what_a_person_wants_of_a_placement_is_what_the_settings_say(settings: Settings) -> None:
    assert (wanted(settings).context_tokens, wanted(settings).gpu_layers) == (None, None)
    settings.set("context_tokens", 4096)
    settings.set("gpu_layers", 0)
    assert (wanted(settings).context_tokens, wanted(settings).gpu_layers) == (4096, 0)
