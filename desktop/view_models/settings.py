"""Settings as the window shows them: the declarations, their values, and what changed. No words."""

from PySide6.QtCore import QObject, Signal

from desktop.core.contract import Core
from desktop.core.events import CoreEvent, SearchModel, ServerStatus
from desktop.core.settings import SETTINGS, Setting
from desktop.core.types import Problem
from desktop.core.workers.search_models import SearchModelFile
from desktop.view_models.bridge import follow, listen
from desktop.view_models.search_model_download import SearchModelDownload
from engine.devices import Device


class SettingsViewModel(QObject):
    """One for the window. A value counts at once; `refused` tells when it was not kept, and goes back."""

    changed = Signal(str, object)  # name, value
    refused = Signal(str, object)  # name, Problem
    unseen = Signal(object)  # a Problem: a refusal after the form was put away
    moved = Signal(str)  # a name: something else changed its value
    devices_changed = Signal()  # `gpus`
    models_changed = Signal()  # `search_models`, `search_model`

    server_changed = Signal()  # `server`, `has_token`, `token_kept`

    def __init__(self, core: Core, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._core = core
        self.gpus: tuple[str, ...] = ()  # the names of those that are there
        self.search_models: tuple[SearchModelFile, ...] = ()  # embedding models that are there
        self.search_model: SearchModel | None = None  # how far a change of embedding models is
        self.search_download = SearchModelDownload(core, self)
        self.search_download.arrived.connect(self._take_search_model)
        self.server: ServerStatus | None = None  # how it stands with the Chroma server
        self.has_token = False
        self.token_kept = True  # beyond this run
        listen(core, self, self._on_core_event)
        self._known = {one.name: self.value(one.name) for one in SETTINGS}

    @property
    def declarations(self) -> tuple[Setting, ...]:
        return SETTINGS

    def value(self, name: str) -> object:
        return self._core.setting(name)

    def text(self, name: str) -> str:
        return str(self.value(name))

    def look_again(self) -> None:
        """Find out what was changed elsewhere: a model that was loaded becomes the one of choice."""
        for name, known in self._known.items():
            value = self.value(name)
            if value != known:
                self._known[name] = value
                self.moved.emit(name)

    def adopt(self) -> None:
        """A restored backup changed values: they count as if they had been set here."""
        for name, known in self._known.items():
            value = self.value(name)
            if value != known:
                self._known[name] = value
                self.moved.emit(name)
                self.changed.emit(name, value)

    def look_for_devices(self) -> None:
        """Find out which GPUs there are: `devices_changed` when that is known."""

        def found(devices: tuple[Device, ...]) -> None:
            self.gpus = tuple(device.name for device in devices if device.kind != "cpu")
            self.devices_changed.emit()

        def unknown(_: Problem) -> None:
            """Their names can still be typed."""

        follow(self._core.list_devices(), self, on_result=found, on_error=unknown)

    def look_for_models(self) -> None:
        """Find out which embedding models there are: `models_changed` when that is known."""

        def found(models: tuple[SearchModelFile, ...]) -> None:
            self.search_models = models
            self.models_changed.emit()

        def unknown(_: Problem) -> None:
            """Their paths can still be chosen."""

        follow(self._core.list_search_models(), self, on_result=found, on_error=unknown)

    def _take_search_model(self, path: str) -> None:
        """One that was downloaded is the choice now."""
        self.look_for_models()
        self.set("embedder_path", path)

    def keep_search_model(self) -> None:
        """The model that answers is to stay; the one that was to take over is not."""
        if self.search_model is not None:
            answering = self.search_model.answering
            default = any(model.default and model.path == answering for model in self.search_models)
            self.set("embedder_path", "" if default else answering)

    def _on_core_event(self, event: CoreEvent) -> None:
        if isinstance(event, SearchModel):
            self.search_model = event
            self.models_changed.emit()
        elif isinstance(event, ServerStatus):
            self.server = event
            self.server_changed.emit()

    def look_for_token(self) -> None:
        """Find out whether a token of the Chroma server is known."""

        def found(there: bool) -> None:
            self.has_token = there
            self.server_changed.emit()

        follow(self._core.has_server_token(), self, on_result=found, on_error=lambda _: None)

    def give_server_token(self, token: str) -> None:
        """ "" forgets it."""

        def done(kept: bool) -> None:
            self.has_token, self.token_kept = bool(token), kept
            self.server_changed.emit()

        follow(self._core.set_server_token(token), self, on_result=done, on_error=lambda _: None)

    def set(self, name: str, value: object) -> None:
        """Keep a value. Nothing happens when it is the present one."""
        if value == self.value(name):
            return

        def kept(_: None) -> None:
            self._known[name] = self.value(name)
            self.changed.emit(name, self._known[name])

        def failed(problem: Problem) -> None:
            self.refused.emit(name, problem)

        follow(self._core.set_setting(name, value), self, on_result=kept, on_error=failed)
