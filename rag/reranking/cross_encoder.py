"""Any local folder of a sentence-transformers CrossEncoder. Slow to import (seconds): only in a worker."""

import os
from typing import Any

import numpy as np

from rag.errors import NotAReranker, RerankerDamaged
from rag.reranking.folder import RerankerFolder
from rag.reranking.reranker import BatchedReranker


class CrossEncoderReranker(BatchedReranker):
    def __init__(self, folder: RerankerFolder, threads: int = 2) -> None:
        """Raises RerankerDamaged when the folder cannot be loaded, NotAReranker for more than one label."""
        # without these, a name that is not on this machine waits for the network for over a minute
        os.environ["HF_HUB_OFFLINE"] = "1"
        os.environ["TRANSFORMERS_OFFLINE"] = "1"
        os.environ["TOKENIZERS_PARALLELISM"] = "false"
        try:
            import torch
            from sentence_transformers import CrossEncoder

            torch.set_num_threads(threads)
            self._model: Any = CrossEncoder(
                str(folder.path),
                device="cpu",
                local_files_only=True,
                trust_remote_code=False,  # a folder may bring Python of its own
                model_kwargs={"use_safetensors": True},
                max_length=folder.longest,
            )
            self._identity = torch.nn.Identity()
        except Exception as error:
            raise RerankerDamaged(str(error), path=str(folder.path)) from error
        if self._model.num_labels != 1:
            raise NotAReranker(f"{self._model.num_labels} labels", path=str(folder.path))

    def _forward(self, pairs: list[tuple[str, str]]) -> list[float]:
        made = self._model.predict(
            pairs, batch_size=len(pairs), activation_fn=self._identity, show_progress_bar=False
        )
        return [float(score) for score in np.asarray(made).reshape(-1)]
