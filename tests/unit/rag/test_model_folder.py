"""What a folder of an embedding model holds, and what it says when it holds none."""

import json
from pathlib import Path

import pytest

from rag.embedding.folder import inspect
from rag.embedding.loading import load_embedder
from rag.errors import EmbedderDamaged, EmbedderMissing


def folder(path: Path, *names: str, size: int = 5000) -> Path:
    for name in names:
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_bytes(b"\1" * size)
    return path


def test_the_int8_form_is_taken_first_and_the_other_on_request(tmp_path: Path) -> None:
    model = folder(
        tmp_path / "m",
        "onnx/model_int8.onnx",
        "onnx/model.onnx",
        "model.safetensors",
        "tokenizer.json",
        "config.json",
    )
    assert (inspect(model).form, inspect(model).weights.name) == ("onnx", "model_int8.onnx")
    assert inspect(model, "sentence-transformers").weights.name == "model.safetensors"


def test_the_fingerprint_changes_with_the_weights_and_the_form(tmp_path: Path) -> None:
    model = folder(tmp_path / "m", "onnx/model.onnx", "model.safetensors", "tokenizer.json", "config.json")
    before = inspect(model).fingerprint(384)
    assert inspect(model).fingerprint(384) == before
    assert inspect(model, "sentence-transformers").fingerprint(384) != before
    (model / "onnx/model.onnx").write_bytes(b"\1" * 4999 + b"\2")
    assert inspect(model).fingerprint(384) != before


def test_prefixes_come_from_the_folder_and_e5_has_its_own(tmp_path: Path) -> None:
    model = folder(tmp_path / "some-e5-small", "model.onnx", "tokenizer.json")
    assert inspect(model).prefixes == {"query": "query: ", "passage": "passage: "}
    settings = {"prompts": {"query": "ask: ", "document": "text: "}}
    (model / "config_sentence_transformers.json").write_text(json.dumps(settings))
    assert inspect(model).prefixes == {"query": "ask: ", "passage": "text: "}
    plain = folder(tmp_path / "minilm", "model.onnx", "tokenizer.json")
    assert inspect(plain).prefixes == {"query": "", "passage": ""}


def test_no_folder_and_a_folder_without_a_model_are_missing(tmp_path: Path) -> None:
    for path in (tmp_path / "none", tmp_path):
        with pytest.raises(EmbedderMissing) as refusal:
            load_embedder(path)
        assert refusal.value.params == {"path": str(path)}


@pytest.mark.parametrize("names", [("model.onnx",), ("model.safetensors",)])
def test_weights_without_their_other_files_are_damaged(names: tuple[str, ...], tmp_path: Path) -> None:
    with pytest.raises(EmbedderDamaged):
        inspect(folder(tmp_path, *names))


def test_weights_cut_short_and_weights_of_noise_are_damaged(tmp_path: Path) -> None:
    with pytest.raises(EmbedderDamaged):
        inspect(folder(tmp_path / "cut", "model.onnx", "tokenizer.json", size=10))
    with pytest.raises(EmbedderDamaged):
        load_embedder(folder(tmp_path / "noise", "model.onnx", "tokenizer.json"))
