"""What is about to be trained: the plan with its data and its estimate. Knows no widget, has no words.

Data and estimate are asked for a moment after the plan has changed, and only the last answers count.
"""

from typing import Any, Final, Literal

from msgspec.structs import replace
from PySide6.QtCore import QObject, QTimer, Signal

from desktop.core.contract import Core
from desktop.core.errors import Cancelled
from desktop.core.operations import Operation
from desktop.core.types import Problem
from desktop.core.types.models import ModelFile
from desktop.core.types.training import DataPreview, GatheringMaterial, RunEstimate, TrainingPlan
from desktop.view_models.bridge import follow
from desktop.view_models.workshop.presets import for_own_texts, learners, preset

PAUSE_MS: Final = 400


class PlanViewModel(QObject):
    """One for the window."""

    changed = Signal()  # `plan`, `key`
    bases_changed = Signal()  # `bases`
    data_changed = Signal()  # `data`, `data_problem`, `looking`, `gathering`
    estimate_changed = Signal()  # `estimate`, `problem`, `reckoning`
    rows_came = Signal(object)  # all rows that are learnt from, to be edited
    failed = Signal(object)  # a Problem that belongs to the page

    def __init__(self, core: Core, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._core = core
        self.plan = TrainingPlan()
        self.key = ""  # the preset that it came from
        self.bases: tuple[ModelFile, ...] = ()
        self.data: DataPreview | None = None
        self.data_problem: Problem | None = None
        self.looking = False
        self.gathering: GatheringMaterial | None = None  # how far chats or documents are
        self._gathering: Operation[str] | None = None
        self.estimate: RunEstimate | None = None
        self.problem: Problem | None = None
        self.reckoning = False
        self._asked: dict[str, Operation[Any]] = {}
        self._pause = QTimer(self, interval=PAUSE_MS, singleShot=True)
        self._pause.timeout.connect(self._ask)

    @property
    def ready(self) -> bool:
        """Whether it can begin, as far as is known."""
        if self.data_problem is not None or (self.problem is not None and self.estimate is None):
            return False
        return bool(self.plan.sample or self.plan.inputs) and (self.plan.grown or bool(self.plan.base))

    def find_bases(self) -> None:
        """Look for the models that can learn on."""

        def found(models: tuple[ModelFile, ...]) -> None:
            self.bases = learners(models)
            if not self.plan.grown and not self.plan.base and self.bases:
                self.edit(base=self.bases[0].path)
            self.bases_changed.emit()

        follow(self._core.list_models(), self, on_result=found, on_error=self.failed.emit)

    def take_preset(self, key: str, language: str, name: str) -> None:
        base = self.bases[0].path if self.bases else ""
        self.key = key
        self._put(preset(key, language, name, base), at_once=True)
        self.find_bases()

    def take(self, plan: TrainingPlan) -> None:
        """A plan as it is, such as that of a run."""
        self.key = ""
        self._put(plan, at_once=True)
        self.find_bases()

    def edit(self, **values: Any) -> None:
        """Other values for fields of the plan, or of its settings."""
        own = {name: value for name, value in values.items() if name in TrainingPlan.__struct_fields__}
        learning = {name: value for name, value in values.items() if name not in own}
        plan = replace(self.plan, **own)
        if learning:
            plan = replace(plan, settings=replace(plan.settings, **learning))
        if plan != self.plan:
            self._put(plan)

    def _put(self, plan: TrainingPlan, *, at_once: bool = False) -> None:
        fields = ("sample", "inputs", "goal", "held_out_share", "base", "context", "time")
        new_data = at_once or any(getattr(plan, name) != getattr(self.plan, name) for name in fields)
        renamed = not at_once and replace(plan, name=self.plan.name) == self.plan
        self.plan = plan
        self.changed.emit()
        if renamed:
            return
        self.estimate, self.problem = None, None
        if new_data:
            self.data, self.data_problem = None, None
            self.looking = True
            self.data_changed.emit()
        self.reckoning = True
        self.estimate_changed.emit()
        self._pause.start(0 if at_once else PAUSE_MS)

    # ── asking ──

    def _ask(self) -> None:
        if self.looking:
            self._one("data", self._core.preview_data(self.plan), self._take_data)
        self._one("estimate", self._core.estimate_run(self.plan), self._take_estimate)

    def _one(self, name: str, operation: Operation[Any], take: Any) -> None:
        before = self._asked.get(name)
        if before is not None and not before.done:
            before.cancel()
        self._asked[name] = operation

        def ended(result: Any, problem: Problem | None) -> None:
            if self._asked.get(name) is operation:
                take(result, problem)

        follow(
            operation,
            self,
            on_result=lambda result: ended(result, None),
            on_error=lambda problem: ended(None, problem),
        )

    def _take_data(self, data: DataPreview | None, problem: Problem | None) -> None:
        self.data, self.looking = data, False
        self.data_problem = problem if data is None else data.problem
        self.data_changed.emit()
        if data is not None:
            fitting = for_own_texts(self.plan, data)
            if fitting != self.plan:
                self._put(fitting)

    def _take_estimate(self, estimate: RunEstimate | None, problem: Problem | None) -> None:
        self.estimate, self.problem, self.reckoning = estimate, problem, False
        self.estimate_changed.emit()

    # ── what there is already ──

    def gather(self, what: Literal["chats", "documents"]) -> None:
        """Learn from the replies that the person rated good or edited, or from the library's documents."""

        def told(event: GatheringMaterial) -> None:
            self.gathering = event
            self.data_changed.emit()

        def written(path: str) -> None:
            self._gathering, self.gathering = None, None
            self._put(replace(self.plan, sample="", inputs=(path,)), at_once=True)

        def failed(problem: Problem) -> None:
            self._gathering, self.gathering = None, None
            self.changed.emit()  # what was chosen before still holds
            self.data_changed.emit()
            if problem.code != Cancelled.code:
                self.failed.emit(problem)

        self.stop_gathering()
        self._gathering = self._core.gather_material(what)
        follow(self._gathering, self, on_event=told, on_result=written, on_error=failed)

    def stop_gathering(self) -> None:
        if self._gathering is not None:
            self._gathering.cancel()

    # ── rows that a person writes ──

    def read_rows(self) -> None:
        """All that the plan learns from; `rows_came` tells them."""
        plan = self.plan

        def came(rows: tuple[tuple[str, str], ...]) -> None:
            if plan == self.plan:
                self.rows_came.emit(rows)

        follow(self._core.rows_of(plan), self, on_result=came, on_error=self.failed.emit)

    def write_rows(self, path: str, rows: tuple[tuple[str, str], ...]) -> None:
        """Keep them and learn from them."""

        def kept(place: str) -> None:
            self._put(replace(self.plan, sample="", inputs=(place,)), at_once=True)

        operation = self._core.write_rows(path, rows, labels=self.plan.goal == "label")
        follow(operation, self, on_result=kept, on_error=self.failed.emit)
