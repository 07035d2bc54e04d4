"""The workshop's part of the fake core: runs in memory whose losses fall by a formula. Trains nothing."""

import math
from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from desktop.core.operations import Operation
from desktop.core.training.errors import NoBaseModel, NothingToLearn, RunMissing, TrainingBusy
from desktop.core.training.samples import SAMPLES, sample
from desktop.core.types.training import (
    Answered,
    DataPreview,
    DataRow,
    ExportedRun,
    RunChanged,
    RunEstimate,
    RunHistory,
    RunInfo,
    RunMeasure,
    RunTold,
    TrainingPlan,
)
from engine.train.events import Encoded, Read, Sampled, Saved, Stepped, TrainEvent, Validated
from engine.train.results import DataInfo, Guess, LabelScore, TextScore
from engine.train.specs import Settings

PARAMETERS = 869_504
FINGERPRINT = "5e" * 32
CREATED = 1_790_000_000.0
DATA = DataInfo(FINGERPRINT, "pieces", 512, 110_000, 12_000, 33_000, 1, 370_000, 0)
LABELS = LabelScore(("ham", "spam"), 0.955, {"ham": 0.95, "spam": 0.96}, 0.955, ((21, 1), (1, 21)))


class FakeTrainingRun:
    """A run on its way, driven by a test: `step`, `sample`, `finish`, `fail`."""

    def __init__(self, house: "FakeTraining", run: RunInfo) -> None:
        self._house = house
        self.run = run
        self.operation: Operation[RunInfo] = Operation()
        self.operation.on_cancel(lambda: self.finish("stopped"))
        self.over = False
        self.show(run)

    def show(self, run: RunInfo) -> None:
        self.run = run
        self._house.runs[run.id] = run
        self.operation.emit(RunChanged(run))

    def tell(self, event: TrainEvent) -> None:
        past = self._house.histories.setdefault(self.run.id, RunHistory())
        match event:
            case Stepped():
                self.run = replace(self.run, step=event.step)
                past = replace(past, steps=(*past.steps, event))
            case Validated():
                self.run = replace(self.run, loss=event.loss)
                past = replace(past, validated=(*past.validated, event))
            case Sampled():
                past = replace(past, samples=(*past.samples, event))
            case _:
                pass
        self._house.histories[self.run.id] = past
        self._house.runs[self.run.id] = self.run
        self.operation.emit(RunTold(self.run.id, event))

    def prepare(self) -> None:
        if self.run.plan.grown:
            for event in (Read("text.txt", 1.0), Encoded(1.0)):
                self.operation.emit(RunTold(self.run.id, event))
            self.run = replace(self.run, data=DATA)
        self.show(replace(self.run, state="training", fingerprint=FINGERPRINT))

    def step(self, count: int = 1) -> None:
        """Learn on for `count` times the steps between two that are told."""
        settings = self.run.plan.settings
        for _ in range(count):
            at = min(settings.steps, self.run.step + settings.tell_every)
            self.tell(stepped(at, settings))
            if at % settings.validate_every == 0 or at == settings.steps:
                self.tell(Validated(at, _loss(at) + 0.12, 1.9, best=True))
                self.tell(Saved(at))
            if at == settings.steps:
                break

    def sample(self, prompt: str, text: str) -> None:
        self.tell(Sampled(self.run.step, prompt, text))

    def finish(self, state: str = "finished") -> None:
        if self.over:
            return
        self.over = True
        run = replace(self.run, state=state, loss=_loss(self.run.step) + 0.12)  # type: ignore[arg-type]
        if state == "finished":
            found = _measured(self.run, "")
            self._house.measures[run.id] = (found,)
            run = replace(run, labels=found.labels, answered=found.answered)
        took_s = self.run.step * 0.06
        self.show(replace(run, parameters=PARAMETERS, learning=PARAMETERS, seconds=took_s))
        self.operation.finish(self.run)

    def fail(self, error: Any, state: str = "failed") -> None:
        self.over = True
        self.show(replace(self.run, state=state, problem=error.problem()))  # type: ignore[arg-type]
        self.operation.fail(error)


