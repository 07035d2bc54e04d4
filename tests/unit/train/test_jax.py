"""JAX as the second opinion on every gradient, and as the second way to learn."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

jax = pytest.importorskip("jax")

from engine.train import jax_model, parts  # noqa: E402
from engine.train.jax_learner import JaxLearner  # noqa: E402
from engine.train.learner import NumpyLearner  # noqa: E402
from engine.train.lora import LowRank  # noqa: E402
from engine.train.transformer import Batch, Transformer  # noqa: E402
from tests.unit.train.models import BATCH, KINDS, SOURCE, TIME, batch_of, model_of, weights_of  # noqa: E402
from tests.unit.train.test_lora import ALPHA, adapter_of  # noqa: E402

pytestmark = pytest.mark.slow  # compiling takes seconds
OPTIONS = {"decay": 0.1, "beta_square": 0.99, "clip": 0.5}


class Practice:
    """A task of one batch of each number."""

    head = ""
    low_rank_scale = 0.0
    bytes_per_token = 0.0

    def __init__(self, kind: str) -> None:
        self.config = KINDS[kind]
        self.weights = self.learning = weights_of(self.config, dtype=np.float32)
        self.time = TIME
        self.source_time = SOURCE if self.config.kind == "encoder_decoder" else 0
        self.adapter = None

    def batch(self, index: int, rows: int = 4):  # type: ignore[no-untyped-def]
        batch = batch_of(self.config, seed=index, rows=rows)
        batch.weights[...] = batch.weights.astype(np.float32)
        return batch


def arrays_of(batch: Batch) -> dict[str, Any]:
    return {
        name: getattr(batch, name) for name in batch.__struct_fields__ if getattr(batch, name) is not None
    }


@pytest.mark.parametrize("kind", KINDS)
def test_jax_finds_the_gradient_that_is_written_by_hand(kind: str) -> None:
    config = KINDS[kind]
    weights, batch = weights_of(config), batch_of(config)
    gradient = weights.like()
    loss = model_of(config, weights, parts).loss(batch, 1.0, gradient)
    with jax.enable_x64(True):
        arrays = arrays_of(batch)
        head = "token_embedding" if config.tied else "head"
        found = jax.value_and_grad(jax_model.loss)(
            {name: jax.numpy.asarray(weights[name]) for name in weights}, {}, arrays, config, head, 0.0
        )
    assert float(found[0]) == pytest.approx(loss, rel=1e-6)
    for name in weights:
        wanted = np.asarray(found[1][name])
        assert np.abs(gradient[name] - wanted).max() < 1e-6 * max(1.0, np.abs(wanted).max()), name


def test_jax_finds_an_adapter_s_gradient() -> None:
    config = KINDS["grouped queries"]
    weights, low, batch = weights_of(config), adapter_of(config), batch_of(config)
    gradient = low.like()
    Transformer(config, weights, BATCH, TIME, parts, LowRank(low, ALPHA)).loss(batch, 1.0, gradient)
    with jax.enable_x64(True):
        arrays = arrays_of(batch)
        learning = {name: jax.numpy.asarray(low[name]) for name in low}
        fixed = {name: jax.numpy.asarray(weights[name]) for name in weights}
        found = jax.grad(jax_model.loss)(learning, fixed, arrays, config, "token_embedding", ALPHA / 3)
    for name in low:
        assert np.allclose(gradient[name], found[name], atol=1e-6), name


@pytest.mark.parametrize("kind", ["llama", "gpt", "bert", "first transformer"])
def test_both_learners_take_the_same_steps(kind: str) -> None:
    one, other = Practice(kind), Practice(kind)
    numpy = NumpyLearner(one, parts, rows=4, threads=2, **OPTIONS)  # type: ignore[arg-type]
    jaxed = JaxLearner(other, **OPTIONS, devices=jax.devices()[:1])  # type: ignore[arg-type]
    for index in range(4):
        batches = [one.batch(2 * index), one.batch(2 * index + 1)]
        here, there = numpy.learn(batches, 0.01), jaxed.learn(batches, 0.01)
        assert there == pytest.approx(here, rel=2e-4)
    assert jaxed.loss(one.batch(0)) == pytest.approx(numpy.loss(one.batch(0)), rel=1e-4)
    averages = jaxed.averages()
    assert np.abs(other.learning.flat - one.learning.flat).max() < 5e-3
    assert np.allclose(averages["mean"], numpy.averages()["mean"], atol=1e-4)
    numpy.close()


def test_a_learner_goes_on_from_what_it_kept() -> None:
    first, second = Practice("llama"), Practice("llama")
    whole = JaxLearner(first, **OPTIONS, devices=jax.devices()[:1])  # type: ignore[arg-type]
    whole.learn([first.batch(0)], 0.01)
    averages = {name: array.copy() for name, array in whole.averages().items()}
    second.learning.flat[...] = first.learning.flat
    again = JaxLearner(second, **OPTIONS, devices=jax.devices()[:1])  # type: ignore[arg-type]
    again.restore(1, averages)
    assert again.learn([first.batch(1)], 0.01) == whole.learn([first.batch(1)], 0.01)


SHARED = """
import sys
import jax
from tests.unit.train.test_jax import OPTIONS, Practice
from engine.train.jax_learner import JaxLearner
task = Practice("grouped queries")
learner = JaxLearner(task, **OPTIONS, devices=jax.devices()[: int(sys.argv[1])])
print(*(learner.learn([task.batch(index, 8)], 0.01)[0] for index in range(6)))
"""


def test_several_devices_together_find_the_losses_that_one_finds() -> None:
    environment = os.environ | {
        "XLA_FLAGS": "--xla_force_host_platform_device_count=4",
        "JAX_PLATFORMS": "cpu",
    }
    root = Path(__file__).parents[3]
    found = []
    for devices in ("1", "4"):
        done = subprocess.run(
            [sys.executable, "-c", SHARED, devices],
            env=environment,
            cwd=root,
            capture_output=True,
            text=True,
            check=True,
        )
        found.append([float(loss) for loss in done.stdout.split()])
    assert len(found[0]) == 6
    assert found[1] == pytest.approx(found[0], rel=1e-4)
    assert found[0][-1] != found[0][0]
