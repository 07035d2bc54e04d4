"""How the fake engine embeds: words hashed into a vector. Reads no weights.

Tricks of a text, as its first word: `!slow` (two seconds, and hears a cancel), `!crash` (SIGSEGV).
"""

import hashlib
import signal
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from engine.errors import Cancelled, NoEmbedderLoaded
from engine.gguf_header import inspect
from engine.gguf_kinds import check_model, pooling_of
from engine.protocol import Embed, Embedded, EmbedderLoaded, LoadedEmbedder, LoadEmbedder, Progress
from engine.runtime import Emit, check_embed, check_load_embedder
from engine.stop import StopFlag
from tests.fakes.engine_replies import tokens_of
from tests.fakes.native import die

LONGEST_TOKENS = 2048


class FakeEmbedding:
    """One embedding model."""

    def __init__(self) -> None:
        self._model: LoadedEmbedder | None = None

    def load(self, request: LoadEmbedder, emit: Emit, unload: Callable[[], None]) -> EmbedderLoaded:
        check_load_embedder(request)
        header = inspect(request.path)
        check_model(header)
        pooling = pooling_of(header, request.pooling)
        unload()
        emit(Progress("loading", 1.0))
        trained = header.trained_context_tokens
        self._model = LoadedEmbedder(
            path=str(Path(request.path)),
            name=header.title,
            architecture=header.architecture,
            dimensions=header.embedding_length,
            text_tokens=min(trained, request.text_tokens or LONGEST_TOKENS),
            trained_context_tokens=trained,
            pooling=pooling,
            size_bytes=header.size_bytes,
            devices=("CPU",),
            fingerprint=f"{header.title}/fake/{pooling}/{header.size_bytes}",
        )
        return EmbedderLoaded(self._model)

    def unload(self) -> None:
        self._model = None

    def embed(self, request: Embed, emit: Emit, stop: StopFlag) -> Embedded:
        check_embed(request)
        if self._model is None:
            raise NoEmbedderLoaded
        vectors = np.zeros((len(request.texts), self._model.dimensions), dtype=np.float32)
        cut = []
        for row, text in enumerate(request.texts):
            if text.startswith("!crash"):
                die(signal.SIGSEGV)
            for _ in range(40 if text.startswith("!slow") else 1):
                if stop:
                    raise Cancelled
                time.sleep(0.05 if text.startswith("!slow") else 0)
            words = [word for word in tokens_of(text) if word.strip()]
            cut.append(max(0, len(words) - self._model.text_tokens))
            for word in words[: self._model.text_tokens] or [b"nothing"]:
                digest = hashlib.blake2b(word, digest_size=8).digest()
                vectors[row, int.from_bytes(digest[:4], "little") % vectors.shape[1]] += 1.0 + digest[4] / 256
            emit(Progress("embedding", (row + 1) / len(request.texts)))
        if request.normalize:
            vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        return Embedded(vectors.astype("<f4").tobytes(), vectors.shape[1], tuple(cut))
