"""What goes on with each model of the page: its fit, its checksum, its way to the trash. No words.

A fit is asked for when a card comes into sight, a few at a time, and asked for anew when the memory that
is free or a setting has changed.
"""

from collections import deque
from collections.abc import Iterable
from typing import Literal

import msgspec
from msgspec.structs import replace
from PySide6.QtCore import QObject, Signal

from desktop.core.contract import Core
from desktop.core.events import CheckingModel, CoreEvent, EngineStatus, ModelsChanged
from desktop.core.operations import Operation
from desktop.core.types import Problem
from desktop.core.types.models import ModelFile
from desktop.view_models.bridge import follow, listen
from engine.fit import Fit
from engine.protocol import TemplateFacts

AT_ONCE = 2  # headers looked into at the same time
# a fit that was reckoned with another value of these is out of date
COUNTS = ("context_tokens", "gpu_layers", "kv_type", "devices", "runtime", "memory_limit_mib")

Asking = Literal["", "remove", "quantize"]


class CardState(msgspec.Struct, frozen=True):
    """`fit` may be an old one while `fresh` is False. `done` (0..1) belongs to `busy`."""

    fit: Fit | None = None
    fresh: bool = False
    template: TemplateFacts | None = None
    asking: Asking = ""
    busy: Literal["", "checksum", "removing"] = ""
    done: float = 0.0
    sha256: tuple[str, ...] = ()
    problem: Problem | None = None


NOTHING = CardState()


class ModelCardsViewModel(QObject):
    """One for the window."""

    changed = Signal(str)  # a model's path: `state` of it
    outdated = Signal()  # fits are to be asked for again, by whoever shows them
    checksum_ready = Signal(str, object)  # path, its tuple of SHA-256, one for each file
    removed = Signal(object)  # the ModelFile that lies in the trash now

    def __init__(self, core: Core, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._core = core
        self._states: dict[str, CardState] = {}
        self._waiting: deque[str] = deque()
        self._looking: set[str] = set()
        self._checksums: dict[str, Operation[ModelFile]] = {}
        self._engine = ("", "")
        listen(core, self, self._on_core_event)

    def state(self, path: str) -> CardState:
        return self._states.get(path, NOTHING)

    # ── fits ──

    def look(self, paths: Iterable[str]) -> None:
        """These are in sight, from the top: find out how they fit. What was asked before and waits, goes."""
        wanted = [path for path in paths if not self.state(path).fresh and path not in self._looking]
        self._waiting = deque(wanted)
        self._look_on()

    def setting_changed(self, name: str) -> None:
        if name in COUNTS:
            self._outdate()

    def _look_on(self) -> None:
        while self._waiting and len(self._looking) < AT_ONCE:
            path = self._waiting.popleft()
            if path not in self._looking:
                self._looking.add(path)
                self._look_at(path)

    def _look_at(self, path: str) -> None:
        def ended() -> None:
            self._looking.discard(path)
            self._look_on()

        def found(model: ModelFile) -> None:
            self._change(path, fit=model.fit, template=model.template, fresh=True)
            ended()

        def failed(_: Problem) -> None:
            # the list tells what is wrong with a file
            self._change(path, fit=None, fresh=True)
            ended()

        follow(self._core.inspect_model(path), self, on_result=found, on_error=failed)

    def _outdate(self) -> None:
        for path, state in self._states.items():
            self._states[path] = replace(state, fresh=False)
        self.outdated.emit()

    # ── checksums ──

    def checksum(self, path: str) -> None:
        """Reckon the SHA-256 of a model's files; `checksum_ready` when it is there."""
        if path in self._checksums:
            return
        operation = self._core.inspect_model(path, sha256=True)
        self._checksums[path] = operation
        self._change(path, busy="checksum", done=0.0, problem=None, asking="")

        def found(model: ModelFile) -> None:
            del self._checksums[path]
            self._change(path, busy="", sha256=model.sha256)
            self.checksum_ready.emit(path, model.sha256)

        def failed(problem: Problem) -> None:
            del self._checksums[path]
            self._change(path, busy="", problem=_told(problem))

        follow(operation, self, on_event=lambda e: self._read(path, e), on_result=found, on_error=failed)

    def _read(self, path: str, event: object) -> None:
        if isinstance(event, CheckingModel) and event.total_bytes > 0:
            self._change(path, done=event.done_bytes / event.total_bytes)

    def stop(self, path: str) -> None:
        """Stop reckoning a checksum."""
        if path in self._checksums:
            self._checksums[path].cancel()

    # ── asking and removing ──

    def ask(self, path: str, asking: Asking) -> None:
        """Show a question in the card of this model, and in no other. "": none any more."""
        for other, state in list(self._states.items()):
            if state.asking and other != path:
                self._change(other, asking="")
        self._change(path, asking=asking, problem=None)

    @property
    def asking(self) -> str:
        """The path of the model whose card asks something; "" when none does."""
        return next((path for path, state in self._states.items() if state.asking), "")

    def remove(self, model: ModelFile) -> None:
        """Put a model of the models folder into the trash."""
        path = model.path
        self._change(path, asking="", busy="removing", problem=None)

        def gone(_: tuple[str, ...]) -> None:
            self._states.pop(path, None)
            self.removed.emit(model)

        def failed(problem: Problem) -> None:
            self._change(path, busy="", problem=_told(problem))

        follow(self._core.remove_model(path), self, on_result=gone, on_error=failed)

    def forget_problem(self, path: str) -> None:
        self._change(path, problem=None)

    # ── what happens meanwhile ──

    def _change(self, path: str, **changes: object) -> None:
        before = self.state(path)
        self._states[path] = replace(before, **changes)
        if self._states[path] != before:
            self.changed.emit(path)

    def _on_core_event(self, event: CoreEvent) -> None:
        if isinstance(event, EngineStatus):
            loaded = event.model.path if event.model is not None else ""
            now = ("held" if event.state in ("ready", "busy") else event.state, loaded)
            if now != self._engine and event.state != "loading":
                self._outdate()
            self._engine = now
        elif isinstance(event, ModelsChanged):
            self._outdate()


def _told(problem: Problem) -> Problem | None:
    return None if problem.code == "cancelled" else problem
