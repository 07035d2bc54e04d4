"""Quantize models into the models folder: whole or not at all, and measured before and after.

Decides what is done in which order and how the new file is called; the work is done by an engine worker of
its own, while the chat's goes on. What is quantized stays as it is.
"""

import os
import re
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Literal

from desktop.core.errors import Cancelled, NoRoomForModel, QuantizedNotWritten, Reported, SameQuantization
from desktop.core.events import QuantizingModel
from desktop.core.models.checksums import digest
from desktop.core.models.drafts import MARGIN_BYTES, discard, draft_in, free_bytes, placed
from desktop.core.models.jobs import ModelJobs
from desktop.core.models.shelf import ModelShelf
from desktop.core.models.splits import split_of
from desktop.core.models.texts import text_at
from desktop.core.models.walking import Cancel
from desktop.core.types import Problem
from desktop.core.types.models import Measured, ModelFile, QuantizedModel
from desktop.core.workers.supervisor import Launch
from engine import errors as engine
from engine import protocol
from engine.gguf_header import inspect
from engine.quantization import QuantizationType, check_source, type_named

LOCK_CHECK_S = 0.1
STEP = 0.01  # of a stage, between two events
SLACK_BYTES = 1 << 20  # metadata grows a little: of a split model, by the tables of all parts
MOST_NAME_BYTES = 200  # with type and number it stays a name that every system takes
# what keeps a model from being measured, and not from being quantized
_UNMEASURABLE = (
    engine.ModelTooLarge.code,
    engine.DeviceUnknown.code,
    engine.ModelLoadFailed.code,
    engine.DecodeFailed.code,
    engine.EngineDied.code,
)

_Stage = Literal["measuring_before", "quantizing", "measuring_after"]
Emit = Callable[[QuantizingModel], None]
Measuring = Callable[[str, str], protocol.MeasurePerplexity]


class Quantizer:
    """One model at a time: two would only take each other's memory and time."""

    def __init__(
        self,
        shelf: ModelShelf,
        launch: Callable[[], Launch],
        measuring: Measuring = protocol.MeasurePerplexity,
    ) -> None:
        """`measuring`: how the model at a path is measured on a text, as the settings are then."""
        self._shelf = shelf
        self._measuring = measuring
        self._jobs = ModelJobs(launch)
        self._lock = threading.Lock()

    def run(
        self, path: str, quantization: str, measured_on: str | None, emit: Emit, cancelled: Cancel
    ) -> QuantizedModel:
        """Quantize the model that the file at `path` is or belongs to.

        `measured_on`: the file of a text, "" for ours, None to measure nothing. Raises what
        `ModelShelf.inspect` raises, Cancelled, SameQuantization, NoRoomForModel, QuantizedNotWritten,
        TextUnreadable and, reported, what the engine raises; then the models folder is as it was.
        """
        source = self._checked(path, quantization)
        text = None if measured_on is None else text_at(measured_on)
        while not self._lock.acquire(timeout=LOCK_CHECK_S):
            if cancelled():
                raise Cancelled
        try:
            to = type_named(quantization)
            job = _Job(self._shelf, self._jobs, self._measuring, source, to, emit, cancelled)
            return job.run(text, own_text=bool(measured_on))
        finally:
            self._jobs.end()
            self._lock.release()

    def close(self) -> None:
        """End what runs, and wait until its draft is gone."""
        self._jobs.close()
        if self._lock.acquire(timeout=1.0):
            self._lock.release()

    @property
    def pid(self) -> int | None:
        return self._jobs.pid

    def _checked(self, path: str, quantization: str) -> ModelFile:
        try:
            to = type_named(quantization)
            source = self._shelf.inspect(path)
            check_source(inspect(source.path))
        except engine.EngineError as error:
            raise Reported.of(error) from error
        if source.quantization == to.name:
            raise SameQuantization(path=source.path, quantization=to.name)
        return source


