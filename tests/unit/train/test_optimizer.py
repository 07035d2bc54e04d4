"""AdamW, its schedule and clipping."""

import math

import numpy as np
import pytest
from msgspec.structs import replace

from engine.train.optimizer import AdamW, Schedule
from engine.train.parameters import Parameters
from engine.train.team import Team
from tests.unit.train.models import BATCH, KINDS, TIME, batch_of, parts_named, weights_of


def test_the_rate_warms_up_and_falls_along_half_a_cosine() -> None:
    schedule = Schedule(peak=1.0, low=0.1, warmup=10, steps=110)
    assert [schedule.rate(step) for step in (1, 10)] == pytest.approx([0.1, 1.0])
    assert schedule.rate(60) == pytest.approx(0.55)
    assert schedule.rate(110) == schedule.rate(500) == pytest.approx(0.1)


def team_of(weights: Parameters, parts: str) -> Team:
    return Team(KINDS["gpt"], weights, BATCH, TIME, parts_named(parts), 2, weights.shapes)


@pytest.mark.parametrize("parts", ["parts", "compiled"])
def test_a_step_is_what_the_paper_says(parts: str) -> None:
    weights = weights_of(KINDS["gpt"])
    team = team_of(weights, parts)
    batch = batch_of(KINDS["gpt"])
    optimizer = AdamW(weights, decay=0.1, clip=0.5)
    before, mean, square = weights.flat.copy(), 0.0, 0.0
    wanted = Parameters(weights.shapes, before)
    decayed = np.concatenate(
        [
            np.full(math.prod(shape), 0.1 if len(shape) == 2 else 0.0)
            for shape in weights.shapes.values()
        ]
    )  # fmt: skip
    for step in (1, 2, 3):
        team.loss_and_gradient(batch, 7.0)
        g = team.gradient.flat.copy()
        norm = float(np.sqrt(g @ g))
        g *= min(1.0, 0.5 / (norm + 1e-6))
        mean = 0.9 * mean + 0.1 * g
        square = 0.99 * square + 0.01 * g * g
        wanted.flat[...] *= 1 - 0.01 * decayed
        wanted.flat[...] -= 0.01 * (mean / (1 - 0.9**step)) / (np.sqrt(square / (1 - 0.99**step)) + 1e-8)
        assert optimizer.take(team, 0.01) == pytest.approx(norm)
        assert np.allclose(weights.flat, wanted.flat, rtol=1e-9, atol=1e-12)
    team.close()


def test_a_gradient_that_is_no_number_changes_nothing() -> None:
    weights = weights_of(KINDS["gpt"])
    team = team_of(weights, "parts")
    optimizer = AdamW(weights)
    team.loss_and_gradient(batch_of(KINDS["gpt"]), 7.0)
    team.gradient.flat[5] = np.nan
    before = weights.flat.copy()
    assert math.isnan(optimizer.take(team, 0.01))
    assert np.array_equal(weights.flat, before)
    assert optimizer.step == 0
    team.close()


@pytest.mark.parametrize("parts", ["parts", "compiled"])
def test_a_model_learns_a_batch_by_heart(parts: str) -> None:
    weights = weights_of(KINDS["gpt"], dtype=np.float32)
    team = team_of(weights, parts)
    # its targets alone: what is to be kept says something else of the same tokens
    batch = replace(batch_of(KINDS["gpt"]), kept=None, kept_shares=None, kept_weights=None)
    optimizer = AdamW(weights, decay=0.0)
    total = float(batch.weights.sum())
    first = team.loss_and_gradient(batch, total)
    for _ in range(60):
        optimizer.take(team, 0.01)
        loss = team.loss_and_gradient(batch, total)
    assert loss < 0.2 < first
    team.close()
