"""Runs on the disk: a folder each, with a record, what it learns from, and all that it told. Trains nothing.

    ID/about.json      the record, replaced whole
    ID/source/         copies of what it learns from
    ID/data/           running text as tokens, see `engine.train.prepare`
    ID/run/            the trainer's own, see `engine.train.run`
    ID/history.jsonl   what it told, a line each, appended

A folder may be moved, edited or cut by hand at any time: what cannot be read is listed as damaged.
"""

import contextlib
import re
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from uuid import uuid4

import msgspec

from desktop.core.private_files import append_private, private_folder, write_error, write_private
from desktop.core.training.errors import RunMissing, RunNotRemoved, RunUnreadable
from desktop.core.types.training import RunHistory, RunInfo, TrainingPlan
from engine.train.events import Sampled, Stepped, TrainEvent, Validated

ABOUT: Final = "about.json"
HISTORY: Final = "history.jsonl"
SPEC: Final = "run.json"  # the trainer's, in RUN
RUN: Final = "run"
DATA: Final = "data"
SOURCE: Final = "source"
_ID: Final = re.compile(r"[\w-]{1,64}")


class RunStore:
    """Everything below one folder. One thread writes to a run at a time."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    # ── records ──

    def create(self, plan: TrainingPlan, parent: str = "") -> RunInfo:
        """A new run with a folder of its own. Raises StorageFull, DataUnwritable."""
        run = RunInfo(id=uuid4().hex[:12], plan=plan, created=time.time(), parent=parent)
        try:
            private_folder(self.folder / run.id / SOURCE)
        except OSError as error:
            raise write_error(error, self.folder) from error
        return self.save(run)

    def save(self, run: RunInfo) -> RunInfo:
        """Raises RunMissing, StorageFull, DataUnwritable."""
        folder = self.path(run.id)
        write_private(folder / ABOUT, msgspec.json.format(msgspec.json.encode(run), indent=2))
        return run

    def load(self, run: str) -> RunInfo:
        """Raises RunMissing, RunUnreadable. A folder that was renamed is the run of its new name."""
        folder = self.path(run)
        try:
            found = msgspec.json.decode((folder / ABOUT).read_bytes(), type=RunInfo)
        except (OSError, msgspec.MsgspecError, ValueError) as error:
            raise RunUnreadable(str(error), path=str(folder)) from error
        return msgspec.structs.replace(found, id=run)

    def all(self) -> list[RunInfo]:
        """The newest first; those that cannot be read last."""
        found = [self._listed(folder) for folder in self._folders()]
        return sorted(found, key=lambda run: (run.state == "damaged", -run.created))

    def _listed(self, folder: Path) -> RunInfo:
        try:
            run = self.load(folder.name)
        except RunUnreadable as error:
            name = TrainingPlan(name=folder.name)
            return RunInfo(id=folder.name, plan=name, state="damaged", problem=error.problem())
        if run.step and not (folder / RUN / SPEC).exists():
            gone = RunUnreadable(SPEC, path=str(folder)).problem()
            return msgspec.structs.replace(run, state="damaged", problem=gone)
        return run

    def _folders(self) -> Iterator[Path]:
        try:
            found = list(self.folder.iterdir())
        except OSError:
            return
        yield from (path for path in found if path.is_dir() and _ID.fullmatch(path.name))

    def path(self, run: str) -> Path:
        """Raises RunMissing."""
        folder = self.folder / run
        if not _ID.fullmatch(run) or not folder.is_dir():
            raise RunMissing(run=run)
        return folder

    def trainer_path(self, run: str) -> Path:
        """Where the trainer keeps it. Raises RunMissing."""
        return self.path(run) / RUN

    def copy(self, run: RunInfo, plan: TrainingPlan) -> RunInfo:
        """A branch: all that a run has, under another plan. Raises RunMissing, StorageFull,
        DataUnwritable."""
        source = self.path(run.id)
        made = self.create(plan, run.id)
        try:
            for name in (SOURCE, DATA, RUN):
                if (source / name).is_dir():
                    shutil.copytree(source / name, self.folder / made.id / name, dirs_exist_ok=True)
            if (source / HISTORY).exists():
                shutil.copyfile(source / HISTORY, self.folder / made.id / HISTORY)
        except (OSError, shutil.Error) as error:
            shutil.rmtree(self.folder / made.id, ignore_errors=True)
            reason = error if isinstance(error, OSError) else OSError(str(error))
            raise write_error(reason, self.folder) from error
        kept = ("step", "loss", "seconds", "parameters", "learning", "fingerprint", "data")
        return self.save(msgspec.structs.replace(made, **{name: getattr(run, name) for name in kept}))

    def discard(self, run: str) -> None:
        """Into the system's trash. Raises RunMissing, RunNotRemoved."""
        folder = self.path(run)
        # importing it looks for the trash's folder, on Linux for GIO
        from send2trash import send2trash

        try:
            send2trash(str(folder))
        except OSError as error:
            raise RunNotRemoved(str(error), path=str(folder)) from error

    # ── what a run told ──

    def tell(self, run: str, event: TrainEvent) -> None:
        """Append it. A full disk loses the curve, never the run: its checkpoints say so themselves."""
        if isinstance(event, Stepped | Validated | Sampled):
            with contextlib.suppress(OSError):
                append_private(self.folder / run / HISTORY, msgspec.json.encode(event) + b"\n")

    def history(self, run: str) -> RunHistory:
        """Raises RunMissing. A line that was cut short is left out; steps taken once more count once."""
        path = self.path(run) / HISTORY
        decoder = msgspec.json.Decoder(TrainEvent)
        steps: list[Stepped] = []
        validated: list[Validated] = []
        samples: list[Sampled] = []
        try:
            lines = path.read_bytes().splitlines()
        except OSError:
            lines = []
        for line in lines:
            try:
                event = decoder.decode(line)
            except msgspec.MsgspecError:
                continue
            match event:
                case Stepped():
                    _from_here(steps, event.step)
                    steps.append(event)
                case Validated():
                    _from_here(validated, event.step)
                    validated.append(event)
                case Sampled():
                    if samples and samples[-1].step > event.step:
                        _from_here(samples, event.step)
                    samples.append(event)
                case _:
                    pass
        return RunHistory(tuple(steps), tuple(validated), tuple(samples))


def _from_here(told: "list[Stepped] | list[Validated] | list[Sampled]", step: int) -> None:
    """A run that went on from a checkpoint tells anew what came after it."""
    while told and told[-1].step >= step:
        told.pop()
