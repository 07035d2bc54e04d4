"""The runs that are kept, the one that is shown, and the one that learns now. Knows no widget, has no
words."""

from collections.abc import Callable
from typing import Any

from msgspec.structs import replace
from PySide6.QtCore import QObject, Signal

from desktop.core.contract import Core
from desktop.core.operations import Operation
from desktop.core.types import Problem
from desktop.core.types.training import (
    ExportedRun,
    RunChanged,
    RunHistory,
    RunInfo,
    RunMeasure,
    RunTold,
    TrainingEvent,
    TrainingPlan,
)
from desktop.view_models.bridge import follow
from engine.train.events import Encoded, Read, Sampled, Saved, Stepped, TrainEvent, Validated
from engine.train.specs import Settings


class Track:
    """What one run told, in lists that grow: a curve is drawn from them."""

    def __init__(self, history: RunHistory = RunHistory()) -> None:  # noqa: B008  a frozen value
        self.steps = list(history.steps)
        self.validated = list(history.validated)
        self.samples = list(history.samples)

    @property
    def last(self) -> Stepped | None:
        return self.steps[-1] if self.steps else None

    def take(self, event: TrainEvent) -> None:
        match event:
            case Stepped():
                self.steps.append(event)
            case Validated():
                self.validated.append(event)
            case Sampled():
                self.samples.append(event)
            case _:
                pass


