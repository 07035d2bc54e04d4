"""AdamW over flat parameters, the learning rate's course, and the clipping of gradients."""

import math

import msgspec
import numpy as np

from engine.train.parameters import Parameters, decays
from engine.train.team import Team


class Schedule(msgspec.Struct, frozen=True):
    """Warm-up, then half a cosine down to `low` (arXiv:1608.03983). Steps count from 1."""

    peak: float
    low: float
    warmup: int
    steps: int

    def rate(self, step: int) -> float:
        if step <= self.warmup:
            return self.peak * step / self.warmup
        done = min(1.0, (step - self.warmup) / max(1, self.steps - self.warmup))
        return self.low + 0.5 * (self.peak - self.low) * (1 + math.cos(math.pi * done))


class AdamW:
    """Keeps the running averages; `step` counts the steps taken."""

    def __init__(
        self,
        learning: Parameters,
        *,
        decay: float = 0.1,
        beta_mean: float = 0.9,
        beta_square: float = 0.99,
        clip: float = 1.0,
    ) -> None:
        """`clip`: the gradient's norm above which it is scaled down to it; 0: never (arXiv:1211.5063)."""
        self.learning = learning
        self.mean = np.zeros_like(learning.flat)
        self.square = np.zeros_like(learning.flat)
        self.decay, self.clip = decay, clip
        self.betas = beta_mean, beta_square
        self.step = 0
        # neighbours that are treated alike become one stretch
        self._stretches: list[tuple[int, int, float]] = []
        for name, shape in learning.shapes.items():
            where = learning.where(name)
            share = decay if decays(name, shape) else 0.0
            if self._stretches and self._stretches[-1][2] == share:
                self._stretches[-1] = (self._stretches[-1][0], where.stop, share)
            else:
                self._stretches.append((where.start, where.stop, share))

    def take(self, team: Team, rate: float) -> float:
        """One step down the team's gradient. Gives the gradient's norm before it was clipped.

        A norm that is no finite number changes nothing: the caller says that the loss diverged.
        """
        norm = math.sqrt(team.square_norm())
        if not math.isfinite(norm):
            return norm
        self.step += 1
        scale = min(1.0, self.clip / (norm + 1e-6)) if self.clip else 1.0
        flat, gradient = self.learning.flat, team.gradient.flat

        def share(number: int) -> None:
            mine = team.ranges[number]
            for start, stop, decay in self._stretches:
                part = slice(max(start, mine.start), min(stop, mine.stop))
                if part.start < part.stop:
                    team.parts.adamw(
                        flat[part], gradient[part], self.mean[part], self.square[part],
                        rate, decay, *self.betas, self.step, scale,
                    )  # fmt: skip

        team.run(share)
        return norm
