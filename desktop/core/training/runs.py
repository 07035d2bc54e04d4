"""The course of a run: bring what it learns from, prepare, train, keep what it tells. One at a time.

Whatever ends it (a person, a full disk, a killed process) leaves a record that says so, and its last
checkpoint.
"""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import msgspec
from msgspec.structs import replace

from desktop.core.errors import Cancelled, CoreError, Reported
from desktop.core.operations import Operation
from desktop.core.private_files import write_private
from desktop.core.training.errors import TrainingBusy
from desktop.core.training.measures import Measures
from desktop.core.training.requests import placed, spec_of
from desktop.core.training.sources import TEXT, bring, require_unchanged, rows_file
from desktop.core.training.store import DATA, RUN, SOURCE, SPEC, RunStore
from desktop.core.training.trainers import Trainers
from desktop.core.types.training import RunChanged, RunInfo, RunState, RunTold, TrainingPlan
from engine.errors import EngineDied, EngineError
from engine.train.errors import RunDamaged
from engine.train.events import PrepareEvent, Saved, Stepped, TrainEvent, Validated
from engine.train.protocol import Prepared, PrepareText, Train, Trained
from engine.train.specs import Kept, Settings, Spec

R = TypeVar("R")

log = logging.getLogger(__name__)


class Runs:
    """What is done with runs. `changed` is told every state that a run comes into."""

    def __init__(self, store: RunStore, trainers: Trainers, cores: Callable[[], int]) -> None:
        self._store = store
        self._trainers = trainers
        self._cores = cores
        self.measures = Measures(store, trainers)
        self._busy = threading.Lock()
        self.present: RunInfo | None = None  # the one that is being trained

    # ── what a person asks for ──

    def begin(self, plan: TrainingPlan, operation: Operation[RunInfo]) -> RunInfo:
        """See `TrainingCore.begin_run`."""
        settings = replace(plan.settings, threads=self._cores())
        plan = replace(plan, settings=settings)
        spec_of(plan, "", self._base(plan))  # what is wrong with it is said before anything is made
        with self._turn():
            run = self._show(self._store.create(plan), operation)
            with self._kept(run.id, operation):
                folder = self._store.path(run.id)
                mark = _engine(lambda: bring(plan, folder / SOURCE))
                run = self._show(replace(run, fingerprint=mark), operation)
                if plan.grown:
                    run = self._prepare(run, operation)
                data = folder / DATA if plan.grown else _engine(lambda: rows_file(folder / SOURCE))
                vocab = run.data.vocab if run.data is not None else 0
                spec = spec_of(plan, str(data), self._base(plan), vocab, run.fingerprint)
                return self._train(run, spec, plan.settings, operation)

    def resume(self, name: str, operation: Operation[RunInfo]) -> RunInfo:
        """See `TrainingCore.resume_run`."""
        with self._turn():
            run = self._store.load(name)
            folder = self._store.path(name)
            if not (folder / RUN / SPEC).exists():  # it never came so far
                return self._again(run, operation)
            with self._kept(name, operation):
                self._require_unchanged(run)
                self._settle(run, run.plan.settings)
                return self._train(run, None, run.plan.settings, operation)

    def branch(self, name: str, settings: Settings, title: str, operation: Operation[RunInfo]) -> RunInfo:
        """See `TrainingCore.branch_run`."""
        with self._turn():
            source = self._store.load(name)
            plan = replace(source.plan, name=title or source.plan.name)
            settings = replace(settings, threads=self._cores())
            self._require_unchanged(source)
            run = self._show(self._store.copy(source, replace(plan, settings=settings)), operation)
            with self._kept(run.id, operation):
                self._settle(run, settings)
                return self._train(run, None, settings, operation)

    def listed(self) -> tuple[RunInfo, ...]:
        """All of them; one that should be running, and is not, was interrupted."""
        present = self.present
        return tuple(
            present if present is not None and run.id == present.id else _as_found(run)
            for run in self._store.all()
        )

    def require_idle(self, name: str) -> None:
        """Raises TrainingBusy for the run that is being trained."""
        if self.present is not None and self.present.id == name:
            raise TrainingBusy(name=self.present.plan.name)

    # ── the steps ──

    def _again(self, run: RunInfo, operation: Operation[RunInfo]) -> RunInfo:
        """A run that ended before its first step: from its beginning, with its own copy of the data."""
        with self._kept(run.id, operation):
            folder = self._store.path(run.id)
            if not any((folder / SOURCE).iterdir()):
                mark = _engine(lambda: bring(run.plan, folder / SOURCE))
                run = replace(run, fingerprint=mark)
            run = self._show(replace(run, state="preparing", problem=None), operation)
            if run.plan.grown:
                run = self._prepare(run, operation)
            data = folder / DATA if run.plan.grown else _engine(lambda: rows_file(folder / SOURCE))
            vocab = run.data.vocab if run.data is not None else 0
            spec = spec_of(run.plan, str(data), self._base(run.plan), vocab, run.fingerprint)
            return self._train(run, spec, run.plan.settings, operation)

    def _prepare(self, run: RunInfo, operation: Operation[RunInfo]) -> RunInfo:
        folder, plan = self._store.path(run.id), run.plan
        request = PrepareText(
            (str(folder / SOURCE / TEXT),),
            str(folder / DATA),
            plan.vocab,
            plan.characters,
            validation_share=plan.held_out_share,
        )
        info = self._trainers.ask(request, Prepared, operation, self._telling(run.id, operation)).info
        return self._show(replace(run, data=info, fingerprint=info.fingerprint), operation)

    def _train(
        self, run: RunInfo, spec: Spec | None, settings: Settings, operation: Operation[RunInfo]
    ) -> RunInfo:
        run = self._show(replace(run, state="training", problem=None), operation)
        request = Train(str(self._store.trainer_path(run.id)), spec, settings)
        done = self._trainers.ask(request, Trained, operation, self._telling(run.id, operation))
        state: RunState = "stopped" if done.reason == "stopped" else "finished"
        run = replace(
            self.present or run, state=state, step=done.step, seconds=done.seconds,
            parameters=done.parameters, learning=done.learning, loss=_finite(done.loss),
        )  # fmt: skip
        if state == "finished":
            run = self._measured(run, operation)
        return self._show(run, operation)

    def _measured(self, run: RunInfo, operation: Operation[RunInfo]) -> RunInfo:
        """How good it is on what it held out; what cannot be measured is none the worse for it."""
        self._show(replace(run, state="measuring"), operation)
        try:
            found = self.measures.take(run.id, "", operation)
        except CoreError as error:
            log.warning("a run was not measured: %s", error)
            return run
        return replace(run, labels=found.labels, answered=found.answered)

    def _settle(self, run: RunInfo, settings: Settings) -> None:
        """Have the trainer's own record say where its data lies now, and how it is to go on.

        Raises (reported) RunDamaged for a record that was cut or edited into something else.
        """
        folder = self._store.path(run.id)
        path = folder / RUN / SPEC
        try:
            kept = msgspec.json.decode(path.read_bytes(), type=Kept)
            data = folder / DATA if run.plan.grown else rows_file(folder / SOURCE)
            task = placed(kept.task, data, self._base(run.plan))
            # whole or not at all: a kill in the midst of it would leave a run that nobody can read
            record = msgspec.json.encode(Kept(task, settings, kept.config))
            write_private(path, msgspec.json.format(record, indent=2))
        except EngineError as error:
            raise Reported.of(error) from error
        except (OSError, msgspec.MsgspecError, ValueError) as error:
            raise Reported.of(RunDamaged(str(error), path=str(folder))) from error

    def _require_unchanged(self, run: RunInfo) -> None:
        folder = self._store.path(run.id)
        _engine(lambda: require_unchanged(run, folder / SOURCE, folder / DATA))

    def _base(self, plan: TrainingPlan) -> str:
        """Where the model lies that a plan builds on: a run is named by its id."""
        if plan.base and not Path(plan.base).is_absolute():
            return str(self._store.trainer_path(plan.base))
        return plan.base

    # ── keeping ──

    @contextmanager
    def _turn(self) -> Iterator[None]:
        if not self._busy.acquire(blocking=False):
            present = self.present
            raise TrainingBusy(name=present.plan.name if present is not None else "")
        try:
            yield
        finally:
            self.present = None
            self._busy.release()

    @contextmanager
    def _kept(self, name: str, operation: Operation[RunInfo]) -> Iterator[None]:
        """What goes wrong is kept with the run, and goes on its way."""
        try:
            yield
        except CoreError as error:
            problem = error.problem()
            state: RunState = "interrupted" if problem.code == EngineDied.code else "failed"
            if isinstance(error, Cancelled):
                state = "stopped"
            run = self.present or self._store.load(name)
            try:
                self._show(
                    replace(run, state=state, problem=None if state == "stopped" else problem), operation
                )
            except CoreError as other:  # the folder is gone, or the disk is full: the first error is told
                log.warning("a run's end was not kept: %s", other)
            raise

    def _show(self, run: RunInfo, operation: Operation[RunInfo]) -> RunInfo:
        self.present = self._store.save(run)
        operation.emit(RunChanged(run))
        return run

    def _telling(
        self, name: str, operation: Operation[RunInfo]
    ) -> "Callable[[PrepareEvent | TrainEvent], None]":
        def tell(event: PrepareEvent | TrainEvent) -> None:
            run = self.present
            if run is not None:
                match event:
                    case Stepped():
                        self.present = replace(run, step=event.step)
                    case Validated():
                        self.present = replace(run, loss=min(event.loss, run.loss or event.loss))
                    case Saved():
                        self._store.save(run)
                    case _:
                        pass
            self._store.tell(name, event)  # type: ignore[arg-type]
            operation.emit(RunTold(name, event))

        return tell


def _engine(work: Callable[[], R]) -> R:
    """What the engine's own words say joins the core's errors."""
    try:
        return work()
    except EngineError as error:
        raise Reported.of(error) from error


def _finite(loss: float) -> float | None:
    return loss if loss < 1e300 else None


def _as_found(run: RunInfo) -> RunInfo:
    if run.state == "measuring":  # it had learnt all
        return replace(run, state="finished")
    return replace(run, state="interrupted") if run.running else run
