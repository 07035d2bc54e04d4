"""The engine worker as the core sees it: one model, one request at a time, a status. Plans nothing."""

import logging
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, TypeVar

from msgspec.structs import replace

from desktop.core.errors import Cancelled, CoreError, ModelChanged, Reported, Unexpected
from desktop.core.events import EngineStatus, LoadingModel
from desktop.core.models.identity import Identity, identity_of
from desktop.core.operations import Operation
from desktop.core.types import Problem
from desktop.core.workers.engine_deaths import EngineDeaths
from desktop.core.workers.killers import Killers
from desktop.core.workers.rest import Rest
from desktop.core.workers.runtimes import Runtimes
from desktop.core.workers.supervisor import Launch, Patience, Stream, Terms, Worker
from desktop.core.workers.wires import engine_wire
from engine.devices import Device
from engine.errors import EngineStartFailed
from engine.protocol import (
    ChatSwitched,
    Counted,
    CountTokens,
    Devices,
    Event,
    Failed,
    ForgetChat,
    Generate,
    ListDevices,
    Loaded,
    LoadedModel,
    LoadModel,
    Message,
    Progress,
    Render,
    Rendered,
    Request,
    SwitchChat,
    Templating,
    Unloaded,
    UnloadModel,
)

E = TypeVar("E")

TURN_CHECK_S = 0.05
AS_MADE = Templating()  # a model spoken to by its own template
WAKE_S = 0.2
# the engine hears a cancel within a tenth of a second, while it loads too; beyond this it hangs
CANCEL_LIMIT_S = 10.0
LOADING_STEP = 0.04  # llama.cpp tells of every tensor; nobody sees a hundredth

log = logging.getLogger(__name__)


