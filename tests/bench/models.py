"""A folder of 500 models, listed at first sight and again; the header of a model of ten gigabytes.

The models are of four families with the vocabularies and tensor tables of real ones, gigabytes of headers
in all; what stands on the disk is in the system's memory already. Processor time beside the time that passed:
other programs count only in the latter.
"""

import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from desktop.core.models import Facts, ModelShelf
from engine.gguf_header import inspect
from tests.fakes.engine_shapes import GEMMA_12B, LLAMA_8B, QWEN_4B, SMALL, Shape, write_shape
from tests.fakes.engine_words import vocabulary

MODELS = 500
# tokens and merges of Llama 3, Qwen 3, Gemma 3 and SmolLM2
FAMILIES: tuple[tuple[Shape, int, int], ...] = (
    (LLAMA_8B, 128_256, 280_147),
    (QWEN_4B, 151_936, 151_387),
    (GEMMA_12B, 262_208, 0),
    (SMALL, 49_152, 48_900),
)


def rows() -> Iterator[tuple[str, float, str]]:
    """(name, value, unit)."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        models = folder / "models"
        models.mkdir()
        for number, (shape, tokens, merges) in enumerate(FAMILIES):
            words = vocabulary(number, tokens, merges)
            for copy in range(MODELS // len(FAMILIES)):
                write_shape(models / f"{number}-{copy:03}.gguf", shape, more=words)
        os.sync()
        # the system reads a file that was just written more slowly than ever after
        facts = (("just written", "other"), ("at first sight", "facts"), ("again", "facts"))
        for label, kept in facts:
            passed_s, worked_s = time.perf_counter(), time.process_time()
            found = ModelShelf(models, Facts(folder / f"{kept}.json")).all()
            passed_s, worked_s = time.perf_counter() - passed_s, time.process_time() - worked_s
            assert len(found) == MODELS
            assert not any(model.problem for model in found)
            yield f"{MODELS} models, {label}", passed_s, "s"
            yield f"{MODELS} models, {label}: processor", worked_s, "s"
        for number, (shape, tokens, _) in enumerate(FAMILIES):
            started_s = time.perf_counter()
            header = inspect(models / f"{number}-000.gguf")
            spent_s = time.perf_counter() - started_s
            assert header.vocabulary == tokens
            size_gb = header.size_bytes / 1e9
            yield f"header of {shape.architecture}, {size_gb:.1f} GB, {tokens} tokens", 1e3 * spent_s, "ms"