class _Job:
    """One model on its way."""

    def __init__(
        self,
        shelf: ModelShelf,
        jobs: ModelJobs,
        measuring: Measuring,
        source: ModelFile,
        to: QuantizationType,
        emit: Emit,
        cancelled: Cancel,
    ) -> None:
        self._shelf, self._jobs, self._measuring = shelf, jobs, measuring
        self._source, self._to = source, to
        self._emit, self._cancelled = emit, cancelled
        self._unmeasured: Problem | None = None

    def run(self, text: str | None, *, own_text: bool) -> QuantizedModel:
        foreseen = self._foreseen()
        before = after = None
        if text is not None:
            before = self._measure("measuring_before", self._source.path, text, own_text=own_text)
        draft = self._new_draft()
        try:
            made = self._quantize(draft, foreseen.size_bytes)
            if text is not None:
                after = self._measure("measuring_after", str(draft), text, sure=before is not None)
            sha256, status = digest(draft, self._cancelled)
            final = placed(draft, self._shelf.folder, _name(self._source, self._to), ".gguf")
        except OSError as error:
            raise self._unwritten(error) from error
        finally:
            discard(draft)
        self._shelf.facts.keep_sha256(final, status, sha256)
        return QuantizedModel(
            model=self._shelf.described(split_of(final)),
            before_bytes=self._source.size_bytes,
            after_bytes=status.st_size,
            before=before,
            after=after,
            unmeasured=self._unmeasured,
            shares=made.shares,
            fell_back=made.fell_back,
            lossy_source=made.lossy_source,
        )

    def _foreseen(self) -> protocol.Quantized:
        """What will come of it, as llama.cpp says without writing. Raises NoRoomForModel."""
        foreseen = self._quantized(self._request("", predict=True))
        needed_bytes = foreseen.size_bytes + MARGIN_BYTES
        if self._free_bytes() < needed_bytes:
            raise self._no_room(needed_bytes)
        return foreseen

    def _new_draft(self) -> Path:
        try:
            draft = draft_in(self._shelf.folder)
            os.close(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        except OSError as error:
            raise self._unwritten(error) from error
        return draft

    def _quantize(self, draft: Path, size_bytes: int) -> protocol.Quantized:
        self._emit(QuantizingModel("quantizing", 0.0))
        try:
            made = self._quantized(self._request(str(draft)), _Told("quantizing", self._emit))
        except Reported as error:
            missing = size_bytes - draft.stat().st_size
            if self._free_bytes() < min(missing, MARGIN_BYTES):  # llama.cpp says only that writing failed
                raise self._no_room(size_bytes) from error
            raise
        self._check(draft, size_bytes)
        return made

    def _check(self, draft: Path, size_bytes: int) -> None:
        """Raises (reported) QuantizeFailed when the file is not what was asked for."""
        try:
            header = inspect(draft)
        except engine.ModelFileError as error:
            raise self._broken(str(error)) from error
        if header.quantization != self._to.name or abs(header.size_bytes - size_bytes) > SLACK_BYTES:
            raise self._broken(f"{header.quantization}, {header.size_bytes} bytes for {size_bytes}")
        with draft.open("rb") as file:
            os.fsync(file.fileno())

    def _measure(
        self, stage: _Stage, path: str, text: str, *, own_text: bool = False, sure: bool = False
    ) -> Measured | None:
        """None where this machine cannot run the model; what it could run before, it must run after."""
        self._emit(QuantizingModel(stage, 0.0))
        request = self._measuring(path, text)
        try:
            found = self._jobs.ask(request, _Told(stage, self._emit), self._cancelled)
        except Reported as error:
            problem = error.problem()
            if sure:
                raise self._broken(f"{problem.code} {problem.detail}") from error
            if problem.code not in _UNMEASURABLE and (own_text or problem.code != engine.TextTooShort.code):
                raise
            self._unmeasured = problem
            return None
        assert isinstance(found, protocol.Measured)  # noqa: S101  its only other end is Failed
        return Measured(found.perplexity, found.tokens)

    def _request(self, target: str, *, predict: bool = False) -> protocol.Quantize:
        return protocol.Quantize(self._source.path, target, self._to.name, predict=predict)

    def _quantized(
        self,
        request: protocol.Quantize,
        on_progress: Callable[[protocol.Progress], None] = lambda _progress: None,
    ) -> protocol.Quantized:
        try:
            found = self._jobs.ask(request, on_progress, self._cancelled)
        except Reported as error:
            problem = error.problem()
            if problem.code == engine.EngineDied.code:
                raise self._broken(f"{problem.params.get('how', '')}\n{problem.detail}") from error
            raise
        assert isinstance(found, protocol.Quantized)  # noqa: S101  its only other end is Failed
        return found

    def _free_bytes(self) -> int:
        """Where the models folder is, or will be."""
        folder = self._shelf.folder
        while not folder.exists() and folder != folder.parent:
            folder = folder.parent
        return free_bytes(folder)

    def _no_room(self, needed_bytes: int) -> NoRoomForModel:
        return NoRoomForModel(
            path=self._source.path,
            folder=str(self._shelf.folder),
            needed_bytes=needed_bytes,
            free_bytes=self._free_bytes(),
        )

    def _unwritten(self, error: OSError) -> QuantizedNotWritten:
        return QuantizedNotWritten(str(error), path=self._source.path, folder=str(self._shelf.folder))

    def _broken(self, detail: str) -> Reported:
        return Reported.of(engine.QuantizeFailed(detail, path=self._source.path))


class _Told:
    """Passes on what a stage does, not more often than anybody sees."""

    def __init__(self, stage: _Stage, emit: Emit) -> None:
        self._stage = stage
        self._emit = emit
        self._told = 0.0

    def __call__(self, progress: protocol.Progress) -> None:
        if progress.stage == "loading":
            return
        if progress.done - self._told >= STEP or progress.done >= 1:
            self._told = progress.done
            self._emit(QuantizingModel(self._stage, progress.done))


def _name(source: ModelFile, to: QuantizationType) -> str:
    """`Model.Q4_K_M`: what people know the model by, without what no file name may hold."""
    name = re.sub(r'[<>:"/\\|?*\x00-\x1f]+', "-", source.name).strip(" .-") or "model"
    whole = name.encode()[:MOST_NAME_BYTES].decode("utf-8", "ignore")
    return f"{whole}.{to.name}"
