"""Which embedding models are on this machine, told from their files. Loads none, chooses no words."""

from collections.abc import Iterable
from pathlib import Path
from typing import Literal

import msgspec

from engine.errors import EngineError
from engine.gguf_header import inspect as inspect_gguf
from engine.gguf_kinds import check_model, pooling_of
from rag.embedding.folder import inspect as inspect_folder
from rag.embedding.prefixes import beside
from rag.errors import RagError

SearchModelForm = Literal["onnx", "sentence-transformers", "gguf"]


class SearchModelFile(msgspec.Struct, frozen=True):
    """One that the library could use. `default`: the one that counts where nothing is chosen."""

    path: str
    name: str
    form: SearchModelForm
    size_bytes: int  # of its weights
    default: bool = False


def search_models(folders: Iterable[Path], default: Path) -> tuple[SearchModelFile, ...]:
    """Those in the folders, by name; `default` is marked. What cannot be used is left out."""
    entries = sorted(
        (path for folder in folders for path in _entries(folder)), key=lambda path: path.name.casefold()
    )
    found = (_of_folder(path) if path.is_dir() else _of_file(path) for path in entries)
    return tuple(
        msgspec.structs.replace(model, default=Path(model.path) == default)
        for model in found
        if model is not None
    )


def _entries(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError:
        return []


def _of_folder(path: Path) -> SearchModelFile | None:
    try:
        model = inspect_folder(path)
        return SearchModelFile(str(path), path.name, model.form, model.weights.stat().st_size)
    except (RagError, OSError):
        return None


def _of_file(path: Path) -> SearchModelFile | None:
    if path.suffix.lower() != ".gguf":
        return None
    try:
        header = inspect_gguf(path)
        check_model(header)
        says = beside(path)
        pooling_of(header, says.pooling if says is not None else None)
    except (EngineError, RagError):
        return None
    return SearchModelFile(str(path), path.stem, "gguf", header.size_bytes)
