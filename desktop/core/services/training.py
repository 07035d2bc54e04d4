"""The core's methods about the workshop, described in `desktop.core.contract.training.TrainingCore`."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal
from uuid import uuid4

from msgspec.structs import replace

from desktop.core.errors import CoreError
from desktop.core.events import CoreEvent, ModelsChanged
from desktop.core.operations import Operation, start
from desktop.core.places import Places
from desktop.core.training import data
from desktop.core.training.leaving import leave
from desktop.core.training.requests import spec_of
from desktop.core.training.runs import Runs
from desktop.core.training.samples import Pair
from desktop.core.training.store import RunStore
from desktop.core.training.trainers import Trainers
from desktop.core.types.training import (
    Answered,
    DataPreview,
    ExportedRun,
    RunEstimate,
    RunHistory,
    RunInfo,
    RunMeasure,
    TrainingPlan,
)
from desktop.core.workers.supervisor import Launch
from engine.train.protocol import Evaluate, Evaluated, Reckon, Reckoned
from engine.train.specs import Settings

ROWS_DIR = ".rows"  # beside the runs: what a person wrote, and no run by its name


class TrainingServices:
    """What `Services` inherits."""

    _trainers: Trainers
    write_examples: Callable[..., Operation[Any]]
    write_texts: Callable[..., Operation[Any]]

    def _open_training(
        self, places: Places, launch: Callable[[], Launch], publish: Callable[[CoreEvent], None]
    ) -> None:
        self._trainers = Trainers(launch)
        self._run_store = RunStore(places.training_dir)
        self._runs = Runs(self._run_store, self._trainers, cores)
        self._own_models = places.models
        self._tell_models = publish

    @property
    def trainer_pids(self) -> tuple[int, ...]:
        """The processes that train or measure at this moment."""
        return self._trainers.pids

    def list_runs(self) -> Operation[tuple[RunInfo, ...]]:
        return start(lambda _: self._runs.listed(), "list runs")

    def run_history(self, run: str) -> Operation[RunHistory]:
        return start(lambda _: self._run_store.history(run), "run history")

    def preview_data(self, plan: TrainingPlan) -> Operation[DataPreview]:
        def work(operation: Operation[DataPreview]) -> DataPreview:
            return data.preview(plan, self._model_path(plan.base), self._trainers, operation)

        return start(work, "preview data")

    def rows_of(self, plan: TrainingPlan) -> Operation[tuple[Pair, ...]]:
        return start(lambda _: data.rows_of(plan), "rows of")

    def write_rows(self, path: str, rows: tuple[Pair, ...], *, labels: bool) -> Operation[str]:
        folder = self._run_store.folder / ROWS_DIR
        return start(lambda _: data.write_rows(path, rows, folder, labels=labels), "write rows")

    def gather_material(self, what: Literal["chats", "documents"]) -> Operation[str]:
        def work(operation: Operation[str]) -> str:
            folder = self._run_store.folder / ROWS_DIR
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            place = str(folder / uuid4().hex[:8])
            found: Operation[Any]
            if what == "chats":
                place += ".jsonl"
                found = self.write_examples(place)
            else:
                found = self.write_texts(place)
            found.subscribe(operation.emit)
            operation.on_cancel(found.cancel)
            found.result()
            return place

        return start(work, "gather material")

    def estimate_run(self, plan: TrainingPlan) -> Operation[RunEstimate]:
        def work(operation: Operation[RunEstimate]) -> RunEstimate:
            spec = spec_of(plan, "", self._model_path(plan.base))
            settings = replace(plan.settings, threads=cores())
            found = self._trainers.ask(Reckon(spec, settings), Reckoned, operation)
            return RunEstimate(
                found.parameters, found.learning, found.needed_bytes, found.free_bytes,
                found.seconds, found.tokens_per_s,
            )  # fmt: skip

        return start(work, "estimate run")

    def begin_run(self, plan: TrainingPlan) -> Operation[RunInfo]:
        return start(lambda operation: self._runs.begin(plan, operation), "begin run")

    def resume_run(self, run: str) -> Operation[RunInfo]:
        return start(lambda operation: self._runs.resume(run, operation), "resume run")

    def branch_run(self, run: str, settings: Settings, name: str = "") -> Operation[RunInfo]:
        return start(lambda operation: self._runs.branch(run, settings, name, operation), "branch run")

    def rename_run(self, run: str, name: str) -> Operation[RunInfo]:
        def work(_: Operation[RunInfo]) -> RunInfo:
            self._runs.require_idle(run)
            found = self._run_store.load(run)
            return self._run_store.save(replace(found, plan=replace(found.plan, name=name.strip())))

        return start(work, "rename run")

    def delete_run(self, run: str) -> Operation[None]:
        def work(_: Operation[None]) -> None:
            self._runs.require_idle(run)
            self._run_store.discard(run)

        return start(work, "delete run")

    def export_run(self, run: str) -> Operation[ExportedRun]:
        def work(operation: Operation[ExportedRun]) -> ExportedRun:
            self._runs.require_idle(run)
            found = self._run_store.load(run)
            left = leave(found, self._run_store, self._trainers, self._own_models, operation)
            self._tell_models(ModelsChanged())
            return left

        return start(work, "export run")

    def ask_models(
        self, models: tuple[str, ...], prompts: tuple[str, ...]
    ) -> Operation[tuple[Answered, ...]]:
        def work(operation: Operation[tuple[Answered, ...]]) -> tuple[Answered, ...]:
            found = []
            for model in models:
                try:
                    request = Evaluate(self._model_path(model), prompts=prompts)
                    said = self._trainers.ask(request, Evaluated, operation)
                    found.append(Answered(model, said.answers))
                except CoreError as error:
                    if operation.cancelled:
                        raise
                    found.append(Answered(model, problem=error.problem()))
                operation.emit(found[-1])
            return tuple(found)

        return start(work, "ask models")

    def measure_run(self, run: str, path: str = "") -> Operation[RunMeasure]:
        def work(operation: Operation[RunMeasure]) -> RunMeasure:
            if Path(run).is_absolute():
                return self._runs.measures.of_model(run, path, operation)
            return self._runs.measures.take(run, path, operation)

        return start(work, "measure run")

    def run_measures(self, run: str) -> Operation[tuple[RunMeasure, ...]]:
        return start(lambda _: self._runs.measures.all(run), "run measures")

    def _model_path(self, model: str) -> str:
        """Where a model lies that is named by its file or, a run, by its id."""
        if model and not Path(model).is_absolute():
            return str(self._run_store.trainer_path(model))
        return model


def cores() -> int:
    """Those that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return max(1, len(os.sched_getaffinity(0)))
    return os.cpu_count() or 1
