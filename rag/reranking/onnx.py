"""An ONNX export of a cross-encoder, run by onnxruntime. The fast one on a processor."""

from typing import Any

import numpy as np

from rag.errors import NotAReranker, RerankerDamaged
from rag.onnx_models import OnnxTextModel
from rag.reranking.folder import RerankerFolder
from rag.reranking.reranker import BatchedReranker


class OnnxReranker(BatchedReranker):
    """One logit for each pair (Nogueira and Cho 2019, arXiv:1901.04085)."""

    def __init__(self, folder: RerankerFolder, threads: int = 2) -> None:
        """Raises RerankerDamaged when model or tokenizer cannot be read, NotAReranker for another kind."""
        try:
            self._model = OnnxTextModel(
                folder.weights, folder.path / "tokenizer.json", threads, folder.longest
            )
            shape = np.shape(self._run([("a", "b")]))
        except Exception as error:
            raise RerankerDamaged(str(error), path=str(folder.path)) from error
        if shape not in ((1,), (1, 1)):
            raise NotAReranker(f"its answer has the shape {shape}", path=str(folder.path))

    def _forward(self, pairs: list[tuple[str, str]]) -> list[float]:
        return [float(score) for score in self._run(pairs).reshape(-1)]

    def _run(self, pairs: list[tuple[str, str]]) -> Any:
        read = self._model.tokenizer.encode_batch(pairs)
        return self._model.run([pair.ids for pair in read], [pair.type_ids for pair in read])[0]
