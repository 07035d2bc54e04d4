"""A core beside a hub on the loopback interface, for the tests of downloads. Holds no test."""

import random
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from desktop.core.errors import CoreError
from desktop.core.events import DownloadingModel
from desktop.core.hub import downloads
from desktop.core.operations import Operation
from desktop.core.services import Services
from desktop.core.types import Problem
from tests.fakes.engine_files import fake_model
from tests.fakes.house import PATIENCE_S, house
from tests.fakes.hub_server import HubServer

REPOSITORY = "ana/tiny-GGUF"
FILE = "tiny-Q4_K_M.gguf"


@pytest.fixture
def hub() -> Iterator[HubServer]:
    with HubServer() as server:
        yield server


@pytest.fixture
def core(tmp_path: Path, hub: HubServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[Services]:
    """With the network allowed, as far as the hub."""
    monkeypatch.setattr(downloads, "HEADERS_S", PATIENCE_S)  # however busy the machine is
    with house(tmp_path) as services:
        services.set_setting("hub_address", hub.address).result(PATIENCE_S)
        services.set_setting("offline", False).result(PATIENCE_S)
        yield services


def model_of(size_bytes: int, seed: int = 1) -> bytes:
    """A file that is a model as far as its header tells, and larger than its weights."""
    head = fake_model("Tiny")
    return head + random.Random(seed).randbytes(size_bytes - len(head))


def problem_of(operation: Operation[object]) -> Problem:
    with pytest.raises(CoreError) as caught:
        operation.result(PATIENCE_S)
    return caught.value.problem()


def models(core: Services) -> list[str]:
    """What the models folder lists, without the house's own model."""
    listed = core.list_models().result(PATIENCE_S)
    return [Path(model.path).name for model in listed if Path(model.path).name != "model.gguf"]


def progress(operation: Operation[object]) -> list[DownloadingModel]:
    events: list[DownloadingModel] = []
    operation.subscribe(events.append)
    return events


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def wait(event: threading.Event) -> None:
    assert event.wait(PATIENCE_S)


def kept(core: Services) -> int:
    """What lies in the slots of downloads."""
    return sum(path.stat().st_size for path in (core.places.models / ".downloads").rglob("*.gguf"))
