"""The core's methods that look at the whole installation."""

from pathlib import Path
from typing import Any

from desktop.core.chats.thread import StoreThread
from desktop.core.errors import Cancelled
from desktop.core.health.doctor import Doctor
from desktop.core.health.papers import papers, save
from desktop.core.models.services import ModelServices
from desktop.core.operations import Operation, start
from desktop.core.places import Places
from desktop.core.settings import Settings
from desktop.core.types import Problem
from desktop.core.types.health import Health, LookingAt, Paper
from desktop.core.types.models import ModelFile
from desktop.core.workers.launches import default_search_model, search_model_folders
from desktop.core.workers.library import LibraryClient
from desktop.core.workers.runtimes import Runtimes
from desktop.core.workers.search_models import SearchModelFile, search_models
from engine.devices import Device
from rag.protocol import Checked, Rebuilt
from rag.store.opening import DATABASE


class HealthServices:
    """What `Services` inherits. Its methods are described in `desktop.core.contract.health`."""

    places: Places
    _settings: Settings
    _store: StoreThread
    _models: ModelServices
    _library: LibraryClient
    _runtimes: Runtimes

    def check_health(self, *, thorough: bool = False, repair: bool = False) -> Operation[Health]:
        return start(lambda operation: self._looked(operation, thorough, repair), "check health")

    def diagnostics(self) -> Operation[tuple[Paper, ...]]:
        return start(self._papers, "diagnostics")

    def save_diagnostics(self, path: str) -> Operation[str]:
        def work(operation: Operation[str]) -> str:
            save(self._papers(operation), Path(path))
            return path

        return start(work, "save diagnostics")

    def _looked(self, operation: Operation[Any], thorough: bool, repair: bool) -> Health:
        parts = _Parts(self._store, self._models, self._library, self._runtimes, self.places, operation)
        doctor = Doctor(self.places, self._settings, parts, thorough=thorough, repair=repair)
        health = doctor.look(lambda area: operation.emit(LookingAt(area)), lambda: operation.cancelled)
        if operation.cancelled:
            raise Cancelled
        return health

    def _papers(self, operation: Operation[Any]) -> tuple[Paper, ...]:
        return papers(self.places, self._settings, self._looked(operation, thorough=False, repair=False))


class _Parts:
    """The open core's parts, as the doctor asks them: see `desktop.core.health.doctor.Parts`."""

    def __init__(
        self,
        store: StoreThread,
        models: ModelServices,
        library: LibraryClient,
        runtimes: Runtimes,
        places: Places,
        operation: Operation[Any],
    ) -> None:
        self._store = store
        self._models = models
        self._library = library
        self._runtimes = runtimes
        self._places = places
        self._operation = operation

    def owner(self) -> StoreThread:
        return self._store

    def devices(self) -> tuple[Device, ...]:
        return self._models.list_devices().result()

    def runtime_problem(self) -> Problem | None:
        return self._runtimes.problem

    def models(self) -> tuple[ModelFile, ...]:
        return self._models.list_models().result()

    def search_models(self) -> tuple[SearchModelFile, ...]:
        return search_models(search_model_folders(self._places), default_search_model(self._places))

    def check_library(self, thorough: bool) -> Checked:
        return self._library.check(thorough, self._operation)

    def rebuild_library(self) -> Rebuilt:
        return self._library.rebuild(self._operation)

    def rescue_library(self) -> int:
        return self._library.rescue(self._places.library_dir / DATABASE)
