"""A context window: the KV cache, which tokens it holds, and their evaluation. Chooses no token."""

import ctypes
import sys
from collections.abc import Sequence
from typing import Any, Final

from engine.errors import DecodeFailed, ModelLoadFailed
from engine.fit import BATCH_TOKENS, Placement
from engine.llama.api import api
from engine.llama.library import Library
from engine.llama.model import Model
from engine.llama.sampler import Sampler
from engine.prompt import common_length
from engine.stop import StopFlag

KV_TYPES: Final = {"f16": api.GGML_TYPE_F16, "q8_0": api.GGML_TYPE_Q8_0, "q4_0": api.GGML_TYPE_Q4_0}
SEQUENCE: Final = 0  # the chat's own; jobs beside it get others
ABORTED: Final = 2  # llama_decode's answer


class Context:
    """A context window: the KV cache, and which tokens it holds."""

    def __init__(self, library: Library, model: Model, path: str, placement: Placement, threads: int) -> None:
        """Make room as `placement` says. Raises ModelLoadFailed when the memory is not to be had."""
        parameters = api.llama_context_default_params()
        parameters.n_ctx = placement.context_tokens
        parameters.n_batch = parameters.n_ubatch = min(BATCH_TOKENS, placement.context_tokens)
        # llama.cpp switches flash attention on by itself where a quantized cache needs it
        parameters.type_k = parameters.type_v = KV_TYPES[placement.kv_type]
        parameters.swa_full = placement.whole_cache
        parameters.n_threads = parameters.n_threads_batch = threads
        self._model = model
        self._pointer: Any = api.llama_init_from_model(model.pointer, parameters)
        if not self._pointer:
            raise ModelLoadFailed(library.last_words(), path=path)
        self._memory = api.llama_get_memory(self._pointer)
        self._batch_tokens = int(api.llama_n_batch(self._pointer))
        self._batch = api.llama_batch_init(self._batch_tokens, 0, 1)
        if not self._memory:  # an encoder: it embeds text and cannot write any
            self.close()
            raise ModelLoadFailed("the model has no memory to write text with", path=path)
        self.held: list[int] = []

    def close(self) -> None:
        if self._pointer:
            api.llama_batch_free(self._batch)
            api.llama_free(self._pointer)
            self._pointer = None

    @property
    def size_tokens(self) -> int:
        return int(api.llama_n_ctx(self._pointer))

    def watch(self, stop: StopFlag) -> None:
        """Let llama.cpp leave a running decode when `stop` is set.

        It asks at every node of its graph, a thousand times a token, so the question must not enter
        Python: C's own `strlen` answers it, whose result is nonzero once the flag's string is not empty.
        """
        self._watched = stop  # its memory must outlive the pointer we hand over
        api.llama_set_abort_callback(self._pointer, _string_is_set(), ctypes.c_void_p(stop.address))

    def keep_prefix(self, tokens: Sequence[int]) -> int:
        """Drop from the cache what differs from `tokens`; gives how many of them need no evaluation.

        At least one always does, since its logits are wanted.
        """
        kept = common_length(self.held, tokens[:-1])
        if kept < len(self.held) and not self._truncate(kept):
            self.clear()
            kept = 0
        return kept

    def clear(self) -> None:
        api.llama_memory_clear(self._memory, False)
        self.held = []

    def evaluate(self, tokens: Sequence[int]) -> bool:
        """Append at most one batch of tokens to the cache. False when a watched flag stopped it.

        Raises DecodeFailed; the cache is empty then.
        """
        batch, start, last = self._batch, len(self.held), len(tokens) - 1
        for number, token in enumerate(tokens):
            batch.token[number] = token
            batch.pos[number] = start + number
            batch.n_seq_id[number] = 1
            batch.seq_id[number][0] = SEQUENCE
            batch.logits[number] = number == last
        batch.n_tokens = len(tokens)
        status = api.llama_decode(self._pointer, batch)
        if status == 0:
            self.held += tokens
            return True
        if status == ABORTED:
            # parts of the batch may be in the cache
            if not self._truncate(start):
                self.clear()
            return False
        self.clear()
        raise DecodeFailed(status=int(status))

    def batches(self, tokens: Sequence[int]) -> list[Sequence[int]]:
        """`tokens` in portions that `evaluate` takes."""
        size = self._batch_tokens
        return [tokens[at : at + size] for at in range(0, len(tokens), size)]

    def sample(self, sampler: Sampler) -> int:
        """Draw the token that follows what was evaluated last."""
        return int(api.llama_sampler_sample(sampler.pointer, self._pointer, -1))

    def _truncate(self, length: int) -> bool:
        """Cut the cache after `length` tokens. False when it cannot: recurrent states, lost windows."""
        if not api.llama_memory_seq_rm(self._memory, SEQUENCE, length, -1):
            return False
        self.held = self.held[:length]
        window = self._model.sliding_window_tokens
        first = int(api.llama_memory_seq_pos_min(self._memory, SEQUENCE))
        # below 0: nothing of the window is left
        return length == 0 or window == 0 or 0 <= first <= max(0, length - window)


def _string_is_set() -> Any:
    library = ctypes.cdll.msvcrt if sys.platform == "win32" else ctypes.CDLL(None)
    return ctypes.cast(library.strlen, api.ggml_abort_callback)
