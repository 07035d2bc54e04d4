"""A runtime without llama.cpp: words for tokens, an echo for a model, and tricks on request.

It conforms to `engine.runtime.Runtime` and passes the same contract suite as the real one, behind the
same worker. A model file is any GGUF file (only its header is read), or a path that begins with "fake:".

Tricks of a model, by `general.name` "fake:TRICK" or path "fake:TRICK": `crash` (SIGSEGV while loading),
`abort`, `hang` (loads forever and hears nothing), `slow` (loads for two seconds), `small` (256 tokens of
context), `no-template`, `refuse` (ModelLoadFailed).

Tricks of a prompt, as the first word of the last message: `!crash`, `!abort` and `!exit` (after three
tokens), `!hang`, `!slow` (a word each 50 ms), `!long` (counts, some 250 numbers a second), `!fail`
(DecodeFailed), `!slow-prompt` (two seconds of reading), `!think` (thinks before it answers), `!ponder`
(thinks without end), `!how` (says how it was spoken to, as JSON). A job that finds `!title` in it writes what
follows there, slowly. Otherwise the reply is "You said: " and
the last message.

It quantizes by writing another such file, and measures by knowing the bits of each type. Tricks of the model
while it does, by the same names: `crash`, `hang`, `slow` (two seconds), `refuse`, and `broken` (writes half a
file and says that all is well), `no-memory` (cannot be measured).
"""

import ctypes
import os
import signal
import time
from collections.abc import Sequence
from pathlib import Path

import msgspec

from engine.biases import token_biases
from engine.errors import (
    BadTemplateArguments,
    Cancelled,
    ContextFull,
    ModelLoadFailed,
    NoChatTemplate,
    NoModelLoaded,
)
from engine.fit import DEFAULT_CONTEXT_TOKENS, host
from engine.gguf_header import inspect
from engine.kv_states import ChatStates, State, delete
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
    LoadedModel,
    LoadEmbedder,
    LoadModel,
    Measured,
    MeasurePerplexity,
    Message,
    Progress,
    PromptToken,
    Quantize,
    Quantized,
    Render,
    Rendered,
    ReplyRecord,
    Stats,
    StopReason,
    SwitchChat,
    TemplateFacts,
    Templating,
)
from engine.reply_stream import ReplyStream
from engine.runtime import Emit, check, check_begins, check_load, grammar_of, seed_of
from engine.stop import StopFlag
from engine.template_texts import COMPLETION, CUSTOM, known_template
from engine.thoughts import splitter_for
from tests.fakes import fake_quantizer
from tests.fakes.engine_replies import (
    TOKENS,
    VOCABULARY,
    Telling,
    number_of,
    reply_of,
    tokens_of,
    trick_of,
    write,
)
from tests.fakes.fake_embedding import FakeEmbedding
from tests.fakes.native import die, hang

SCHEME = "fake:"
TRICK_VARIABLE = "SOBREMESA_FAKE_TRICK"  # of a whole process: a trick of every model


class FakeCache:
    """Conforms to `engine.kv_states.Cache`."""

    def __init__(self) -> None:
        self.words: list[bytes] = []

    @property
    def held(self) -> list[int]:
        return list(range(len(self.words)))

    def state(self) -> State | None:
        data = msgspec.msgpack.encode(self.words)
        return ctypes.create_string_buffer(data, len(data))

    def restore(self, tokens: Sequence[int], state: State) -> bool:
        self.words = msgspec.msgpack.decode(state.raw, type=list[bytes])
        return len(self.words) == len(tokens)


