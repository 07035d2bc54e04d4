"""Adapters: their gradients, what merging gives, and llama.cpp beside both."""

from pathlib import Path

import numpy as np
import pytest

from engine.train import parts
from engine.train.config import ModelConfig
from engine.train.gguf_out import write_adapter, write_gguf
from engine.train.lora import LowRank, adapter_shapes, merged, new_adapter
from engine.train.parameters import Parameters, shapes_of
from engine.train.tokenizer import learn_characters
from engine.train.transformer import Transformer, plain_batch
from tests.unit.train.llama import Llama
from tests.unit.train.models import BATCH, KINDS, TIME, batch_of, weights_of
from tests.unit.train.texts import story

ALPHA = 6.0


def adapter_of(config: ModelConfig, dtype: type = np.float64) -> Parameters:
    random = np.random.default_rng(4)
    shapes = adapter_shapes(config, 3)
    size = sum(int(np.prod(shape)) for shape in shapes.values())
    return Parameters(shapes, (0.2 * random.standard_normal(size)).astype(dtype))


def test_a_new_adapter_changes_nothing() -> None:
    config = KINDS["llama"]
    weights = weights_of(config, dtype=np.float32)
    adapter = LowRank(new_adapter(config, 3, 1), ALPHA)
    batch = batch_of(config)
    plain = Transformer(config, weights, BATCH, TIME, parts).logits(batch)
    assert np.array_equal(plain, Transformer(config, weights, BATCH, TIME, parts, adapter).logits(batch))


@pytest.mark.parametrize("kind", ["llama", "grouped queries", "gpt"])
def test_an_adapter_s_gradient_is_the_slope_of_the_loss(kind: str) -> None:
    config = KINDS[kind]
    weights, low = weights_of(config), adapter_of(config)
    model = Transformer(config, weights, BATCH, TIME, parts, LowRank(low, ALPHA))
    batch = batch_of(config)
    gradient = low.like()
    model.loss(batch, 7.0, gradient)
    random = np.random.default_rng(3)
    for place in random.choice(len(low.flat), 60, replace=False):
        kept = low.flat[place]
        low.flat[place] = kept + 1e-5
        above = model.loss(batch, 7.0)
        low.flat[place] = kept - 1e-5
        below = model.loss(batch, 7.0)
        low.flat[place] = kept
        assert gradient.flat[place] == pytest.approx((above - below) / 2e-5, rel=1e-5, abs=1e-8)


def test_the_base_s_gradient_under_an_adapter_is_that_of_the_merged_model() -> None:
    config = KINDS["grouped queries"]
    weights, low = weights_of(config), adapter_of(config)
    batch = batch_of(config)
    beside, inside = weights.like(), weights.like()
    loss = Transformer(config, weights, BATCH, TIME, parts, LowRank(low, ALPHA)).loss(batch, 7.0, beside)
    whole = Transformer(config, merged(weights, low, ALPHA), BATCH, TIME, parts)
    assert whole.loss(batch, 7.0, inside) == pytest.approx(loss)
    assert np.allclose(beside.flat, inside.flat, atol=1e-12)


def test_an_adapter_s_file_does_in_llama_cpp_what_it_does_here(tmp_path: Path) -> None:
    tokenizer = learn_characters([story(100)])
    config = ModelConfig(vocab=tokenizer.size, context=256, layers=2, width=64, heads=4, kv_heads=2)
    weights, low = weights_of(config, dtype=np.float32), adapter_of(config, np.float32)
    write_gguf(tmp_path / "m.gguf", config, weights, tokenizer, name="Mine", kind="F32")
    write_adapter(tmp_path / "a.gguf", config, low, ALPHA, name="Mine")
    tokens = tokenizer.encode(story(100))[:100]
    row = np.array([tokens], np.int32)
    ours = Transformer(config, weights, 1, 100, parts, LowRank(low, ALPHA)).logits(plain_batch(row, row))[0]
    plain = Transformer(config, weights, 1, 100, parts).logits(plain_batch(row, row))[0]
    with Llama(tmp_path / "m.gguf", adapter=tmp_path / "a.gguf") as llama:
        theirs = llama.logits(tokens)
    assert np.abs(ours - plain).max() > 0.1
    assert np.abs(ours - theirs).max() < 1e-3


def test_an_adapter_has_all_linear_maps_of_every_block() -> None:
    config = KINDS["llama"]
    linear = [
        name for name, shape in shapes_of(config).items() if name.startswith("blocks") and len(shape) == 2
    ]
    assert {name.rsplit(".", 1)[0] for name in adapter_shapes(config, 2)} == set(linear)
