"""The one door to Chroma: ids and vectors in a folder that may be deleted at any time.

One Chroma collection per embedding model; a passage's document and collection stand beside its vector as
numbers, for filters. Whatever goes wrong here is an IndexFailed, and the search compares exactly instead.
"""

import hashlib
import logging
import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from rag.embedding.embedder import Floats
from rag.store.queries import Scope
from rag.store.values import PassageVector

INDEX_FOLDER = "chroma"
BATCH = 1000
_SAME = 1e-3  # cosine distance of a vector to itself, with room for rounding

log = logging.getLogger(__name__)


class IndexFailed(Exception):
    """Chroma could not open, answer or write. Nothing is lost: library.db holds it all."""


class ChromaIndex:
    """The index of one embedding model. One process owns the folder; any of its threads may call."""

    def __init__(self, folder: Path, fingerprint: str) -> None:
        """Open or create. Raises IndexFailed."""
        with _translated():
            import chromadb
            from chromadb.config import Settings

            name = _name(fingerprint)
            # a folder of its own: Chroma leaves the files of a collection that is deleted on the disk
            home = folder / name
            home.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._client: Any = chromadb.PersistentClient(
                str(home), settings=Settings(anonymized_telemetry=False, allow_reset=False)
            )
            # the defaults lost half of the neighbours on hard data; these cannot be changed later
            self._collection: Any = self._client.get_or_create_collection(
                name,
                embedding_function=None,
                configuration={
                    "hnsw": {"space": "cosine", "ef_search": 400, "ef_construction": 400, "max_neighbors": 48}
                },
            )
        self.fingerprint = fingerprint

    def count(self) -> int:
        with _translated():
            return int(self._collection.count())

    def ids(self) -> set[int]:
        """The passages that the index holds."""
        with _translated():
            return {int(found) for found in self._collection.get(include=[])["ids"]}

    def add(self, passages: Iterable[PassageVector]) -> None:
        """Add passages, or replace those that it holds. Raises IndexFailed, as all methods do."""
        with _translated():
            for batch in _batches(passages):
                self._collection.upsert(
                    ids=[str(passage.id) for passage in batch],
                    embeddings=np.frombuffer(b"".join(p.vector for p in batch), dtype="<f4").reshape(
                        len(batch), -1
                    ),
                    metadatas=[{"document": p.document, "collection": p.collection} for p in batch],
                )

    def delete(self, passages: Iterable[int]) -> None:
        with _translated():
            numbers = sorted(passages)
            for first in range(0, len(numbers), BATCH):
                self._collection.delete(ids=[str(number) for number in numbers[first : first + BATCH]])

    def nearest(self, vector: Floats, scope: Scope, most: int) -> list[int]:
        """Passages nearest by cosine, best first. vector: (dimensions,)."""
        with _translated():
            found = self._collection.query(
                query_embeddings=[vector], n_results=most, where=_where(scope), include=["distances"]
            )
            return [int(number) for number in found["ids"][0]]

    def finds(self, passages: Sequence[PassageVector]) -> bool:
        """Whether each of these vectors is its own nearest: damaged files lose them without an error."""
        vectors = np.array([np.frombuffer(passage.vector, "<f4") for passage in passages])
        vectors = vectors[np.linalg.norm(vectors, axis=1) > 0] if len(vectors) else vectors
        if not len(vectors):
            return True
        with _translated():
            found = self._collection.query(query_embeddings=vectors, n_results=1, include=["distances"])
            return all(distances and distances[0] < _SAME for distances in found["distances"])


def _name(fingerprint: str) -> str:
    """Of a model's collection."""
    return f"passages-{hashlib.sha256(fingerprint.encode()).hexdigest()[:24]}"


def drop_others(folder: Path, *fingerprints: str) -> None:
    """Delete the indexes of all models but these. Raises IndexFailed."""
    kept = {_name(fingerprint) for fingerprint in fingerprints}
    with _translated():
        others = [path for path in folder.iterdir() if path.name not in kept] if folder.exists() else []
        for path in others:
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()
    if others:
        _forget_systems()


def erase(folder: Path) -> None:
    """Delete an index that cannot be opened, so that it is built anew. Raises IndexFailed."""
    with _translated():
        if folder.exists():
            shutil.rmtree(folder)
    _forget_systems()


def _forget_systems() -> None:
    """Chroma keeps an open system per folder, in memory, and would give the old one back. Indexes that are in
    use hold their own."""
    with _translated():
        from chromadb.api.shared_system_client import SharedSystemClient

        SharedSystemClient.clear_system_cache()


def _where(scope: Scope) -> dict[str, Any] | None:
    parts: list[dict[str, Any]] = []
    if scope.collections:
        parts.append({"collection": {"$in": list(scope.collections)}})
    if scope.documents:
        parts.append({"document": {"$in": list(scope.documents)}})
    if not parts:
        return None
    return parts[0] if len(parts) == 1 else {"$and": parts}


def _batches(passages: Iterable[PassageVector]) -> Iterator[Sequence[PassageVector]]:
    batch: list[PassageVector] = []
    for passage in passages:
        batch.append(passage)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except IndexFailed:
        raise
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt | SystemExit):
            raise
        # Chroma raises plain Exceptions, and its native part panics as a BaseException
        log.warning("Chroma failed: %r", error)
        raise IndexFailed(repr(error)) from error
