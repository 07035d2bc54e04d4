"""Any local folder of the sentence-transformers library. Slow to import (seconds): only in a worker."""

import os
from typing import Any

import numpy as np

from rag.embedding.embedder import BatchedEmbedder, Floats, normalized
from rag.embedding.folder import ModelFolder
from rag.errors import EmbedderDamaged, EmbedderNeedsAddOn
from rag.passages.likely_tokens import likely_tokens


class SentenceTransformersEmbedder(BatchedEmbedder[str]):
    """Pools and normalizes as the folder's own modules say."""

    def __init__(self, folder: ModelFolder, threads: int = 2) -> None:
        """Raises EmbedderDamaged when the folder cannot be loaded, EmbedderNeedsAddOn without the library."""
        # without these, a name that is not on this machine waits for the network for over a minute
        os.environ["HF_HUB_OFFLINE"] = "1"
        os.environ["TRANSFORMERS_OFFLINE"] = "1"
        os.environ["TOKENIZERS_PARALLELISM"] = "false"
        try:
            import torch
            from sentence_transformers import SentenceTransformer

            torch.set_num_threads(threads)
            self._model: Any = SentenceTransformer(
                str(folder.path),
                device="cpu",
                local_files_only=True,
                trust_remote_code=False,  # a folder may bring Python of its own
                model_kwargs={"use_safetensors": True},
            )
        except ModuleNotFoundError as error:
            if error.name in ("torch", "sentence_transformers"):
                raise EmbedderNeedsAddOn(str(error), path=str(folder.path)) from error
            raise EmbedderDamaged(str(error), path=str(folder.path)) from error
        except Exception as error:
            raise EmbedderDamaged(str(error), path=str(folder.path)) from error
        super().__init__(folder)

    def _read(self, texts: list[str]) -> list[str]:
        return texts

    def _tokens(self, read: str) -> int:
        return likely_tokens(read)  # its tokenizer may be of any kind

    def _forward(self, batch: list[str]) -> Floats:
        made = self._model.encode(
            batch, batch_size=len(batch), prompt="", convert_to_numpy=True, show_progress_bar=False
        )
        return normalized(np.asarray(made, dtype=np.float32))
