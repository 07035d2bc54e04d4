"""A context window: the KV cache, which tokens it holds, and their evaluation. Chooses no token.

The cache belongs to the chat. A job beside it (a title, a summary) gets a sequence of its own in the same
cache, or, where the model's memory or the room does not allow that, the whole cache for a while: what the
chat had in it is put aside and back. What it cost: packaging/decisions/0083.
"""

import ctypes
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

import psutil

from engine.errors import DecodeFailed, ModelLoadFailed
from engine.fit import BATCH_TOKENS, Placement
from engine.fit.memory import OUTPUTS
from engine.llama.api import api
from engine.llama.checkpoints import Checkpoints, bytes_of
from engine.llama.library import Library
from engine.llama.model import Model
from engine.llama.sampler import Sampler
from engine.portions import Portions
from engine.prompt import common_length
from engine.stop import StopFlag

KV_TYPES: Final = {"f16": api.GGML_TYPE_F16, "q8_0": api.GGML_TYPE_Q8_0, "q4_0": api.GGML_TYPE_Q4_0}
CHAT, JOB = 0, 1  # sequences
LAST: Final = -1  # the place of the logits of what was evaluated last
ABORTED: Final = 2  # llama_decode's answer
# A checkpoint stands so many tokens before a prompt's end: another try reads them again, and a history whose
# last reply begins otherwise than the prompt ended (without an open thought) still finds it
TAIL_TOKENS: Final = 16


