"""The protocol of an embedding model. Loads nothing.

The library embeds through the core and never sees a backend; the embedder worker holds one. A test's fake
and every backend pass the same contract suite.
"""

from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from rag.protocol import TextKind

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


def normalized(vectors: Floats) -> Floats:
    """vectors: (texts, dimensions), each brought to unit length; a zero vector stays zero."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(lengths, 1e-12), dtype=np.float32)


def by_length(texts: Sequence[str], size: int) -> list[list[int]]:
    """Indices of `texts` in batches of `size`, longest first: padding costs as much as words do."""
    order = sorted(range(len(texts)), key=lambda index: -len(texts[index]))
    return [order[i : i + size] for i in range(0, len(order), size)]
