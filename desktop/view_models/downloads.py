"""Models from the Hugging Face hub: what a repository offers, and downloads that run, wait or failed.

Holds states and numbers; chooses no words.
"""

from typing import Any, Literal

import msgspec
from msgspec.structs import replace
from PySide6.QtCore import QObject, Signal

from desktop.core.contract import Core
from desktop.core.events import DownloadingModel
from desktop.core.operations import Operation
from desktop.core.types import Problem
from desktop.core.types.models import (
    HubRepository,
    ImportedModel,
    ImportedSearchModel,
    ModelFile,
    PausedDownload,
)
from desktop.view_models.bridge import follow

Key = tuple[str, str]  # repository, file


class Download(msgspec.Struct, frozen=True):
    """One file on its way. "paused" and "failed" go on from `done_bytes`."""

    repository: str
    file: str
    revision: str
    state: Literal["running", "pausing", "paused", "failed", "done"]
    done_bytes: int = 0
    total_bytes: int = 0
    bytes_per_s: float = 0.0
    checking: bool = False
    problem: Problem | None = None
    model: ModelFile | None = None
    search: bool = False  # a search model's folder; `file` is its weights

    @property
    def key(self) -> Key:
        return self.repository, self.file

    @property
    def left_s(self) -> float | None:
        """Seconds that it will still take at this rate; None while nobody knows."""
        if self.bytes_per_s <= 0 or self.total_bytes <= self.done_bytes:
            return None
        return (self.total_bytes - self.done_bytes) / self.bytes_per_s


class DownloadsViewModel(QObject):
    """One for the window."""

    changed = Signal()  # `repository`, `looking`, `problem`, `offline`
    downloads_changed = Signal()

    def __init__(self, core: Core, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._core = core
        self._listing: Operation[HubRepository] | None = None
        self._running: dict[Key, Operation[Any]] = {}
        self._discarding: set[Key] = set()
        self.asked = ""  # the repository that was asked for last
        self.repository: HubRepository | None = None
        self.problem: Problem | None = None
        self.downloads: tuple[Download, ...] = ()
        follow(core.list_paused_downloads(), self, on_result=self._take_paused, on_error=_no_matter)

    # ── the switch ──

    @property
    def offline(self) -> bool:
        return bool(self._core.setting("offline"))

    def set_offline(self, offline: bool) -> None:
        def failed(problem: Problem) -> None:
            self.problem = problem
            self.changed.emit()

        follow(
            self._core.set_setting("offline", offline),
            self,
            on_result=lambda _: self.setting_changed("offline"),
            on_error=failed,
        )

    def setting_changed(self, name: str) -> None:
        if name == "offline":
            if self.problem is not None and self.problem.code == "offline":
                self.problem = None
            self.changed.emit()

    # ── a repository ──

    @property
    def looking(self) -> bool:
        return self._listing is not None

    def look_up(self, repository: str) -> None:
        """List what a repository offers, in the place of the one before."""
        self.cancel_look_up()
        self.asked, self.repository, self.problem = repository.strip(), None, None
        if self.asked:
            operation = self._core.list_hub(self.asked)
            self._listing = operation

            def found(repository: HubRepository) -> None:
                if self._listing is operation:
                    self._listing, self.repository = None, repository
                    self.changed.emit()

            def failed(problem: Problem) -> None:
                if self._listing is operation:
                    self._listing = None
                    self.problem = None if problem.code == "cancelled" else problem
                    self.changed.emit()

            follow(operation, self, on_result=found, on_error=failed)
        self.changed.emit()

    def cancel_look_up(self) -> None:
        operation, self._listing = self._listing, None
        if operation is not None:
            operation.cancel()
            self.changed.emit()

    def download_of(self, repository: str, file: str) -> Download | None:
        return next((one for one in self.downloads if one.key == (repository, file)), None)

    # ── downloads ──

    def start(self, repository: str, file: str, revision: str = "", total_bytes: int = 0) -> None:
        """Bring a file here, from where an earlier download of it stopped."""
        key = (repository, file)
        if key in self._running:
            return
        before = self.download_of(*key)
        total = before.total_bytes if before is not None and before.total_bytes else total_bytes
        done = before.done_bytes if before is not None else 0
        revision = before.revision if before is not None and before.revision else revision
        search = before is not None and before.search

        def arrived(imported: ImportedModel) -> None:
            del self._running[key]
            self._change(key, state="done", model=imported.model, problem=None)

        def searchable(_: ImportedSearchModel) -> None:
            del self._running[key]
            self.dismiss(key)  # the settings offer it now; nobody talks to it

        def failed(problem: Problem) -> None:
            del self._running[key]
            if key in self._discarding:
                self._discard(key)
            elif problem.code == "cancelled":
                self._change(key, state="paused", bytes_per_s=0.0, checking=False)
            else:
                self._change(key, state="failed", problem=problem, bytes_per_s=0.0, checking=False)

        def step(event: object) -> None:
            self._step(key, event)

        self._put(Download(repository, file, revision, "running", done, total, search=search))
        if search:
            folder = self._running[key] = self._core.download_search_model(repository, file)
            follow(folder, self, on_event=step, on_result=searchable, on_error=failed)
        else:
            one = self._running[key] = self._core.download_model(repository, file, revision)
            follow(one, self, on_event=step, on_result=arrived, on_error=failed)

    def resume(self, key: Key) -> None:
        self.start(*key)

    def pause(self, key: Key) -> None:
        operation = self._running.get(key)
        if operation is not None:
            self._change(key, state="pausing")
            operation.cancel()

    def discard(self, key: Key) -> None:
        """Give a download up, and delete what came of it."""
        if key in self._running:
            self._discarding.add(key)
            self.pause(key)
        else:
            self._discard(key)

    def _discard(self, key: Key) -> None:
        self._discarding.discard(key)

        def failed(problem: Problem) -> None:
            self._change(key, state="failed", problem=problem)

        follow(
            self._core.discard_download(*key), self, on_result=lambda _: self.dismiss(key), on_error=failed
        )

    def dismiss(self, key: Key) -> None:
        """Show a download that is over no more."""
        self.downloads = tuple(one for one in self.downloads if one.key != key)
        self.downloads_changed.emit()

    def _step(self, key: Key, event: object) -> None:
        if isinstance(event, DownloadingModel):
            self._change(
                key,
                done_bytes=event.done_bytes,
                total_bytes=event.total_bytes,
                bytes_per_s=event.bytes_per_s,
                checking=event.checking,
            )

    def _take_paused(self, paused: tuple[PausedDownload, ...]) -> None:
        known = {one.key for one in self.downloads}
        found = tuple(
            Download(
                one.repository,
                one.file,
                one.revision,
                "paused",
                one.kept_bytes,
                one.total_bytes,
                search=one.search,
            )
            for one in paused
            if (one.repository, one.file) not in known
        )
        if found:
            self.downloads = (*self.downloads, *found)
            self.downloads_changed.emit()

    def _put(self, download: Download) -> None:
        if self.download_of(*download.key) is None:
            self.downloads = (download, *self.downloads)
        else:
            self.downloads = tuple(download if one.key == download.key else one for one in self.downloads)
        self.downloads_changed.emit()

    def _change(self, key: Key, **changes: object) -> None:
        self.downloads = tuple(replace(one, **changes) if one.key == key else one for one in self.downloads)
        self.downloads_changed.emit()


def _no_matter(_: Problem) -> None:
    """What is kept of downloads cannot be read: asking for the file again finds it."""
