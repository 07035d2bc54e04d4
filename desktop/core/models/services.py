"""What a person does with models: list, look into, bring in, remove, load. Chooses none, answers nothing."""

from collections.abc import Callable
from pathlib import Path

from msgspec.structs import replace

from desktop.core.errors import Reported
from desktop.core.events import CoreEvent, ModelsChanged
from desktop.core.hub.bringing import Bringing
from desktop.core.hub.client import HubClient
from desktop.core.hub.downloads import Downloads
from desktop.core.hub.search_downloads import SearchDownloads
from desktop.core.models import (
    Importer,
    ModelChoices,
    ModelShelf,
    Quantizer,
    TemplateTrials,
    fitted,
    removable,
    remove,
    with_checksums,
)
from desktop.core.operations import Operation, start
from desktop.core.settings import Settings
from desktop.core.types.models import (
    HubRepository,
    ImportedModel,
    ImportedSearchModel,
    ModelChoice,
    ModelFile,
    PausedDownload,
    QuantizedModel,
)
from desktop.core.workers.devices import KnownDevices, memory_limit_bytes, wanted, wanted_devices
from desktop.core.workers.engine import EngineClient
from desktop.core.workers.supervisor import Launch
from engine.devices import Device
from engine.errors import UnknownTemplate
from engine.fit import Fit, choose
from engine.gguf_header import ModelHeader
from engine.protocol import LoadedModel, LoadModel, MeasurePerplexity
from engine.template_texts import COMPLETION, CUSTOM, known_template


