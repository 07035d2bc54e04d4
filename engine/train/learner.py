"""Who takes the steps: the arithmetic of a run behind one interface, here by NumPy on threads."""

import math
from collections.abc import Sequence
from typing import Any, Protocol

from engine.train.optimizer import AdamW
from engine.train.parameters import Parameters
from engine.train.parts import Array
from engine.train.task import Task
from engine.train.team import Team
from engine.train.transformer import Batch


class Learner(Protocol):
    """Steps down the gradient. `step` counts those taken."""

    step: int

    def learn(self, batches: Sequence[Batch], rate: float) -> tuple[float, float]:
        """One step by the gradients of all batches together.

        Gives the loss before it, in nats for each target that counts, and the gradient's norm before it was
        clipped; where that is no finite number, nothing was learnt.
        """
        ...

    def loss(self, batch: Batch) -> float:
        """The sum of the weighted losses."""
        ...

    def averages(self) -> dict[str, Array]:
        """The optimizer's running averages; the task's parameters are as they were learnt then."""
        ...

    def restore(self, step: int, averages: dict[str, Array]) -> None:
        """Go on from there, with the task's parameters as they are now."""
        ...

    def close(self) -> None: ...


class NumpyLearner:
    """Conforms to `Learner`. `parts`: `engine.train.parts` or `engine.train.compiled`."""

    def __init__(
        self,
        task: Task,
        parts: Any,
        *,
        rows: int,
        threads: int,
        decay: float,
        beta_square: float,
        clip: float,
    ) -> None:
        """`rows` in a batch."""
        self._optimizer = AdamW(task.learning, decay=decay, beta_square=beta_square, clip=clip)
        self._team = Team(
            task.config, task.weights, rows, task.time, parts, threads,
            task.learning.shapes, task.adapter, task.source_time, task.head,
        )  # fmt: skip

    @property
    def step(self) -> int:
        return self._optimizer.step

    @property
    def gradient(self) -> Parameters:
        """Of the step that was taken last."""
        return self._team.gradient

    def learn(self, batches: Sequence[Batch], rate: float) -> tuple[float, float]:
        divisor = targets_in(batches)
        loss = 0.0
        summed: Array | None = None
        for batch in batches:
            loss += self._team.loss_and_gradient(batch, divisor)
            if len(batches) > 1:
                gradient = self._team.gradient.flat
                summed = gradient.copy() if summed is None else summed + gradient
        if summed is not None:
            self._team.gradient.flat[...] = summed
        if not math.isfinite(loss):
            return loss, math.nan
        return loss, self._optimizer.take(self._team, rate)

    def loss(self, batch: Batch) -> float:
        return self._team.loss(batch, 1.0)

    def averages(self) -> dict[str, Array]:
        return {"mean": self._optimizer.mean, "square": self._optimizer.square}

    def restore(self, step: int, averages: dict[str, Array]) -> None:
        self._optimizer.step = step
        self._optimizer.mean[...] = averages["mean"]
        self._optimizer.square[...] = averages["square"]

    def close(self) -> None:
        self._team.close()


def targets_in(batches: Sequence[Batch]) -> float:
    """How much all targets count together."""
    return max(1e-9, sum(batch.counts for batch in batches))
