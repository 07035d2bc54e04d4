"""A context that turns token lists into vectors, several lists in one batch. Tokenizes and orders nothing."""

import ctypes
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from engine.errors import Cancelled, DecodeFailed, ModelLoadFailed
from engine.llama.api import api
from engine.llama.context import ABORTED, string_is_set
from engine.llama.library import Library
from engine.llama.model import Model
from engine.protocol import Pooling
from engine.stop import StopFlag

Floats = npt.NDArray[np.float32]

POOLINGS: Final[dict[Pooling, int]] = {
    "mean": api.LLAMA_POOLING_TYPE_MEAN,
    "cls": api.LLAMA_POOLING_TYPE_CLS,
    "last": api.LLAMA_POOLING_TYPE_LAST,
}
TEXTS: Final = 64  # sequences of one batch at most


class EmbeddingContext:
    """Each list of tokens is a sequence of its own, that sees nothing of the others."""

    def __init__(
        self, library: Library, model: Model, path: str, tokens: int, pooling: Pooling, threads: int
    ) -> None:
        """Room for `tokens` of one batch. Raises ModelLoadFailed when the memory is not to be had."""
        parameters = api.llama_context_default_params()
        # pooling looks at whole texts, so none may be divided between two computations
        parameters.n_ctx = parameters.n_batch = parameters.n_ubatch = parameters.n_outputs_max = tokens
        parameters.n_seq_max = TEXTS
        parameters.kv_unified = True  # every sequence draws on the same cells
        parameters.embeddings = True
        parameters.pooling_type = POOLINGS[pooling]
        parameters.n_threads = parameters.n_threads_batch = threads
        self._pointer: Any = api.llama_init_from_model(model.pointer, parameters)
        if not self._pointer:
            raise ModelLoadFailed(library.last_words(), path=path)
        self._memory = api.llama_get_memory(self._pointer)  # none: an encoder
        self._batch = api.llama_batch_init(tokens, 0, 1)
        self.batch_tokens = tokens
        self.dimensions = int(api.llama_model_n_embd_out(model.pointer))

    def close(self) -> None:
        if self._pointer:
            api.llama_batch_free(self._batch)
            api.llama_free(self._pointer)
            self._pointer = None

    def watch(self, stop: StopFlag) -> None:
        """Have a running evaluation end in Cancelled when `stop` is set."""
        self._watched = stop  # its memory must outlive the pointer we hand over
        api.llama_set_abort_callback(self._pointer, string_is_set(), ctypes.c_void_p(stop.address))

    def embed(self, texts: Sequence[Sequence[int]]) -> Floats:
        """Vectors as the model gives them, (texts, dimensions), of at most TEXTS lists of tokens, none empty,
        `batch_tokens` in all.

        Raises DecodeFailed, and Cancelled when the watched flag was set.
        """
        self._fill(texts)
        if self._memory:
            api.llama_memory_clear(self._memory, False)
            status = int(api.llama_decode(self._pointer, self._batch))
        else:
            status = int(api.llama_encode(self._pointer, self._batch))
        if status == ABORTED:
            raise Cancelled
        if status != 0:
            raise DecodeFailed(status=status)
        return np.stack([self._vector(number) for number in range(len(texts))])

    def _fill(self, texts: Sequence[Sequence[int]]) -> None:
        batch, at = self._batch, 0
        for number, tokens in enumerate(texts):
            for place, token in enumerate(tokens):
                batch.token[at] = token
                batch.pos[at] = place
                batch.n_seq_id[at] = 1
                batch.seq_id[at][0] = number
                batch.logits[at] = True  # every token is pooled
                at += 1
        batch.n_tokens = at

    def _vector(self, number: int) -> Floats:
        pointer: Any = api.llama_get_embeddings_seq(self._pointer, number)
        if not pointer:
            raise DecodeFailed(status=0)
        return np.ctypeslib.as_array(pointer, shape=(self.dimensions,)).copy()
