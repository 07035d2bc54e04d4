"""Search collections that other installations keep on a Chroma server. Changes nothing there.

Documents and passages of others have negative numbers: which collection, and the number that they have there.
"""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from rag.embedding.embedder import Floats
from rag.errors import ServerModelDiffers, UnknownDocument
from rag.found_values import CollectionInfo, Hit
from rag.protocol import Located
from rag.server.mirror import FORMAT, MADE_BY
from rag.server_values import UseServer

_NUMBER_BITS = 32
_MOST_ON_A_PAGE = 1000


class Remote(NamedTuple):
    """A collection of somebody else."""

    name: str  # as a person sees it
    collection: Any
    fingerprint: str


class Shelf:
    """What others keep there, as it was when it was listed."""

    def __init__(self, server: UseServer, client: Any, library: str) -> None:
        """Raises what Chroma raises."""
        self._server = server
        found: dict[str, Remote] = {}
        listed = client.list_collections()
        for there in sorted(listed, key=lambda one: (str((one.metadata or {}).get("title")), one.name)):
            metadata: Mapping[str, Any] = there.metadata or {}
            if metadata.get("made_by") != MADE_BY or metadata.get("format") != FORMAT:
                continue  # not ours to read
            if metadata.get("library") != library:
                name = _free(f"{metadata.get('title') or there.name} @ {server.host}", found)
                found[name] = Remote(name, there, str(metadata.get("fingerprint")))
        self._by_name = found
        self.collections = tuple(
            CollectionInfo(name, 0, int(remote.collection.count()), server.host)
            for name, remote in found.items()
        )

    def holds(self, name: str) -> bool:
        return name in self._by_name

    def search(self, names: Sequence[str], fingerprint: str, vector: Floats, most: int) -> list[Hit]:
        """The nearest passages of these collections, best first; no names: of all that can be compared.

        Raises ServerModelDiffers for a named one of another model, and what Chroma raises.
        """
        hits: list[Hit] = []
        for name, remote in self._by_name.items():
            if names and name not in names:
                continue
            if remote.fingerprint != fingerprint:
                if names:
                    raise ServerModelDiffers(name=name, host=self._server.host, port=str(self._server.port))
                continue
            found = remote.collection.query(
                query_embeddings=[vector], n_results=most, include=["documents", "metadatas", "distances"]
            )
            rows = zip(
                found["ids"][0],
                found["documents"][0],
                found["metadatas"][0],
                found["distances"][0],
                strict=True,
            )
            hits += [self._hit(remote, *row) for row in rows]
        return sorted(hits, key=lambda hit: -hit.score)[:most]

    def locate(self, document: int, page: int) -> Located:
        """The page as far as its passages tell. Raises UnknownDocument, and what Chroma raises."""
        for remote in self._by_name.values():
            there = _number(remote, 0) - document
            if not 0 <= there < 1 << _NUMBER_BITS:
                continue
            found = remote.collection.get(
                where={"$and": [{"document": there}, {"page": page}]},
                include=["documents", "metadatas"],
                limit=_MOST_ON_A_PAGE,
            )
            rows = list(zip(found["documents"], found["metadatas"], strict=True))
            if rows:
                last = rows[0][1]
                text = _page_text([(int(metadata["start"]), str(text)) for text, metadata in rows])
                return Located(self._file(last), str(last["title"]), page, page, text, ())
        raise UnknownDocument(document=document, page=page)

    def _hit(
        self, remote: Remote, number: str, text: str, metadata: Mapping[str, Any], distance: float
    ) -> Hit:
        return Hit(
            passage=_number(remote, int(number)),
            document=_number(remote, int(metadata["document"])),
            file=self._file(metadata),
            title=str(metadata["title"]),
            page=int(metadata["page"]),
            start=int(metadata["start"]),
            end=int(metadata["end"]),
            text=text,
            heading=str(metadata["heading"]),
            score=round(1.0 - distance, 6),
        )

    def _file(self, metadata: Mapping[str, Any]) -> str:
        """Not a path: the file lies on another machine."""
        return f"{metadata['file']} @ {self._server.host}"


def _number(remote: Remote, there: int) -> int:
    """A number that no document or passage of this library has."""
    digest = hashlib.sha256(remote.collection.name.encode()).digest()
    return -((int.from_bytes(digest[:2], "big") + 1) << _NUMBER_BITS) - there


def _page_text(pieces: list[tuple[int, str]]) -> str:
    """Passages put where they stand on their page; what lies between them is not known here."""
    letters: list[str] = []
    for start, text in sorted(pieces):
        letters += ["\n"] * (start - len(letters))
        letters[start : start + len(text)] = text
    return "".join(letters)


def _free(name: str, taken: Mapping[str, object]) -> str:
    number, free = 1, name
    while free in taken:
        number += 1
        free = f"{name} ({number})"
    return free
