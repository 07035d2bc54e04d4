"""An ONNX export of a sentence embedding model, run by onnxruntime. The fast default on a processor."""

from typing import Any

import numpy as np

from rag.embedding.embedder import BatchedEmbedder, Floats, normalized
from rag.embedding.folder import ModelFolder
from rag.errors import EmbedderDamaged
from rag.silent_onnx import silent_onnxruntime

LONGEST_TOKENS = 512


class OnnxEmbedder(BatchedEmbedder):
    """Mean pooling over the tokens of the text, then unit length (Sentence-BERT, arXiv:1908.10084)."""

    def __init__(self, folder: ModelFolder, threads: int = 2) -> None:
        """Raises EmbedderDamaged when model or tokenizer cannot be read."""
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
            raise EmbedderDamaged(str(error), path=str(folder.path)) from error
        self._tokenizer.enable_truncation(LONGEST_TOKENS)
        self._tokenizer.no_padding()
        self._pad = self._tokenizer.token_to_id("<pad>") or self._tokenizer.token_to_id("[PAD]") or 0
        self._inputs = {item.name for item in self._session.get_inputs()}
        super().__init__(folder)

    def _forward(self, texts: list[str]) -> Floats:
        encodings = self._tokenizer.encode_batch(texts)
        longest = max(len(encoding.ids) for encoding in encodings)
        ids = np.full((len(texts), longest), self._pad, dtype=np.int64)  # (batch, tokens)
        mask = np.zeros((len(texts), longest), dtype=np.int64)  # (batch, tokens)
        for row, encoding in enumerate(encodings):
            ids[row, : len(encoding.ids)] = encoding.ids
            mask[row, : len(encoding.ids)] = 1
        feed = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        outputs = self._session.run(None, {name: feed[name] for name in self._inputs})
        states = np.asarray(outputs[0], dtype=np.float32)
        if states.ndim == 2:  # an export that pools by itself
            return normalized(states)
        weights = mask[:, :, None].astype(np.float32)  # (batch, tokens, 1)
        return normalized((states * weights).sum(axis=1) / np.maximum(weights.sum(axis=1), 1e-9))