class Context:
    """A context window: the KV cache, and which tokens it holds."""

    def __init__(self, library: Library, model: Model, path: str, placement: Placement, threads: int) -> None:
        """Make room as `placement` says. Raises ModelLoadFailed when the memory is not to be had."""
        self._shared = placement.whole_cache or not model.sliding_window_tokens
        # a recurrent state, or a window's cells, would be there twice and mostly for nothing
        self._shared = self._shared and not model.recurrent
        parameters = api.llama_context_default_params()
        parameters.n_ctx = placement.context_tokens
        parameters.n_batch = parameters.n_ubatch = min(BATCH_TOKENS, placement.context_tokens)
        parameters.n_outputs_max = min(OUTPUTS, parameters.n_batch)
        parameters.n_seq_max = 2 if self._shared else 1
        parameters.kv_unified = True  # both sequences draw on the same cells
        # llama.cpp switches flash attention on by itself where a quantized cache needs it
        parameters.type_k = parameters.type_v = KV_TYPES[placement.kv_type]
        parameters.swa_full = placement.whole_cache
        parameters.n_threads = parameters.n_threads_batch = threads
        self._model = model
        self._sequence = CHAT
        self._pointer: Any = api.llama_init_from_model(model.pointer, parameters)
        if not self._pointer:
            raise ModelLoadFailed(library.last_words(), path=path)
        self._memory = api.llama_get_memory(self._pointer)
        self.batch_tokens = int(api.llama_n_batch(self._pointer))
        self._batch = api.llama_batch_init(self.batch_tokens, 0, 1)
        self._portions = Portions(self.batch_tokens, self._settle) if placement.gpu_layers else None
        if not self._memory:  # an encoder: it embeds text and cannot write any
            self.close()
            raise ModelLoadFailed("the model has no memory to write text with", path=path)
        self._points: Checkpoints | None = None
        if model.recurrent or (model.sliding_window_tokens and not placement.whole_cache):
            self._points = Checkpoints(self._pointer, CHAT)
        self.held: list[int] = []
        self._aside: list[int] | None = None  # the chat's tokens while a job has `held`

    def close(self) -> None:
        if self._pointer:
            api.llama_batch_free(self._batch)
            api.llama_free(self._pointer)
            self._pointer = None

    @property
    def size_tokens(self) -> int:
        return int(api.llama_n_ctx(self._pointer))

    @property
    def of_the_chat(self) -> list[int]:
        """A copy of the chat's tokens, for any thread."""
        aside = self._aside
        return list(self.held if aside is None else aside)

    @property
    def can_take_back(self) -> bool:
        """Whether single tokens can leave the cache again: a recurrent state knows no way back."""
        return not self._model.recurrent

    @property
    def threads(self) -> int:
        return int(api.llama_n_threads(self._pointer))

    def use_threads(self, count: int) -> None:
        """From the next evaluation on."""
        api.llama_set_n_threads(self._pointer, count, count)

    def watch(self, stop: StopFlag) -> None:
        """Let llama.cpp leave a running decode when `stop` is set.

        It asks at every node of its graph, a thousand times a token, so the question must not enter
        Python: C's own `strlen` answers it, whose result is nonzero once the flag's string is not empty.
        """
        self._watched = stop  # its memory must outlive the pointer we hand over
        api.llama_set_abort_callback(self._pointer, string_is_set(), ctypes.c_void_p(stop.address))

    def keep_prefix(self, tokens: Sequence[int]) -> int:
        """Drop from the cache what differs from `tokens`; gives how many of them need no evaluation.

        At least one always does, since its logits are wanted. A recurrent state, which cannot go back to an
        earlier token, is of use only where the tokens go on from its end or from a checkpoint; else all of
        them are read anew.
        """
        self.cut(common_length(self.held, tokens[:-1]))
        return len(self.held)

    def cut(self, length: int) -> bool:
        """Keep the first `length` tokens. False: the cache could not be cut there and holds fewer now."""
        if length >= len(self.held) or self._truncate(length):
            return True
        self._go_back(length)
        return len(self.held) == length

    def _go_back(self, length: int) -> None:
        """To the last checkpoint at or before `length` tokens, or to none."""
        point = self._points.go_back(length) if self._points is not None else 0
        if point and api.llama_memory_seq_rm(self._memory, self._sequence, point, -1):
            self.held = self.held[:point]
        else:
            self.clear()

    def set_adapters(self, adapters: Sequence[tuple[Any, float]]) -> None:
        """Compute with these LoRA adapters from now on, by their weights; the caller empties the cache."""
        count = len(adapters)
        pointers = (api.llama_adapter_lora_p_ctypes * max(1, count))(*(pointer for pointer, _ in adapters))
        scales = (ctypes.c_float * max(1, count))(*(scale for _, scale in adapters))
        api.llama_set_adapters_lora(self._pointer, pointers, count, scales)

    def clear(self) -> None:
        """Drop all tokens of the chat, or within `beside` of the job."""
        if self._shared:
            api.llama_memory_seq_rm(self._memory, self._sequence, -1, -1)
        else:
            api.llama_memory_clear(self._memory, False)
        self.held = []
        if self._points is not None:
            self._points.forget_after(0)

    def evaluate(self, tokens: Sequence[int], outputs: int = 1) -> bool:
        """Append at most one batch of tokens to the cache. False when a watched flag stopped it.

        The last `outputs` of them get logits, at their places in `tokens`. Raises DecodeFailed; the cache
        is empty then.
        """
        batch, start, first = self._batch, len(self.held), len(tokens) - outputs
        for number, token in enumerate(tokens):
            batch.token[number] = token
            batch.pos[number] = start + number
            batch.n_seq_id[number] = 1
            batch.seq_id[number][0] = self._sequence
            batch.logits[number] = number >= first
        batch.n_tokens = len(tokens)
        status = api.llama_decode(self._pointer, batch)
        if status == 0:
            self.held += tokens
            return True
        if status == ABORTED:
            # parts of the batch may be in the cache
            if not self._truncate(start):
                self._go_back(start)
            return False
        self.clear()
        raise DecodeFailed(status=int(status))

    def batches(self, tokens: Sequence[int]) -> Iterator[Sequence[int]]:
        """`tokens` in portions that `evaluate` takes: each is evaluated before the next is asked for.

        On the way a cache that cannot be cut gets a checkpoint.
        """
        if self._points is None or self._aside is not None or len(tokens) <= TAIL_TOKENS:
            return self._portioned(tokens)
        return self._with_checkpoint(tokens, self._points)

    def _with_checkpoint(self, tokens: Sequence[int], points: Checkpoints) -> Iterator[Sequence[int]]:
        yield from self._portioned(tokens[:-TAIL_TOKENS])
        points.take(len(self.held))
        yield tokens[-TAIL_TOKENS:]

    def _portioned(self, tokens: Sequence[int]) -> Iterator[Sequence[int]]:
        if self._portions is not None:
            return self._portions.of(tokens)
        size = self.batch_tokens
        return (tokens[at : at + size] for at in range(0, len(tokens), size))

    def _settle(self) -> None:
        """Wait for a GPU, which goes on computing after llama.cpp has returned."""
        api.llama_synchronize(self._pointer)

    def sample(self, sampler: Sampler, place: int = LAST) -> int:
        """Draw the token that follows the one at `place` of what was evaluated last, which has logits.

        Raises GrammarStuck, and BadGrammar where a grammar can be followed no longer.
        """
        return sampler.draw(self._pointer, place)

    @contextmanager
    def beside(self, needed_tokens: int) -> Iterator[None]:
        """An empty window for a job of `needed_tokens`, whose end leaves the chat's cache as it was.

        Where memory does not allow to keep it, the chat's cache is empty afterwards.
        """
        kept = self._aside = self.held
        points = self._points.put_aside() if self._points is not None else []
        state = None
        if self._shared and len(kept) + needed_tokens <= self.size_tokens:
            self._sequence, self.held = JOB, []
        else:
            state = self.state()
            self.clear()
        try:
            yield
        finally:
            self.clear()
            if self._sequence == JOB:
                self._sequence, self.held = CHAT, kept
            elif state is not None and self.restore(kept, state) and self._points is not None:
                self._points.put_back(points)
            self._aside = None

    def state(self) -> ctypes.Array[ctypes.c_char] | None:
        """What the cache holds, as llama.cpp packs it; None when that is nothing or too much to copy."""
        if not self.held:
            return None
        size = int(api.llama_state_seq_get_size(self._pointer, CHAT))
        if size > psutil.virtual_memory().available // 2:
            return None
        buffer = ctypes.create_string_buffer(size)
        written = int(api.llama_state_seq_get_data(self._pointer, bytes_of(buffer), size, CHAT))
        return buffer if written == size else None

    def restore(self, tokens: Sequence[int], state: ctypes.Array[ctypes.c_char]) -> bool:
        """Fill the cache with a state that `state` gave for `tokens`. False: it is empty now.

        llama.cpp trusts these bytes: they must be the ones it wrote, for this model and window.
        """
        self.clear()
        size = ctypes.sizeof(state)
        if int(api.llama_state_seq_set_data(self._pointer, bytes_of(state), size, CHAT)) != size:
            self.clear()
            return False
        self.held = list(tokens)
        if int(api.llama_memory_seq_pos_max(self._memory, CHAT)) == len(self.held) - 1:
            return True
        self.clear()
        return False

    def _truncate(self, length: int) -> bool:
        """Cut the cache after `length` tokens. False when it cannot: recurrent states, lost windows."""
        if not api.llama_memory_seq_rm(self._memory, self._sequence, length, -1):
            return False
        self.held = self.held[:length]
        if self._points is not None:
            self._points.forget_after(length)
        window = self._model.sliding_window_tokens
        first = int(api.llama_memory_seq_pos_min(self._memory, self._sequence))
        # below 0: nothing of the window is left
        return length == 0 or window == 0 or 0 <= first <= max(0, length - window)


def string_is_set() -> Any:
    """A function for llama.cpp: whether the C string at an address has anything in it."""
    library = ctypes.cdll.msvcrt if sys.platform == "win32" else ctypes.CDLL(None)
    return ctypes.cast(library.strlen, api.ggml_abort_callback)
