"""Whether chats and documents are encrypted, and what is being done about it. Keeps no passphrase."""

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from desktop.core.contract import Core
from desktop.core.operations import Operation
from desktop.core.types import Problem
from desktop.core.types.encryption import Converting, EncryptionNow
from desktop.view_models.bridge import follow


class EncryptionViewModel(QObject):
    """One thing at a time. `now` None: not known yet. `done` tells that what was asked for has been done."""

    changed = Signal()
    done = Signal()

    def __init__(self, core: Core, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._core = core
        self._operation: Operation[EncryptionNow] | None = None
        self.now: EncryptionNow | None = None
        self.share: float | None = None  # how far converting has come
        self.problem: Problem | None = None

    @property
    def running(self) -> bool:
        return self._operation is not None

    def look(self) -> None:
        if not self.running:
            follow(self._core.encryption(), self, on_result=self._looked, on_error=self._unlooked)

    def encrypt(self, passphrase: str) -> None:
        self._start(lambda: self._core.encrypt(passphrase))

    def change_passphrase(self, passphrase: str, new: str) -> None:
        self._start(lambda: self._core.change_passphrase(passphrase, new))

    def decrypt(self, passphrase: str) -> None:
        self._start(lambda: self._core.decrypt(passphrase))

    def forget_problem(self) -> None:
        self.problem = None
        self.changed.emit()

    def _start(self, ask: Callable[[], Operation[EncryptionNow]]) -> None:
        if self.running:
            return
        self._operation, self.problem, self.share = ask(), None, None
        follow(self._operation, self, self._heard, self._finished, self._failed)
        self.changed.emit()

    def _heard(self, event: object) -> None:
        if isinstance(event, Converting):
            self.share = event.done
            self.changed.emit()

    def _finished(self, now: EncryptionNow) -> None:
        self._operation, self.now = None, now
        self.changed.emit()
        self.done.emit()

    def _failed(self, problem: Problem) -> None:
        self._operation, self.problem = None, problem
        self.changed.emit()
        self.look()

    def _looked(self, now: EncryptionNow) -> None:
        self.now = now
        self.changed.emit()

    def _unlooked(self, problem: Problem) -> None:
        self.problem = problem
        self.changed.emit()
