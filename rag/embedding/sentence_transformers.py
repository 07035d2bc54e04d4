"""Any local folder of the sentence-transformers library. Slow to import (seconds): only in a worker."""

import os
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from rag.embedding.embedder import Floats, by_length, normalized
from rag.embedding.folder import ModelFolder
from rag.errors import EmbedderDamaged
from rag.protocol import TextKind

BATCH = 8


class SentenceTransformersEmbedder:
    """Pools and normalizes as the folder's own modules say."""

    def __init__(self, folder: ModelFolder, threads: int = 2) -> None:
        """Raises EmbedderDamaged when the folder cannot be loaded."""
        # without these, a name that is not on this machine waits for the network for over a minute
        os.environ["HF_HUB_OFFLINE"] = "1"
        os.environ["TRANSFORMERS_OFFLINE"] = "1"
        os.environ["TOKENIZERS_PARALLELISM"] = "false"
        try:
            import torch
            from sentence_transformers import SentenceTransformer

            torch.set_num_threads(threads)
            self._model: Any = SentenceTransformer(str(folder.path), device="cpu", local_files_only=True)
        except Exception as error:
            raise EmbedderDamaged(str(error), path=str(folder.path)) from error
        self._prefixes = folder.prefixes
        self._fingerprint = folder.fingerprint()
        self._dimensions = int(self._encode(["a"]).shape[1])

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
            vectors[indices] = self._encode([prefixed[index] for index in indices])
        return vectors

    def _encode(self, texts: list[str]) -> Floats:
        """Unit vectors (batch, dimensions) of prefixed texts."""
        made = self._model.encode(
            texts, batch_size=len(texts), prompt="", convert_to_numpy=True, show_progress_bar=False
        )
        return normalized(np.asarray(made, dtype=np.float32))
