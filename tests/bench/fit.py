"""Predicted memory against measured: the starter model, and models with random weights.

Each configuration has a worker of its own. "logged" sums the sizes of the buffers that its llama.cpp reports.
"resident" is by how much the worker's resident memory grew from its start until a prompt was read and a reply
begun: the buffers, the vocabulary and what holds the model together. Megabytes; the largest model has three
and a half gigabytes and is deleted after.
"""

import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import psutil

from desktop.core.places import Places
from engine.fit import Placement, Usage, host, predict
from engine.gguf_header import inspect
from engine.protocol import KvType, Loaded, LoadModel
from tests.fakes.engine_client import EngineClient, user
from tests.fakes.engine_models import write_tiny_model
from tests.fakes.engine_random import GEMMA_LIKE, LARGE, LLAMA_LIKE, write_random_model

STARTER = "SmolLM2-135M-Instruct.Q4_1.gguf"
MEGABYTE = 1e6
BUFFER = re.compile(r"(\S+)\s+(model|KV|RS|compute|output) buffer size =\s+([\d.]+) MiB")
MOST_PART, MOST_BYTES = 0.10, 32e6
REPLY_TOKENS = 8
PATIENCE_S = 600.0  # a batch of the large model takes a minute where other programs work too
NO_MODEL = "/no model"


class Measured(NamedTuple):
    """One configuration: what was foreseen, what llama.cpp logs, and what the worker's memory grew by."""

    name: str
    usage: Usage
    logged_bytes: int
    resident_bytes: int = 0

    @property
    def off_bytes(self) -> int:
        """Of the buffers: what was foreseen less what is logged."""
        return self.usage.bytes - self.usage.other_bytes - self.logged_bytes

    @property
    def off_resident_bytes(self) -> int:
        return self.usage.bytes - self.resident_bytes

    @property
    def close(self) -> bool:
        """Within a tenth, or 32 MB."""
        return abs(self.off_bytes) <= max(MOST_PART * self.logged_bytes, MOST_BYTES)

    @property
    def close_to_resident(self) -> bool:
        return abs(self.off_resident_bytes) <= max(MOST_PART * self.resident_bytes, MOST_BYTES)


def rows() -> Iterator[tuple[str, float, str]]:
    """(name, value, unit). Raises AssertionError where a prediction is off by too much."""
    with tempfile.TemporaryDirectory() as name:
        for one in configurations(Path(name)):
            yield f"{one.name}: needs, predicted", one.usage.bytes / MEGABYTE, "MB"
            yield f"{one.name}: resident, measured", one.resident_bytes / MEGABYTE, "MB"
            yield f"{one.name}: off by", one.off_resident_bytes / MEGABYTE, "MB"
            yield f"{one.name}: buffers logged", one.logged_bytes / MEGABYTE, "MB"
            yield f"{one.name}: buffers off by", one.off_bytes / MEGABYTE, "MB"
            assert one.close, one
            assert one.close_to_resident, one


def configurations(folder: Path) -> Iterator[Measured]:
    """Every configuration in turn; models are made in `folder`, one at a time."""
    starter = Places.of().models / STARTER
    for context, words in ((512, 130), (2048, 600), (8192, 600)):
        yield measured(folder, starter, "starter", context, "f16", "a lighthouse, " * words)
    for kv_type in ("q8_0", "q4_0"):
        yield measured(folder, starter, "starter", 8192, kv_type, "a lighthouse, " * 300)
    tiny = write_tiny_model(folder / "tiny.gguf")
    yield measured(folder, tiny, "tiny", 8192, "f16", "x" * 4000)
    for label, shape, contexts, full in (
        ("llama, Q8_0", LLAMA_LIKE, (8192, 32_768), 8192),
        ("windows, Q8_0", GEMMA_LIKE, (8192, 32_768), 8192),
        ("large, Q8_0", LARGE, (2048, 8192), 0),
    ):
        model = write_random_model(folder / "random.gguf", shape)
        for context in contexts:
            for kv_type in ("f16", "q8_0"):
                # a full window, where that takes no minutes; a letter is a token there
                letters = full - 64 if (context, kv_type) == (full, "f16") else 500
                yield measured(folder, model, label, context, kv_type, "x" * letters)
        model.unlink()


def measured(folder: Path, model: Path, label: str, context: int, kv_type: KvType, prompt: str) -> Measured:
    """Load `model` in a worker of its own, have it read `prompt` and begin a reply, and compare."""
    with EngineClient(False, folder / "worker.log", patience_s=PATIENCE_S) as client:
        client.fail(LoadModel(NO_MODEL))  # it has its libraries now
        before = resident_bytes(client)
        found = measure(client, folder, model, label, context, kv_type)
        client.say(user(prompt), max_tokens=REPLY_TOKENS)
        return found._replace(resident_bytes=resident_bytes(client) - before)


def resident_bytes(client: EngineClient) -> int:
    return int(psutil.Process(client.ready.pid).memory_info().rss)


def measure(
    client: EngineClient, folder: Path, model: Path, label: str, context: int, kv_type: KvType
) -> Measured:
    """Load `model` and compare with the log. The client's lies at `folder`/worker.log."""
    log = folder / "worker.log"
    before = log.stat().st_size
    answer = client.ask(LoadModel(str(model), context, kv_type=kv_type))[-1]
    assert isinstance(answer, Loaded), answer
    assert not answer.model.stepped_down
    said = log.read_bytes()[before:].decode("utf-8", "replace")
    (usage,) = predict(inspect(model), Placement(context, kv_type), (host(),))
    return Measured(f"{label}, {context} tokens, {kv_type}", usage, logged_bytes(said))


def logged_bytes(log: str) -> int:
    """All buffers. Where weights are repacked, the mapped ones they come from need not stay in memory."""
    sizes = [(name, kind, float(size) * (1 << 20)) for name, kind, size in BUFFER.findall(log)]
    assert {"model", "KV", "compute"} <= {kind for _, kind, _ in sizes}, log
    repacked = sum(size for name, _, size in sizes if "REPACK" in name)
    return int(sum(size for _, _, size in sizes) - repacked)
