"""Predicted memory against what llama.cpp logs: the starter model, and models with random weights.

Figures are megabytes. "logged" sums the sizes of the buffers that the engine worker's llama.cpp reports;
"off by" is the prediction less that. The largest model has three and a half gigabytes and is deleted after.
"""

import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from desktop.core.places import Places
from engine.fit import Placement, host, predict
from engine.gguf_header import inspect
from engine.protocol import KvType, Loaded, LoadModel
from tests.fakes.engine_client import EngineClient
from tests.fakes.engine_models import write_tiny_model
from tests.fakes.engine_random import GEMMA_LIKE, LARGE, LLAMA_LIKE, write_random_model

STARTER = "SmolLM2-135M-Instruct.Q4_1.gguf"
MEGABYTE = 1e6
BUFFER = re.compile(r"(\S+)\s+(model|KV|RS|compute|output) buffer size =\s+([\d.]+) MiB")
MOST_PART, MOST_BYTES = 0.10, 32e6


class Measured(NamedTuple):
    """One configuration: the buffers that llama.cpp logs, as foreseen and as they are."""

    name: str
    predicted_bytes: int
    logged_bytes: int

    @property
    def off_bytes(self) -> int:
        return self.predicted_bytes - self.logged_bytes

    @property
    def close(self) -> bool:
        """Within a tenth, or 32 MB."""
        return abs(self.off_bytes) <= max(MOST_PART * self.logged_bytes, MOST_BYTES)


def rows() -> Iterator[tuple[str, float, str]]:
    """(name, value, unit). Raises AssertionError where a prediction is off by too much."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for one in configurations(folder):
            yield f"{one.name}, predicted", one.predicted_bytes / MEGABYTE, "MB"
            yield f"{one.name}, logged", one.logged_bytes / MEGABYTE, "MB"
            yield f"{one.name}, off by", one.off_bytes / MEGABYTE, "MB"
            assert one.close, one


def configurations(folder: Path) -> Iterator[Measured]:
    """Every configuration in turn; models are made in `folder`, one at a time."""
    with EngineClient(False, folder / "worker.log") as client:
        starter = Places.of().models / STARTER
        for context in (512, 2048, 8192):
            yield measure(client, folder, starter, "starter", context, "f16")
        for kv_type in ("q8_0", "q4_0"):
            yield measure(client, folder, starter, "starter", 8192, kv_type)
        tiny = write_tiny_model(folder / "tiny.gguf")
        yield measure(client, folder, tiny, "tiny", 8192, "f16")
        for label, shape, contexts in (
            ("llama, Q8_0", LLAMA_LIKE, (8192, 32_768)),
            ("windows, Q8_0", GEMMA_LIKE, (8192, 32_768)),
            ("large, Q8_0", LARGE, (2048, 8192)),
        ):
            model = write_random_model(folder / "random.gguf", shape)
            for context in contexts:
                for kv_type in ("f16", "q8_0"):
                    yield measure(client, folder, model, label, context, kv_type)
            model.unlink()


def measure(
    client: EngineClient, folder: Path, model: Path, label: str, context: int, kv_type: KvType
) -> Measured:
    """Load `model` and compare. The client's log lies at `folder`/worker.log."""
    log = folder / "worker.log"
    before = log.stat().st_size
    answer = client.ask(LoadModel(str(model), context, kv_type=kv_type))[-1]
    assert isinstance(answer, Loaded), answer
    assert not answer.model.stepped_down
    said = log.read_bytes()[before:].decode("utf-8", "replace")
    (usage,) = predict(inspect(model), Placement(context, kv_type), (host(),))
    predicted = usage.bytes - usage.other_bytes
    return Measured(f"{label}, {context} tokens, {kv_type}", predicted, logged_bytes(said))


def logged_bytes(log: str) -> int:
    """All buffers. Where weights are repacked, the mapped ones they come from need not stay in memory."""
    sizes = [(name, kind, float(size) * (1 << 20)) for name, kind, size in BUFFER.findall(log)]
    assert {"model", "KV", "compute"} <= {kind for _, kind, _ in sizes}, log
    repacked = sum(size for name, _, size in sizes if "REPACK" in name)
    return int(sum(size for _, _, size in sizes) - repacked)