class RunsViewModel(QObject):
    """One for the window."""

    listed = Signal()  # `runs`
    shown_changed = Signal()  # another run is shown, or its state is another
    told = Signal(str)  # the run of that id told something: `tracks` has grown
    preparing = Signal(float)  # 0..1 of the text that the run learns from
    measured = Signal()  # `measures`, of the run in front
    exported = Signal(str, object)  # a run, and its ExportedRun
    failed = Signal(object)  # a Problem that belongs to the page

    def __init__(self, core: Core, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._core = core
        self.runs: tuple[RunInfo, ...] = ()
        self.known = False  # the list has been asked for and came
        self.shown = ""  # the id of the run in front
        self.compared: set[str] = set()  # runs whose curves stand beside it
        self.tracks: dict[str, Track] = {}
        self.measures: tuple[RunMeasure, ...] = ()  # of the run in front, the newest first
        self.busy = ""  # what is being done with the run in front: "export", "measure"
        self.learning = ""  # the id of the run that learns now
        self._training: Operation[RunInfo] | None = None

    # ── what there is ──

    def run(self, run: str) -> RunInfo | None:
        return next((one for one in self.runs if one.id == run), None)

    @property
    def current(self) -> RunInfo | None:
        return self.run(self.shown)

    @property
    def training(self) -> bool:
        return self._training is not None

    def refresh(self) -> None:
        def found(runs: tuple[RunInfo, ...]) -> None:
            self.runs, self.known = runs, True
            self.compared &= {run.id for run in runs}
            self.listed.emit()
            self.shown_changed.emit()

        follow(self._core.list_runs(), self, on_result=found, on_error=self._fail)

    def show(self, run: str) -> None:
        """Put a run in front, with all that it told."""
        self.shown, self.measures = run, ()
        self.compared.discard(run)
        self._remember(run)
        self.shown_changed.emit()
        self.read_measures()

    def compare(self, run: str, beside: bool) -> None:
        """Whether the curve of a run stands beside that of the one in front."""
        (self.compared.add if beside else self.compared.discard)(run)
        if beside:
            self._remember(run)
        self.shown_changed.emit()

    def _remember(self, run: str) -> None:
        if not run or run in self.tracks:
            return

        def came(history: RunHistory) -> None:
            self.tracks.setdefault(run, Track(history))
            self.told.emit(run)

        follow(self._core.run_history(run), self, on_result=came, on_error=lambda _: None)

    def read_measures(self) -> None:
        """What was measured of the run in front."""
        run = self.shown
        if not run:
            return

        def came(measures: tuple[RunMeasure, ...]) -> None:
            if run == self.shown:
                self.measures = measures
                self.measured.emit()

        follow(self._core.run_measures(run), self, on_result=came, on_error=lambda _: None)

    # ── what a person does ──

    def begin(self, plan: TrainingPlan) -> None:
        self._follow(self._core.begin_run(plan))

    def resume(self) -> None:
        run = self.current
        if run is not None:
            self.tracks.pop(run.id, None)  # what came after its checkpoint is told anew
            self._remember(run.id)
            self._follow(self._core.resume_run(run.id))

    def branch(self, settings: Settings, name: str = "") -> None:
        if self.current is not None:
            self.compared.add(self.current.id)
            self._follow(self._core.branch_run(self.current.id, settings, name))

    def stop(self) -> None:
        if self._training is not None:
            self._training.cancel()

    def rename(self, run: str, name: str) -> None:
        follow(
            self._core.rename_run(run, name), self, on_result=lambda _: self.refresh(), on_error=self._fail
        )

    def delete(self, run: str) -> None:
        def gone(_: None) -> None:
            self.tracks.pop(run, None)
            if self.shown == run:
                self.show("")
            self.refresh()

        follow(self._core.delete_run(run), self, on_result=gone, on_error=self._fail)

    def export(self) -> None:
        """Have the run in front leave for the chat; `exported` tells."""
        run = self.shown

        def left(exported: ExportedRun) -> None:
            self.exported.emit(run, exported)
            self.refresh()

        self._work("export", self._core.export_run(run), left)

    def measure_now(self, path: str = "") -> None:
        """`path`: a file of one's own; "": what it held out."""
        operation = self._core.measure_run(self.shown, path)
        self._work("measure", operation, lambda _measure: self.read_measures())

    def _work(self, name: str, operation: Operation[Any], take: Callable[[Any], None]) -> None:
        self.busy = name
        self.shown_changed.emit()

        def ended() -> None:
            self.busy = ""
            self.shown_changed.emit()

        def came(result: Any) -> None:
            ended()
            take(result)

        def failed(problem: Problem) -> None:
            ended()
            self._fail(problem)

        follow(operation, self, on_result=came, on_error=failed)

    # ── a run on its way ──

    def _follow(self, operation: Operation[RunInfo]) -> None:
        self._training = operation
        self.shown_changed.emit()  # nothing else is begun meanwhile

        def ended(_: object) -> None:
            self._training, self.learning = None, ""
            self.refresh()
            self.read_measures()

        def failed(problem: Problem) -> None:
            kept = self.run(self.learning)  # then it stands with the run
            ended(problem)
            if kept is None or kept.problem is None:
                self._fail(problem)

        follow(operation, self, on_event=self._hear, on_result=ended, on_error=failed)

    def _hear(self, event: TrainingEvent) -> None:
        match event:
            case RunChanged(run):
                self._put(run)
                if self.learning != run.id:
                    self.learning = run.id
                    self.tracks.setdefault(run.id, Track()) if not run.parent else self._remember(run.id)
                    self.show(run.id)
                self.listed.emit()
                self.shown_changed.emit()
            case RunTold(run=run, event=told):
                match told:
                    case Read(done=done):
                        self.preparing.emit(done / 2)
                    case Encoded(done=done):
                        self.preparing.emit(0.5 + done / 2)
                    case _:
                        self._take(run, told)

    def _take(self, run: str, event: TrainEvent) -> None:
        track = self.tracks.setdefault(run, Track())
        track.take(event)
        found = self.run(run)
        if found is not None:
            match event:
                case Stepped(step=step):
                    self._put(replace(found, step=step))
                case Validated(loss=loss):
                    best = loss if found.loss is None else min(loss, found.loss)
                    self._put(replace(found, loss=best))
                case _:
                    pass
        if not isinstance(event, Saved):
            self.told.emit(run)

    def _put(self, run: RunInfo) -> None:
        others = tuple(one for one in self.runs if one.id != run.id)
        if len(others) == len(self.runs):
            self.runs = (run, *others)
        else:
            self.runs = tuple(run if one.id == run.id else one for one in self.runs)

    def _fail(self, problem: Problem) -> None:
        if problem.code != "cancelled":
            self.failed.emit(problem)
