"""A context that says how likely each token of a text was, in place of writing one. Keeps no chat."""

import ctypes
from collections.abc import Iterator, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from engine.errors import Cancelled, DecodeFailed, ModelLoadFailed
from engine.llama.api import api
from engine.llama.context import ABORTED, string_is_set
from engine.llama.library import Library
from engine.llama.model import Model
from engine.stop import StopFlag

# of logits held at once: a large vocabulary has a megabyte of them for each token
LOGITS_BYTES: Final = 32 << 20
ROWS: Final = 16  # turned into probabilities at once, in 8-byte floats
SEQUENCE: Final = 0


class ScoringContext:
    """Evaluates texts as long as its window and hands out losses, chunk by chunk.

    The cache is f16 whatever the chat's is, so that figures of different times can be compared.
    """

    def __init__(self, library: Library, model: Model, path: str, tokens: int, threads: int) -> None:
        """Room for `tokens`. Raises ModelLoadFailed when the memory is not to be had."""
        self._vocabulary = model.vocabulary_tokens
        self._scored = max(1, min(tokens // 2, LOGITS_BYTES // (4 * self._vocabulary)))
        parameters = api.llama_context_default_params()
        parameters.n_ctx = parameters.n_batch = parameters.n_ubatch = tokens
        parameters.n_outputs_max = self._scored
        parameters.n_seq_max = 1
        parameters.n_threads = parameters.n_threads_batch = threads
        self._pointer: Any = api.llama_init_from_model(model.pointer, parameters)
        if not self._pointer:
            raise ModelLoadFailed(library.last_words(), path=path)
        self._batch = api.llama_batch_init(tokens, 0, 1)

    def close(self) -> None:
        if self._pointer:
            api.llama_batch_free(self._batch)
            api.llama_free(self._pointer)
            self._pointer = None

    def watch(self, stop: StopFlag) -> None:
        """Have a running evaluation end in Cancelled when `stop` is set."""
        self._watched = stop  # its memory must outlive the pointer we hand over
        api.llama_set_abort_callback(self._pointer, string_is_set(), ctypes.c_void_p(stop.address))

    def losses(self, tokens: Sequence[int], first: int) -> Iterator[list[float]]:
        """The loss, in nats, of each token after `first`, given those before it; in portions.

        `tokens` begin a new text and fit into the window. Raises DecodeFailed, and Cancelled when the watched
        flag was set.
        """
        memory = api.llama_get_memory(self._pointer)
        if not memory:  # an encoder: it does not say what comes next
            raise DecodeFailed(status=0)
        api.llama_memory_clear(memory, False)
        last = len(tokens) - 1  # nothing is known of what follows it
        self._decode(tokens[:first], 0, scored=False)
        for start in range(first, last, self._scored):
            end = min(last, start + self._scored)
            self._decode(tokens[start:end], start, scored=True)
            yield self._read(tokens[start + 1 : end + 1])

    def _decode(self, tokens: Sequence[int], start: int, *, scored: bool) -> None:
        batch = self._batch
        for number, token in enumerate(tokens):
            batch.token[number] = token
            batch.pos[number] = start + number
            batch.n_seq_id[number] = 1
            batch.seq_id[number][0] = SEQUENCE
            batch.logits[number] = scored
        batch.n_tokens = len(tokens)
        status = int(api.llama_decode(self._pointer, batch))
        if status == ABORTED:
            raise Cancelled
        if status != 0:
            raise DecodeFailed(status=status)

    def _read(self, wanted: Sequence[int]) -> list[float]:
        """The losses of `wanted`, each from the row of logits of the token before it."""
        pointer = ctypes.cast(api.llama_get_logits(self._pointer), ctypes.POINTER(ctypes.c_float))
        # logits: (token, vocabulary), llama.cpp's own memory until the next decode
        logits = np.ctypeslib.as_array(pointer, shape=(len(wanted), self._vocabulary))
        found: list[float] = []
        for start in range(0, len(wanted), ROWS):
            found += _losses(logits[start : start + ROWS], wanted[start : start + ROWS]).tolist()
        return found


def _losses(logits: npt.NDArray[np.float32], wanted: Sequence[int]) -> npt.NDArray[np.float64]:
    """-log softmax(logits)[wanted] of each row; logits: (row, vocabulary)."""
    rows = logits.astype(np.float64)
    rows -= rows.max(axis=1, keepdims=True)
    chosen: npt.NDArray[np.float64] = rows[np.arange(len(wanted)), np.asarray(wanted)]
    total: npt.NDArray[np.float64] = np.log(np.exp(rows).sum(axis=1))
    return total - chosen
