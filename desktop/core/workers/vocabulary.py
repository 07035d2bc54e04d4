"""A second engine worker that holds a model's vocabulary alone, to count for a model that is not loaded.

A process of its own: a bad file must not end the worker that may be writing a reply.
"""

import threading
from collections.abc import Callable
from typing import TypeVar

from msgspec.structs import replace

from desktop.core.errors import Reported, Unexpected
from desktop.core.workers.supervisor import Launch, Terms, Worker
from desktop.core.workers.wires import engine_wire
from engine.devices import Device
from engine.errors import EngineDied, EngineError, EngineStartFailed
from engine.fit import Wanted, choose
from engine.gguf_header import inspect_whole
from engine.protocol import (
    Counted,
    CountTokens,
    Event,
    Failed,
    Loaded,
    LoadedModel,
    LoadModel,
    Message,
    Render,
    Rendered,
    Request,
    Templating,
)

IDLE_S = 60.0

E = TypeVar("E")


class VocabularyClient:
    """Blocks its thread, one caller at a time. Started when it is needed, stopped when it is not."""

    def __init__(
        self,
        launch: Callable[[], Launch],
        devices: Callable[[], tuple[Device, ...]] = lambda: (),
        idle_s: float = IDLE_S,
    ) -> None:
        """`devices`: what a model would be placed on, where the worker itself does not see all of that."""
        self._devices = devices
        self._lock = threading.Lock()
        self._held: tuple[int | None, LoadModel, LoadedModel] | None = None
        terms = Terms(
            launch=launch,
            died=lambda how, detail: Reported.of(EngineDied(detail, how=how)),
            not_started=lambda how, detail: Reported.of(EngineStartFailed(detail, how=how)),
            idle_s=idle_s,
        )
        self._worker: Worker[Request, Event] = Worker(engine_wire(), terms)

    @property
    def pid(self) -> int | None:
        return self._worker.pid

    def of(self, model: LoadModel, templating: Templating) -> "Vocabulary":
        """Counts as that model would once it is loaded, and spoken to, so."""
        return Vocabulary(self, model, templating)

    def ask(self, model: LoadModel, request: Request, answer: type[E]) -> E:
        """Raises, reported, what keeps the model from being read, or from rendering."""
        with self._lock:
            self._need(model)
            return self._one(request, answer)

    def facts(self, model: LoadModel) -> LoadedModel:
        with self._lock:
            return self._need(model)

    def close(self) -> None:
        self._worker.close()

    def _need(self, model: LoadModel) -> LoadedModel:
        held = self._held
        if held is not None and held[:2] == (self._worker.pid, model):
            return held[2]
        loaded = self._one(self._placed(model), Loaded).model
        self._held = (self._worker.pid, model, loaded)
        return loaded

    def _placed(self, model: LoadModel) -> LoadModel:
        """With the context window that the model would get on all devices: the worker knows no GPU."""
        if model.context_tokens is not None:
            return model
        devices = self._devices()
        if all(device.kind == "cpu" for device in devices):
            return model
        layers = None if model.gpu_layers < 0 else model.gpu_layers
        try:
            fit = choose(inspect_whole(model.path), devices, Wanted(None, model.kv_type, layers))
        except EngineError:  # the worker will say what is wrong with the file
            return model
        return replace(model, context_tokens=fit.placement.context_tokens)

    def _one(self, request: Request, answer: type[E]) -> E:
        for event in self._worker.run(request):
            if isinstance(event, answer):
                return event
            if isinstance(event, Failed):
                raise Reported.of(event.error)
        raise Unexpected("the engine ended a count without one")


class Vocabulary:
    """One model's vocabulary, asked for as the engine is."""

    def __init__(self, client: VocabularyClient, model: LoadModel, templating: Templating) -> None:
        self._client = client
        self._templating = templating
        self._model = LoadModel(
            path=model.path,
            context_tokens=model.context_tokens,
            gpu_layers=model.gpu_layers,
            kv_type=model.kv_type,
            memory_limit_bytes=model.memory_limit_bytes,
            vocabulary_only=True,
        )

    @property
    def facts(self) -> LoadedModel:
        return self._client.facts(self._model)

    def count(self, conversations: tuple[tuple[Message, ...], ...]) -> Counted:
        return self._client.ask(self._model, CountTokens(conversations, self._templating), Counted)

    def render(self, request: Render) -> Rendered:
        return self._client.ask(self._model, request, Rendered)
