"""The protocol of an embedding model, and what the backends share. Loads nothing.

The library embeds through the core and never sees a backend; the embedder worker holds one. A test's fake
and every backend pass the same contract suite.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from rag.embedding.folder import ModelFolder
from rag.protocol import TextKind

BATCH = 8  # larger batches of uneven lengths were slower

Floats = NDArray[np.float32]


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


class BatchedEmbedder(ABC):
    """What the backends have in common: prefixes, batches by length, the order of the texts kept."""

    def __init__(self, folder: ModelFolder) -> None:
        """Call it when the model is ready: it embeds a first text, which gives the dimensions."""
        self._prefixes = folder.prefixes
        self._dimensions = int(self._forward(["a"]).shape[1])
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
        prefixed = [self._prefixes[kind] + text for text in texts]
        vectors = np.zeros((len(texts), self._dimensions), dtype=np.float32)
        for indices in by_length(prefixed, BATCH):
            if between is not None:
                between()
            vectors[indices] = self._forward([prefixed[index] for index in indices])
        return vectors

    @abstractmethod
    def _forward(self, texts: list[str]) -> Floats:
        """Unit vectors (batch, dimensions) of prefixed texts."""


def normalized(vectors: Floats) -> Floats:
    """vectors: (texts, dimensions), each brought to unit length; a zero vector stays zero."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(lengths, 1e-12), dtype=np.float32)


def by_length(texts: Sequence[str], size: int) -> list[list[int]]:
    """Indices of `texts` in batches of `size`, longest first: padding costs as much as words do."""
    order = sorted(range(len(texts)), key=lambda index: -len(texts[index]))
    return [order[i : i + size] for i in range(0, len(order), size)]
