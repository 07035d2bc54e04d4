"""A run: steps of learning, told, measured and kept. What is learnt from is a task's to say.

A run is a folder: run.json (the task and its settings), checkpoints, the best parameters. It can be killed
at any moment and goes on from its last checkpoint as if nothing had happened: what a step learns from
depends on its number and the seed alone.
"""

import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import msgspec

from engine.train.checkpoint import State, last_step, load_checkpoint, save_best, save_checkpoint
from engine.train.clock import Clock
from engine.train.errors import Diverged, RunDamaged, RunExists
from engine.train.events import Ended, Sampled, Saved, Stepped, TrainEvent, Validated
from engine.train.learner import Learner, NumpyLearner
from engine.train.optimizer import Schedule
from engine.train.specs import Settings
from engine.train.task import Task

SPEC: Final = "run.json"


class Run:
    """A run in its folder. `steps` does the work and tells of it."""

    def __init__(
        self, path: Path, task: Task, settings: Settings, parts: Any, learner: Learner | None = None
    ) -> None:
        """`learner` None: NumPy on threads."""
        self.path, self.task, self.settings, self.parts = path, task, settings, parts
        self.best_loss, self.best_step, self.seconds = math.inf, 0, 0.0
        self.norm = 0.0  # of the last gradient
        self.learner = learner or NumpyLearner(
            task, parts, rows=settings.batch, threads=settings.threads, decay=settings.decay,
            beta_square=settings.beta_square, clip=settings.clip,
        )  # fmt: skip

    def begin(self, spec: Any) -> None:
        """Make the folder, with what `spec` and the settings say. Raises RunExists."""
        if (self.path / SPEC).exists():
            raise RunExists(path=str(self.path))
        self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
        kept = {"task": spec, "settings": self.settings, "config": self.task.config}
        draft = self.path / f"{SPEC}.new"  # a kill in the midst of it would leave what nobody can read
        draft.write_bytes(msgspec.json.format(msgspec.json.encode(kept), indent=2))
        draft.replace(self.path / SPEC)

    def resume(self) -> None:
        """Go on from the last checkpoint; from the beginning where there is none. Raises RunDamaged."""
        try:
            state, arrays = load_checkpoint(self.path)
        except RunDamaged:
            if any(self.path.glob("step-*.safetensors")):
                raise
            return
        if state.config != self.task.config or arrays["learnt"].shape != self.task.learning.flat.shape:
            raise RunDamaged("the checkpoint is of another model", path=str(self.path))
        self.task.learning.flat[...] = arrays["learnt"]
        self.learner.restore(state.step, arrays)
        self.best_loss, self.best_step, self.seconds = state.best_loss, state.best_step, state.seconds

    # ── the loop ──

    def steps(self, stop: Callable[[], bool] = lambda: False) -> Iterator[TrainEvent]:
        """Learn until all steps are taken, nothing is gained any more, or `stop` says so.

        Raises Diverged, DiskFull; the checkpoints stay whole.
        """
        settings, learner = self.settings, self.learner
        schedule = Schedule(
            settings.rate, settings.low_rate or settings.rate / 10, settings.warmup, settings.steps
        )
        clock = Clock(self.seconds)
        losses: list[float] = []
        while learner.step < settings.steps:
            if stop():
                yield self._save()
                yield Ended("stopped", learner.step, self.best_loss, self.seconds)
                return
            losses.append(self.learn(schedule.rate(learner.step + 1)))
            clock.done("learn")
            step, last = learner.step, learner.step == settings.steps
            self.seconds = clock.seconds
            if step % settings.tell_every == 0 or last:
                tokens = len(losses) * settings.batch * settings.accumulate * self.task.time
                yield Stepped(
                    step, settings.steps, sum(losses) / len(losses), schedule.rate(step), self.norm,
                    tokens / clock.lap(), clock.each * (settings.steps - step),
                )  # fmt: skip
                losses = []
            if step % settings.validate_every == 0 or last:
                yield self._validate()
                clock.done("validate")
            if settings.sample_every and (step % settings.sample_every == 0 or last):
                yield from (Sampled(step, *said) for said in self.task.sample(step, self.parts))
                clock.done("sample")
            if step % settings.save_every == 0 or last:
                yield self._save()
                clock.done("save")
            if self._exhausted():
                yield self._save()
                yield Ended("early", step, self.best_loss, self.seconds)
                return
        yield Ended("finished", learner.step, self.best_loss, self.seconds)

    def learn(self, rate: float) -> float:
        """One step. Gives the loss before it, in nats for each target that counts. Raises Diverged."""
        count, rows = self.settings.accumulate, self.settings.batch
        first = self.learner.step * count
        batches = [self.task.draw(index, rows) for index in range(first, first + count)]
        loss, self.norm = self.learner.learn(batches, rate)
        if not math.isfinite(loss) or not math.isfinite(self.norm):
            raise Diverged(step=self.learner.step, kept=last_step(self.path))
        return loss

    def measure(self) -> float:
        """The loss on everything that is held out, in nats for each target."""
        loss = counted = 0.0
        for batch in self.task.held_out(self.settings.batch):
            loss += self.learner.loss(batch)
            counted += float(batch.weights.sum())
        return loss / max(1e-9, counted)

    def _validate(self) -> Validated:
        loss = self.measure()
        best = loss < self.best_loss
        if best:
            self.best_loss, self.best_step = loss, self.learner.step
            self.learner.averages()
            save_best(self.path, self._state(), {"learnt": self.task.learning.flat})
        size = self.task.bytes_per_token
        return Validated(self.learner.step, loss, loss / math.log(2) / size if size else 0.0, best)

    def _save(self) -> Saved:
        averages = self.learner.averages()  # first: what was learnt is in its place then
        arrays = {"learnt": self.task.learning.flat, **averages}
        save_checkpoint(self.path, self._state(), arrays)
        return Saved(self.learner.step)

    def _state(self) -> State:
        return State(self.task.config, self.learner.step, self.best_loss, self.best_step, self.seconds)

    def _exhausted(self) -> bool:
        waited = self.learner.step - self.best_step
        patience = self.settings.patience * self.settings.validate_every
        return 0 < patience <= waited and self.best_step > 0

    def close(self) -> None:
        self.learner.close()
