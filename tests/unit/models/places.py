"""A home as other programs leave it: small GGUF files where each of them would keep its models."""

import hashlib
import json
from pathlib import Path

from desktop.core.models.ollama import MODEL_LAYER
from tests.fakes.engine_files import fake_model


def put(path: Path, data: bytes | None = None) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(fake_model(path.stem) if data is None else data)
    return path


def put_split(folder: Path, base: str = "big", count: int = 3, without: tuple[int, ...] = ()) -> list[Path]:
    """The parts of a split model, all but those `without`."""
    return [
        put(folder / f"{base}-{number:05}-of-{count:05}.gguf", fake_model(f"{base} {number}"))
        for number in range(1, count + 1)
        if number not in without
    ]


def put_ollama(root: Path, name: str = "registry.ollama.ai/library/qwen2.5/7b", data: bytes = b"") -> Path:
    """A manifest and its blobs, as `ollama pull` leaves them."""
    weights = data or fake_model(name)
    digest = hashlib.sha256(weights).hexdigest()
    layers = [
        {"mediaType": MODEL_LAYER, "digest": f"sha256:{digest}", "size": len(weights)},
        {"mediaType": "application/vnd.ollama.image.template", "digest": f"sha256:{'0' * 64}", "size": 3},
    ]
    manifest = {
        "schemaVersion": 2,
        "mediaType": "application/vnd.docker.distribution.manifest.v2+json",
        "config": {"digest": f"sha256:{'1' * 64}", "size": 2},
        "layers": layers,
    }
    put(root / "manifests" / name, json.dumps(manifest).encode())
    return put(root / "blobs" / f"sha256-{digest}", weights)


def put_hugging_face(hub: Path, repository: str, revision: str, file: str, data: bytes | None = None) -> Path:
    """A file of the cache: a link in its snapshot that leads to a blob."""
    weights = data or fake_model(file)
    folder = hub / f"models--{repository.replace('/', '--')}"
    blob = put(folder / "blobs" / hashlib.sha256(weights).hexdigest(), weights)
    link = folder / "snapshots" / revision / file
    link.parent.mkdir(parents=True, exist_ok=True)
    link.symlink_to(Path(*[".."] * (2 + file.count("/")), "..", "blobs", blob.name).relative_to(".."))
    assert link.exists()
    return link


def everything(root: Path) -> dict[str, tuple[int, int, bytes]]:
    """What stands below a folder, to see that nothing was touched."""
    return {
        str(path): (path.lstat().st_mode, path.lstat().st_mtime_ns, path.read_bytes())
        for path in sorted(root.rglob("*"))
        if path.is_file()
    }
