"""A loaded model file and its vocabulary. Holds no cache and writes nothing."""

import ctypes
import os
import threading
from collections.abc import Callable, Sequence
from typing import Any, Final

from engine.errors import Cancelled, ModelLoadFailed, ModelUnknown
from engine.llama.api import api
from engine.llama.library import Library
from engine.prompt import ControlTexts
from engine.stop import StopFlag

PIECE_BYTES: Final = 256


class Model:
    """A loaded model file and its vocabulary."""

    def __init__(
        self,
        library: Library,
        path: str,
        gpu_layers: int = -1,
        progress: Callable[[float], None] | None = None,
        stop: StopFlag | None = None,
        devices: Sequence[str] = (),
        *,
        vocabulary_only: bool = False,
    ) -> None:
        """Load `path`, with `gpu_layers` on `devices`, or its vocabulary alone. No devices: the CPU alone.

        Raises Cancelled when `stop` was set meanwhile, ModelUnknown or ModelLoadFailed when refused.
        """
        library.forget_log()
        parameters = api.llama_model_default_params()
        parameters.n_gpu_layers = gpu_layers
        parameters.vocab_only = vocabulary_only
        chosen = library.device_list(devices)
        parameters.devices = ctypes.cast(chosen, ctypes.c_void_p)

        def report(done: float, _data: object) -> bool:
            if progress is not None:
                progress(done)
            return not stop  # False makes llama.cpp give up the load

        parameters.progress_callback = api.llama_progress_callback(report)
        self.pointer: Any = api.llama_model_load_from_file(os.fsencode(path), parameters)
        if not self.pointer:
            if stop:
                raise Cancelled
            raise self._refused(library, path)
        if api.llama_model_has_encoder(self.pointer) or api.llama_model_is_diffusion(self.pointer):
            self.close()  # its text does not come token by token from a decoder alone
            raise ModelLoadFailed("the model does not write text token by token", path=path)
        self.vocabulary: Any = api.llama_model_get_vocab(self.pointer)
        self._buffers = threading.local()
        self._control = self._control_tokens()
        self.control_texts = ControlTexts(
            api.llama_vocab_get_text(self.vocabulary, token).decode("utf-8", "replace")
            for token in self._control
        )

    @staticmethod
    def _refused(library: Library, path: str) -> ModelLoadFailed | ModelUnknown:
        # "unknown model architecture: 'name'": llama.cpp tells it nowhere else
        told = library.find_in_log("unknown model architecture").partition("'")[2].partition("'")[0]
        if told:
            return ModelUnknown(library.last_words(), path=path, architecture=told)
        return ModelLoadFailed(library.last_words(), path=path)

    def close(self) -> None:
        """Give the memory back. Its contexts must be closed before."""
        if self.pointer:
            api.llama_model_free(self.pointer)
            self.pointer = None

    @property
    def parameters(self) -> int:
        return int(api.llama_model_n_params(self.pointer))

    @property
    def layers(self) -> int:
        return int(api.llama_model_n_layer(self.pointer))

    @property
    def trained_context_tokens(self) -> int:
        return int(api.llama_model_n_ctx_train(self.pointer))

    @property
    def sliding_window_tokens(self) -> int:
        return int(api.llama_model_n_swa(self.pointer))

    @property
    def recurrent(self) -> bool:
        """Whether layers keep a state in place of all tokens, which cannot be cut."""
        return bool(api.llama_model_is_recurrent(self.pointer) or api.llama_model_is_hybrid(self.pointer))

    @property
    def bos(self) -> str:
        return self._text(int(api.llama_vocab_bos(self.vocabulary)))

    @property
    def eos(self) -> str:
        return self._text(int(api.llama_vocab_eos(self.vocabulary)))

    @property
    def prepended(self) -> int | None:
        """The token that begins every prompt of this model, or None."""
        if not api.llama_vocab_get_add_bos(self.vocabulary):
            return None
        return int(api.llama_vocab_bos(self.vocabulary))

    @property
    def vocabulary_tokens(self) -> int:
        return int(api.llama_vocab_n_tokens(self.vocabulary))

    def ends(self, token: int) -> bool:
        """Whether `token` ends a turn."""
        return bool(api.llama_vocab_is_eog(self.vocabulary, token))

    def tokenize(self, text: str, *, special: bool) -> list[int]:
        """Tokens of `text`, none added; only with `special` does control text become control tokens."""
        data = text.encode("utf-8", "replace")
        room = len(data) + 8
        while True:
            tokens = (api.llama_token * room)()
            count = api.llama_tokenize(self.vocabulary, data, len(data), tokens, room, False, special)
            if count >= 0:
                return list(tokens[:count])
            room = -count

    def tokenize_whole(self, text: str) -> list[int]:
        """Tokens of a text that stands by itself, with those that the model expects around it; never none."""
        data = text.encode("utf-8", "replace")
        room = len(data) + 8
        tokens = (api.llama_token * room)()
        count = api.llama_tokenize(self.vocabulary, data, len(data), tokens, room, True, False)
        if count < 0:
            tokens = (api.llama_token * -count)()
            count = api.llama_tokenize(self.vocabulary, data, len(data), tokens, -count, True, False)
        if count > 0:
            return list(tokens[:count])
        # an empty text, and nothing goes around it
        known = (int(api.llama_vocab_eos(self.vocabulary)), int(api.llama_vocab_bos(self.vocabulary)))
        return [next((token for token in known if token >= 0), 0)]

    def ends_text(self, tokens: Sequence[int]) -> int:
        """How many of the last tokens of `tokenize_whole` the model itself put there."""
        count = 0
        while count < len(tokens) and tokens[-1 - count] in self._control:
            count += 1
        return count

    def piece(self, token: int) -> bytes:
        """The bytes that `token` adds to the text; none for a control token."""
        return self._bytes(token, special=False)

    def control_name(self, token: int) -> str:
        """How a control token is written, "" for a token of text."""
        return self._text(token) if token in self._control else ""

    def spell(self, token: int) -> bytes | None:
        """The bytes of a token of text, None for a control token."""
        return None if token in self._control else self.piece(token)

    def written(self, token: int) -> bytes:
        """The bytes of a token in a rendered prompt, control tokens included."""
        return self._bytes(token, special=True)

    def _text(self, token: int) -> str:
        """A token as a template writes it; "" when the model has no such token."""
        return "" if token < 0 else self._bytes(token, special=True).decode("utf-8", "replace")

    def _bytes(self, token: int, *, special: bool) -> bytes:
        # a prompt may be counted on one thread while another writes
        buffer = getattr(self._buffers, "piece", None)
        if buffer is None:
            buffer = self._buffers.piece = ctypes.create_string_buffer(PIECE_BYTES)
        count = api.llama_token_to_piece(self.vocabulary, token, buffer, len(buffer), 0, special)
        if count < 0:
            buffer = ctypes.create_string_buffer(-count)
            count = api.llama_token_to_piece(self.vocabulary, token, buffer, len(buffer), 0, special)
        return buffer.raw[:count]

    def _control_tokens(self) -> frozenset[int]:
        # user-defined tokens are left out: llama.cpp reads them in any text, as their models expect
        kinds = api.LLAMA_TOKEN_ATTR_CONTROL | api.LLAMA_TOKEN_ATTR_UNKNOWN
        attributes, vocabulary = api.llama_vocab_get_attr, self.vocabulary
        return frozenset(
            token for token in range(self.vocabulary_tokens) if attributes(vocabulary, token) & kinds
        )
