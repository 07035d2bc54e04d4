"""The protocol of an embedding model, and what the backends share. Loads nothing.

The library embeds through the core and never sees a backend; the embedder worker holds one. A test's fake
and every backend pass the same contract suite.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Generic, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from rag.embedding.folder import ModelFolder
from rag.protocol import TextKind

# Of a batch: short texts are faster together, long ones no faster than by twos, and padding is work
MOST_TEXTS, MOST_TOKENS = 16, 640

Floats = NDArray[np.float32]
Read = TypeVar("Read")  # a text as a model reads it


class Embedder(Protocol):
    """A model in memory."""

    @property
    def fingerprint(self) -> str:
        """Names model, form and weights: vectors of different fingerprints are never compared."""
        ...

    @property
    def dimensions(self) -> int: ...

    def embed(
        self, texts: Sequence[str], kind: TextKind, between: Callable[[], None] | None = None
    ) -> Floats:
        """Vectors (texts, dimensions), float32, unit length, in the order of `texts`.

        `between` is called between batches; what it raises ends the call.
        """
        ...


class BatchedEmbedder(ABC, Generic[Read]):
    """What the backends have in common: prefixes, batches by length, the order of the texts kept."""

    def __init__(self, folder: ModelFolder) -> None:
        """Call it when the model is ready: it embeds a first text, which gives the dimensions."""
        self._prefixes = folder.prefixes
        self._dimensions = int(self._forward(self._read(["a"])).shape[1])
        self._fingerprint = folder.fingerprint(self._dimensions)

    @property
    def fingerprint(self) -> str:
        return self._fingerprint

    @property
    def dimensions(self) -> int:
        return self._dimensions

    def embed(
        self, texts: Sequence[str], kind: TextKind, between: Callable[[], None] | None = None
    ) -> Floats:
        read = self._read([self._prefixes[kind] + text for text in texts])
        vectors = np.zeros((len(texts), self._dimensions), dtype=np.float32)
        for indices in by_tokens([self._tokens(one) for one in read]):
            if between is not None:
                between()
            vectors[indices] = self._forward([read[index] for index in indices])
        return vectors

    @abstractmethod
    def _read(self, texts: list[str]) -> list[Read]:
        """Prefixed texts as the model reads them."""

    @abstractmethod
    def _tokens(self, read: Read) -> int:
        """How long that is."""

    @abstractmethod
    def _forward(self, batch: list[Read]) -> Floats:
        """Unit vectors (batch, dimensions)."""


def normalized(vectors: Floats) -> Floats:
    """vectors: (texts, dimensions), each brought to unit length; a zero vector stays zero."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(lengths, 1e-12), dtype=np.float32)


def by_tokens(tokens: Sequence[int]) -> list[list[int]]:
    """Indices of texts that have so many tokens, in batches, longest first."""
    order = sorted(range(len(tokens)), key=lambda index: -tokens[index])
    batches = []
    while order:
        size = min(MOST_TEXTS, max(2, MOST_TOKENS // max(1, tokens[order[0]])))
        batches.append(order[:size])
        order = order[size:]
    return batches
