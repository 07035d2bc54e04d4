"""An ONNX export of a sentence embedding model, run by onnxruntime. The fast default on a processor."""

from typing import Any

import numpy as np

from rag.embedding.embedder import BatchedEmbedder, Floats, normalized
from rag.embedding.folder import ModelFolder
from rag.errors import EmbedderDamaged
from rag.silent_onnx import silent_onnxruntime

LONGEST_TOKENS = 512
# A thread that is done waits so long for the others before it gives its core away: enough for what comes next
# in the model, and too little to be waiting still when another program has taken one of their cores
SPIN_US = "20"


class OnnxEmbedder(BatchedEmbedder[list[int]]):
    """Mean pooling over the tokens of the text, then unit length (Sentence-BERT, arXiv:1908.10084)."""

    def __init__(self, folder: ModelFolder, threads: int = 2) -> None:
        """Raises EmbedderDamaged when model or tokenizer cannot be read."""
        from tokenizers import Tokenizer

        onnxruntime = silent_onnxruntime()
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        options.add_session_config_entry("session.intra_op.spin_duration_us", SPIN_US)
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

    def _read(self, texts: list[str]) -> list[list[int]]:
        return [encoding.ids for encoding in self._tokenizer.encode_batch(texts)]

    def _tokens(self, read: list[int]) -> int:
        return len(read)

    def _forward(self, batch: list[list[int]]) -> Floats:
        longest = max(map(len, batch))
        ids = np.full((len(batch), longest), self._pad, dtype=np.int64)  # (batch, tokens)
        mask = np.zeros((len(batch), longest), dtype=np.int64)  # (batch, tokens)
        for row, read in enumerate(batch):
            ids[row, : len(read)] = read
            mask[row, : len(read)] = 1
        feed = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        outputs = self._session.run(None, {name: feed[name] for name in self._inputs})
        states = np.asarray(outputs[0], dtype=np.float32)
        if states.ndim == 2:  # an export that pools by itself
            return normalized(states)
        weights = mask[:, :, None].astype(np.float32)  # (batch, tokens, 1)
        return normalized((states * weights).sum(axis=1) / np.maximum(weights.sum(axis=1), 1e-9))
