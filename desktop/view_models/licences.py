"""The parts that the program is made of, as their page shows them. No widgets."""

from PySide6.QtCore import QObject, Signal

from desktop.core.contract import Core
from desktop.core.types import Problem
from desktop.core.types.notices import Notice
from desktop.view_models.bridge import follow
from desktop.view_models.finding import folded, holds, words_of


class LicencesViewModel(QObject):
    """Nothing is read before somebody looks."""

    listed = Signal()
    read = Signal()
    failed = Signal(object)  # a Problem

    def __init__(self, core: Core, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._core = core
        self.all: tuple[Notice, ...] = ()
        self.current = ""
        self.text: str | None = None  # None: not read yet

    def refresh(self) -> None:
        follow(self._core.list_notices(), self, on_result=self._take, on_error=self.failed.emit)

    def found(self, query: str) -> tuple[Notice, ...]:
        """Those whose name or licence holds every word of the query."""
        words = words_of(query)
        return tuple(one for one in self.all if holds(words, folded(f"{one.name} {one.licence}")))

    def open(self, name: str) -> None:
        """Read a part's licence; `read` tells when it is there."""
        if name == self.current:
            return
        self.current, self.text = name, None
        self.read.emit()

        def take(text: str) -> None:
            if name == self.current:  # another one was opened meanwhile
                self.text = text
                self.read.emit()

        def fail(problem: Problem) -> None:
            if name == self.current:
                self.failed.emit(problem)

        follow(self._core.read_notice(name), self, on_result=take, on_error=fail)

    def _take(self, notices: tuple[Notice, ...]) -> None:
        self.all = notices
        self.listed.emit()
