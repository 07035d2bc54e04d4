"""The real runtime: one model, one chat at a time, and the loop that writes a reply.

Draws the line between a request and llama.cpp's objects. Knows no pipe and no process.
"""

import time
from collections.abc import Sequence
from pathlib import Path

from engine.errors import Cancelled, ContextFull, ModelCannotChat, NoModelLoaded
from engine.fit import Wanted, choose
from engine.gguf_header import ModelHeader, inspect
from engine.llama import Library, Sampler
from engine.loading import Loading
from engine.prompt import keep_spelling, prompt_tokens
from engine.protocol import (
    Counted,
    CountTokens,
    Done,
    Generate,
    Loaded,
    LoadedModel,
    LoadModel,
    Message,
    Progress,
    Stats,
    StopReason,
    Token,
)
from engine.runtime import Emit, check, check_load, seed_of
from engine.stop import StopFlag
from engine.templates import ChatTemplate
from engine.text_stream import TextStream


class LlamaRuntime:
    """Conforms to `engine.runtime.Runtime` over llama.cpp."""

    def __init__(self) -> None:
        self._library = Library()
        self._loaded: _LoadedModel | None = None

    def prepare(self) -> None:
        pass

    def load(self, request: LoadModel, emit: Emit, stop: StopFlag) -> Loaded:
        check_load(request)
        header = inspect(request.path)
        if not header.causal or "bert" in header.architecture:
            # llama.cpp aborts the process when such a model gets a window larger than it was trained with
            raise ModelCannotChat(path=request.path)
        self.unload()
        self._loaded = _LoadedModel(self._library, request, header, emit, stop)
        return Loaded(self._loaded.facts)

    def unload(self) -> None:
        if self._loaded is not None:
            self._loaded.close()
            self._loaded = None

    def generate(self, request: Generate, emit: Emit, stop: StopFlag) -> Done:
        check(request)
        loaded = self._need()
        seed = seed_of(request.sampling)
        with Sampler(request.sampling, seed, loaded.model.vocabulary_tokens) as sampler:
            return Done(_Reply(loaded, request, sampler, seed, emit, stop).write())

    def count(self, request: CountTokens, stop: StopFlag) -> Counted:
        loaded = self._need()
        counts = []
        for conversation in request.conversations:
            if stop:
                raise Cancelled
            counts.append(len(loaded.tokens(conversation)))
        return Counted(tuple(counts), loaded.facts.context_tokens)

    def _need(self) -> "_LoadedModel":
        if self._loaded is None:
            raise NoModelLoaded
        return self._loaded


class _LoadedModel:
    """A model with its context window and its template."""

    def __init__(
        self, library: Library, request: LoadModel, header: ModelHeader, emit: Emit, stop: StopFlag
    ) -> None:
        told = -1

        def report(done: float) -> None:
            nonlocal told
            if int(done * 100) > told:  # one frame per percent is plenty
                told = int(done * 100)
                emit(Progress("loading", min(1.0, done)))

        layers = None if request.gpu_layers < 0 else request.gpu_layers
        wanted = Wanted(request.context_tokens, request.kv_type, layers)
        fit = choose(header, library.devices(), wanted)
        loading = Loading(library, request, report, stop)
        self.model, self.context = loading.down_from(fit.placement)
        self.facts = self._facts(library, header, loading)
        self._template_source = header.chat_template
        self._template: ChatTemplate | None = None

    def close(self) -> None:
        self.context.close()
        self.model.close()

    def _facts(self, library: Library, header: ModelHeader, loading: Loading) -> LoadedModel:
        # "offloaded 31/31 layers to GPU": llama.cpp tells it nowhere else
        words = library.find_in_log("offloaded ").partition("offloaded ")[2].partition("/")[0]
        gpu_layers = int(words) if words.isdigit() else 0
        devices = tuple(device.name for device in library.devices() if gpu_layers or device.kind == "cpu")
        return LoadedModel(
            path=str(Path(header.path)),
            name=header.title,
            architecture=header.architecture,
            parameters=self.model.parameters,
            size_bytes=header.size_bytes,
            context_tokens=self.context.size_tokens,
            trained_context_tokens=self.model.trained_context_tokens,
            layers=self.model.layers,
            gpu_layers=gpu_layers,
            devices=devices,
            has_chat_template=header.chat_template is not None,
            kv_type=loading.placement.kv_type,
            stepped_down=loading.stepped_down,
        )

    def tokens(self, messages: Sequence[Message]) -> list[int]:
        """The prompt of a conversation; where the cache holds its text, in the cache's tokens.

        Raises NoChatTemplate, BadChatTemplate.
        """
        if self._template is None:
            self._template = ChatTemplate(
                self._template_source, self.facts.name, self.model.bos, self.model.eos
            )
        tokens = prompt_tokens(self.model, self._template, messages)
        return keep_spelling(self.context.held, tokens, self.model.spell)


