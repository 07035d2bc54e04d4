"""What the first run offers, asked of a hub on the loopback interface that keeps the same repositories."""

import pytest

from desktop.core.services import Services
from desktop.view_models.model_rows import recommended
from desktop.view_models.welcome import offered_repository
from engine.devices import Device
from tests.fakes.house import PATIENCE_S
from tests.fakes.hub_server import HubServer
from tests.process.hub_house import core, hub, model_of

__all__ = ["core", "hub"]  # fixtures
pytestmark = [pytest.mark.loopback, pytest.mark.slow]

GB = 1_000_000_000
# as their owner has them: the small ones in one quantization alone
KEPT = {
    "Qwen/Qwen3-0.6B-GGUF": ("Q8_0",),
    "Qwen/Qwen3-1.7B-GGUF": ("Q8_0",),
    "Qwen/Qwen3-4B-GGUF": ("Q4_K_M", "Q5_0", "Q5_K_M", "Q6_K", "Q8_0"),
    "Qwen/Qwen3-8B-GGUF": ("Q4_K_M", "Q5_0", "Q5_K_M", "Q6_K", "Q8_0"),
}


def machine(host_gb: float, gpu_gb: float = 0.0) -> tuple[Device, ...]:
    cpu = Device("CPU", "cpu", round(host_gb * GB), round(host_gb * GB))
    gpu = Device("GPU0", "gpu", round(gpu_gb * GB), round(gpu_gb * GB))
    return (cpu, gpu) if gpu_gb else (cpu,)


def test_every_repository_that_is_offered_has_a_model_to_take(core: Services, hub: HubServer) -> None:
    offered = {offered_repository(machine(host)) for host in (1, 2, 4, 8, 16, 64)}
    offered |= {offered_repository(machine(8, gpu)) for gpu in (2, 4, 12, 48)}
    assert offered == set(KEPT)
    for at, (repository, kinds) in enumerate(KEPT.items()):
        stem = repository.rpartition("/")[2].removesuffix("-GGUF")
        for more, kind in enumerate(kinds):
            hub.put(repository, f"{stem}-{kind}.gguf", model_of(20_000 + 1_000 * more, at * 10 + more))
        hub.put(repository, "README.md", b"# Qwen3", small=True)
    for repository, kinds in KEPT.items():
        found = core.list_hub(repository).result(PATIENCE_S)
        assert [file.quantization for file in found.files] == list(kinds)
        best = recommended(found.files)
        assert best is not None
        assert best.fit is not None
    brought = core.download_model("Qwen/Qwen3-0.6B-GGUF", "Qwen3-0.6B-Q8_0.gguf").result(PATIENCE_S)
    assert brought.model.path.endswith("Qwen3-0.6B-Q8_0.gguf")
