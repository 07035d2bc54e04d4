"""The workers that the engine tests are run over: the fake, a real one with a tiny model, and the starter."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from engine.protocol import (
    Message,
)
from tests.fakes.engine_client import EngineClient, user
from tests.fakes.engine_files import write_fake_model
from tests.fakes.engine_models import write_tiny_model


@dataclass(frozen=True)
class Kind:
    """One kind of worker, with files and words that make it do what a test needs."""

    client: EngineClient
    model: Path
    endless: Path
    no_template: Path
    long_request: Message  # makes `endless` write for a while
    roomy_tokens: int = 8192  # a window that takes `endless` a while to fill


@pytest.fixture(scope="module", params=["fake", "tiny", pytest.param("starter", marks=pytest.mark.models)])
def kind(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kind]:
    folder = tmp_path_factory.mktemp(f"engine-{request.param}")
    with EngineClient(request.param == "fake", folder / "worker.log") as client:
        match request.param:
            case "fake":
                model = write_fake_model(folder / "model.gguf")
                bare = write_fake_model(folder / "bare.gguf", template=None)
                yield Kind(client, model, model, bare, user("!long"))
            case "tiny":
                model = write_tiny_model(folder / "model.gguf")
                endless = write_tiny_model(folder / "endless.gguf", endless=True)
                bare = write_tiny_model(folder / "bare.gguf", template=None)
                yield Kind(client, model, endless, bare, user("Talk."), 60_000)
            case _:
                model = request.getfixturevalue("chat_model")
                bare = write_tiny_model(folder / "bare.gguf", template=None)
                yield Kind(client, model, model, bare, user("Write a very long story about a lighthouse."))
        assert client.child.process.poll() is None, "the worker died during a test"
