"""An ONNX export of a sentence embedding model, run by onnxruntime. The fast default on a processor."""

import numpy as np

from rag.embedding.embedder import BatchedEmbedder, Floats, normalized
from rag.embedding.folder import ModelFolder
from rag.errors import EmbedderDamaged
from rag.onnx_models import OnnxTextModel

LONGEST_TOKENS = 512


class OnnxEmbedder(BatchedEmbedder[list[int]]):
    """Mean pooling over the tokens of the text, then unit length (Sentence-BERT, arXiv:1908.10084)."""

    def __init__(self, folder: ModelFolder, threads: int = 2) -> None:
        """Raises EmbedderDamaged when model or tokenizer cannot be read."""
        try:
            self._model = OnnxTextModel(
                folder.weights, folder.path / "tokenizer.json", threads, LONGEST_TOKENS
            )
        except Exception as error:
            raise EmbedderDamaged(str(error), path=str(folder.path)) from error
        super().__init__(folder)

    def _read(self, texts: list[str]) -> list[list[int]]:
        return [encoding.ids for encoding in self._model.tokenizer.encode_batch(texts)]

    def _tokens(self, read: list[int]) -> int:
        return len(read)

    def _forward(self, batch: list[list[int]]) -> Floats:
        output, mask = self._model.run(batch)
        states = output.astype(np.float32, copy=False)
        if states.ndim == 2:  # an export that pools by itself
            return normalized(states)
        weights = mask[:, :, None].astype(np.float32)  # (batch, tokens, 1)
        return normalized((states * weights).sum(axis=1) / np.maximum(weights.sum(axis=1), 1e-9))
