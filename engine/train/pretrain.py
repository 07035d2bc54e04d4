"""The second phase: a new model learns from prepared text. Reads no raw text, exports nothing.

A run is a folder: settings.json, checkpoints, the best parameters, and log.jsonl with every event. It can be
killed at any moment and goes on from its last checkpoint as if nothing had happened: same data, same numbers.
"""

import math
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np

from engine.train.checkpoint import State, last_step, load_checkpoint, save_best, save_checkpoint
from engine.train.config import ModelConfig
from engine.train.errors import Diverged, RunDamaged, RunExists, TextTooSmall
from engine.train.events import Ended, Sampled, Saved, Stepped, TrainEvent, Validated
from engine.train.generate import Writer
from engine.train.optimizer import AdamW, Schedule
from engine.train.parameters import Parameters, initialized, shapes_of
from engine.train.parts import Array
from engine.train.prepare import Prepared
from engine.train.team import Team
from engine.train.windows import Windows

SETTINGS: Final = "settings.json"
LOG: Final = "log.jsonl"


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """How to learn. Rates, betas and the share of warm-up are what small models like."""

    steps: int = 2000
    batch: int = 12  # windows a step
    accumulate: int = 1  # batches a step: their gradients are summed
    rate: float = 2e-3
    low_rate: float = 0.0  # 0: a tenth of `rate`
    warmup: int = 100
    decay: float = 0.1
    beta_square: float = 0.99
    clip: float = 1.0
    seed: int = 1
    threads: int = 2
    validate_every: int = 250
    validation_batches: int = 0  # 0: all of the validation text
    save_every: int = 250
    sample_every: int = 500
    sample_tokens: int = 120
    sample_prompt: str = "\n"
    patience: int = 0  # validations without gain after which it ends; 0: it never ends early
    tell_every: int = 10


