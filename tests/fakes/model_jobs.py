"""Copies, downloads and quantizations in the fake core: step by step, or played on a thread."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from desktop.core.errors import Cancelled, Reported
from desktop.core.events import CopyingModel, DownloadingModel, QuantizingModel
from desktop.core.operations import Operation
from desktop.core.types import Problem
from desktop.core.types.models import ImportedModel, Measured, ModelFile, PausedDownload, QuantizedModel

Stage = Literal["measuring_before", "quantizing", "measuring_after"]

STEP_S = 0.002
RATE = 12_500_000.0
STAGES: tuple[Stage, ...] = ("measuring_before", "quantizing", "measuring_after")


@dataclass
class FakeCopy:
    """One model on its way into the folder. Cancelling leaves nothing."""

    source: ModelFile
    arrived: Callable[[ModelFile], ImportedModel]
    operation: Operation[ImportedModel] = field(default_factory=Operation)

    def __post_init__(self) -> None:
        self._lock = threading.RLock()
        self.operation.on_cancel(lambda: self._end(Cancelled()))

    def progress(self, share: float) -> None:
        with self._lock:
            if not self.operation.done:
                total = self.source.size_bytes
                self.operation.emit(CopyingModel(round(total * share), total))

    def finish(self) -> None:
        with self._lock:
            if not self.operation.done:
                self.progress(1.0)
                self.operation.finish(self.arrived(self.source))

    def fail(self, problem: Problem) -> None:
        self._end(Reported(problem))

    def _end(self, error: Cancelled | Reported) -> None:
        with self._lock:
            if not self.operation.done:
                self.operation.fail(error)


@dataclass
class FakeDownload:
    """One file of the hub on its way. Cancelling and failing keep what came; `kept` is told of it."""

    what: PausedDownload
    kept: Callable[[PausedDownload], None]
    arrived: Callable[[PausedDownload], ImportedModel]
    operation: Operation[ImportedModel] = field(default_factory=Operation)

    def __post_init__(self) -> None:
        self._lock = threading.RLock()
        self.done_bytes = self.what.kept_bytes
        self.operation.on_cancel(lambda: self._end(Cancelled()))

    def progress(self, share: float, rate: float = RATE, *, checking: bool = False) -> None:
        with self._lock:
            if not self.operation.done:
                self.done_bytes = round(self.what.total_bytes * share)
                self.operation.emit(
                    DownloadingModel(self.done_bytes, self.what.total_bytes, rate, checking=checking)
                )

    def finish(self) -> None:
        with self._lock:
            if not self.operation.done:
                self.progress(1.0, 0.0, checking=True)
                self.operation.finish(self.arrived(self.what))

    def fail(self, problem: Problem) -> None:
        self._end(Reported(problem))

    def _end(self, error: Cancelled | Reported) -> None:
        from msgspec.structs import replace

        with self._lock:
            if not self.operation.done:
                self.kept(replace(self.what, kept_bytes=self.done_bytes))
                self.operation.fail(error)


@dataclass
class FakeQuantizing:
    """One model being made smaller. Cancelling leaves nothing."""

    source: ModelFile
    quantization: str
    measure: bool
    arrived: Callable[[ModelFile, str], ModelFile]
    operation: Operation[QuantizedModel] = field(default_factory=Operation)

    def __post_init__(self) -> None:
        self._lock = threading.RLock()
        self.operation.on_cancel(lambda: self._end(Cancelled()))

    def progress(self, event: QuantizingModel) -> None:
        with self._lock:
            if not self.operation.done:
                self.operation.emit(event)

    def finish(self) -> None:
        with self._lock:
            if not self.operation.done:
                made = self.arrived(self.source, self.quantization)
                before, after = Measured(14.21, 2048), Measured(14.63, 2048)
                sizes = (self.source.size_bytes, made.size_bytes)
                measures = (before, after) if self.measure else (None, None)
                self.operation.finish(QuantizedModel(made, *sizes, *measures))

    def fail(self, problem: Problem) -> None:
        self._end(Reported(problem))

    def _end(self, error: Cancelled | Reported) -> None:
        with self._lock:
            if not self.operation.done:
                self.operation.fail(error)


def play(job: FakeCopy | FakeDownload | FakeQuantizing, step_s: float = STEP_S) -> None:
    """Run a job to its end on a thread."""

    def run() -> None:
        if isinstance(job, FakeQuantizing):
            for stage in STAGES if job.measure else STAGES[1:2]:
                time.sleep(step_s)
                job.progress(QuantizingModel(stage, 1.0))
        else:
            for step in range(5):
                time.sleep(step_s)
                job.progress(step / 4)
        job.finish()

    threading.Thread(target=run, name="fake model job", daemon=True).start()
