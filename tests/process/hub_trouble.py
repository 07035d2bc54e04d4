"""What tests of a misbehaving hub end with."""

from pathlib import Path

from desktop.core.services import Services
from tests.fakes.house import PATIENCE_S
from tests.fakes.hub_server import HubServer
from tests.process.hub_house import (
    FILE,
    REPOSITORY,
    models,
)

MEGABYTE = 1 << 20


def works(core: Services, hub: HubServer, data: bytes) -> None:
    """After all trouble, the same call brings the model."""
    done = core.download_model(REPOSITORY, FILE).result(PATIENCE_S)
    assert Path(done.model.path).read_bytes() == data
    assert models(core) == [FILE]
