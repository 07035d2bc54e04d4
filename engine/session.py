"""The real runtime: one model at a time, and what is asked of it.

Draws the line between a request and llama.cpp's objects. Knows no pipe and no process.
"""

import threading
from pathlib import Path

from engine.embedding import OpenEmbedder
from engine.errors import Cancelled, NoEmbedderLoaded, NoModelLoaded, RuntimeWithoutGpu
from engine.gguf_header import inspect_whole
from engine.gguf_kinds import check_model, check_writes, pooling_of
from engine.kv_states import delete
from engine.llama import Library, Sampler
from engine.open_model import OpenModel, OpenVocabulary
from engine.perplexity import measured
from engine.protocol import (
    ChatSwitched,
    Counted,
    CountTokens,
    Devices,
    Done,
    Embed,
    Embedded,
    EmbedderLoaded,
    ForgetChat,
    Generate,
    Loaded,
    LoadEmbedder,
    LoadModel,
    Measured,
    MeasurePerplexity,
    Quantize,
    Quantized,
    Render,
    Rendered,
    SwitchChat,
)
from engine.quantizing import quantized
from engine.reply import Reply
from engine.runtime import Emit, check, check_embed, check_load, check_load_embedder, grammar_of, seed_of
from engine.runtimes import BUILT_IN
from engine.stop import StopFlag


class LlamaRuntime:
    """Conforms to `engine.runtime.Runtime` over llama.cpp."""

    def __init__(self, name: str = BUILT_IN, *, needs_gpu: bool = False) -> None:
        """`name`: which llama.cpp this is. Raises RuntimeWithoutGpu when one is needed and none answers."""
        self._library = Library()
        self._name = name
        if needs_gpu and all(device.kind == "cpu" for device in self._library.devices()):
            raise RuntimeWithoutGpu(folder=name)
        self._loaded: OpenModel | None = None
        self._vocabulary: OpenVocabulary | None = None
        self._embedder: OpenEmbedder | None = None
        # held while prompts are counted, which may be on another thread, and while a model goes
        self._staying = threading.RLock()

    def prepare(self) -> None:
        pass

    def load(self, request: LoadModel, emit: Emit, stop: StopFlag) -> Loaded:
        check_load(request)
        header = inspect_whole(request.path)
        check_writes(header)
        self.unload()
        if request.vocabulary_only:
            self._vocabulary = OpenVocabulary(self._library, request, header, stop)
            return Loaded(self._vocabulary.facts)
        self._loaded = OpenModel(self._library, request, header, emit, stop)
        return Loaded(self._loaded.facts)

    def unload(self) -> None:
        with self._staying:
            for one in (self._loaded, self._vocabulary, self._embedder):
                if one is not None:
                    one.close()
            self._loaded = self._vocabulary = self._embedder = None

    def generate(self, request: Generate, emit: Emit, stop: StopFlag) -> Done:
        check(request)
        grammar = grammar_of(request)
        loaded = self._need()
        seed = seed_of(request.sampling)
        sampler = Sampler(
            loaded.model,
            request.sampling,
            seed,
            context_tokens=loaded.context.size_tokens,
            biases=loaded.biases(request.sampling),
            grammar=grammar,
            alternatives=request.alternatives,
        )
        with sampler:
            loaded.use_adapters(request)
            if not request.job:
                loaded.states.written()
            return Done(Reply(loaded, request, sampler, seed, emit, stop).write())

    def count(self, request: CountTokens, stop: StopFlag) -> Counted:
        with self._staying:
            known = self._need_vocabulary()
            counts = []
            for conversation in request.conversations:
                if stop:
                    raise Cancelled
                counts.append(len(known.prompt(conversation, request.templating).tokens))
            return Counted(tuple(counts), known.facts.context_tokens)

    def render(self, request: Render) -> Rendered:
        with self._staying:
            return self._need_vocabulary().render(request)

    def devices(self) -> Devices:
        return Devices(self._library.devices(), self._name)

    def switch(self, request: SwitchChat) -> ChatSwitched:
        loaded = self._need()
        loaded.states.switch(
            request.file, request.limit_bytes, lambda: loaded.prepare_adapters(request.adapters)
        )
        return ChatSwitched(len(loaded.context.held))

    def forget(self, request: ForgetChat) -> ChatSwitched:
        if self._loaded is None:
            delete(Path(request.file))
            return ChatSwitched(0)
        self._loaded.states.forget(request.file)
        return ChatSwitched(len(self._loaded.context.held))

    def quantize(self, request: Quantize, emit: Emit, stop: StopFlag) -> Quantized:
        return quantized(self._library, request, emit, stop)

    def measure(self, request: MeasurePerplexity, emit: Emit, stop: StopFlag) -> Measured:
        self.unload()
        return measured(self._library, request, emit, stop)

    def load_embedder(self, request: LoadEmbedder, emit: Emit, stop: StopFlag) -> EmbedderLoaded:
        check_load_embedder(request)
        header = inspect_whole(request.path)
        check_model(header)
        pooling_of(header, request.pooling)  # before the loaded model goes
        self.unload()
        self._embedder = OpenEmbedder(self._library, request, header, emit, stop)
        return EmbedderLoaded(self._embedder.facts)

    def embed(self, request: Embed, emit: Emit, stop: StopFlag) -> Embedded:
        check_embed(request)
        if self._embedder is None:
            raise NoEmbedderLoaded
        return self._embedder.embed(request, emit, stop)

    def _need(self) -> OpenModel:
        if self._loaded is None:
            raise NoModelLoaded
        return self._loaded

    def _need_vocabulary(self) -> OpenModel | OpenVocabulary:
        known = self._loaded or self._vocabulary
        if known is None:
            raise NoModelLoaded
        return known
