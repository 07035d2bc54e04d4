"""Chats on their way in and out, and backups: what runs, and what came of it. No words, no files."""

from collections.abc import Callable
from typing import Any, Literal

from PySide6.QtCore import QObject, Signal

from desktop.core.contract import Core
from desktop.core.operations import Operation
from desktop.core.types import Problem
from desktop.core.types.exchange import (
    BackupInfo,
    ExchangeEvent,
    Exported,
    ExportFormat,
    ExportWords,
    ImportReport,
    Restored,
)
from desktop.view_models.bridge import follow

# no document is one of these; what they hold is found out by looking into them
_EXPORTS = (".zip", ".json", ".jsonl")

Job = Literal["import", "export", "backup", "look", "restore"]
Outcome = ImportReport | Exported | BackupInfo | Restored


def looks_like_export(path: str) -> bool:
    """Whether a file that was let go over the window may hold chats of another program."""
    return path.lower().endswith(_EXPORTS)


class ExchangeViewModel(QObject):
    """One thing at a time. `job` is the last one that was asked for; `running` while it is on its way."""

    changed = Signal()
    begun = Signal()  # something runs that should be seen
    restored = Signal()  # a backup came back
    replaced = Signal()  # all chats are others now

    def __init__(self, core: Core, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._core = core
        self._operation: Operation[Any] | None = None
        self._replacing = False
        self.job: Job | None = None
        self.step: ExchangeEvent | None = None
        self.outcome: Outcome | None = None
        self.problem: Problem | None = None
        self.looked: BackupInfo | None = None  # a backup that was looked into, and waits for a decision

    @property
    def running(self) -> bool:
        return self._operation is not None

    def import_chats(self, path: str) -> None:
        """A file, a folder or an archive."""
        self._start("import", lambda: self._core.import_chats(path))

    def export(self, chats: tuple[int, ...], path: str, form: ExportFormat, words: ExportWords) -> None:
        """(): all of them."""
        self._start("export", lambda: self._core.export_chats(chats, path, form, words))

    def back_up(self, path: str) -> None:
        self._start("backup", lambda: self._core.back_up(path))

    def look_into(self, path: str) -> None:
        """What a backup holds, before it is decided what becomes of it."""
        self._start("look", lambda: self._core.look_into_backup(path))

    def restore(self, *, replace: bool) -> None:
        """Bring back the one that was looked into."""
        looked = self.looked
        if looked is not None and not self.running:
            self._replacing = replace
            self._start("restore", lambda: self._core.restore_backup(looked.path, replace=replace))

    def cancel(self) -> None:
        if self._operation is not None:
            self._operation.cancel()

    def dismiss(self) -> None:
        """Nothing to see any more."""
        if not self.running:
            self.job = self.outcome = self.problem = self.looked = None
            self.changed.emit()

    def _start(self, job: Job, begin: Callable[[], Operation[Any]]) -> None:
        if self.running:
            return
        self.job, self.step, self.outcome, self.problem, self.looked = job, None, None, None, None
        self._operation = begin()
        self.begun.emit()
        follow(self._operation, self, self._heard, self._done, self._failed)
        self.changed.emit()

    def _heard(self, event: ExchangeEvent) -> None:
        self.step = event
        self.changed.emit()

    def _done(self, outcome: Outcome) -> None:
        self._operation = None
        if self.job == "look" and isinstance(outcome, BackupInfo):
            self.looked = outcome
        else:
            self.outcome = outcome
        self.changed.emit()
        if self.job == "restore":
            self.restored.emit()
        if self._replacing:
            self._replacing = False
            self.replaced.emit()

    def _failed(self, problem: Problem) -> None:
        self._operation = None
        self._replacing = False
        if self.job == "import" and problem.code == "is_backup":
            self.look_into(str(problem.params["path"]))  # it was let go, or chosen, in the wrong place
            return
        self.problem = None if problem.code == "cancelled" else problem
        if self.problem is None:
            self.job = None
        self.changed.emit()