class Run:
    """A run in its folder. `steps` does the work and tells of it."""

    def __init__(
        self, path: Path, data: Prepared, config: ModelConfig, settings: Settings, parts: Any
    ) -> None:
        self.path, self.data, self.config, self.settings = path, data, config, settings
        self.weights: Parameters = initialized(config, settings.seed)
        self.optimizer = AdamW(
            self.weights, decay=settings.decay, beta_square=settings.beta_square, clip=settings.clip
        )
        self.random = np.random.default_rng(settings.seed)
        self.best_loss, self.best_step, self.seconds = math.inf, 0, 0.0
        self.norm = 0.0  # of the last gradient
        least = min(len(data.train), len(data.validation))
        if least < config.context + 2:
            raise TextTooSmall(tokens=least, needed=config.context + 2)
        shapes = self.weights.shapes
        self.team = Team(
            config, self.weights, settings.batch, config.context, parts, settings.threads, shapes
        )
        self.parts = parts
        end = data.tokenizer.end
        self.windows = Windows(data.train, settings.batch, config.context, end)
        self.held_out = Windows(data.validation, settings.batch, config.context, end)

    @classmethod
    def begin(cls, path: Path, data: Prepared, config: ModelConfig, settings: Settings, parts: Any) -> "Run":
        """A new run. Raises RunExists, TextTooSmall."""
        if (path / SETTINGS).exists():
            raise RunExists(path=str(path))
        run = cls(path, data, config, settings, parts)
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
        kept = {"config": config, "settings": settings, "data": str(data.path.resolve()),
                "fingerprint": data.info.fingerprint}  # fmt: skip
        (path / SETTINGS).write_bytes(msgspec.json.format(msgspec.json.encode(kept), indent=2))
        return run

    @classmethod
    def resume(cls, path: Path, parts: Any, data: Prepared | None = None) -> "Run":
        """Go on from the last checkpoint; from the beginning where there is none. Raises RunDamaged,
        DataDamaged."""
        try:
            kept = msgspec.json.decode((path / SETTINGS).read_bytes(), type=Kept)
        except (OSError, msgspec.MsgspecError) as error:
            raise RunDamaged(str(error), path=str(path)) from error
        run = cls(path, data or Prepared(Path(kept.data)), kept.config, kept.settings, parts)
        try:
            state, arrays = load_checkpoint(path)
        except RunDamaged:
            if any(path.glob("step-*.safetensors")):
                raise
            return run
        if state.config != kept.config:
            raise RunDamaged("the checkpoint is of another model", path=str(path))
        run.weights.flat[...] = arrays["parameters"]
        run.optimizer.mean[...] = arrays["mean"]
        run.optimizer.square[...] = arrays["square"]
        run.optimizer.step = state.step
        run.random.bit_generator.state = state.random
        run.best_loss, run.best_step, run.seconds = state.best_loss, state.best_step, state.seconds
        return run

    # ── the loop ──

    def steps(self, stop: Callable[[], bool] = lambda: False) -> Iterator[TrainEvent]:
        """Learn until all steps are taken, nothing is gained any more, or `stop` says so.

        Raises Diverged, DiskFull; the checkpoints stay whole.
        """
        settings = self.settings
        peak = settings.rate
        schedule = Schedule(peak, settings.low_rate or peak / 10, settings.warmup, settings.steps)
        began, told, losses = time.monotonic(), time.monotonic(), []
        before = self.seconds
        first = self.optimizer.step
        while self.optimizer.step < settings.steps:
            if stop():
                yield self._save()
                yield Ended("stopped", self.optimizer.step, self.best_loss, self.seconds)
                return
            losses.append(self._step(schedule))
            step = self.optimizer.step
            self.seconds = before + time.monotonic() - began
            last = step == settings.steps
            if step % settings.tell_every == 0 or last:
                now = time.monotonic()
                tokens = len(losses) * settings.batch * settings.accumulate * self.config.context
                each = (now - began) / (step - first)
                yield Stepped(
                    step, settings.steps, sum(losses) / len(losses), schedule.rate(step), self.norm,
                    tokens / max(now - told, 1e-9), each * (settings.steps - step),
                )  # fmt: skip
                told, losses = now, []
            if step % settings.validate_every == 0 or last:
                yield self._validate()
            if settings.sample_every and (step % settings.sample_every == 0 or last):
                yield self._sample()
            if step % settings.save_every == 0 or last:
                yield self._save()
            if self._exhausted():
                yield self._save()
                yield Ended("early", step, self.best_loss, self.seconds)
                return
        yield Ended("finished", self.optimizer.step, self.best_loss, self.seconds)

    def _step(self, schedule: Schedule) -> float:
        divisor = float(self.settings.batch * self.config.context * self.settings.accumulate)
        loss = 0.0
        summed: Array | None = None
        for turn in range(self.settings.accumulate):
            loss += self.team.loss_and_gradient(self.windows.draw(self.random), divisor)
            if turn == 0 and self.settings.accumulate > 1:
                summed = self.team.gradient.flat.copy()
            elif summed is not None:
                summed += self.team.gradient.flat
        if summed is not None:
            self.team.gradient.flat[...] = summed
        self.norm = self.optimizer.take(self.team, schedule.rate(self.optimizer.step + 1))
        if not math.isfinite(loss) or not math.isfinite(self.norm):
            raise Diverged(step=self.optimizer.step, kept=last_step(self.path))
        return loss

    def _validate(self) -> Validated:
        loss, counted = 0.0, 0
        for number, (batch, targets) in enumerate(self.held_out.all()):
            if number == self.settings.validation_batches > 0:
                break
            loss += self.team.loss(batch, 1.0)
            counted += targets
        loss /= counted
        info = self.data.info
        bits = loss / math.log(2) * info.validation_tokens / max(1, info.validation_bytes)
        best = loss < self.best_loss
        step = self.optimizer.step
        if best:
            self.best_loss, self.best_step = loss, step
            save_best(self.path, self._state(), {"parameters": self.weights.flat})
        return Validated(step, loss, bits, best)

    def _sample(self) -> Sampled:
        writer = Writer(self.config, self.weights, self.parts)
        tokenizer = self.data.tokenizer
        prompt = tokenizer.encode(self.settings.sample_prompt) or [tokenizer.end]
        tokens = writer.write(
            prompt, self.settings.sample_tokens, seed=self.optimizer.step, stop=frozenset([tokenizer.end])
        )
        return Sampled(self.optimizer.step, self.settings.sample_prompt, tokenizer.decode(tokens))

    def _save(self) -> Saved:
        arrays: dict[str, Array] = {
            "parameters": self.weights.flat,
            "mean": self.optimizer.mean,
            "square": self.optimizer.square,
        }
        save_checkpoint(self.path, self._state(), arrays)
        return Saved(self.optimizer.step)

    def _state(self) -> State:
        return State(
            self.config, self.optimizer.step, dict(self.random.bit_generator.state),
            self.best_loss, self.best_step, self.seconds,
        )  # fmt: skip

    def _exhausted(self) -> bool:
        waited = self.optimizer.step - self.best_step
        patience = self.settings.patience * self.settings.validate_every
        return 0 < patience <= waited and self.best_step > 0

    def close(self) -> None:
        self.team.close()


class Kept(msgspec.Struct, frozen=True):
    """settings.json of a run."""

    config: ModelConfig
    settings: Settings
    data: str
    fingerprint: str


def sizes_of(config: ModelConfig) -> int:
    """Parameters of a model."""
    return sum(math.prod(shape) for shape in shapes_of(config).values())
