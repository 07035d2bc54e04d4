"""The hub's part of the fake core: values in place of a network. Refuses while offline, as the real one."""

from collections.abc import Callable
from typing import Any

from desktop.core.errors import CoreError, Reported
from desktop.core.hub.errors import Offline, RepositoryNotFound
from desktop.core.operations import Operation
from desktop.core.types import Problem
from desktop.core.types.models import (
    HubFile,
    HubRepository,
    ImportedModel,
    ImportedSearchModel,
    ModelFile,
    PausedDownload,
)
from tests.fakes.model_jobs import FakeDownload, play

MODELS_FOLDER = "/home/ana/.local/share/sobremesa/models"
HUB_FILES = (HubFile("tiny-Q4_K_M.gguf", 105_000_000, quantization="Q4_K_M"),)
SEARCH_FILES = (HubFile("modules.json", 400), HubFile("model.safetensors", 470_000_000))
ADDRESS = "https://huggingface.co/"


class FakeHub:
    """What FakeModels inherits. `hub`: what `list_hub` finds, by id; empty: the same in every repository."""

    automatic: bool
    settings: dict[str, object]
    _now: Callable[..., Operation[Any]]
    _arrive: Callable[[ModelFile], ModelFile]

    def __init__(self) -> None:
        self.hub: dict[str, HubRepository] = {}
        self.paused: tuple[PausedDownload, ...] = ()
        self.downloads: list[FakeDownload] = []

    def list_hub(self, repository: str, *, online: bool = False) -> Operation[HubRepository]:
        def work() -> HubRepository:
            self._allowed(online)
            name = repository.removeprefix(ADDRESS).strip("/ ")
            if not self.hub:
                return HubRepository(name, "c0ffee", HUB_FILES, "apache-2.0")
            if name not in self.hub:
                raise RepositoryNotFound(host="huggingface.co", name=name)
            return self.hub[name]

        return self._now("list_hub", work, repository)

    def download_model(
        self, repository: str, file: str, revision: str = "", *, online: bool = False
    ) -> Operation[ImportedModel]:
        begun = self._now("download_model", lambda: self._allowed(online), repository, file, revision)
        if begun.error() is not None:
            return self._failed(begun.error())
        kept = next((one for one in self.paused if (one.repository, one.file) == (repository, file)), None)
        offered = self.hub[repository].files if repository in self.hub else HUB_FILES
        total = next((one.size_bytes for one in offered if one.name == file), 1_000_000_000)
        self._forget(repository, file)
        what = kept or PausedDownload(repository, file, revision, 0, total)
        download = FakeDownload(what, self._keep, self._downloaded)
        self.downloads.append(download)
        if self.automatic:
            play(download)
        return download.operation

    def list_hub_search_model(self, repository: str, *, online: bool = False) -> Operation[HubRepository]:
        def work() -> HubRepository:
            self._allowed(online)
            return HubRepository(repository, "c0ffee", SEARCH_FILES, "mit")

        return self._now("list_hub_search_model", work, repository)

    def download_search_model(
        self, repository: str, file: str = "", *, online: bool = False
    ) -> Operation[ImportedSearchModel]:
        def work() -> ImportedSearchModel:
            self._allowed(online)
            name, size_bytes = repository.split("/")[-1], sum(one.size_bytes for one in SEARCH_FILES)
            path = f"{MODELS_FOLDER}/embeddings/{name}"
            return ImportedSearchModel(path, name, "sentence-transformers", size_bytes, "mit")

        return self._now("download_search_model", work, repository, file)

    def list_paused_downloads(self) -> Operation[tuple[PausedDownload, ...]]:
        return self._now("list_paused_downloads", lambda: self.paused)

    def discard_download(self, repository: str, file: str) -> Operation[None]:
        return self._now("discard_download", lambda: self._forget(repository, file), repository, file)

    def _allowed(self, online: bool) -> None:
        if self.settings["offline"] and not online:
            raise Offline

    def _keep(self, what: PausedDownload) -> None:
        self.paused = (*self.paused, what)

    def _forget(self, repository: str, file: str) -> None:
        self.paused = tuple(one for one in self.paused if (one.repository, one.file) != (repository, file))

    def _downloaded(self, what: PausedDownload) -> ImportedModel:
        made = ModelFile(
            path=f"{MODELS_FOLDER}/{what.file}",
            name=what.file.removesuffix(".gguf"),
            architecture="qwen3",
            parameters=4_022_468_096,
            quantization="Q4_K_M",
            trained_context_tokens=32_768,
            layers=36,
            size_bytes=what.total_bytes,
            has_chat_template=True,
            licence="apache-2.0",
        )
        return ImportedModel(self._arrive(made))

    def _failed(self, error: CoreError | None) -> Operation[Any]:
        operation: Operation[Any] = Operation()
        operation.fail(error or Reported(Problem("core_error")))
        return operation
