"""What a look inside shows is what the model does."""

import numpy as np
import pytest

from engine.train import parts
from engine.train.config import ModelConfig
from engine.train.inside import flattened, nearest, next_after_each_layer, parts_of, read, softmax
from engine.train.parameters import shapes_of
from engine.train.transformer import Transformer, plain_batch
from tests.unit.train.models import KINDS, weights_of

ROW = np.array([3, 1, 4, 1, 5, 9, 2, 6], np.int32)
READERS = [kind for kind in KINDS if KINDS[kind].kind != "encoder_decoder"]


@pytest.mark.parametrize("kind", READERS)
def test_every_head_shares_out_its_attention_among_what_it_sees(kind: str) -> None:
    config = KINDS[kind]
    attention = read(config, weights_of(config), ROW, parts).attention
    assert attention.shape == (config.layers, config.heads, 8, 8)
    assert np.allclose(attention.sum(axis=-1), 1, atol=1e-6)
    above = np.triu(np.ones((8, 8), bool), 1)
    assert bool((attention[..., above] == 0).all()) is config.causal


@pytest.mark.parametrize("kind", READERS)
def test_after_the_last_layer_the_next_token_is_the_model_s_own(kind: str) -> None:
    config = KINDS[kind]
    weights = weights_of(config)
    reading = read(config, weights, ROW, parts)
    found = next_after_each_layer(config, weights, reading, 5, parts)
    batch = plain_batch(ROW[None], ROW[None], causal=config.causal)
    logits = Transformer(config, weights, 1, 8, parts).logits(batch)[0]
    assert found.shape == (config.layers + 1, config.vocab)
    assert np.allclose(found.sum(axis=1), 1)
    assert np.allclose(found[-1], softmax(logits[5:6])[0])


def test_temperature_top_k_and_top_p_do_to_the_softmax_what_they_are_said_to() -> None:
    logits = np.log(np.array([[0.5, 0.25, 0.15, 0.1]]))
    assert np.allclose(softmax(logits), [[0.5, 0.25, 0.15, 0.1]])
    assert np.allclose(softmax(logits, temperature=1e-9), [[1, 0, 0, 0]])
    assert np.allclose(softmax(logits, temperature=1e9), 0.25)
    assert np.allclose(softmax(logits, top_k=2), [[2 / 3, 1 / 3, 0, 0]])
    # 0.5 does not reach 0.6, 0.75 does
    assert np.allclose(softmax(logits, top_p=0.6), [[2 / 3, 1 / 3, 0, 0]])
    assert np.allclose(softmax(logits, top_k=3, top_p=0.5), [[1, 0, 0, 0]])


def test_vectors_are_flattened_along_what_they_differ_in() -> None:
    random = np.random.default_rng(0)
    plane = random.standard_normal((50, 2)) * [5, 2]
    turned = plane @ np.linalg.qr(random.standard_normal((7, 7)))[0][:2] + 3
    flat = flattened(turned)
    assert flat.shape == (50, 2)
    distances = np.linalg.norm(plane[:, None] - plane[None], axis=-1)
    assert np.allclose(np.linalg.norm(flat[:, None] - flat[None], axis=-1), distances)


def test_the_nearest_point_the_same_way() -> None:
    vectors = np.array([[1.0, 0], [10, 1], [0, 1], [-1, 0]])
    assert [place for place, _ in nearest(vectors, 0, 2)] == [1, 2]
    assert nearest(vectors, 0, 1)[0][1] == pytest.approx(10 / np.sqrt(101))


@pytest.mark.parametrize("kind", KINDS)
def test_the_parts_hold_all_parameters_between_them(kind: str) -> None:
    config = KINDS[kind]
    assert sum(part.parameters for part in parts_of(config)) == sum(
        int(np.prod(shape)) for shape in shapes_of(config).values()
    )


def test_operations_are_counted_as_one_would_by_hand() -> None:
    config = ModelConfig(vocab=100, context=64, layers=2, width=16, heads=4, hidden=32)
    found = {part.name: part.operations for part in parts_of(config)}
    assert found["attention"] == 2 * 2 * (3 * 16 * 16 + 16 * 16)
    assert found["feed-forward"] == 2 * 2 * (2 * 32 * 16 + 16 * 32)
    assert found["scores"] == 2 * 2 * 2 * 64 * 16
    assert found["output"] == 2 * 100 * 16
