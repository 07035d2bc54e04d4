"""llama.cpp beside the trainer's own arithmetic: logits and tokens of a file."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np


class Llama:
    """A GGUF file with its cache in float32 and no flash attention: the nearest to exact that there is."""

    def __init__(self, path: Path, context: int = 256, adapter: Path | None = None) -> None:
        import llama_cpp

        self._llama: Any = llama_cpp.Llama(
            str(path), n_ctx=context, n_batch=context, logits_all=True, type_k=0, type_v=0, flash_attn=False,
            n_threads=2, verbose=False, lora_path=str(adapter) if adapter is not None else None,
        )  # fmt: skip

    def logits(self, tokens: Sequence[int]) -> np.ndarray:  # type: ignore[type-arg]
        """(tokens, vocab)."""
        self._llama.reset()
        self._llama.eval(list(tokens))
        return np.array(self._llama.scores[: len(tokens)], np.float32)

    def tokens(self, text: str) -> list[int]:
        return [int(token) for token in self._llama.tokenize(text.encode(), add_bos=False, special=False)]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._llama.close()
