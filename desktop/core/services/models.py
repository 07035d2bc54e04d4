"""The core's methods about models: each hands over to `desktop.core.models.services`."""

from desktop.core.models.services import ModelServices
from desktop.core.operations import Operation
from desktop.core.types.models import (
    HubRepository,
    ImportedModel,
    ImportedSearchModel,
    ModelChoice,
    ModelFile,
    PausedDownload,
    QuantizedModel,
)
from engine.devices import Device
from engine.protocol import LoadedModel


class ModelDelegates:
    """What `Services` inherits. Its methods are described in `desktop.core.contract.models.ModelsCore`."""

    _models: ModelServices

    def list_models(self) -> Operation[tuple[ModelFile, ...]]:
        return self._models.list_models()

    def inspect_model(self, path: str, *, sha256: bool = False) -> Operation[ModelFile]:
        return self._models.inspect_model(path, sha256=sha256)

    def import_model(self, path: str) -> Operation[ImportedModel]:
        return self._models.import_model(path)

    def quantize_model(
        self, path: str, quantization: str, *, measure: bool = True, text: str = ""
    ) -> Operation[QuantizedModel]:
        return self._models.quantize_model(path, quantization, measure=measure, text=text)

    def remove_model(self, path: str) -> Operation[tuple[str, ...]]:
        return self._models.remove_model(path)

    def list_devices(self) -> Operation[tuple[Device, ...]]:
        return self._models.list_devices()

    def list_hub(self, repository: str, *, online: bool = False) -> Operation[HubRepository]:
        return self._models.list_hub(repository, online=online)

    def download_model(
        self, repository: str, file: str, revision: str = "", *, online: bool = False
    ) -> Operation[ImportedModel]:
        return self._models.download_model(repository, file, revision, online=online)

    def list_hub_search_model(self, repository: str, *, online: bool = False) -> Operation[HubRepository]:
        return self._models.list_hub_search_model(repository, online=online)

    def download_search_model(
        self, repository: str, file: str = "", *, online: bool = False
    ) -> Operation[ImportedSearchModel]:
        return self._models.download_search_model(repository, file, online=online)

    def list_paused_downloads(self) -> Operation[tuple[PausedDownload, ...]]:
        return self._models.list_paused_downloads()

    def discard_download(self, repository: str, file: str) -> Operation[None]:
        return self._models.discard_download(repository, file)

    def load_model(self, path: str) -> Operation[LoadedModel]:
        return self._models.load_model(path)

    def unload_model(self) -> Operation[None]:
        return self._models.unload_model()

    def model_choice(self, path: str) -> ModelChoice:
        return self._models.model_choice(path)

    def set_model_choice(self, path: str, choice: ModelChoice) -> Operation[None]:
        return self._models.set_model_choice(path, choice)
