"""A search model on its way from the hub into the settings: how far it is, and why it is not. No words."""

from PySide6.QtCore import QObject, Signal

from desktop.core.contract import Core
from desktop.core.events import DownloadingModel
from desktop.core.operations import Operation
from desktop.core.types import Problem
from desktop.core.types.models import ImportedSearchModel
from desktop.view_models.bridge import follow


class SearchModelDownload(QObject):
    """One for the window, and one model at a time."""

    changed = Signal()
    arrived = Signal(str)  # its folder

    def __init__(self, core: Core, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._core = core
        self._operation: Operation[ImportedSearchModel] | None = None
        self.name = ""  # what was asked for last
        self.progress: DownloadingModel | None = None
        self.problem: Problem | None = None  # "cancelled": it was paused

    @property
    def running(self) -> bool:
        return self._operation is not None

    def begin(self, name: str) -> None:
        """Bring the model of a repository, from where it was paused. Nothing while another one comes."""
        name = name.strip()
        if self.running or not name:
            return
        self.name, self.progress, self.problem = name, None, None

        def step(event: object) -> None:
            if isinstance(event, DownloadingModel):
                self.progress = event
                self.changed.emit()

        def done(imported: ImportedSearchModel) -> None:
            self._operation = None
            self.changed.emit()
            self.arrived.emit(imported.path)

        def failed(problem: Problem) -> None:
            self._operation, self.problem = None, problem
            self.changed.emit()

        self._operation = self._core.download_search_model(name)
        follow(self._operation, self, on_event=step, on_result=done, on_error=failed)
        self.changed.emit()

    def pause(self) -> None:
        if self._operation is not None:
            self._operation.cancel()
