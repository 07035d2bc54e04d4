"""What a reranker's folder holds, and whether it is one at all. Loads no model."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from rag.errors import NotAReranker, RerankerDamaged, RerankerMissing

Form = Literal["onnx", "cross-encoder"]

_ONNX = (
    "onnx/model_int8.onnx",
    "onnx/model_quantized.onnx",
    "onnx/model_qint8_avx512_vnni.onnx",
    "onnx/model.onnx",
    "model.onnx",
)
_WEIGHTS = ("model.safetensors",)  # no pickle: reading one can run whatever it holds
_SMALLEST_BYTES = 64


@dataclass(frozen=True)
class RerankerFolder:
    """A cross-encoder on disk. `longest`: the tokens it reads at most."""

    path: Path
    form: Form
    weights: Path
    longest: int


def inspect(path: Path, form: Form | None = None) -> RerankerFolder:
    """What stands in the folder; `form` asks for one that is not the fastest.

    Raises RerankerMissing where there is no model, RerankerDamaged where a part of it is missing or cut,
    NotAReranker where it is a model of another kind: one that embeds, or sorts into several classes.
    """
    if not path.is_dir():
        raise RerankerMissing(path=str(path))
    onnx = next((path / name for name in _ONNX if (path / name).is_file()), None)
    torch = next((path / name for name in _WEIGHTS if (path / name).is_file()), None)
    if onnx is None and torch is None:
        raise RerankerMissing(path=str(path))
    config = _config(path)
    _check_kind(path, config)
    longest = config.get("max_position_embeddings")
    tokens = min(512, longest) if isinstance(longest, int) and longest > 0 else 512
    if onnx is not None and form in (None, "onnx") and (path / "tokenizer.json").is_file():
        return _whole(RerankerFolder(path, "onnx", onnx, tokens))
    if torch is not None and form in (None, "cross-encoder"):
        return _whole(RerankerFolder(path, "cross-encoder", torch, tokens))
    raise RerankerDamaged("tokenizer.json is missing", path=str(path))


def _config(path: Path) -> dict[str, Any]:
    try:
        config = json.loads((path / "config.json").read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise RerankerDamaged(f"config.json: {error}", path=str(path)) from error
    if not isinstance(config, dict):
        raise RerankerDamaged("config.json says nothing", path=str(path))
    return config


def _check_kind(path: Path, config: dict[str, Any]) -> None:
    """A library that loads an embedding model as a cross-encoder makes up the last layer, and scores at
    random."""
    kinds = [str(one) for one in config.get("architectures") or ()]
    if kinds and not any(one.endswith("ForSequenceClassification") for one in kinds):
        raise NotAReranker(", ".join(kinds), path=str(path))
    labels = config.get("id2label")
    count = len(labels) if isinstance(labels, dict) else config.get("num_labels", 1)
    if count != 1:
        raise NotAReranker(f"{count} labels", path=str(path))


def _whole(model: RerankerFolder) -> RerankerFolder:
    if model.weights.stat().st_size < _SMALLEST_BYTES:
        raise RerankerDamaged(f"{model.weights.name} is cut short", path=str(model.path))
    return model
