"""The one door to Chroma: ids and vectors in a folder that may be deleted at any time.

One Chroma collection per embedding model; a passage's document and collection stand beside its vector as
numbers, for filters. Whatever goes wrong here is an IndexFailed, and the search compares exactly instead.
"""

import hashlib
import logging
import shutil
import ssl
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from rag.embedding.embedder import Floats
from rag.store.scope import Scope
from rag.store.values import PassageVector

INDEX_FOLDER = "chroma"
_DATABASE = "chroma.sqlite3"  # in every home
BATCH = 1000
_SAME = 1e-3  # cosine distance of a vector to itself, with room for rounding

log = logging.getLogger(__name__)


class IndexFailed(Exception):
    """Chroma could not open, answer or write. Nothing is lost: library.db holds it all."""


# the defaults lost half of the neighbours on hard data; these cannot be changed later
GRAPH: Any = {"hnsw": {"space": "cosine", "ef_search": 400, "ef_construction": 400, "max_neighbors": 48}}


def connected(host: str, port: int, tls: bool, token: str, limit_s: float) -> Any:
    """A client of a Chroma server, each of whose answers may take so long. Raises what Chroma raises.

    Connecting itself keeps no time: look first whether somebody answers (see rag.server.connection).
    """
    import chromadb
    from chromadb.config import Settings

    # the machine's own certificates, to which a company or a household can add theirs
    trusted = ssl.get_default_verify_paths().cafile
    client: Any = chromadb.HttpClient(
        host,
        port,
        ssl=tls,
        headers={"Authorization": f"Bearer {token}", "X-Chroma-Token": token} if token else {},
        settings=Settings(anonymized_telemetry=False, chroma_server_ssl_verify=trusted or True),
    )
    client._server._session.timeout = limit_s  # noqa: SLF001 - there is no door for it
    return client


class ChromaIndex:
    """The index of one embedding model. One process owns the folder; any of its threads may call."""

    def __init__(self, folder: Path, fingerprint: str, home: int = 0) -> None:
        """Open or create; `home` is a number of this model's, see `IndexKeeper`. Raises IndexFailed."""
        with _translated():
            import chromadb
            from chromadb.config import Settings

            name = _name(fingerprint)
            # a folder of its own: Chroma leaves the files of a collection that is deleted on the disk
            self._home = folder / _home(fingerprint, home)
            self._home.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._client: Any = chromadb.PersistentClient(
                str(self._home), settings=Settings(anonymized_telemetry=False, allow_reset=False)
            )
            self._collection: Any = self._client.get_or_create_collection(
                name,
                embedding_function=None,
                configuration=GRAPH,
            )
            self._file = _identity(self._home / _DATABASE)
        self.fingerprint = fingerprint

    def is_there(self) -> bool:
        """Whether its files are still those that were opened: a folder that was deleted takes writes, and
        loses them."""
        return _identity(self._home / _DATABASE) == self._file

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

    def vectors(self, passages: Sequence[int]) -> dict[int, bytes]:
        """What it holds of these passages, as float32 bytes."""
        with _translated():
            found = self._collection.get(ids=[str(number) for number in passages], include=["embeddings"])
            return {
                int(number): np.asarray(vector, dtype="<f4").tobytes()
                for number, vector in zip(found["ids"], found["embeddings"], strict=True)
            }

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


def _home(fingerprint: str, number: int) -> str:
    """The folder of a model's index."""
    return f"{_name(fingerprint)}.{number}" if number else _name(fingerprint)


def _identity(file: Path) -> tuple[int, int]:
    """Which file it is, whatever it is called; (0, 0): none."""
    try:
        status = file.stat()
    except OSError:
        return 0, 0
    return status.st_dev, status.st_ino


def drop_others(folder: Path, *homes: tuple[str, int]) -> None:
    """Delete all indexes but those of these fingerprints in these homes. Raises IndexFailed."""
    kept = {_home(fingerprint, number) for fingerprint, number in homes}
    with _translated():
        others = [path for path in folder.iterdir() if path.name not in kept] if folder.exists() else []
        for path in others:
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()
    if others:
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
