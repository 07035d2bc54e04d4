"""An embedding model that is loaded, and texts into vectors with it. Writes no reply, knows no prefixes.

Which words a model wants in front of a question or a passage is for whoever asks. Texts stand in batches by
their length, longest first; a text that is too long loses its end, and the answer says how much.
"""

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import numpy as np

from engine.devices import allowed, usable
from engine.errors import Cancelled, EmbeddingUndefined, ModelLoadFailed
from engine.fit import BATCH_TOKENS, Wanted, choose
from engine.gguf_header import ModelHeader
from engine.gguf_kinds import pooling_of
from engine.llama import Library, Model
from engine.llama.embedding import TEXTS, EmbeddingContext, Floats
from engine.protocol import Embed, Embedded, LoadedEmbedder, LoadEmbedder, Progress
from engine.runtime import Emit, default_threads
from engine.stop import StopFlag

LONGEST_TOKENS: Final = 2048  # where nobody says; a batch computes all of its tokens at once
SAMPLES, SAMPLE_BYTES = 16, 1 << 14


class OpenEmbedder:
    """A model with room for one batch."""

    def __init__(
        self, library: Library, request: LoadEmbedder, header: ModelHeader, emit: Emit, stop: StopFlag
    ) -> None:
        """Raises Cancelled, ModelTooLarge, ModelLoadFailed, ModelRanks, ModelCannotEmbed, DeviceUnknown."""
        pooling = pooling_of(header, request.pooling)
        trained = header.trained_context_tokens or BATCH_TOKENS
        self._text_tokens = min(trained, request.text_tokens or LONGEST_TOKENS)
        batch_tokens = max(self._text_tokens, BATCH_TOKENS)
        devices = allowed(usable(library.devices(), request.devices), request.memory_limit_bytes)
        layers = None if request.gpu_layers < 0 else request.gpu_layers
        fit = choose(header, devices, Wanted(batch_tokens, "f16", layers), keep_context=True)
        fit.check_room(request.path)

        def loading(done: float) -> None:
            emit(Progress("loading", min(1.0, done)))

        gpus = [device.name for device in devices if device.kind != "cpu"] if fit.placement.gpu_layers else []
        self._model = Model(library, request.path, fit.placement.gpu_layers, loading, stop, gpus)
        try:
            threads = request.threads or default_threads()
            self._context = EmbeddingContext(
                library, self._model, request.path, batch_tokens, pooling, threads
            )
        except ModelLoadFailed:
            self._model.close()
            raise
        self.facts = LoadedEmbedder(
            path=str(Path(header.path)),
            name=header.title,
            architecture=header.architecture,
            dimensions=self._context.dimensions,
            text_tokens=self._text_tokens,
            trained_context_tokens=self._model.trained_context_tokens,
            pooling=pooling,
            size_bytes=header.size_bytes,
            devices=(*gpus, *(device.name for device in devices if device.kind == "cpu")),
            fingerprint=f"{Path(header.path).stem}/gguf/{pooling}/{fingerprint(Path(header.path))}",
        )

    def close(self) -> None:
        self._context.close()
        self._model.close()

    def embed(self, request: Embed, emit: Emit, stop: StopFlag) -> Embedded:
        """Raises Cancelled, DecodeFailed, EmbeddingUndefined."""
        self._context.watch(stop)
        texts: list[list[int]] = []
        cut: list[int] = []
        for text in request.texts:
            if stop:
                raise Cancelled
            tokens = self._model.tokenize_whole(text)
            texts.append(shortened(tokens, self._text_tokens, self._model.ends_text(tokens)))
            cut.append(len(tokens) - len(texts[-1]))
        vectors = np.zeros((len(texts), self._context.dimensions), dtype=np.float32)
        total, done = sum(map(len, texts)), 0
        for indices in batches([len(tokens) for tokens in texts], self._context.batch_tokens, TEXTS):
            if stop:
                raise Cancelled
            vectors[indices] = self._context.embed([texts[index] for index in indices])
            done += sum(len(texts[index]) for index in indices)
            emit(Progress("embedding", done / total))
        if not np.isfinite(vectors).all():
            raise EmbeddingUndefined(path=self.facts.path)
        if request.normalize:
            vectors = normalized(vectors)
        return Embedded(vectors.astype("<f4").tobytes(), self._context.dimensions, tuple(cut))


def shortened(tokens: list[int], most: int, kept_end: int) -> list[int]:
    """At most `most` tokens, the last `kept_end` of which stay: a model expects its closing token."""
    if len(tokens) <= most:
        return tokens
    end = tokens[len(tokens) - kept_end :] if kept_end else []
    return tokens[: most - len(end)] + end


def batches(lengths: Sequence[int], most_tokens: int, most_texts: int) -> Iterator[list[int]]:
    """Indices of texts in batches, the longest first: a stop is heard soonest where batches are small, and
    what is left at the end are short ones. No length is above `most_tokens`."""
    batch: list[int] = []
    tokens = 0
    for index in sorted(range(len(lengths)), key=lambda index: -lengths[index]):
        if batch and (tokens + lengths[index] > most_tokens or len(batch) == most_texts):
            yield batch
            batch, tokens = [], 0
        batch.append(index)
        tokens += lengths[index]
    if batch:
        yield batch


def normalized(vectors: Floats) -> Floats:
    """vectors: (texts, dimensions), each brought to unit length; a zero vector stays zero."""
    lengths = np.linalg.norm(vectors.astype(np.float64), axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(lengths, 1e-12), dtype=np.float32)


def fingerprint(path: Path) -> str:
    """A hash of a file's size and of samples all over it: cheap, and another model has another one."""
    size = path.stat().st_size
    digest = hashlib.sha256(str(size).encode())
    with path.open("rb") as file:
        for number in range(SAMPLES):
            file.seek(max(0, size - SAMPLE_BYTES) * number // (SAMPLES - 1))
            digest.update(file.read(SAMPLE_BYTES))
    return digest.hexdigest()[:16]
