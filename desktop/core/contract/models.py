"""What may be asked of the core about models: which there are, where they come from, which one answers."""

from typing import Protocol

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


class ModelsCore(Protocol):
    """The part of `desktop.core.contract.Core` that knows the models."""

    # ── models ──

    def list_models(self) -> Operation[tuple[ModelFile, ...]]:
        """The person's own models, then those that other programs keep."""
        ...

    def inspect_model(self, path: str, *, sha256: bool = False) -> Operation[ModelFile]:
        """Read a file's header. Raises through the operation what keeps it from loading.

        With `sha256` the whole file is read, unless that was done before: emits CheckingModel.
        """
        ...

    def import_model(self, path: str) -> Operation[ImportedModel]:
        """Copy a model into the models folder, all of it or nothing. Emits CopyingModel."""
        ...

    def remove_model(self, path: str) -> Operation[tuple[str, ...]]:
        """Put a model of the models folder into the system's trash; the result is its files.

        One that is loaded is unloaded first, and a chosen one is chosen no more.
        """
        ...

    def list_devices(self) -> Operation[tuple[Device, ...]]:
        """What a model can be placed on, with the memory that is free now."""
        ...

    def quantize_model(
        self, path: str, quantization: str, *, measure: bool = True, text: str = ""
    ) -> Operation[QuantizedModel]:
        """Make a smaller file of a model in the models folder. Emits QuantizingModel.

        `quantization`: one of `engine.quantization.TYPES`. `measure`: the perplexity of both on one text,
        ours or that of the file `text`.
        """
        ...

    def list_hub(self, repository: str, *, online: bool = False) -> Operation[HubRepository]:
        """The models of a repository of the Hugging Face hub, given as "owner/name" or as its address.

        The address of a file lists that one. Ends in Offline while the person has not allowed the network;
        `online`: they allow it for this once.
        """
        ...

    def download_model(
        self, repository: str, file: str, revision: str = "", *, online: bool = False
    ) -> Operation[ImportedModel]:
        """Bring a model from the hub into the models folder, checked. Emits DownloadingModel.

        `file`: as `list_hub` names it, or its name alone, or a quantization that only one has. Cancelling
        pauses: what came is kept, and the same call goes on from there, with the file as it was then.
        """
        ...

    def list_hub_search_model(self, repository: str, *, online: bool = False) -> Operation[HubRepository]:
        """What a repository's search model takes: each of its files with its size, the weights last."""
        ...

    def download_search_model(
        self, repository: str, file: str = "", *, online: bool = False
    ) -> Operation[ImportedSearchModel]:
        """Bring a model that turns texts into vectors into the folder of those, checked. Chooses none.

        `file`: its weights, where the usual ones are not wanted. Emits DownloadingModel; cancelling
        pauses, as with `download_model`.
        """
        ...

    def list_paused_downloads(self) -> Operation[tuple[PausedDownload, ...]]: ...

    def discard_download(self, repository: str, file: str) -> Operation[None]:
        """Delete what a paused download left."""
        ...

    def load_model(self, path: str) -> Operation[LoadedModel]:
        """Load a model and keep it as the choice for next time. Emits LoadingModel."""
        ...

    def unload_model(self) -> Operation[None]: ...

    def model_choice(self, path: str) -> ModelChoice:
        """How the person wants the model at `path` to be spoken to, from memory."""
        ...

    def set_model_choice(self, path: str, choice: ModelChoice) -> Operation[None]:
        """Keep it; it counts from the next reply on. An empty choice: as the model is made."""
        ...
