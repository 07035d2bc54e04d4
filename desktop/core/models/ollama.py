"""Read which models Ollama keeps: manifests that name blobs. Writes nothing; skips what is damaged.

`manifests/HOST/NAMESPACE/MODEL/TAG` is a small JSON file, and `blobs/sha256-...` holds the weights.
"""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import msgspec

from desktop.core.errors import Cancelled
from desktop.core.models.walking import Cancel, entries

MODEL_LAYER = "application/vnd.ollama.image.model"
HOST, NAMESPACE = "registry.ollama.ai", "library"
# a manifest lists a dozen layers
MOST_MANIFEST_BYTES = 1 << 20
# anything else could lead out of the blobs folder
_DIGEST = re.compile(r"sha256[:-][0-9a-fA-F]{64}")
_LEVELS = 4  # host, namespace, model, tag


class _Layer(msgspec.Struct):
    media_type: str = msgspec.field(name="mediaType", default="")
    digest: str = ""


class _Manifest(msgspec.Struct):
    layers: list[_Layer] | None = None


def ollama_models(folder: Path, cancelled: Cancel) -> Iterator[tuple[str, Path]]:
    """Each model's name with its tag, as `ollama list` writes it, and its file. Raises Cancelled."""
    for manifest in _manifests(folder / "manifests", _LEVELS, cancelled):
        blob = _blob(manifest, folder / "blobs")
        if blob is not None:
            yield _label(manifest.parts[-_LEVELS:]), blob


def _manifests(folder: Path, levels: int, cancelled: Cancel) -> Iterator[Path]:
    if cancelled():
        raise Cancelled
    for entry in entries(folder):
        try:
            if levels > 1 and entry.is_dir():
                yield from _manifests(Path(entry.path), levels - 1, cancelled)
            elif levels == 1 and entry.is_file() and entry.stat().st_size <= MOST_MANIFEST_BYTES:
                yield Path(entry.path)
        except OSError:
            continue


def _blob(manifest: Path, blobs: Path) -> Path | None:
    """The file of the manifest's first model layer, if it is whole and there."""
    try:
        layers = msgspec.json.decode(manifest.read_bytes(), type=_Manifest).layers or []
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return None
    for layer in layers:
        if layer.media_type == MODEL_LAYER and _DIGEST.fullmatch(layer.digest):
            blob = blobs / layer.digest.replace(":", "-")
            return blob if os.path.isfile(blob) else None  # noqa: PTH113  Path.is_file() raises without permission
    return None


def _label(parts: tuple[str, ...]) -> str:
    host, namespace, model, tag = parts
    before = [] if host == HOST else [host]
    if before or namespace != NAMESPACE:
        before.append(namespace)
    return "/".join([*before, model]) + f":{tag}"
