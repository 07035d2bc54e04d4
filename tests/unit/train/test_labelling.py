"""Texts and their labels: what of a text is read, and the matrix that tells its kind from its mean vector."""

from typing import Any

import numpy as np
import pytest
from msgspec.structs import replace

from engine.train import parts
from engine.train.coders import OwnCoder
from engine.train.config import ModelConfig
from engine.train.examples import Row
from engine.train.finetune import Base
from engine.train.labelling import LabelTask, cut
from engine.train.parameters import Parameters, initialized
from engine.train.text_head import LABELS
from engine.train.tokenizer import learn_characters
from engine.train.transformer import Batch, Transformer
from tests.unit.train.models import BATCH, KINDS, TIME, batch_of, weights_of

STEP = 1e-5
CODER = OwnCoder(learn_characters(["abcdefghijklmnopqrstuvwxyz 0123456789"]))


def labels_model() -> tuple[Transformer, Batch]:
    """Three labels, and a batch of texts that share rows."""
    config = KINDS["grouped queries"]
    plain = weights_of(config)
    shapes = {**plain.shapes, LABELS: (3, config.width)}
    table = 0.3 * np.random.default_rng(5).standard_normal(shapes[LABELS])
    weights = Parameters(shapes, np.concatenate([plain.flat, table.reshape(-1)]))
    batch = batch_of(config)
    batch = replace(batch, targets=batch.targets % 3, kept=None, kept_shares=None, kept_weights=None)
    return Transformer(config, weights, BATCH, TIME, parts, head=LABELS), batch


def test_the_gradient_of_what_a_text_is_called_is_the_slope_of_the_loss() -> None:
    model, batch = labels_model()
    gradient = model.weights.like()
    loss = model.loss(batch, 7.0, gradient)
    random = np.random.default_rng(3)
    assert loss > 0
    for name in model.weights:
        flat, slopes = model.weights[name].reshape(-1), gradient[name].reshape(-1)
        for place in random.choice(len(flat), min(8, len(flat)), replace=False):
            kept = flat[place]
            flat[place] = kept + STEP
            above = model.loss(batch, 7.0)
            flat[place] = kept - STEP
            below = model.loss(batch, 7.0)
            flat[place] = kept
            assert slopes[place] == pytest.approx((above - below) / (2 * STEP), rel=1e-5, abs=1e-8), name


@pytest.mark.slow
def test_jax_finds_the_same_gradient() -> None:
    jax = pytest.importorskip("jax")
    from engine.train import jax_model

    model, batch = labels_model()
    gradient = model.weights.like()
    loss = model.loss(batch, 1.0, gradient)
    arrays: dict[str, Any] = {
        name: getattr(batch, name) for name in batch.__struct_fields__ if getattr(batch, name) is not None
    }
    with jax.enable_x64(True):
        learning = {name: jax.numpy.asarray(model.weights[name]) for name in model.weights}
        found = jax.value_and_grad(jax_model.loss)(learning, {}, arrays, model.config, LABELS, 0.0)
    assert float(found[0]) == pytest.approx(loss, rel=1e-6)
    for name in gradient:
        assert np.allclose(gradient[name], found[1][name], atol=1e-6), name


def test_a_batch_without_a_text_teaches_nothing() -> None:
    model, batch = labels_model()
    gradient = model.weights.like()
    gradient.flat.fill(7)
    assert model.loss(replace(batch, weights=np.zeros_like(batch.weights)), 1.0, gradient) == 0
    assert not gradient.flat.any()


def test_a_text_is_judged_alike_alone_and_beside_others() -> None:
    config = ModelConfig(vocab=CODER.tokenizer.size, context=32, layers=2, width=16, heads=2)
    rows = [Row(n, "label", text="abc " * (n % 5), label="ab"[n % 2]) for n in range(1, 30)]
    task = LabelTask(Base(config, initialized(config, 1), CODER), rows, time=32)
    texts = ["abc", "a much longer text than that", "", "0123", "x" * 200, "z z z"]
    together = task.predict(texts, parts, rows=2)
    alone = np.concatenate([task.predict([text], parts) for text in texts])
    assert np.allclose(together, alone, atol=1e-6)
    assert len(np.unique(alone.round(7), axis=0)) == len(texts)


@pytest.mark.parametrize("times", [1, 50])
def test_a_long_text_is_read_at_its_beginning_and_at_its_end(times: int) -> None:
    text = "begin " + "m" * 40 * times + " end"
    read = CODER.decode(cut(CODER, text, 16))
    assert read == "begin mmmmmm end"
    assert CODER.decode(cut(CODER, text[:16], 16)) == text[:16]
