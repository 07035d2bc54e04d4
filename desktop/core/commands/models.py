"""Commands about models, as values, and how each is carried out. Prints nothing."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, assert_never

import msgspec

from desktop.core.hub.addresses import wanted_of
from desktop.core.operations import Operation
from desktop.core.types.models import (
    HubRepository,
    ImportedModel,
    ImportedSearchModel,
    ModelFile,
    QuantizedModel,
)

if TYPE_CHECKING:
    from desktop.core.contract import Core

Wait = Callable[[Operation[Any]], Any]


class ListModels(msgspec.Struct, frozen=True, tag=True):
    """ModelsListed."""


class InspectModel(msgspec.Struct, frozen=True, tag=True):
    """ModelInspected. The path is absolute. `sha256`: with the checksum of each of its files."""

    path: str
    sha256: bool = False


class ImportModel(msgspec.Struct, frozen=True, tag=True):
    """Emits CopyingModel; ModelImported. The path is absolute."""

    path: str


class QuantizeModel(msgspec.Struct, frozen=True, tag=True):
    """Emits QuantizingModel; ModelQuantized. Paths are absolute; `text` "": ours."""

    path: str
    quantization: str
    measure: bool = True
    text: str = ""


class DownloadModel(msgspec.Struct, frozen=True, tag=True):
    """Emits DownloadingModel; ModelImported. Without a file, and with `list_only`: HubListed.

    `repository`: its name or an address, also that of a file. `online`: though the settings say offline.
    """

    repository: str
    file: str = ""
    list_only: bool = False
    online: bool = False
    search: bool = False  # its search model, which is chosen then: SearchModelChosen


class RemoveModel(msgspec.Struct, frozen=True, tag=True):
    """ModelRemoved. The path is absolute."""

    path: str


ModelsCommand = ListModels | InspectModel | ImportModel | DownloadModel | QuantizeModel | RemoveModel


class ModelsListed(msgspec.Struct, frozen=True, tag=True):
    models: tuple[ModelFile, ...]


class ModelInspected(msgspec.Struct, frozen=True, tag=True):
    model: ModelFile


class ModelImported(msgspec.Struct, frozen=True, tag=True):
    imported: ImportedModel


class HubListed(msgspec.Struct, frozen=True, tag=True):
    repository: HubRepository


class SearchModelChosen(msgspec.Struct, frozen=True, tag=True):
    """It lies here, and is the model of the search from now on."""

    imported: ImportedSearchModel


class ModelQuantized(msgspec.Struct, frozen=True, tag=True):
    quantized: QuantizedModel


class ModelRemoved(msgspec.Struct, frozen=True, tag=True):
    """`files` are in the system's trash now."""

    files: tuple[str, ...]


ModelsResult = (
    ModelsListed
    | ModelInspected
    | ModelImported
    | HubListed
    | SearchModelChosen
    | ModelQuantized
    | ModelRemoved
)


def run_models(core: "Core", command: ModelsCommand, wait: Wait) -> ModelsResult:
    """Carry out `command`; `wait` gives an operation's result. Raises CoreError."""
    match command:
        case ListModels():
            return ModelsListed(wait(core.list_models()))
        case InspectModel(path, sha256):
            return ModelInspected(wait(core.inspect_model(path, sha256=sha256)))
        case ImportModel(path):
            return ModelImported(wait(core.import_model(path)))
        case DownloadModel():
            return _downloaded(core, command, wait)
        case QuantizeModel(path, quantization, measure, text):
            return ModelQuantized(wait(core.quantize_model(path, quantization, measure=measure, text=text)))
        case RemoveModel(path):
            return ModelRemoved(wait(core.remove_model(path)))
        case _:
            assert_never(command)


def _downloaded(core: "Core", command: DownloadModel, wait: Wait) -> ModelsResult:
    if command.search:
        return _search_model(core, command, wait)
    address = str(core.setting("hub_address"))
    named = command.file or wanted_of(command.repository, address).file
    if command.list_only or not named:
        return HubListed(wait(core.list_hub(command.repository, online=command.online)))
    operation = core.download_model(command.repository, command.file, online=command.online)
    return ModelImported(wait(operation))


def _search_model(core: "Core", command: DownloadModel, wait: Wait) -> ModelsResult:
    name, online = command.repository, command.online
    if command.list_only:
        return HubListed(wait(core.list_hub_search_model(name, online=online)))
    imported = wait(core.download_search_model(name, command.file, online=online))
    wait(core.set_setting("embedder_path", imported.path))
    return SearchModelChosen(imported)
