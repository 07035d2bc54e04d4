"""A model that is loaded: its weights, its context window, its template. Writes no reply."""

import contextlib
from collections.abc import Sequence
from pathlib import Path

import msgspec

from engine.adapters import BaseModel, base_model, check_adapter
from engine.biases import token_biases
from engine.devices import Device, allowed, usable
from engine.errors import EngineError
from engine.fit import Wanted, choose
from engine.gguf_header import ModelHeader
from engine.kv_states import ChatStates
from engine.llama import Adapters, Library, Model
from engine.loading import Loading
from engine.protocol import (
    Adapter,
    Generate,
    LoadedModel,
    LoadModel,
    Message,
    Progress,
    Render,
    Rendered,
    ReplyRecord,
    Sampling,
    Templating,
)
from engine.renderer import Prompt, Renderer
from engine.reply_stream import ReplyStream
from engine.runtime import Emit, allowed_cores, default_threads
from engine.runtimes import version
from engine.speculation import BatchCosts
from engine.stop import StopFlag
from engine.threads import Threads


class OpenModel:
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

        file = Path(header.path).stat()
        layers = None if request.gpu_layers < 0 else request.gpu_layers
        wanted = Wanted(request.context_tokens, request.kv_type, layers)
        devices = allowed(usable(library.devices(), request.devices), request.memory_limit_bytes)
        # a context that a person chose is not lowered
        fit = choose(header, devices, wanted, keep_context=request.context_tokens is not None)
        fit.check_room(request.path)
        loading = Loading(library, request, report, stop)
        self.model, self.context = loading.down_from(fit.placement, devices)
        self._renderer = Renderer(self.model, header.chat_template, header.title)
        self.facts = msgspec.structs.replace(
            self._facts(library, header, loading, devices), wanted_context_tokens=fit.wanted_context_tokens
        )
        self._runtime = library.runtime
        self.costs = BatchCosts()
        self._threads_asked = request.threads or default_threads()
        # a number that a person chose is not lowered
        self.threads = Threads(1 if request.threads else default_threads(), allowed_cores())
        self._made_of = (self.facts.path, file.st_size, file.st_mtime_ns, loading.placement)
        self._adapters = Adapters(library, self.model, self.context, self.facts.name)
        self._base: BaseModel | None = None
        self.states = ChatStates(self.context, self._state_key)

    def _state_key(self) -> str:
        """All that a KV state of this model depends on."""
        return repr((version(), self.facts.devices, self._adapters.key, *self._made_of))

    def close(self) -> None:
        self.states.leave()
        self.states.wait()
        self.context.close()
        self.model.close()

    def _facts(
        self, library: Library, header: ModelHeader, loading: Loading, devices: Sequence[Device]
    ) -> LoadedModel:
        # "offloaded 31/31 layers to GPU": llama.cpp tells it nowhere else
        words = library.find_in_log("offloaded ").partition("offloaded ")[2].partition("/")[0]
        gpu_layers = int(words) if words.isdigit() else 0
        used = tuple(device.name for device in devices if gpu_layers or device.kind == "cpu")
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
            devices=used,
            has_chat_template=header.chat_template is not None,
            kv_type=loading.placement.kv_type,
            stepped_down=loading.stepped_down,
            template=self._renderer.facts(),
            suggested_template=self._renderer.suggestion(),
        )

    def use_adapters(self, request: Generate) -> None:
        """Compute with the request's adapters. A job takes the chat's, whose cache it must leave alone.

        Raises BadAdapter.
        """
        if not request.job:
            self._adapters.use(request.adapters, self._check_adapter)

    def prepare_adapters(self, adapters: Sequence[Adapter]) -> None:
        """Compute with these, where they are good; whoever asks for a reply hears of those that are not."""
        with contextlib.suppress(EngineError):
            self._adapters.use(adapters, self._check_adapter)

    def _check_adapter(self, path: str) -> None:
        if self._base is None:
            self._base = base_model(self.facts.path, self.facts.name)
        check_adapter(path, self._base)

    def biases(self, sampling: Sampling) -> list[tuple[int, float]]:
        """Tokens and what is added to their logits. Raises NoSuchToken, NotOneToken."""
        model = self.model
        return token_biases(
            sampling.logit_bias, model.vocabulary_tokens, lambda text: model.tokenize(text, special=False)
        )

    def record(self, request: Generate, seed: int) -> ReplyRecord:
        """What a reply to `request` is made with."""
        facts = self.facts
        return ReplyRecord(
            sampling=msgspec.structs.replace(request.sampling, seed=seed),
            max_tokens=request.max_tokens,
            stop=request.stop,
            grammar=request.grammar,
            json_schema=request.json_schema,
            adapters=request.adapters,
            templating=request.templating,
            runtime=self._runtime,
            model=facts.path,
            kv_type=facts.kv_type,
            context_tokens=facts.context_tokens,
            gpu_layers=facts.gpu_layers,
            threads=self._threads_asked,
            batch_tokens=self.context.batch_tokens,
            speculate=request.speculate,
            begun=request.continues or bool(request.begins),
        )

    def prompt(
        self, messages: Sequence[Message], use: Templating, *, job: bool = False, continues: bool = False
    ) -> Prompt:
        """The prompt of a conversation; where the chat's cache holds its text, in its tokens. `job`: of
        one beside the chat.

        Raises NoChatTemplate, BadChatTemplate, BadTemplateArguments, UnknownTemplate.
        """
        held = () if job else self.context.of_the_chat
        return self._renderer.prompt(messages, use, held, continues=continues)

    def stream(self, request: Generate, prompt: Prompt) -> ReplyStream:
        """What takes in the reply to `prompt`."""
        return self._renderer.stream(request.templating, prompt, request.stop, continues=request.continues)

    def render(self, request: Render) -> Rendered:
        """The prompt of a conversation, with origins. Raises NoChatTemplate, BadChatTemplate."""
        held = self.context.of_the_chat
        tokens, cached = self._renderer.render(request.messages, request.cuts, request.templating, held)
        return Rendered(tokens, cached, self.facts.context_tokens)


