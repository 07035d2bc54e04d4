"""The hub's part of the fake core: values in place of a network; refuses while offline, as the real one."""

from collections.abc import Callable
from pathlib import PurePath
from typing import Any

from msgspec.structs import replace

from desktop.core.events import CoreEvent, DownloadingModel, ModelsChanged
from desktop.core.hub.errors import Offline
from desktop.core.operations import Operation
from desktop.core.types import HubFile, HubRepository, ImportedModel, ModelFile, PausedDownload
from tests.fakes.samples import MODELS

MODELS_FOLDER = "/home/ana/.local/share/sobremesa/models"
HUB_FILES = (HubFile("tiny-Q4_K_M.gguf", 105_000_000, quantization="Q4_K_M"),)


class FakeHub:
    """What FakeModels inherits."""

    models: tuple[ModelFile, ...]
    settings: dict[str, object]
    tell: Callable[[CoreEvent], None]
    _now: Callable[..., Operation[Any]]

    def list_hub(self, repository: str, *, online: bool = False) -> Operation[HubRepository]:
        """The same models in every repository."""

        def work() -> HubRepository:
            self._allowed(online)
            return HubRepository(repository, "c0ffee", HUB_FILES, "apache-2.0")

        return self._now("list_hub", work, repository)

    def download_model(
        self, repository: str, file: str, revision: str = "", *, online: bool = False
    ) -> Operation[ImportedModel]:
        def work() -> ImportedModel:
            self._allowed(online)
            brought = replace(MODELS[0], path=f"{MODELS_FOLDER}/{PurePath(file).name}", source="own")
            self.models = (*self.models, brought)
            return ImportedModel(brought)

        operation: Operation[ImportedModel] = self._now("download_model", work, repository, file, revision)
        if operation.error() is None:
            size = operation.result().model.size_bytes
            operation.emit(DownloadingModel(size, size, checking=True))
            self.tell(ModelsChanged())
        return operation

    def list_paused_downloads(self) -> Operation[tuple[PausedDownload, ...]]:
        return self._now("list_paused_downloads", tuple)

    def discard_download(self, repository: str, file: str) -> Operation[None]:
        return self._now("discard_download", lambda: None, repository, file)

    def _allowed(self, online: bool) -> None:
        if self.settings["offline"] and not online:
            raise Offline
