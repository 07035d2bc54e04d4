"""The one door to llama.cpp: library, model with its vocabulary, context with its KV cache, sampler.

Every call into `llama_cpp` stands here, on its low-level C API, and leaves as plain Python values or as
an error of `engine.errors`. Holds no chat, no template, no loop. Importing it loads the native library:
only a worker does so. Objects are for one thread, except `Model.tokenize` and `Model.piece`.
"""

import ctypes
import os
import sys
from collections import deque
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Any, Final, Self

import llama_cpp.llama_cpp as api
import msgspec

from engine.errors import Cancelled, DecodeFailed, ModelLoadFailed
from engine.fit import BATCH_TOKENS, Device, Placement, host
from engine.prompt import ControlTexts, common_length
from engine.protocol import Sampling
from engine.stop import StopFlag

KV_TYPES: Final = {"f16": api.GGML_TYPE_F16, "q8_0": api.GGML_TYPE_Q8_0, "q4_0": api.GGML_TYPE_Q4_0}
SEQUENCE: Final = 0  # the chat's own; jobs beside it get others
PENALTY_LAST_TOKENS: Final = 64
PIECE_BYTES: Final = 256
ABORTED: Final = 2  # llama_decode's answer
LEVEL_DEBUG, LEVEL_WARNING, LEVEL_CONTINUED = 1, 3, 5
CPU, GPU, SHARED_GPU = 0, 1, 2  # ggml_backend_dev_type


class Library:
    """llama.cpp, initialized once in a process. Its log goes to stderr; the last lines are kept."""

    def __init__(self) -> None:
        self._lines: deque[tuple[int, str]] = deque(maxlen=60)
        self._level = 0
        callback = api.llama_log_callback(self._log)
        # native code keeps the pointer as long as the process lives, so the callback may never be freed
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(callback))
        api.llama_log_set(callback, ctypes.c_void_p(0))
        api.llama_backend_init()

    def _log(self, level: int, text: bytes, _data: object) -> None:
        if level != LEVEL_CONTINUED:
            self._level = level
        if self._level == LEVEL_DEBUG:
            return
        line = text.decode("utf-8", "replace")
        sys.stderr.write(line)
        if line.strip(" .\n"):
            self._lines.append((self._level, line.rstrip()))

    def forget_log(self) -> None:
        self._lines.clear()

    def last_words(self) -> str:
        """The last warnings and errors since `forget_log`; without any, the last lines."""
        loud = [line for level, line in self._lines if level >= LEVEL_WARNING]
        return "\n".join((loud or [line for _, line in self._lines])[-6:])

    def find_in_log(self, text: str) -> str:
        """The last line with `text` in it, or ""."""
        return next((line for _, line in reversed(self._lines) if text in line), "")

    def devices(self) -> tuple[Device, ...]:
        """The machine's devices as ggml knows them, such as CPU or Vulkan0, with their free memory now."""
        count, get = _ggml("ggml_backend_dev_count"), _ggml("ggml_backend_dev_get")
        count.restype, get.restype, get.argtypes = ctypes.c_size_t, ctypes.c_void_p, [ctypes.c_size_t]
        found = (_device(get(number)) for number in range(count()))
        return tuple(device for device in found if device is not None)


