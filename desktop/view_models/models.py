"""The model in use and the models there are: choose, load with progress, cancel, let go, restart.

Holds states and numbers; chooses no words.
"""

from typing import Literal

from PySide6.QtCore import QObject, Signal

from desktop.core.contract import Core
from desktop.core.events import CoreEvent, EngineStatus, ModelsChanged
from desktop.core.models.names import shown_name
from desktop.core.operations import Operation
from desktop.core.types import Problem
from desktop.core.types.models import ModelFile
from desktop.view_models.bridge import follow, listen
from engine.devices import Device
from engine.protocol import LoadedModel

State = Literal["no_model", "loading", "ready", "busy", "failed", "resting"]


def title(model: ModelFile) -> str:
    """What to call a model of the list: as its store does, where its file has no name of its own."""
    return model.label or shown_name(model.path)


class ModelsViewModel(QObject):
    """One for the window."""

    changed = Signal()  # `status` and all that is read from it
    models_changed = Signal()  # `models`, `listing`, `listed`
    failed = Signal(object)  # a Problem that no status tells

    def __init__(self, core: Core, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._core = core
        self._loading: Operation[LoadedModel] | None = None
        self._wanted = ""  # what `_loading` loads
        self.status = EngineStatus("no_model")
        self.models: tuple[ModelFile, ...] = ()
        self.listing = False
        self.listed = False  # it is known which there are
        self.device_names: dict[str, str] = {}  # what devices are called by their makers
        listen(core, self, self._on_core_event)
        self.refresh()

    # ── the model in use ──

    @property
    def state(self) -> State:
        return self.status.state

    @property
    def loaded(self) -> LoadedModel | None:
        return self.status.model if self.state in ("ready", "busy") else None

    @property
    def chosen_path(self) -> str:
        """The file that is loaded, loading or failed, or that the next question will load."""
        model = self.status.model
        return (model.path if model else self.status.path) or str(self._core.setting("model_path"))

    @property
    def name(self) -> str:
        """What the picker shows; "" when nothing is chosen and nothing is there to choose."""
        chosen = self.chosen_path
        if chosen:
            listed = next((model for model in self.models if model.path == chosen), None)
            return title(listed) if listed is not None else shown_name(chosen)
        first = self.default
        return title(first) if first is not None else ""

    @property
    def default(self) -> ModelFile | None:
        """What a question loads when nobody chose: the first file that can hold a conversation."""
        usable = [model for model in self.models if model.problem is None]
        return next((model for model in usable if model.has_chat_template), usable[0] if usable else None)

    @property
    def none_found(self) -> bool:
        """Nothing to answer with: no file in the models folder and none chosen."""
        return self.state == "no_model" and not self.listing and not self.name

    def at_hand(self, most: int) -> tuple[ModelFile, ...]:
        """A few models to choose from: the one in use, the person's own, then those of other programs."""
        chosen = self.chosen_path

        def place(model: ModelFile) -> tuple[bool, bool, bool]:
            theirs = model.source not in ("own", "folder", "file")
            return model.path != chosen, model.problem is not None, theirs

        return tuple(sorted(self.models, key=place)[:most])

    # ── actions ──

    def refresh(self) -> None:
        """Look through the models again."""
        self.listing = True
        self.models_changed.emit()

        def found(models: tuple[ModelFile, ...]) -> None:
            self.listing, self.listed = False, True
            self.models = models
            self.models_changed.emit()
            self.changed.emit()

        def failed(problem: Problem) -> None:
            self.listing = False
            self.models_changed.emit()
            self.failed.emit(problem)

        follow(self._core.list_models(), self, on_result=found, on_error=failed)

    def load(self, path: str) -> None:
        """Load a file and keep it as the choice. What goes wrong is told by the status."""
        operation = self._core.load_model(path)
        self._loading, self._wanted = operation, path

        def ended(_: object) -> None:
            if self._loading is operation:
                self._loading, self._wanted = None, ""
                self.changed.emit()

        def failed(problem: Problem) -> None:
            ended(problem)
            # what keeps a file from being tried at all changes no status
            if problem.code != "cancelled" and problem != self.status.problem:
                self.failed.emit(problem)

        follow(operation, self, on_result=ended, on_error=failed)
        self.changed.emit()

    def load_chosen(self) -> None:
        """Load what the next question would load, if anything."""
        path = self.chosen_path or (self.default.path if self.default else "")
        if path:
            self.load(path)

    def cancel(self) -> None:
        """Stop a load that was started here."""
        if self._loading is not None:
            self._loading.cancel()

    @property
    def next_name(self) -> str:
        """The model that comes in once the reply on its way has ended; "" without one."""
        if not self.can_cancel or self.state != "busy":
            return ""
        model = next((one for one in self.models if one.path == self._wanted), None)
        return title(model) if model is not None else shown_name(self._wanted)

    @property
    def can_cancel(self) -> bool:
        return self._loading is not None and not self._loading.cancelled

    def unload(self) -> None:
        follow(self._core.unload_model(), self, on_error=self.failed.emit)

    def _name_devices(self) -> None:
        """Ask once what the devices of the loaded model are called."""
        loaded = self.loaded
        if loaded is None or loaded.gpu_layers <= 0 or self.device_names:
            return
        self.device_names = {name: name for name in loaded.devices}

        def found(devices: tuple[Device, ...]) -> None:
            self.device_names |= {one.name: one.description for one in devices if one.description}
            self.changed.emit()

        def unknown(_: Problem) -> None:
            """They keep their short names."""

        follow(self._core.list_devices(), self, on_result=found, on_error=unknown)

    def _on_core_event(self, event: CoreEvent) -> None:
        if isinstance(event, EngineStatus):
            self.status = event
            self.changed.emit()
            self._name_devices()
        elif isinstance(event, ModelsChanged):
            self.refresh()
