"""A model's vocabulary in a process of its own: which window it counts for."""

from pathlib import Path

from desktop.core.workers.supervisor import Launch
from desktop.core.workers.vocabulary import VocabularyClient
from engine.devices import MIB, Device
from engine.fit import choose
from engine.gguf_header import inspect_whole
from engine.protocol import LoadModel, Templating
from tests.fakes import engine_worker
from tests.fakes.engine_shapes import LLAMA_8B, write_shape

GIB = 1024 * MIB


def test_the_window_is_that_of_all_devices_not_of_those_that_the_counting_worker_sees(tmp_path: Path) -> None:
    path = write_shape(tmp_path / "model.gguf", LLAMA_8B)
    roomy = (Device("Vulkan0", "gpu", 24 * GIB, 24 * GIB), Device("CPU", "cpu", 4 * GIB, 8 * GIB))
    header = inspect_whole(path)
    with_gpu, without = (choose(header, devices).placement.context_tokens for devices in (roomy, roomy[1:]))
    assert with_gpu != without
    launch = Launch(engine_worker.MODULE, tmp_path / "worker.log", (), engine_worker.ENVIRONMENT)
    for context_tokens, expected in ((None, with_gpu), (512, 512)):
        client = VocabularyClient(lambda: launch, lambda: roomy)
        try:
            model = LoadModel(str(path), context_tokens)
            assert client.of(model, Templating()).facts.context_tokens == expected
        finally:
            client.close()
