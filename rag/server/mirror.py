"""Keep this library's collections on a Chroma server: one Chroma collection for each, by its embedding model.

A passage never changes under its number, so comparing numbers is comparing all. A kill costs one batch.
"""

import hashlib
from collections.abc import Callable
from typing import Any

import numpy as np

from rag.errors import Cancelled
from rag.index.chroma import GRAPH
from rag.store.sharing import SharedLibrary, SharedPassage

MADE_BY = "Sobremesa"
FORMAT = 1
PER_BATCH = 100
_IDS_PER_READ = 5000

Tell = Callable[[int, int], None]  # passages that are there, of all


class Mirror:
    """For one connection: what the server holds is asked for once, and followed."""

    def __init__(self, client: Any, library: str) -> None:
        self._client = client
        self._library = library
        self._held: dict[str, set[int]] = {}

    def bring(self, shared: SharedLibrary, tell: Tell, stopped: Callable[[], bool]) -> None:
        """Have the server hold what the library holds now. Raises what Chroma raises, and Cancelled."""
        model = shared.model()
        if model is None:
            return
        number, fingerprint = model
        wanted = {
            collection: (name, shared.passages(collection, number))
            for collection, name in shared.collections().items()
        }
        self._drop({self._name(collection, fingerprint) for collection, (_, ids) in wanted.items() if ids})
        total = sum(len(ids) for _, ids in wanted.values())
        done = 0
        for collection, (name, ids) in wanted.items():
            if not ids:
                continue
            there = self._collection(self._name(collection, fingerprint), name, fingerprint)
            held = self._ids(there)
            _delete(there, sorted(held - ids))
            held &= ids
            done += len(held)
            tell(done, total)
            missing = sorted(ids - held)
            for first in range(0, len(missing), PER_BATCH):
                if stopped():
                    raise Cancelled
                some = missing[first : first + PER_BATCH]
                _upsert(there, shared.rows(number, some))
                held.update(some)
                done += len(some)
                tell(done, total)

    def take_back(self) -> None:
        """Delete all that this library keeps there."""
        self._drop(set())

    def _name(self, collection: int, fingerprint: str) -> str:
        model = hashlib.sha256(fingerprint.encode()).hexdigest()[:12]
        return f"sobremesa-{self._library[:16]}-{collection}-{model}"

    def _drop(self, kept: set[str]) -> None:
        for there in self._client.list_collections():
            metadata = there.metadata or {}
            if metadata.get("library") == self._library and there.name not in kept:
                self._client.delete_collection(there.name)
                self._held.pop(there.name, None)

    def _collection(self, name: str, title: str, fingerprint: str) -> Any:
        metadata = {
            "made_by": MADE_BY,
            "format": FORMAT,
            "library": self._library,
            "title": title,
            "fingerprint": fingerprint,
        }
        there = self._client.get_or_create_collection(
            name, embedding_function=None, configuration=GRAPH, metadata=metadata
        )
        if there.metadata != metadata:  # it was renamed here
            there.modify(metadata=metadata)
        return there

    def _ids(self, there: Any) -> set[int]:
        if there.name not in self._held:
            held: set[int] = set()
            while found := there.get(include=[], limit=_IDS_PER_READ, offset=len(held))["ids"]:
                held.update(int(number) for number in found)
            self._held[there.name] = held
        return self._held[there.name]


def _delete(there: Any, passages: list[int]) -> None:
    for first in range(0, len(passages), PER_BATCH):
        there.delete(ids=[str(number) for number in passages[first : first + PER_BATCH]])


def _upsert(there: Any, rows: list[SharedPassage]) -> None:
    if not rows:
        return
    there.upsert(
        ids=[str(row.id) for row in rows],
        embeddings=np.frombuffer(b"".join(row.vector for row in rows), "<f4").reshape(len(rows), -1),
        documents=[row.text for row in rows],
        metadatas=[
            {
                "document": row.document,
                "file": row.file,
                "title": row.title,
                "page": row.page,
                "start": row.start,
                "end": row.end,
                "heading": row.heading,
                "language": row.language,
            }
            for row in rows
        ],
    )