class _Reply:
    """One reply in the making."""

    def __init__(
        self,
        loaded: _LoadedModel,
        request: Generate,
        sampler: Sampler,
        seed: int,
        emit: Emit,
        stop: StopFlag,
    ) -> None:
        self._model, self._context = loaded.model, loaded.context
        self._started_s = time.perf_counter()
        self._prompt = loaded.tokens(request.messages)
        self._request, self._sampler, self._seed = request, sampler, seed
        self._emit, self._stop = emit, stop
        self._reused = self._generated = 0
        self._first_s = self._read_s = self._started_s

    def write(self) -> Stats:
        """Read the prompt, then write. Raises ContextFull, DecodeFailed."""
        limit = self._context.size_tokens - 1  # a reply needs room for one token at least
        if len(self._prompt) > limit:
            raise ContextFull(needed_tokens=len(self._prompt), limit_tokens=limit)
        self._context.watch(self._stop)
        reason = self._read_prompt() or self._write_tokens()
        return self._stats(reason)

    def _read_prompt(self) -> StopReason | None:
        self._reused = self._context.keep_prefix(self._prompt)
        new = self._prompt[self._reused :]
        done = 0
        for batch in self._context.batches(new):
            if self._stop or not self._context.evaluate(batch):
                return "cancelled"
            done += len(batch)
            self._emit(Progress("reading_prompt", done / len(new)))
        self._read_s = time.perf_counter()
        return None

    def _write_tokens(self) -> StopReason:
        stream = TextStream(self._request.stop)
        room = self._context.size_tokens - len(self._prompt)
        limit = room if self._request.max_tokens is None else min(room, self._request.max_tokens)
        reason = self._loop(stream, limit)
        if reason != "stop":
            self._tell(stream.finish())
        return reason

    def _loop(self, stream: TextStream, limit: int) -> StopReason:
        context, model, sampler, stop = self._context, self._model, self._sampler, self._stop
        while self._generated < limit:
            if stop:
                return "cancelled"
            token = context.sample(sampler)
            if not self._generated:
                self._first_s = time.perf_counter()
            if model.ends(token):
                return "end"
            self._generated += 1
            self._tell(stream.push(model.piece(token)))
            if stream.stopped:
                return "stop"
            if self._generated < limit and not context.evaluate((token,)):
                return "cancelled"
        return "length"

    def _tell(self, text: str) -> None:
        if text:
            self._emit(Token(text))

    def _stats(self, reason: StopReason) -> Stats:
        ended_s = time.perf_counter()
        writing_s = ended_s - self._read_s
        first_s = self._first_s if self._generated else ended_s
        return Stats(
            prompt_tokens=len(self._prompt),
            reused_tokens=self._reused,
            generated_tokens=self._generated,
            ttft_s=first_s - self._started_s,
            tokens_per_s=self._generated / writing_s if self._generated and writing_s > 0 else 0.0,
            stop_reason=reason,
            seed=self._seed,
        )
