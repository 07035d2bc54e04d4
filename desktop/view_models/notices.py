"""What the window has to tell apart from the conversation: at most one notice per subject. No words."""

from typing import Literal

import msgspec
from PySide6.QtCore import QObject, Signal

from desktop.core.contract import Core
from desktop.core.events import CoreEvent, EngineStatus, LibraryStatus, StorageProblem
from desktop.core.reports import report
from desktop.core.types import Problem
from desktop.view_models.bridge import listen

Subject = Literal["storage", "engine", "library", "runtime", "action", "defect", "last_run"]
ORDER: tuple[Subject, ...] = ("storage", "engine", "library", "runtime", "action", "defect", "last_run")


class Notice(msgspec.Struct, frozen=True):
    """A problem and what it is about. "action": something a person did that failed; "defect": ours."""

    subject: Subject
    problem: Problem
    path: str = ""  # of the model, for "engine"


class NoticesViewModel(QObject):
    """Follows the core's statuses; other view models add what fails. A notice goes when its cause goes."""

    changed = Signal()
    report_changed = Signal()  # `report`

    def __init__(self, core: Core | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._notices: dict[Subject, Notice] = {}
        self._dismissed: dict[Subject, Problem] = {}
        self.reported: Problem | None = None  # what the person wants to know more of
        if core is not None:
            listen(core, self, self._on_core_event)

    @property
    def notices(self) -> tuple[Notice, ...]:
        """Gravest first."""
        return tuple(self._notices[subject] for subject in ORDER if subject in self._notices)

    def add(self, problem: Problem, subject: Subject = "action", path: str = "") -> None:
        """Tell a problem, in the place of the one told before about the same subject."""
        if problem.code == "cancelled":
            return
        action = self._notices.get("action")
        if subject == "action" and any(notice.problem == problem for notice in self._notices.values()):
            return  # a status told it already
        if subject != "action" and action is not None and action.problem == problem:
            del self._notices["action"]  # the status knows more of it
        notice = Notice(subject, problem, path)
        if self._notices.get(subject) != notice:
            self._notices[subject] = notice
            self.changed.emit()

    def tell_more(self, problem: Problem) -> None:
        """Have `report` tell of this one."""
        self.reported = problem
        self.report_changed.emit()

    @property
    def report(self) -> str:
        """What happened, as it may be passed on: nothing of the person is in it."""
        return "" if self.reported is None else report(self.reported)

    def dismiss(self, subject: Subject) -> None:
        """The person has read it: the same is not told again until it was over in between."""
        notice = self._notices.pop(subject, None)
        if notice is not None:
            self._dismissed[subject] = notice.problem
            self.changed.emit()

    def _follow_state(self, subject: Subject, problem: Problem | None, path: str = "") -> None:
        if problem is None:
            self._dismissed.pop(subject, None)
            if self._notices.pop(subject, None) is not None:
                self.changed.emit()
        elif self._dismissed.get(subject) != problem:
            self.add(problem, subject, path)

    def _on_core_event(self, event: CoreEvent) -> None:
        if isinstance(event, EngineStatus):
            self._follow_state("runtime", event.runtime_problem)
        match event:
            case EngineStatus(state="failed", problem=Problem() as problem):
                self._follow_state("engine", problem, event.path)
            case EngineStatus():
                self._follow_state("engine", None)
            case LibraryStatus(state="unavailable", problem=Problem() as problem):
                self._follow_state("library", problem)
            case LibraryStatus():
                self._follow_state("library", None)
            case StorageProblem(problem=problem):
                self._follow_state("storage", problem)
            case _:
                pass
