"""Every gradient against finite differences in float64, for both sets of parts."""

import numpy as np
import pytest

from engine.train.parameters import Parameters
from engine.train.team import Team
from tests.unit.train.models import BATCH, KINDS, SOURCE, TIME, batch_of, model_of, parts_named, weights_of

STEP = 1e-5
CHECKED = 12  # numbers of every parameter


@pytest.mark.parametrize("parts", ["parts", "compiled"])
@pytest.mark.parametrize("kind", KINDS)
def test_the_gradient_of_every_parameter_is_the_slope_of_the_loss(kind: str, parts: str) -> None:
    config = KINDS[kind]
    weights = weights_of(config)
    model = model_of(config, weights, parts_named(parts))
    batch = batch_of(config)
    gradient = weights.like()
    model.loss(batch, 7.0, gradient)
    random = np.random.default_rng(3)
    for name in weights:
        flat, slopes = weights[name].reshape(-1), gradient[name].reshape(-1)
        for place in random.choice(len(flat), min(CHECKED, len(flat)), replace=False):
            kept = flat[place]
            flat[place] = kept + STEP
            above = model.loss(batch, 7.0)
            flat[place] = kept - STEP
            below = model.loss(batch, 7.0)
            flat[place] = kept
            slope = (above - below) / (2 * STEP)
            assert slopes[place] == pytest.approx(slope, rel=1e-5, abs=1e-8), (name, place)


@pytest.mark.parametrize("kind", KINDS)
def test_compiled_parts_give_what_numpy_gives_in_float32(kind: str) -> None:
    config = KINDS[kind]
    weights = weights_of(config, dtype=np.float32)
    batch = batch_of(config)
    found = []
    for parts in ("parts", "compiled"):
        gradient = weights.like()
        loss = model_of(config, weights, parts_named(parts)).loss(batch, 7.0, gradient)
        found.append((loss, gradient.flat))
    assert found[0][0] == pytest.approx(found[1][0], rel=1e-6)
    assert np.abs(found[0][1] - found[1][1]).max() < 2e-6 * max(1.0, np.abs(found[0][1]).max())


@pytest.mark.parametrize("kind", KINDS)
def test_what_does_not_learn_gets_no_gradient_and_leaves_the_others_theirs(kind: str) -> None:
    config = KINDS[kind]
    weights = weights_of(config)
    model = model_of(config, weights, parts_named("parts"))
    batch = batch_of(config)
    whole, some = weights.like(), Parameters({"blocks.1.down": weights.shapes["blocks.1.down"]}, dtype=float)
    model.loss(batch, 7.0, whole)
    model.loss(batch, 7.0, some)
    assert np.array_equal(some["blocks.1.down"], whole["blocks.1.down"])


@pytest.mark.parametrize("kind", KINDS)
def test_threads_find_the_gradient_that_one_model_finds(kind: str) -> None:
    config = KINDS[kind]
    weights = weights_of(config)
    batch = batch_of(config)
    alone = weights.like()
    loss = model_of(config, weights, parts_named("parts")).loss(batch, 7.0, alone)
    source = SOURCE if config.kind == "encoder_decoder" else 0
    team = Team(config, weights, BATCH, TIME, parts_named("parts"), 2, weights.shapes, source_time=source)
    assert team.loss_and_gradient(batch, 7.0) == pytest.approx(loss)
    assert np.allclose(team.gradient.flat, alone.flat, atol=1e-12)
    assert team.square_norm() == pytest.approx(float(alone.flat @ alone.flat))
    team.close()


@pytest.mark.parametrize("kind", [kind for kind in KINDS if KINDS[kind].causal])
def test_a_causal_model_learns_nothing_from_what_comes_later(kind: str) -> None:
    config = KINDS[kind]
    weights = weights_of(config)
    model = model_of(config, weights, parts_named("parts"))
    batch = batch_of(config)
    before = model.logits(batch)
    batch.tokens[:, 6] = (batch.tokens[:, 6] + 1) % config.vocab
    after = model.logits(batch)
    assert np.array_equal(before[:, :6], after[:, :6])
    assert not np.array_equal(before[:, 6:], after[:, 6:])


@pytest.mark.parametrize("kind", ["llama", "gpt", "bert"])
def test_a_document_sees_nothing_of_its_neighbour_in_the_row(kind: str) -> None:
    config = KINDS[kind]
    model = model_of(config, weights_of(config), parts_named("parts"))
    batch = batch_of(config)
    before = model.logits(batch)
    border = TIME // 3
    batch.tokens[:, :border] = (batch.tokens[:, :border] + 1) % config.vocab
    assert np.array_equal(before[:, border:], model.logits(batch)[:, border:])
