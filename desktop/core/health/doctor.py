"""Look at the whole installation, area by area, and mend what the program can. Chooses no words.

With a core it asks the core's own parts, which own their files and devices; without one, where the core
cannot be opened, it looks at what lies on the disk.
"""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, Protocol, TypeVar

from msgspec.structs import replace

from desktop.core.errors import CoreError
from desktop.core.health.chats import Owner, look_at_chats
from desktop.core.health.folders import look_at_disk, look_at_permissions
from desktop.core.health.installed import look_at_installation
from desktop.core.network import features_on
from desktop.core.places import Places
from desktop.core.settings import SETTINGS, Settings
from desktop.core.types import Param, Problem
from desktop.core.types.health import AREAS, Area, Finding, Health
from desktop.core.types.models import ModelFile
from desktop.core.workers.search_models import SearchModelFile
from engine.devices import Device
from rag.errors import DatabaseDamaged
from rag.protocol import Checked, Rebuilt

T = TypeVar("T")


class Parts(Protocol):
    """What the doctor asks of an open core. All block, and raise CoreError."""

    def owner(self) -> Owner: ...

    def devices(self) -> tuple[Device, ...]: ...

    def runtime_problem(self) -> Problem | None: ...

    def models(self) -> tuple[ModelFile, ...]: ...

    def search_models(self) -> tuple[SearchModelFile, ...]: ...

    def check_library(self, thorough: bool) -> Checked: ...

    def rebuild_library(self) -> Rebuilt: ...

    def rescue_library(self) -> int:
        """Begin a damaged library anew; gives how many documents it lists."""


class Doctor:
    """One look. `parts` None: no core could be opened."""

    def __init__(
        self,
        places: Places,
        settings: Settings,
        parts: Parts | None,
        *,
        thorough: bool = False,
        repair: bool = False,
    ) -> None:
        self._places = places
        self._settings = settings
        self._parts = parts
        self._thorough = thorough
        self._repair = repair

    def look(self, tell: Callable[[Area], None], stop: Callable[[], bool]) -> Health:
        """Each area in turn; `tell` hears which. Ends early, with what was found, where `stop` says so."""
        looks: dict[Area, Callable[[], Iterable[Finding]]] = {
            "installation": look_at_installation,
            "devices": self._devices,
            "models": self._models,
            "chats": self._chats,
            "library": self._library,
            "settings": self._known_settings,
            "disk": lambda: look_at_disk(self._places),
            "permissions": lambda: look_at_permissions(self._places, repair=self._repair),
            "network": self._network,
        }
        found: list[Finding] = []
        for area in AREAS:
            if stop():
                break
            tell(area)
            try:
                found += looks[area]()
            except CoreError as error:  # an area that cannot be looked at says so, and the others go on
                found.append(Finding(area, "failed", "trouble", problem=error.problem()))
        return Health(tuple(found), self._thorough)

    # ── areas ──

    def _devices(self) -> Iterator[Finding]:
        if self._parts is None:
            return
        if (problem := self._parts.runtime_problem()) is not None:
            yield Finding("devices", "failed", "notice", problem=problem)
        for device in self._parts.devices():
            params: dict[str, Param] = {
                "name": device.description or device.name,
                "free_bytes": device.free_bytes,
                "total_bytes": device.total_bytes,
            }
            yield Finding("devices", "device", params=params)

    def _models(self) -> Iterator[Finding]:
        if self._parts is None:
            return
        models = self._parts.models()
        sound = [model for model in models if model.problem is None]
        for model in models:
            if model.problem is not None:
                yield Finding("models", "failed", "notice", problem=model.problem)
        if sound:
            yield Finding("models", "models_sound", params={"count": len(sound)})
        else:
            yield Finding("models", "no_model", "trouble")
        chosen = self._settings.text("model_path")
        if chosen and not Path(chosen).is_file():
            yield Finding("models", "model_gone", "trouble", {"path": chosen})
        yield from self._search_model()

    def _search_model(self) -> Iterator[Finding]:
        assert self._parts is not None  # noqa: S101  asked before
        chosen = self._settings.text("embedder_path")
        there = self._parts.search_models()
        if chosen and not Path(chosen).exists():
            yield Finding("models", "search_model_gone", "trouble", {"path": chosen})
        elif there or chosen:
            yield Finding("models", "search_model_here")
        else:
            yield Finding("models", "no_search_model", "notice")

    def _chats(self) -> Iterator[Finding]:
        owner = self._parts.owner() if self._parts is not None else None
        return look_at_chats(
            self._places.chats_file,
            owner,
            thorough=self._thorough,
            repair=self._repair and owner is not None,
            key=self._places.keyring.key,
        )

    def _library(self) -> Iterator[Finding]:
        if self._parts is None:
            return
        try:
            checked = self._parts.check_library(self._thorough)
        except CoreError as error:
            if error.problem().code != DatabaseDamaged.code:
                raise
            yield self._damaged_library(Finding("library", "failed", "trouble", problem=error.problem()))
            return
        damage = next((fault for fault in checked.faults if fault.kind == "database_damaged"), None)
        if damage is not None:
            yield self._damaged_library(Finding("library", "library_fault", "trouble", fault=damage))
            return
        mended = False
        if self._repair and any(fault.rebuildable for fault in checked.faults):
            self._parts.rebuild_library()
            left = {fault.kind for fault in self._parts.check_library(self._thorough).faults}
            mended = True
        for fault in checked.faults:
            gone = mended and fault.rebuildable and fault.kind not in left
            state: Any = "repaired" if gone else "repairable" if fault.rebuildable else ""
            yield Finding("library", "library_fault", "trouble", fault=fault, state=state)
        if not checked.faults:
            told: dict[str, Param] = {"documents": checked.documents, "pages": checked.pages}
            yield Finding("library", "library_sound", params={**told, "passages": checked.passages})

    def _damaged_library(self, found: Finding) -> Finding:
        """Its file contradicts itself, or cannot be opened at all."""
        if not self._repair:
            return replace(found, state="repairable")
        assert self._parts is not None  # noqa: S101  asked before
        listed = self._parts.rescue_library()
        return Finding("library", "library_rescued", "trouble", {"count": listed}, state="repaired")

    def _known_settings(self) -> Iterator[Finding]:
        if self._settings.problem is not None:
            yield Finding("settings", "failed", "notice", problem=self._settings.problem)
        unknown = self._settings.unknown()
        if unknown:
            yield Finding("settings", "settings_unknown", "notice", {"names": ", ".join(unknown)})
        changed = sum(1 for one in SETTINGS if self._settings.value(one.name) != one.default)
        yield Finding("settings", "settings_read", params={"count": changed})

    def _network(self) -> Iterator[Finding]:
        features = features_on(self._settings)
        if not features:
            yield Finding("network", "network_off")
        for feature in features:
            yield Finding("network", f"network_{feature.name}", "notice")
