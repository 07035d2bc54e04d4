"""Which embedding models a folder holds."""

from pathlib import Path

from desktop.core.workers.search_models import search_models
from tests.fakes.engine_embedders import write_encoder
from tests.fakes.engine_files import write_fake_model


def test_folders_and_gguf_files_that_can_embed_are_told_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "e5").mkdir()
    for name in ("model.onnx", "tokenizer.json"):
        (tmp_path / "e5" / name).write_bytes(b"1" * 5000)
    (tmp_path / "empty").mkdir()
    write_encoder(tmp_path / "encoder.gguf")
    write_fake_model(tmp_path / "writer.gguf")
    (tmp_path / "cut.gguf").write_bytes(b"GGUF")
    (tmp_path / "notes.txt").write_text("no model")
    found = search_models([tmp_path], tmp_path / "e5")
    assert [(model.name, model.form, model.default) for model in found] == [
        ("e5", "onnx", True),
        ("encoder", "gguf", False),
    ]
    assert found[0].size_bytes == 5000
    assert search_models([tmp_path / "none"], tmp_path) == ()
