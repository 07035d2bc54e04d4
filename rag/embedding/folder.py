"""What a model folder holds: which form, its prefixes, its fingerprint. Loads no model."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from rag.embedding.fingerprint import fingerprint_of
from rag.embedding.prefixes import Prefixes, prefixes_of
from rag.errors import EmbedderDamaged, EmbedderMissing, EmbedderPickle

Form = Literal["onnx", "sentence-transformers"]

# int8 first: twice as fast on a processor, at a cosine of .99 to the original
_ONNX = ("onnx/model_int8.onnx", "onnx/model_quantized.onnx", "onnx/model.onnx", "model.onnx")
_WEIGHTS = ("model.safetensors",)
# what PyTorch writes with pickle, and would read again: a program as much as numbers
_PICKLES = ("*.bin", "*.pt", "*.pth", "*.ckpt", "*.pkl", "*.pickle")
_SAMPLES, _SAMPLE_BYTES = 16, 1 << 14
_ALSO_DECIDE = ("tokenizer.json", "modules.json", "1_Pooling/config.json", "sentence_bert_config.json")
SMALLEST_BYTES = 1024


@dataclass(frozen=True)
class ModelFolder:
    """A model on disk: `weights` is its largest file, the one that `form` reads."""

    path: Path
    form: Form
    weights: Path
    prefixes: Prefixes

    def fingerprint(self, dimensions: int) -> str:
        """Of the weights' size and samples of them, and of the small files that say how texts become tokens
        and tokens a vector: cheap, and it changes with the model."""
        size = self.weights.stat().st_size
        digest = hashlib.sha256(str(size).encode())
        with self.weights.open("rb") as file:
            for number in range(_SAMPLES):
                file.seek(max(0, size - _SAMPLE_BYTES) * number // (_SAMPLES - 1))
                digest.update(file.read(_SAMPLE_BYTES))
        for name in _ALSO_DECIDE:
            path = self.path / name
            digest.update(path.read_bytes() if path.is_file() else b"-")
        pooling = "mean" if self.form == "onnx" else "own"  # its modules are part of the digest
        return fingerprint_of(self.form, digest.hexdigest()[:16], pooling, self.prefixes, dimensions)


def inspect(path: Path, form: Form | None = None) -> ModelFolder:
    """What stands in a model's folder; `form` asks for one that is not the fastest.

    Raises EmbedderMissing when there is no model, EmbedderDamaged when a part of it is missing or cut,
    EmbedderPickle when its weights are no plain numbers.
    """
    if not path.is_dir():
        raise EmbedderMissing(path=str(path))
    onnx = next((path / name for name in _ONNX if (path / name).is_file()), None)
    torch = next((path / name for name in _WEIGHTS if (path / name).is_file()), None)
    if onnx is not None and form in (None, "onnx") and (path / "tokenizer.json").is_file():
        return _checked(ModelFolder(path, "onnx", onnx, _prefixes(path)))
    if torch is not None and form in (None, "sentence-transformers") and (path / "config.json").is_file():
        _refuse_pickles(path, torch)
        return _checked(ModelFolder(path, "sentence-transformers", torch, _prefixes(path)))
    if onnx is not None or torch is not None:
        raise EmbedderDamaged("tokenizer.json or config.json is missing", path=str(path))
    _refuse_pickles(path, None)
    raise EmbedderMissing(path=str(path))


def _refuse_pickles(path: Path, weights: Path | None) -> None:
    """Whatever the library would read where there is nothing better: in the folder, and in its modules'."""
    for pattern in _PICKLES:
        for file in sorted((*path.glob(pattern), *path.glob(f"*/{pattern}"))):
            better = weights if file.parent == path else file.parent / "model.safetensors"
            if better is None or not better.is_file():
                raise EmbedderPickle(path=str(path), file=file.name)


def _checked(model: ModelFolder) -> ModelFolder:
    if model.weights.stat().st_size < SMALLEST_BYTES:
        raise EmbedderDamaged(f"{model.weights.name} is cut short", path=str(model.path))
    return model


def _prefixes(path: Path) -> Prefixes:
    """The words a model wants in front of texts: as its sentence-transformers settings say, or its name."""
    try:
        settings = json.loads((path / "config_sentence_transformers.json").read_text("utf-8"))
        prompts = settings.get("prompts") or {}
    except (OSError, ValueError, AttributeError):
        prompts = {}
    passage = prompts.get("passage", prompts.get("document"))
    if isinstance(prompts.get("query"), str) and isinstance(passage, str) and (prompts["query"] or passage):
        return {"query": prompts["query"], "passage": passage}
    return prefixes_of(path.name)