class FakeRuntime:
    """One fake model, with a cache that reuses prefixes as the real one does."""

    def __init__(self) -> None:
        self._model: LoadedModel | None = None
        self._cache = FakeCache()
        self._states: ChatStates | None = None
        self._embedding = FakeEmbedding()
        self._known: dict[int, bytes] = {}  # words that were told of, by their numbers

    def prepare(self) -> None:
        pass

    def load(self, request: LoadModel, emit: Emit, stop: StopFlag) -> Loaded:
        check_load(request)
        model, trick = _model_of(request)
        _load_trick(os.environ.get(TRICK_VARIABLE, trick), request.path)
        self.unload()
        self._cache.words = []
        steps = 40 if trick == "slow" else 4
        for step in range(steps + 1):
            if stop:
                raise Cancelled
            emit(Progress("loading", step / steps))
            if trick == "slow":
                time.sleep(0.05)
        self._model = model
        return Loaded(model)

    def unload(self) -> None:
        if self._states is not None:
            self._states.leave()
            self._states.wait()
        self._model = self._states = None
        self._embedding.unload()

    def switch(self, request: SwitchChat) -> ChatSwitched:
        model = self._need(Templating(COMPLETION))  # which needs no template
        if self._states is None:
            self._states = ChatStates(self._cache, lambda: model.path)
        self._states.switch(request.file, request.limit_bytes)
        return ChatSwitched(len(self._cache.words))

    def forget(self, request: ForgetChat) -> ChatSwitched:
        if self._states is not None:
            self._states.forget(request.file)
        else:
            delete(Path(request.file))
        return ChatSwitched(len(self._cache.words))

    def generate(self, request: Generate, emit: Emit, stop: StopFlag) -> Done:
        check(request)
        started_s = time.perf_counter()
        model = self._need(request.templating)
        if model.vocabulary_only:
            raise NoModelLoaded
        grammar_of(request)
        token_biases(request.sampling.logit_bias, VOCABULARY, _bias_tokens)
        prompt = _prompt(request.messages[:-1] if request.continues else request.messages)
        if request.continues:
            prompt += tokens_of(request.messages[-1].content)
        check_begins(request.begins, VOCABULARY)
        begins = [self._known.get(number, b"#%d" % number) for number in request.begins]
        prompt += begins
        limit = model.context_tokens - 1
        if len(prompt) > limit:
            raise ContextFull(needed_tokens=len(prompt), limit_tokens=limit)
        reused = 0 if request.job or request.cold else _common(self._cache.words, prompt[:-1])
        seed = seed_of(request.sampling)
        trick = trick_of(request.messages[:-1] if request.continues else request.messages)
        text = ReplyStream(splitter_for("", ""), request.stop)
        written: list[bytes] = []
        reason: StopReason = "cancelled"
        first_s = time.perf_counter()
        if self._read(trick, emit, stop):
            first_s = time.perf_counter()
            room = model.context_tokens - len(prompt)
            room = room if request.max_tokens is None else min(room, request.max_tokens)
            telling = Telling(request.alternatives, emit, self._known)
            reason = write(reply_of(request, trick, seed), written, room, text, telling, stop, begins)
        if not request.job:
            self._cache.words = prompt + written
            if self._states is not None:
                self._states.written()
        ended_s = time.perf_counter()
        stats = Stats(
            prompt_tokens=len(prompt),
            reused_tokens=reused,
            generated_tokens=len(written),
            ttft_s=first_s - started_s,
            tokens_per_s=len(written) / max(1e-6, ended_s - first_s),
            stop_reason=reason,
            seed=seed,
            record=_record(request, model, seed),
            thought_tokens=text.thought_tokens,
        )
        return Done(stats)

    def count(self, request: CountTokens, stop: StopFlag) -> Counted:
        model = self._need(request.templating)
        if stop:
            raise Cancelled
        return Counted(tuple(len(_prompt(c)) for c in request.conversations), model.context_tokens)

    def render(self, request: Render) -> Rendered:
        model = self._need(request.templating)
        tokens = _rendered(request)
        held = self._cache.words
        cached = _common(held, [token.text.encode("latin-1") for token in tokens])
        return Rendered(tuple(tokens), cached, model.context_tokens)

    def devices(self) -> Devices:
        return Devices((host(),), "fake")

    def quantize(self, request: Quantize, emit: Emit, stop: StopFlag) -> Quantized:
        return fake_quantizer.quantized(request, emit, stop)

    def measure(self, request: MeasurePerplexity, emit: Emit, stop: StopFlag) -> Measured:
        self.unload()
        return fake_quantizer.measured(request, emit, stop)

    def load_embedder(self, request: LoadEmbedder, emit: Emit, stop: StopFlag) -> EmbedderLoaded:
        return self._embedding.load(request, emit, self.unload)

    def embed(self, request: Embed, emit: Emit, stop: StopFlag) -> Embedded:
        return self._embedding.embed(request, emit, stop)

    def _need(self, use: Templating) -> LoadedModel:
        if self._model is None:
            raise NoModelLoaded
        if not self._model.has_chat_template and not use.template:
            raise NoChatTemplate(model=self._model.name)
        if "explode" in use.arguments:
            raise BadTemplateArguments(model=self._model.name, names="explode")
        if use.template not in ("", COMPLETION, CUSTOM):
            known_template(use.template)
        return self._model

    def _read(self, trick: str, emit: Emit, stop: StopFlag) -> bool:
        steps = 40 if trick == "!slow-prompt" else 2
        for step in range(1, steps + 1):
            if stop:
                return False
            if trick == "!slow-prompt":
                time.sleep(0.05)
            emit(Progress("reading_prompt", step / steps))
        return True