class FakeTraining:
    """What FakeCore inherits."""

    automatic: bool
    _now: Callable[..., Operation[Any]]
    _note: Callable[..., None]

    def _open_training(self) -> None:
        self.runs: dict[str, RunInfo] = {}
        self.histories: dict[str, RunHistory] = {}
        self.trainings: list[FakeTrainingRun] = []
        self.written_rows: dict[str, tuple[tuple[str, str], ...]] = {}
        self.estimate = RunEstimate(PARAMETERS, PARAMETERS, 77_000_000, 6_000_000_000, 172.0, 14_200.0)
        self.answers: dict[str, str] = {}
        self.measures: dict[str, tuple[RunMeasure, ...]] = {}

    def list_runs(self) -> Operation[tuple[RunInfo, ...]]:
        return self._now("list_runs", lambda: tuple(sorted(self.runs.values(), key=lambda run: -run.created)))

    def run_history(self, run: str) -> Operation[RunHistory]:
        return self._now("run_history", lambda: self.histories.get(self._run(run).id, RunHistory()), run)

    def preview_data(self, plan: TrainingPlan) -> Operation[DataPreview]:
        return self._now("preview_data", lambda: _preview(plan, self.written_rows), plan)

    def rows_of(self, plan: TrainingPlan) -> Operation[tuple[tuple[str, str], ...]]:
        def work() -> tuple[tuple[str, str], ...]:
            made = sample(plan.sample) if plan.sample else None
            return made.rows if made is not None else self.written_rows.get(plan.inputs[0], ())

        return self._now("rows_of", work, plan)

    def write_rows(self, path: str, rows: tuple[tuple[str, str], ...], *, labels: bool) -> Operation[str]:
        def work() -> str:
            place = path or f"/home/ana/.local/share/sobremesa/training/.rows/{len(self.written_rows)}.jsonl"
            self.written_rows[place] = tuple(row for row in rows if all(part.strip() for part in row))
            return place

        return self._now("write_rows", work, path, rows, labels)

    def gather_material(self, what: str) -> Operation[str]:
        place = f"/home/ana/.local/share/sobremesa/training/.rows/{what}.jsonl"
        return self._now("gather_material", lambda: place, what)

    def estimate_run(self, plan: TrainingPlan) -> Operation[RunEstimate]:
        def work() -> RunEstimate:
            _checked(plan)
            return self.estimate

        return self._now("estimate_run", work, plan)

    def begin_run(self, plan: TrainingPlan) -> Operation[RunInfo]:
        def run() -> RunInfo:
            _checked(plan)
            return RunInfo(id=f"run{len(self.runs)}", plan=plan, created=CREATED + len(self.runs))

        return self._trained("begin_run", run, plan)

    def resume_run(self, run: str) -> Operation[RunInfo]:
        return self._trained("resume_run", lambda: replace(self._run(run), problem=None), run)

    def branch_run(self, run: str, settings: Settings, name: str = "") -> Operation[RunInfo]:
        def branch() -> RunInfo:
            source = self._run(run)
            made = f"run{len(self.runs)}"
            self.histories[made] = self.histories.get(run, RunHistory())
            plan = replace(source.plan, settings=settings, name=name or source.plan.name)
            return replace(source, id=made, plan=plan, parent=run, created=source.created + 1)

        return self._trained("branch_run", branch, run, settings, name)

    def _trained(self, name: str, begin: Callable[[], RunInfo], *arguments: object) -> Operation[RunInfo]:
        def work() -> FakeTrainingRun:
            present = next((one for one in self.trainings if not one.over), None)
            if present is not None:
                raise TrainingBusy(name=present.run.plan.name)
            return FakeTrainingRun(self, replace(begin(), state="preparing"))

        begun = self._now(name, work, *arguments)
        error = begun.error()
        if error is not None:
            failed: Operation[RunInfo] = Operation()
            failed.fail(error)
            return failed
        training = begun.result()
        self.trainings.append(training)
        if self.automatic:
            training.prepare()
            while training.run.step < training.run.plan.settings.steps:
                training.step()
            training.finish()
        return training.operation

    def rename_run(self, run: str, name: str) -> Operation[RunInfo]:
        def work() -> RunInfo:
            found = self._run(run)
            self.runs[run] = replace(found, plan=replace(found.plan, name=name))
            return self.runs[run]

        return self._now("rename_run", work, run, name)

    def delete_run(self, run: str) -> Operation[None]:
        def work() -> None:
            if self._run(run).running:
                raise TrainingBusy(name=self.runs[run].plan.name)
            del self.runs[run]

        return self._now("delete_run", work, run)

    def export_run(self, run: str) -> Operation[ExportedRun]:
        def work() -> ExportedRun:
            found = self._run(run)
            if found.plan.goal == "answer":
                return ExportedRun(found.plan.base, "/home/ana/.local/share/sobremesa/models/mine.gguf")
            return ExportedRun("/home/ana/.local/share/sobremesa/models/mine.gguf", completes=True)

        return self._now("export_run", work, run)

    def ask_models(
        self, models: tuple[str, ...], prompts: tuple[str, ...]
    ) -> Operation[tuple[Answered, ...]]:
        def work() -> tuple[Answered, ...]:
            return tuple(
                Answered(model, {prompt: self.answers.get(model, "") for prompt in prompts})
                for model in models
            )

        return self._now("ask_models", work, models, prompts)

    def measure_run(self, run: str, path: str = "") -> Operation[RunMeasure]:
        def work() -> RunMeasure:
            if run.startswith("/"):
                return RunMeasure({path: TextScore(3.4, 29.96, 1.02, 12_000)}, path=path, measured=CREATED)
            found = _measured(self._run(run), path)
            kept = self.measures.get(run, ())
            others = tuple(one for one in kept if (one.path, one.step) != (found.path, found.step))
            self.measures[run] = (found, *others)
            return found

        return self._now("measure_run", work, run, path)

    def run_measures(self, run: str) -> Operation[tuple[RunMeasure, ...]]:
        return self._now("run_measures", lambda: self.measures.get(self._run(run).id, ()), run)

    def _run(self, run: str) -> RunInfo:
        if run not in self.runs:
            raise RunMissing(run=run)
        return self.runs[run]


