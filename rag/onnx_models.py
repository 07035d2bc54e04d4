"""The one door to onnxruntime, which reports to its maker where nobody forbids it: models that read texts."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

# A thread that is done waits so long for the others before it gives its core away: enough for what comes next
# in the model, and too little to be waiting still when another program has taken one of their cores
SPIN_US = "20"


class OnnxTextModel:
    """A Transformer's export with its tokenizer, on the processor."""

    def __init__(self, weights: Path, tokenizer: Path, threads: int, longest: int) -> None:
        """`longest`: tokens; what is longer is cut, of a pair the longer text. Raises what the libraries
        raise, of many kinds, where model or tokenizer cannot be read."""
        from tokenizers import Tokenizer

        onnxruntime = _silent_onnxruntime()
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        options.add_session_config_entry("session.intra_op.spin_duration_us", SPIN_US)
        self._session: Any = onnxruntime.InferenceSession(
            str(weights), options, providers=["CPUExecutionProvider"]
        )
        self.tokenizer: Any = Tokenizer.from_file(str(tokenizer))
        self.tokenizer.enable_truncation(longest, strategy="longest_first")
        self.tokenizer.no_padding()
        self._pad = self.tokenizer.token_to_id("<pad>") or self.tokenizer.token_to_id("[PAD]") or 0
        self._inputs = {item.name for item in self._session.get_inputs()}

    def run(
        self, texts: Sequence[Sequence[int]], kinds: Sequence[Sequence[int]] = ()
    ) -> tuple[NDArray[Any], NDArray[np.int64]]:
        """Token ids of each text, and for pairs which of them are of the second text (1) or the first (0).
        Gives the model's first output, and the mask of what is text: (texts, tokens)."""
        shape = len(texts), max(map(len, texts))
        ids = np.full(shape, self._pad, dtype=np.int64)
        mask = np.zeros(shape, dtype=np.int64)
        types = np.zeros(shape, dtype=np.int64)
        for row, text in enumerate(texts):
            ids[row, : len(text)] = text
            mask[row, : len(text)] = 1
        for row, kind in enumerate(kinds):
            types[row, : len(kind)] = kind
        feed = {"input_ids": ids, "attention_mask": mask, "token_type_ids": types}
        return np.asarray(self._session.run(None, {name: feed[name] for name in self._inputs})[0]), mask


def _silent_onnxruntime() -> Any:
    """The library, told to report nothing: before it is loaded, as the call for it comes too late for the
    first report (from version 1.29 on, on every system)."""
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    import onnxruntime

    onnxruntime.disable_telemetry_events()
    return onnxruntime