class OpenVocabulary:
    """A model that can count and render, and not write: neither weights nor cache are in memory."""

    def __init__(self, library: Library, request: LoadModel, header: ModelHeader, stop: StopFlag) -> None:
        layers = None if request.gpu_layers < 0 else request.gpu_layers
        devices = allowed(library.devices(), request.memory_limit_bytes)
        fit = choose(header, devices, Wanted(request.context_tokens, request.kv_type, layers))
        self._model = Model(library, request.path, 0, None, stop, vocabulary_only=True)
        self._renderer = Renderer(self._model, header.chat_template, header.title)
        self.facts = LoadedModel(
            path=str(Path(header.path)),
            name=header.title,
            architecture=header.architecture,
            parameters=header.parameters,
            size_bytes=header.size_bytes,
            context_tokens=request.context_tokens or fit.placement.context_tokens,
            trained_context_tokens=header.trained_context_tokens,
            layers=header.layers,
            gpu_layers=0,
            devices=(),
            has_chat_template=header.chat_template is not None,
            kv_type=fit.placement.kv_type,
            vocabulary_only=True,
            template=self._renderer.facts(),
            suggested_template=self._renderer.suggestion(),
        )

    def close(self) -> None:
        self._model.close()

    def prompt(self, messages: Sequence[Message], use: Templating) -> Prompt:
        """The prompt of a conversation. Raises as the whole model's does."""
        return self._renderer.prompt(messages, use, ())

    def render(self, request: Render) -> Rendered:
        """The prompt of a conversation, with origins. Raises NoChatTemplate, BadChatTemplate."""
        tokens, cached = self._renderer.render(request.messages, request.cuts, request.templating, ())
        return Rendered(tokens, cached, self.facts.context_tokens)