def _measured(run: RunInfo, path: str) -> RunMeasure:
    """On what it held out, or on a file."""
    of = {"path": path, "step": run.step, "measured": CREATED + run.step}
    match run.plan.goal:
        case "label":
            rows = sample(run.plan.sample or "messages_en")
            named = dict(zip(("correo", "spam"), LABELS.labels, strict=True))
            some = [(text, named.get(label, label)) for text, label in rows.rows[:44]] if rows else []
            first = next((text for text, label in some if label == "spam"), "")
            guesses = tuple(
                Guess(text, label, "ham" if text == first else label, 0.9) for text, label in some
            )
            return RunMeasure(labels=LABELS, guesses=guesses, **of)
        case "answer":
            notes = sample(run.plan.sample or "notes_en")
            asked = notes.rows[:14] if notes is not None else ()
            said = tuple(
                Guess(one, other, other if at % 7 else "—", float(bool(at % 7)))
                for at, (one, other) in enumerate(asked)
            )
            score = TextScore(0.412, 1.51, 0.0, 620)
            return RunMeasure({path: score}, None, said, 12 / 14, **of)
        case _:
            return RunMeasure({path: TextScore(1.21, 3.35, 1.4, 12_000)}, **of)


def stepped(step: int, settings: Settings) -> Stepped:
    """What a run tells after `step` steps."""
    left = (settings.steps - step) * 0.06
    rate = settings.rate * min(1.0, step / max(1, settings.warmup))
    return Stepped(step, settings.steps, _loss(step), rate, 0.4 + 2 / (1 + step / 50), 14_200.0, left)


def _loss(step: int) -> float:
    return 1.1 + 5.1 * math.exp(-step / 260) + 0.05 * math.sin(step * 1.7)


def _checked(plan: TrainingPlan) -> None:
    if not plan.sample and not plan.inputs:
        raise NothingToLearn
    if not plan.grown and not plan.base:
        raise NoBaseModel


def _preview(plan: TrainingPlan, written: dict[str, tuple[tuple[str, str], ...]]) -> DataPreview:
    if not plan.sample and not plan.inputs:
        raise NothingToLearn
    made = sample(plan.sample) if plan.sample in SAMPLES else None
    if plan.grown:
        text = made.text if made is not None else "What the person wrote.\n\nAnd more of it."
        paragraphs = [one.strip() for one in text.split("\n\n") if one.strip()]
        shown = tuple(DataRow(one) for one in paragraphs[:200])
        held = round(len(paragraphs) * plan.held_out_share)
        return DataPreview(
            "text", len(paragraphs), held, len(text), shown, lengths=tuple(map(len, paragraphs))
        )
    pairs = made.rows if made is not None else written.get(plan.inputs[0], (("Who?", "Ana."),) * 4)
    labels: dict[str, int] = {}
    if plan.goal == "label":
        for _, label in pairs:
            labels[label] = labels.get(label, 0) + 1
    lengths = tuple(len(one) + len(other) for one, other in pairs)
    return DataPreview(
        "labels" if plan.goal == "label" else "pairs", len(pairs), round(len(pairs) * plan.held_out_share),
        sum(lengths), tuple(DataRow(*pair) for pair in pairs[:200]), labels,
        {} if made is not None else {3: "empty", 7: "no_columns"}, (), lengths,
        tokens=tuple(length // 4 for length in lengths),
    )  # fmt: skip
