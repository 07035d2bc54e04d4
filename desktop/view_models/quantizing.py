"""Making a smaller file of a model: the types there are, the job that runs, what came of it. No words."""

from collections.abc import Mapping
from typing import Literal

import msgspec
from msgspec.structs import replace
from PySide6.QtCore import QObject, Signal

from desktop.core.contract import Core
from desktop.core.events import QuantizingModel
from desktop.core.operations import Operation, start
from desktop.core.types import Problem
from desktop.core.types.models import ModelFile, QuantizedModel
from desktop.view_models.bridge import follow
from engine.errors import ModelFileError
from engine.gguf_header import inspect
from engine.quantization import TYPES, predicted_bytes

Stage = Literal["", "measuring_before", "quantizing", "measuring_after"]


class Job(msgspec.Struct, frozen=True):
    """`stage` "": it has not begun. `done` is 0..1 of the stage."""

    model: ModelFile
    quantization: str
    measure: bool
    state: Literal["running", "stopping", "failed", "done"] = "running"
    stage: Stage = ""
    done: float = 0.0
    problem: Problem | None = None
    result: QuantizedModel | None = None


class QuantizingViewModel(QObject):
    """One job at a time: it takes all of the machine."""

    changed = Signal()

    def __init__(self, core: Core, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._core = core
        self._operation: Operation[QuantizedModel] | None = None
        self.job: Job | None = None

    @property
    def running(self) -> bool:
        return self._operation is not None

    def start(self, model: ModelFile, quantization: str, *, measure: bool) -> None:
        """Begin, unless a job runs already."""
        if self._operation is not None:
            return
        operation = self._core.quantize_model(model.path, quantization, measure=measure)
        self._operation = operation
        self.job = Job(model, quantization, measure)
        self.changed.emit()

        def made(result: QuantizedModel) -> None:
            self._operation = None
            self._change(state="done", result=result)

        def failed(problem: Problem) -> None:
            self._operation = None
            if problem.code == "cancelled":
                self.dismiss()
            else:
                self._change(state="failed", problem=problem)

        follow(operation, self, on_event=self._step, on_result=made, on_error=failed)

    def cancel(self) -> None:
        """Stop; nothing is left of it."""
        if self._operation is not None:
            self._change(state="stopping")
            self._operation.cancel()

    def again(self) -> None:
        """Begin the job that failed anew."""
        job = self.job
        if job is not None and self._operation is None:
            self.start(job.model, job.quantization, measure=job.measure)

    def dismiss(self) -> None:
        """Show the job that is over no more."""
        if self._operation is None:
            self.job = None
            self.changed.emit()

    def _step(self, event: object) -> None:
        if isinstance(event, QuantizingModel):
            self._change(stage=event.stage, done=event.done)

    def _change(self, **changes: object) -> None:
        if self.job is not None:
            self.job = replace(self.job, **changes)
            self.changed.emit()


# of all types the ones that most people choose between, from the finest to the smallest
COMMON = ("F16", "Q8_0", "Q6_K", "Q5_K_M", "Q4_K_M", "IQ4_XS", "Q3_K_M", "Q2_K")
USUAL = "Q4_K_M"


class Choice(msgspec.Struct, frozen=True):
    """A type that a model can be written in. `size_bytes`: foreseen. `common`: one that most people take."""

    name: str
    size_bytes: int
    common: bool = False


def choices(model: ModelFile, foreseen: Mapping[str, int] | None = None) -> tuple[Choice, ...]:
    """The types that would make a model smaller, the largest first.

    `foreseen`: sizes from the file's header; without them they are reckoned by the bits of a weight.
    """
    sizes = foreseen or {name: round(model.parameters * to.bits / 8) for name, to in TYPES.items()}
    return tuple(
        Choice(name, sizes[name], name in COMMON)
        for name in TYPES
        if name in sizes and sizes[name] < model.size_bytes and name != model.quantization
    )


def foresee(model: ModelFile) -> Operation[dict[str, int]]:
    """How large the file of each type will be, from the model's header; nothing where it cannot be read."""

    def work(_: Operation[dict[str, int]]) -> dict[str, int]:
        if model.parts > 1:  # the first header knows its own tensors alone
            return {}
        try:
            header = inspect(model.path)
        except ModelFileError:
            return {}
        return {name: predicted_bytes(header, to) for name, to in TYPES.items()}

    return start(work, "foresee sizes")