def _model_of(request: LoadModel) -> tuple[LoadedModel, str]:
    if request.path.startswith(SCHEME):
        name, size_bytes, trained, template = request.path, 1_000_000, 8192, True
        layers, parameters, architecture = 1, 1_000, "fake"
    else:
        header = inspect(request.path)
        name, size_bytes, trained = header.name, header.size_bytes, header.trained_context_tokens
        layers, parameters, architecture = header.layers, header.parameters, header.architecture
        template = header.chat_template is not None
    trick = name.removeprefix(SCHEME) if name.startswith(SCHEME) else ""
    default = 256 if trick == "small" else min(trained or DEFAULT_CONTEXT_TOKENS, DEFAULT_CONTEXT_TOKENS)
    chats = template and trick != "no-template"
    model = LoadedModel(
        path=str(Path(request.path)),
        name=name,
        architecture=architecture,
        parameters=parameters,
        size_bytes=size_bytes,
        context_tokens=request.context_tokens or default,
        trained_context_tokens=trained,
        layers=layers,
        gpu_layers=0,
        devices=("CPU",),
        has_chat_template=chats,
        kv_type=request.kv_type or "f16",
        template=TemplateFacts("fine", variables=("enable_thinking",), can_think=True)
        if chats
        else TemplateFacts("none"),
        vocabulary_only=request.vocabulary_only,
    )
    return model, trick


def _load_trick(trick: str, path: str) -> None:
    match trick:
        case "crash":
            die(signal.SIGSEGV)
        case "abort":
            die(signal.SIGABRT)
        case "hang":
            hang()
        case "refuse":
            raise ModelLoadFailed("error loading model: it is only a fake", path=path)


def _prompt(messages: Sequence[Message]) -> list[bytes]:
    tokens: list[bytes] = []
    for message in messages:
        tokens += [f"<{message.role}>".encode(), *tokens_of(message.content), b"<end>"]
    return [*tokens, b"<assistant>"]


def _rendered(request: Render) -> list[PromptToken]:
    """Bytes outside of ASCII show as Latin-1."""

    def shown(token: bytes, *origin: int) -> PromptToken:
        return PromptToken(0, token.decode("latin-1"), *origin)

    tokens: list[PromptToken] = []
    for number, message in enumerate(request.messages):
        cuts = request.cuts[number] if number < len(request.cuts) else ()
        data, edges = message.content.encode(), [len(message.content[:cut].encode()) for cut in cuts]
        tokens.append(shown(f"<{message.role}>".encode()))
        tokens += [
            shown(match.group(), number, sum(edge <= match.start() for edge in edges))
            for match in TOKENS.finditer(data)
        ]
        tokens.append(shown(b"<end>"))
    return [*tokens, shown(b"<assistant>")]


def _record(request: Generate, model: LoadedModel, seed: int) -> ReplyRecord:
    return ReplyRecord(
        msgspec.structs.replace(request.sampling, seed=seed),
        request.max_tokens,
        request.stop,
        request.grammar,
        request.json_schema,
        request.adapters,
        request.templating,
        "fake",
        model.path,
        model.kv_type,
        model.context_tokens,
        speculate=request.speculate,
        begun=request.continues or bool(request.begins),
    )


def _bias_tokens(text: str) -> list[int]:
    return [number_of(token) for token in tokens_of(text)]


def _common(held: list[bytes], prompt: list[bytes]) -> int:
    count = 0
    for ours, theirs in zip(held, prompt, strict=False):
        if ours != theirs:
            break
        count += 1
    return count
