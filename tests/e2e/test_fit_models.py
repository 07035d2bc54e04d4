"""Predicted memory against what llama.cpp really takes, for the starter model."""

from pathlib import Path

import pytest

from engine.protocol import KvType
from tests.bench.fit import measure
from tests.fakes.engine_client import EngineClient


@pytest.mark.models
@pytest.mark.parametrize(
    ("context", "kv_type"), [(512, "f16"), (8192, "f16"), (8192, "q8_0"), (4096, "q4_0")]
)
def test_what_the_starter_model_takes_is_foreseen(
    chat_model: Path, tmp_path: Path, context: int, kv_type: KvType
) -> None:
    with EngineClient(False, tmp_path / "worker.log") as client:
        measured = measure(client, tmp_path, chat_model, "starter", context, kv_type)
    assert measured.close, measured
