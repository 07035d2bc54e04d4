"""Steps taken by JAX: on a GPU, or with each batch shared out over several devices. Needs the extra [jax]."""

import functools
import math
from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.sharding import Mesh, NamedSharding, PartitionSpec

from engine.train import jax_model
from engine.train.learner import targets_in
from engine.train.parameters import Parameters, decays
from engine.train.parts import Array
from engine.train.task import Task
from engine.train.transformer import Batch


class JaxLearner:
    """Conforms to `engine.train.learner.Learner`.

    Rows of a batch are divided over `devices` (None: all that there are, of all hosts that
    `jax.distributed.initialize` brought together); parameters stand on each.
    """

    def __init__(
        self,
        task: Task,
        *,
        decay: float,
        beta_square: float,
        clip: float,
        devices: Sequence[Any] | None = None,
    ) -> None:
        self._task, self.step = task, 0
        mesh = Mesh(np.array(devices or jax.devices()), ("rows",))
        self._rows = NamedSharding(mesh, PartitionSpec("rows"))  # type: ignore[no-untyped-call]
        self._everywhere = NamedSharding(mesh, PartitionSpec())  # type: ignore[no-untyped-call]
        self._fixed = self._put(
            {name: task.weights[name] for name in task.weights if name not in task.learning}
        )
        self._learning = self._put({name: task.learning[name] for name in task.learning})
        self._mean = self._put({name: np.zeros_like(task.learning[name]) for name in task.learning})
        self._square = self._put({name: np.zeros_like(task.learning[name]) for name in task.learning})
        head = task.head or ("token_embedding" if task.config.tied else "head")
        loss = functools.partial(
            jax_model.loss, config=task.config, head=head, low_rank_scale=task.low_rank_scale
        )
        self._loss = jax.jit(loss)
        shapes = task.learning.shapes
        shares = {name: decay if decays(name, shape) else 0.0 for name, shape in shapes.items()}
        self._gradient = jax.jit(jax.value_and_grad(loss))
        self._step = jax.jit(
            functools.partial(_adamw, shares=shares, beta_square=beta_square, clip=clip),
            donate_argnums=(0, 1, 2),
        )

    def _put(self, arrays: dict[str, Array]) -> dict[str, Any]:
        return {name: jax.device_put(array, self._everywhere) for name, array in arrays.items()}

    def _shared(self, batch: Batch) -> dict[str, Any]:
        """A batch with its rows divided over the devices."""
        arrays = {
            name: getattr(batch, name) for name in batch.__struct_fields__ if getattr(batch, name) is not None
        }
        return {name: jax.device_put(array, self._rows) for name, array in arrays.items()}

    def learn(self, batches: Sequence[Batch], rate: float) -> tuple[float, float]:
        divisor = targets_in(batches)
        total, gradient = 0.0, None
        for batch in batches:
            loss, found = self._gradient(self._learning, self._fixed, self._shared(batch))
            total += float(loss) / divisor
            gradient = found if gradient is None else jax.tree.map(jnp.add, gradient, found)
        gradient = jax.tree.map(lambda g: g / divisor, gradient)
        if not math.isfinite(total):
            return total, math.nan
        made = self._step(self._learning, self._mean, self._square, gradient, self.step + 1, rate)
        self._learning, self._mean, self._square, norm = made
        if math.isfinite(float(norm)):
            self.step += 1
        return total, float(norm)

    def loss(self, batch: Batch) -> float:
        return float(self._loss(self._learning, self._fixed, self._shared(batch)))

    def averages(self) -> dict[str, Array]:
        """Brings what was learnt back to the task as well."""
        self._bring(self._learning, self._task.learning)
        mean, square = self._task.learning.like(), self._task.learning.like()
        self._bring(self._mean, mean)
        self._bring(self._square, square)
        return {"mean": mean.flat, "square": square.flat}

    def restore(self, step: int, averages: dict[str, Array]) -> None:
        learning, self.step = self._task.learning, step
        self._learning = self._put({name: learning[name] for name in learning})
        for kept, name in ((self._mean, "mean"), (self._square, "square")):
            kept |= self._put(dict(_named(Parameters(learning.shapes, averages[name]))))

    def _bring(self, arrays: dict[str, Any], into: Parameters) -> None:
        for name in into:
            into[name][...] = np.asarray(arrays[name])

    def close(self) -> None:
        pass


def _named(parameters: Parameters) -> list[tuple[str, Array]]:
    return [(name, parameters[name]) for name in parameters]


def _adamw(
    learning: Any,
    mean: Any,
    square: Any,
    gradient: Any,
    step: Any,
    rate: Any,
    *,
    shares: dict[str, float],
    beta_square: float,
    clip: float,
) -> tuple[Any, Any, Any, Any]:
    """As `engine.train.parts.adamw`; where the norm is no finite number nothing changes."""
    norm = jnp.sqrt(sum((g * g).sum() for g in gradient.values()))
    scale = jnp.minimum(1.0, clip / (norm + 1e-6)) if clip else 1.0
    good = jnp.isfinite(norm)
    made: tuple[dict[str, Any], dict[str, Any], dict[str, Any]] = ({}, {}, {})
    for name, old in learning.items():
        g = gradient[name] * scale
        m = 0.9 * mean[name] + 0.1 * g
        s = beta_square * square[name] + (1 - beta_square) * g * g
        change = (m / (1 - 0.9**step)) / (jnp.sqrt(s / (1 - beta_square**step)) + 1e-8)
        new = old * (1 - rate * shares[name]) - rate * change
        for kept, value, before in zip(made, (new, m, s), (old, mean[name], square[name]), strict=True):
            kept[name] = jnp.where(good, value, before)
    return (*made, norm)
