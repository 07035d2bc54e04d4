"""An embedder for tests: words hashed into a vector. Deterministic, needs no model, knows no meaning."""

import hashlib
import re
import unicodedata
from collections.abc import Callable, Sequence

import numpy as np

from rag.embedding.embedder import Floats, normalized
from rag.protocol import TextKind

# so that a test can ask in Spanish and find in English, as the real model does
_SAME_MEANING = {
    "entrada": "ticket",
    "entradas": "ticket",
    "tickets": "ticket",
    "cuesta": "cost",
    "costs": "cost",
    "cuanto": "much",
    "siete": "seven",
}


class FakeEmbedder:
    """Conforms to rag.embedding.Embedder: texts that share words are near."""

    def __init__(self, dimensions: int = 64, name: str = "fake") -> None:
        self._dimensions = dimensions
        self._name = name
        self.calls = 0

    @property
    def fingerprint(self) -> str:
        return f"{self._name}/hashing/{self._dimensions}"

    @property
    def dimensions(self) -> int:
        return self._dimensions

    def embed(
        self, texts: Sequence[str], kind: TextKind, between: Callable[[], None] | None = None
    ) -> Floats:
        vectors = np.zeros((len(texts), self._dimensions), dtype=np.float32)
        for row, text in enumerate(texts):
            if between is not None:
                between()
            self.calls += 1
            for word in _words(text) or ["nothing"]:
                digest = hashlib.blake2b(f"{self._name} {word}".encode(), digest_size=8).digest()
                place = int.from_bytes(digest[:4], "little") % self._dimensions
                vectors[row, place] += 1.0 if digest[4] % 2 else -1.0
                vectors[row, (place * 7 + 3) % self._dimensions] += 0.5
            vectors[row, 0] += 0.01  # never all zero
        return normalized(vectors)


def _words(text: str) -> list[str]:
    plain = unicodedata.normalize("NFKD", text.lower())
    words = re.findall(r"[a-z0-9]+", "".join(c for c in plain if not unicodedata.combining(c)))
    return [_SAME_MEANING.get(word, word) for word in words]