class EngineClient:
    """Use it inside `turn`: replies and loads come one after the other, in the order they were asked."""

    def __init__(
        self,
        launch: Callable[[], Launch],
        publish: Callable[[EngineStatus], None],
        runtimes: Runtimes | None = None,
        killers: Killers | None = None,
        idle_s: Callable[[], float] = lambda: 0,
    ) -> None:
        """`idle_s`: without a question for so long, the model leaves the memory; 0: never."""
        self._publish = publish
        self._runtimes = runtimes
        self._lock = threading.RLock()
        self._turns = _Turns()
        self._status = EngineStatus("no_model")
        self._request: LoadModel | None = None  # what the loaded model was loaded with
        self._loading = ""
        self.cancel_limit_s = CANCEL_LIMIT_S
        self._files: Identity = ()  # what the loaded model's files were before the load
        self._killers = killers or Killers()
        self.idle_s = idle_s
        self._rest = Rest(lambda: self.idle_s(), self._go_to_rest)
        deaths = EngineDeaths()
        terms = Terms(
            launch=launch,
            died=deaths.died,
            not_started=lambda how, detail: Reported.of(EngineStartFailed(detail, how=how)),
            again=lambda error: runtimes is not None and runtimes.give_up(error),
            on_start=deaths.started,
            on_death=self._on_death,
        )
        self._worker: Worker[Request, Event] = Worker(engine_wire(), terms)
        publish(self._status)

    @property
    def status(self) -> EngineStatus:
        return self._status

    @property
    def pid(self) -> int | None:
        return self._worker.pid

    @contextmanager
    def turn(self, cancelled: Callable[[], bool]) -> Iterator[None]:
        """Wait for the engine. Raises Cancelled when the person stops waiting."""
        try:
            with self._turns.take(cancelled):
                yield
        finally:
            self._rest.used()

    def loaded_as(self, request: LoadModel) -> LoadedModel | None:
        """The model that is loaded, where a turn that asks for `request` would use it as it is."""
        with self._lock:
            present = self._status.state in ("ready", "busy") and self._request == request
            return self._status.model if present else None

    # ── inside a turn ──

    def ensure(self, request: LoadModel, operation: Operation[Any]) -> LoadedModel:
        """The model as asked for, loaded now if it is not. Emits LoadingModel on the operation.

        One whose file is another by now is loaded again, and the status says so. A model that killed its
        worker is not loaded again: raises what it died of, until `forgive`.
        """
        files, notice = identity_of(request.path), None
        model, loaded = self._status.model, self._request
        if model is not None and loaded is not None and loaded.path == request.path and files != self._files:
            # before another byte of it is touched: a file that was cut short would end the worker
            self._drop()
            notice = ModelChanged(path=request.path).problem()
        with self._lock:
            model = self._status.model
            if model is not None and self._request == request:
                return model
            killed = self._killers.of(request.path)
            if killed is not None:
                raise Reported(killed)
            self._request = None
            self._loading = request.path
        self._set(EngineStatus("loading", path=request.path))
        try:
            model = self._load_with_any_runtime(request, operation)
        except Cancelled:
            self._set(EngineStatus("no_model"))
            raise
        except CoreError as error:
            self._set(EngineStatus("failed", path=request.path, problem=error.problem()))
            raise
        finally:
            self._loading = ""
        with self._lock:
            self._request, self._files = request, files
        self._set(EngineStatus("ready", model=model, path=request.path, notice=notice))
        return model

    def forgive(self, path: str) -> None:
        """A person asks for this model again, whatever it did before."""
        self._killers.forgive(path)

    def unload(self) -> None:
        self._drop()
        self._set(EngineStatus("no_model"))

    def _drop(self) -> None:
        with self._lock:
            self._request = None
        if self._worker.pid is not None:
            for event in self._worker.run(UnloadModel()):
                if isinstance(event, Unloaded):
                    break

    def count(
        self, conversations: tuple[tuple[Message, ...], ...], templating: Templating = AS_MADE
    ) -> Counted:
        return self._one(CountTokens(conversations, templating), Counted)

    def render(self, request: Render) -> Rendered:
        """As `count`, it may be called at any time: neither waits for a reply that is being written."""
        return self._one(request, Rendered)

    def switch(self, request: SwitchChat) -> None:
        """Say whose turn is next. What becomes of the files in it is no matter of the turn."""
        self._one(request, ChatSwitched)

    @contextmanager
    def reply(self, request: Generate, *, told: bool = True) -> Iterator[Stream[Event]]:
        """The stream of a reply; the status says busy for as long, unless nobody is to be told."""
        stream = self._worker.run(request)
        if told:
            self._mark("busy")
        try:
            yield stream
        finally:
            if told:
                self._mark("ready")

    def patience(self) -> Patience:
        """For whoever follows a stream: an engine that does not hear a cancel is ended."""
        return Patience(self.cancel_limit_s, self._worker.kill)

    # ── at any time ──

    def forget_chat(self, file: str) -> None:
        """Have a running engine delete a chat's KV state. Does not wait, and starts none for it."""
        if self._worker.pid is not None:
            with suppress(CoreError):  # it ends just now, and writes no more
                self._worker.run(ForgetChat(file))

    def devices(self) -> tuple[Device, ...]:
        """What a model can be placed on, with the memory that is free now.

        Waits for the reply that is being written. Starts the engine where there is none.
        """
        for event in self._worker.run(ListDevices()):
            if isinstance(event, Devices):
                return event.devices
            if isinstance(event, Failed):
                raise Reported.of(event.error)
        raise Unexpected("the engine ended a list of devices without one")

    def idle_changed(self) -> None:
        """The person set another time."""
        self._rest.changed()

    def end(self) -> None:
        """Give all memory back, the worker's too, once whoever has the engine is done. Blocks until then."""
        with self._turns.take(lambda: False):
            if self._worker.pid is not None:
                self._leave_memory()
                self._set(EngineStatus("no_model"))

    def tell_runtime(self) -> None:
        """Publish what is wrong with the runtime that was wanted, where that is news."""
        with self._lock:
            if self._status.runtime_problem != self._runtime_problem():
                self._set(self._status)

    def close(self) -> None:
        self._rest.close()
        self._worker.close()

    def _go_to_rest(self) -> None:
        """Give all memory back, the worker's too, unless somebody has the engine or waits for it."""
        with self._turns.take_if_free() as free:
            if not free or self._worker.pid is None:
                return
            before = self._status
            if self._leave_memory() and before.model is not None:
                self._set(EngineStatus("resting", path=before.path))

    def _leave_memory(self) -> bool:
        """Inside a turn. Whether it went in order."""
        try:
            self._drop()
        except CoreError as error:  # it died at that, and the status says so
            log.info("the engine did not go to rest in order: %s", error)
            return False
        self._worker.stop()
        return True

    def _load_with_any_runtime(self, request: LoadModel, operation: Operation[Any]) -> LoadedModel:
        """A driver that crashes at its first load is not the model's fault: the next one is tried."""
        problem = self._runtime_problem()
        try:
            model = self._load(request, operation)
        except Reported:
            if self._runtime_problem() == problem:
                raise
            model = self._load(request, operation)
        if self._runtimes is not None:
            self._runtimes.proven()
        return model

    def _runtime_problem(self) -> Problem | None:
        return None if self._runtimes is None else self._runtimes.problem

    def _one(self, request: Request, answer: type[E]) -> E:
        """The one event that answers a request."""
        for event in self._worker.run(request):
            if isinstance(event, answer):
                return event
            if isinstance(event, Failed):
                raise Reported.of(event.error)
        raise Unexpected(f"the engine ended {type(request).__name__} without an answer")

    def _load(self, request: LoadModel, operation: Operation[Any]) -> LoadedModel:
        if operation.cancelled:
            raise Cancelled
        stream = self._worker.run(request)
        operation.on_cancel(stream.cancel)
        told, patience = 0.0, self.patience()
        while True:
            event = stream.next(WAKE_S)
            patience.check(overdue=operation.cancelled)
            match event:
                case Progress(done=done):
                    if done - told < LOADING_STEP and done < 1:
                        continue
                    told = done
                    operation.emit(LoadingModel(done))
                    self._set(EngineStatus("loading", path=request.path, done=done))
                case Loaded(model=model):
                    return model
                case Failed(error=error):
                    raise Cancelled if error.code == Cancelled.code else Reported.of(error)
                case None:
                    pass
                case _:
                    raise Unexpected(f"the engine answered a load with {type(event).__name__}")

    def _mark(self, state: str) -> None:
        """Busy or ready, unless the worker died meanwhile."""
        with self._lock:
            if self._status.model is not None:
                self._set(replace(self._status, state="busy" if state == "busy" else "ready"))

    def _set(self, status: EngineStatus) -> None:
        with self._lock:
            self._status = replace(status, runtime_problem=self._runtime_problem())
            self._publish(self._status)

    def _on_death(self, error: CoreError, was_working: bool) -> None:
        """Remember what killed the worker; a worker that died idle may have been killed from outside."""
        with self._lock:
            path = self._loading or self._status.path
            self._request = None
            if self._loading and self._runtimes is not None and self._runtimes.give_up(error):
                return  # it is loaded once more
            if was_working and path:
                self._killers.note(path, error.problem())
            self._set(EngineStatus("failed", path=path, problem=error.problem()))


class _Turns:
    """First come, first served, and who waits can leave."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._queue: deque[object] = deque()

    @contextmanager
    def take(self, cancelled: Callable[[], bool]) -> Iterator[None]:
        ticket = object()
        with self._condition:
            self._queue.append(ticket)
            while self._queue[0] is not ticket:
                if cancelled():
                    self._queue.remove(ticket)
                    raise Cancelled
                self._condition.wait(TURN_CHECK_S)
        try:
            yield
        finally:
            self._leave()

    @contextmanager
    def take_if_free(self) -> Iterator[bool]:
        """Whether nobody had it or waited; then it is taken."""
        with self._condition:
            free = not self._queue
            if free:
                self._queue.append(object())
        try:
            yield free
        finally:
            if free:
                self._leave()

    def _leave(self) -> None:
        with self._condition:
            self._queue.popleft()
            self._condition.notify_all()