class ModelServices:
    """What `desktop.core.contract.models.ModelsCore` describes."""

    def __init__(
        self,
        shelf: ModelShelf,
        settings: Settings,
        engine: EngineClient,
        devices: KnownDevices,
        load_request: Callable[[str], LoadModel],
        jobs: Callable[[], Launch],
        publish: Callable[[CoreEvent], None],
        hub: Callable[[str, Path | None], Launch],
        choices: ModelChoices,
        trials: TemplateTrials,
        search_models: Path,
    ) -> None:
        self._shelf = shelf
        self._choices = choices
        self._trials = trials
        self._settings = settings
        self._engine = engine
        self._devices = devices
        self._load_request = load_request
        self._publish = publish
        self._importer = Importer(shelf)
        self._importer.sweep()
        self._quantizer = Quantizer(shelf, jobs, self._measuring)
        self._hub = HubClient(hub)
        self._bringing = Bringing(shelf.folder, settings, self._hub)
        self._downloads = Downloads(shelf, self._bringing, self._fit)
        self._search_downloads = SearchDownloads(shelf, self._bringing, search_models)

    def close(self) -> None:
        """End what is being done to model files; what is not finished leaves nothing, but for downloads."""
        self._hub.close()
        self._quantizer.close()

    def network_forbidden(self) -> None:
        """The person has gone offline: downloads pause."""
        self._bringing.pause_all()

    @property
    def hub_pids(self) -> tuple[int, ...]:
        """The processes that talk to the hub at this moment."""
        return self._hub.pids

    @property
    def jobs_pid(self) -> int | None:
        return self._quantizer.pid

    def list_models(self) -> Operation[tuple[ModelFile, ...]]:
        def work(operation: Operation[tuple[ModelFile, ...]]) -> tuple[ModelFile, ...]:
            return self._shelf.all(self._settings.text("model_path"), lambda: operation.cancelled)

        return start(work, "list models")

    def inspect_model(self, path: str, *, sha256: bool = False) -> Operation[ModelFile]:
        def work(operation: Operation[ModelFile]) -> ModelFile:
            if sha256:
                model = with_checksums(path, self._shelf, lambda: operation.cancelled, operation.emit)
            else:
                model = self._shelf.inspect(path)
            fit = fitted(model, wanted(self._settings), self._devices.to_use(self._settings))
            return self._trials.tried(fit)

        return start(work, "inspect model")

    def import_model(self, path: str) -> Operation[ImportedModel]:
        def work(operation: Operation[ImportedModel]) -> ImportedModel:
            imported = self._importer.run(path, operation.emit, lambda: operation.cancelled)
            self._publish(ModelsChanged())
            return replace(imported, model=self._trials.tried(imported.model))

        return start(work, "import model")

    def quantize_model(
        self, path: str, quantization: str, *, measure: bool = True, text: str = ""
    ) -> Operation[QuantizedModel]:
        def work(operation: Operation[QuantizedModel]) -> QuantizedModel:
            on = text if measure else None
            made = self._quantizer.run(path, quantization, on, operation.emit, lambda: operation.cancelled)
            self._publish(ModelsChanged())
            return made

        return start(work, "quantize model")

    def _measuring(self, path: str, text: str) -> MeasurePerplexity:
        settings = self._settings
        return MeasurePerplexity(
            path,
            text,
            devices=wanted_devices(settings),
            memory_limit_bytes=memory_limit_bytes(settings),
        )

    def remove_model(self, path: str) -> Operation[tuple[str, ...]]:
        def work(operation: Operation[tuple[str, ...]]) -> tuple[str, ...]:
            model = removable(path, self._shelf)
            with self._engine.turn(lambda: operation.cancelled):
                # Windows keeps a file that is open, and no system lets a question wait for one that is gone
                if self._engine.status.path in model:
                    self._engine.unload()
                gone = remove(path, self._shelf)
            if self._settings.text("model_path") in gone:
                self._settings.set("model_path", "")
            self._publish(ModelsChanged())
            return gone

        return start(work, "remove model")

    def list_devices(self) -> Operation[tuple[Device, ...]]:
        return start(lambda _: self._devices.now(), "list devices")

    def list_hub(self, repository: str, *, online: bool = False) -> Operation[HubRepository]:
        return start(lambda operation: self._downloads.listed(repository, online, operation), "list hub")

    def download_model(
        self, repository: str, file: str, revision: str = "", *, online: bool = False
    ) -> Operation[ImportedModel]:
        def work(operation: Operation[ImportedModel]) -> ImportedModel:
            model = self._downloads.run(repository, file, revision, online, operation)
            self._publish(ModelsChanged())
            return model

        return start(work, "download model")

    def list_hub_search_model(self, repository: str, *, online: bool = False) -> Operation[HubRepository]:
        listed = self._search_downloads.listed
        return start(lambda operation: listed(repository, online, operation), "list hub")

    def download_search_model(
        self, repository: str, file: str = "", *, online: bool = False
    ) -> Operation[ImportedSearchModel]:
        run = self._search_downloads.run
        return start(lambda operation: run(repository, file, online, operation), "download search model")

    def list_paused_downloads(self) -> Operation[tuple[PausedDownload, ...]]:
        return start(lambda _: self._downloads.paused(), "list paused downloads")

    def discard_download(self, repository: str, file: str) -> Operation[None]:
        return start(lambda _: self._downloads.discard(repository, file), "discard download")

    def _fit(self, header: ModelHeader) -> Fit:
        return choose(header, self._devices.to_use(self._settings), wanted(self._settings))

    def load_model(self, path: str) -> Operation[LoadedModel]:
        def work(operation: Operation[LoadedModel]) -> LoadedModel:
            request = self._load_request(path)
            with self._engine.turn(lambda: operation.cancelled):
                self._engine.forgive(request.path)
                model = self._engine.ensure(request, operation)
            self._settings.set("model_path", request.path)
            return model

        return start(work, "load model")

    def unload_model(self) -> Operation[None]:
        def work(operation: Operation[None]) -> None:
            with self._engine.turn(lambda: operation.cancelled):
                self._engine.unload()

        return start(work, "unload model")

    def model_choice(self, path: str) -> ModelChoice:
        return self._choices.of(path)

    def set_model_choice(self, path: str, choice: ModelChoice) -> Operation[None]:
        def work(_: Operation[None]) -> None:
            if choice.template not in ("", COMPLETION, CUSTOM):
                try:
                    known_template(choice.template)
                except UnknownTemplate as error:
                    raise Reported.of(error) from error
            self._choices.set(path, choice)
            self._publish(ModelsChanged())

        return start(work, "set model choice")