class Model:
    """A loaded model file and its vocabulary."""

    def __init__(
        self,
        library: Library,
        path: str,
        gpu_layers: int = -1,
        progress: Callable[[float], None] | None = None,
        stop: StopFlag | None = None,
    ) -> None:
        """Load `path`. Raises Cancelled when `stop` was set meanwhile, ModelLoadFailed when refused."""
        library.forget_log()
        parameters = api.llama_model_default_params()
        parameters.n_gpu_layers = gpu_layers

        def report(done: float, _data: object) -> bool:
            if progress is not None:
                progress(done)
            return not stop  # False makes llama.cpp give up the load

        parameters.progress_callback = api.llama_progress_callback(report)
        self._pointer: Any = api.llama_model_load_from_file(os.fsencode(path), parameters)
        if not self._pointer:
            if stop:
                raise Cancelled
            raise ModelLoadFailed(library.last_words(), path=path)
        if api.llama_model_has_encoder(self._pointer) or api.llama_model_is_diffusion(self._pointer):
            self.close()  # its text does not come token by token from a decoder alone
            raise ModelLoadFailed("the model does not write text token by token", path=path)
        self._vocabulary = api.llama_model_get_vocab(self._pointer)
        self._piece = ctypes.create_string_buffer(PIECE_BYTES)
        self._control = self._control_tokens()
        self.control_texts = ControlTexts(
            api.llama_vocab_get_text(self._vocabulary, token).decode("utf-8", "replace")
            for token in self._control
        )

    def close(self) -> None:
        """Give the memory back. Its contexts must be closed before."""
        if self._pointer:
            api.llama_model_free(self._pointer)
            self._pointer = None

    @property
    def parameters(self) -> int:
        return int(api.llama_model_n_params(self._pointer))

    @property
    def layers(self) -> int:
        return int(api.llama_model_n_layer(self._pointer))

    @property
    def trained_context_tokens(self) -> int:
        return int(api.llama_model_n_ctx_train(self._pointer))

    @property
    def sliding_window_tokens(self) -> int:
        return int(api.llama_model_n_swa(self._pointer))

    @property
    def bos(self) -> str:
        return self._text(int(api.llama_vocab_bos(self._vocabulary)))

    @property
    def eos(self) -> str:
        return self._text(int(api.llama_vocab_eos(self._vocabulary)))

    @property
    def prepended(self) -> int | None:
        """The token that begins every prompt of this model, or None."""
        if not api.llama_vocab_get_add_bos(self._vocabulary):
            return None
        return int(api.llama_vocab_bos(self._vocabulary))

    @property
    def vocabulary_tokens(self) -> int:
        return int(api.llama_vocab_n_tokens(self._vocabulary))

    def ends(self, token: int) -> bool:
        """Whether `token` ends a turn."""
        return bool(api.llama_vocab_is_eog(self._vocabulary, token))

    def tokenize(self, text: str, *, special: bool) -> list[int]:
        """Tokens of `text`, none added; only with `special` does control text become control tokens."""
        data = text.encode("utf-8", "replace")
        room = len(data) + 8
        while True:
            tokens = (api.llama_token * room)()
            count = api.llama_tokenize(self._vocabulary, data, len(data), tokens, room, False, special)
            if count >= 0:
                return list(tokens[:count])
            room = -count

    def piece(self, token: int) -> bytes:
        """The bytes that `token` adds to the text; none for a control token."""
        return self._bytes(token, special=False)

    def spell(self, token: int) -> bytes | None:
        """The bytes of a token of text, None for a control token."""
        return None if token in self._control else self.piece(token)

    def _text(self, token: int) -> str:
        """A token as a template writes it; "" when the model has no such token."""
        return "" if token < 0 else self._bytes(token, special=True).decode("utf-8", "replace")

    def _bytes(self, token: int, *, special: bool) -> bytes:
        buffer = self._piece
        count = api.llama_token_to_piece(self._vocabulary, token, buffer, len(buffer), 0, special)
        if count < 0:
            buffer = ctypes.create_string_buffer(-count)
            count = api.llama_token_to_piece(self._vocabulary, token, buffer, len(buffer), 0, special)
        return buffer.raw[:count]

    def _control_tokens(self) -> frozenset[int]:
        # user-defined tokens are left out: llama.cpp reads them in any text, as their models expect
        kinds = api.LLAMA_TOKEN_ATTR_CONTROL | api.LLAMA_TOKEN_ATTR_UNKNOWN
        attributes, vocabulary = api.llama_vocab_get_attr, self._vocabulary
        return frozenset(
            token for token in range(self.vocabulary_tokens) if attributes(vocabulary, token) & kinds
        )


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
        self._pointer: Any = api.llama_init_from_model(model._pointer, parameters)  # noqa: SLF001 (one door)
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

    def sample(self, sampler: "Sampler") -> int:
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


class Sampler:
    """llama.cpp's own chain of samplers for one reply; the order is the one its tools use."""

    def __init__(self, sampling: Sampling, seed: int, vocabulary_tokens: int) -> None:
        parameters = api.llama_sampler_chain_default_params()
        parameters.no_perf = True
        self.pointer: Any = api.llama_sampler_chain_init(parameters)
        if sampling.repeat_penalty != 1.0:
            self._add(
                api.llama_sampler_init_penalties(
                    vocabulary_tokens, PENALTY_LAST_TOKENS, sampling.repeat_penalty, 0.0, 0.0
                )
            )
        if sampling.temperature == 0.0:
            self._add(api.llama_sampler_init_greedy())
            return
        if sampling.top_k > 0:
            self._add(api.llama_sampler_init_top_k(sampling.top_k))
        if sampling.top_p < 1.0:
            self._add(api.llama_sampler_init_top_p(sampling.top_p, 1))
        if sampling.min_p > 0.0:
            self._add(api.llama_sampler_init_min_p(sampling.min_p, 1))
        self._add(api.llama_sampler_init_temp(sampling.temperature))
        self._add(api.llama_sampler_init_dist(seed))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        api.llama_sampler_free(self.pointer)

    def _add(self, sampler: Any) -> None:
        api.llama_sampler_chain_add(self.pointer, sampler)  # the chain frees it


def _string_is_set() -> Any:
    library = ctypes.cdll.msvcrt if sys.platform == "win32" else ctypes.CDLL(None)
    return ctypes.cast(library.strlen, api.ggml_abort_callback)


def _device(pointer: int) -> Device | None:
    """A device of ggml as a value; None for one without memory of its own, such as a BLAS library."""
    name, kind, memory = (_ggml(f"ggml_backend_dev_{what}") for what in ("name", "type", "memory"))
    size = ctypes.POINTER(ctypes.c_size_t)
    name.restype, kind.restype, memory.restype = ctypes.c_char_p, ctypes.c_int, None
    name.argtypes = kind.argtypes = [ctypes.c_void_p]
    memory.argtypes = [ctypes.c_void_p, size, size]
    found, label = kind(pointer), name(pointer).decode()
    if found == CPU:
        return msgspec.structs.replace(host(), name=label)
    if found not in (GPU, SHARED_GPU):
        return None
    free, total = ctypes.c_size_t(), ctypes.c_size_t()
    memory(pointer, ctypes.byref(free), ctypes.byref(total))
    return Device(label, "gpu" if found == GPU else "igpu", free.value, total.value)


def _ggml(name: str) -> Any:
    return getattr(api._lib, name)  # noqa: SLF001 (the package does not wrap it)
