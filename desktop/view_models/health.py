"""Whether the installation is well: what was found, what is being looked at, what could be passed on."""

from typing import Any

from PySide6.QtCore import QObject, Signal

from desktop.core.contract import Core
from desktop.core.operations import Operation
from desktop.core.types import Problem
from desktop.core.types.health import Area, Health, LookingAt, Paper
from desktop.view_models.bridge import follow


class HealthViewModel(QObject):
    """One thing at a time. Nothing is looked at before somebody asks."""

    changed = Signal()

    def __init__(self, core: Core, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._core = core
        self._operation: Operation[Any] | None = None
        self.area: Area | None = None  # what is looked at now
        self.health: Health | None = None
        self.papers: tuple[Paper, ...] = ()
        self.saved = ""  # where the diagnostics were written
        self.problem: Problem | None = None

    @property
    def running(self) -> bool:
        return self._operation is not None

    def check(self, *, repair: bool = False) -> None:
        self._start(self._core.check_health(repair=repair))

    def gather(self) -> None:
        """Have the texts that could be passed on."""
        self._start(self._core.diagnostics())

    def save(self, path: str) -> None:
        self._start(self._core.save_diagnostics(path))

    def dismiss(self) -> None:
        """Nothing to see any more."""
        if not self.running:
            self.health, self.papers, self.saved, self.problem = None, (), "", None
            self.changed.emit()

    def _start(self, operation: Operation[Any]) -> None:
        if self.running:
            operation.cancel()
            return
        self._operation, self.problem, self.saved = operation, None, ""
        follow(operation, self, self._heard, self._done, self._failed)
        self.changed.emit()

    def _heard(self, event: object) -> None:
        if isinstance(event, LookingAt):
            self.area = event.area
            self.changed.emit()

    def _done(self, found: Health | tuple[Paper, ...] | str) -> None:
        self._operation, self.area = None, None
        if isinstance(found, Health):
            self.health, self.papers = found, ()
        elif isinstance(found, str):
            self.saved = found
        else:
            self.health, self.papers = None, found
        self.changed.emit()

    def _failed(self, problem: Problem) -> None:
        self._operation, self.area = None, None
        self.problem = problem
        self.changed.emit()
