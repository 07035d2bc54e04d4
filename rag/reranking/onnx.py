"""An ONNX export of a cross-encoder, run by onnxruntime. The fast one on a processor."""

from typing import Any

import numpy as np

from rag.errors import NotAReranker, RerankerDamaged
from rag.reranking.folder import RerankerFolder
from rag.reranking.reranker import BatchedReranker
from rag.silent_onnx import silent_onnxruntime


class OnnxReranker(BatchedReranker):
    """One logit for each pair (Nogueira and Cho 2019, arXiv:1901.04085)."""

    def __init__(self, folder: RerankerFolder, threads: int = 2) -> None:
        """Raises RerankerDamaged when model or tokenizer cannot be read, NotAReranker for another kind."""
        from tokenizers import Tokenizer

        onnxruntime = silent_onnxruntime()
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        try:
            self._session: Any = onnxruntime.InferenceSession(
                str(folder.weights), options, providers=["CPUExecutionProvider"]
            )
            self._tokenizer: Any = Tokenizer.from_file(str(folder.path / "tokenizer.json"))
        except Exception as error:
            raise RerankerDamaged(str(error), path=str(folder.path)) from error
        # the question stays whole: of a long pair, the passage is cut
        self._tokenizer.enable_truncation(folder.longest, strategy="longest_first")
        self._tokenizer.no_padding()
        self._pad = self._tokenizer.token_to_id("<pad>") or self._tokenizer.token_to_id("[PAD]") or 0
        self._inputs = {item.name for item in self._session.get_inputs()}
        try:
            shape = np.shape(self._run([("a", "b")]))
        except Exception as error:
            raise RerankerDamaged(str(error), path=str(folder.path)) from error
        if shape not in ((1,), (1, 1)):
            raise NotAReranker(f"its answer has the shape {shape}", path=str(folder.path))

    def _forward(self, pairs: list[tuple[str, str]]) -> list[float]:
        return [float(score) for score in self._run(pairs).reshape(-1)]

    def _run(self, pairs: list[tuple[str, str]]) -> Any:
        encodings = self._tokenizer.encode_batch(pairs)
        longest = max(len(encoding.ids) for encoding in encodings)
        ids = np.full((len(pairs), longest), self._pad, dtype=np.int64)  # (batch, tokens)
        mask = np.zeros_like(ids)  # (batch, tokens)
        kinds = np.zeros_like(ids)  # (batch, tokens): 0 of the question, 1 of the passage
        for row, encoding in enumerate(encodings):
            count = len(encoding.ids)
            ids[row, :count] = encoding.ids
            mask[row, :count] = 1
            kinds[row, :count] = encoding.type_ids
        feed = {"input_ids": ids, "attention_mask": mask, "token_type_ids": kinds}
        return np.asarray(self._session.run(None, {name: feed[name] for name in self._inputs})[0])
