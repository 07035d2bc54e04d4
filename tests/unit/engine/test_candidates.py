"""The likeliest tokens are found without sorting a vocabulary, whatever its size."""

import numpy as np
import pytest

from engine.llama.candidates import Floats, Ids, Likeliest, best


def likeliest_of(logits: Floats, count: int, token: int) -> tuple[Ids, Floats, float]:
    likeliest = Likeliest(len(logits))
    return likeliest.of(logits, likeliest.near(logits, count), count, token)


@pytest.mark.parametrize("tokens", [1, 5, 63, 64, 65, 288, 1000, 49_152, 50_257])
@pytest.mark.parametrize("count", [1, 3, 20])
def test_the_likeliest_and_their_probabilities_are_those_of_a_whole_softmax(tokens: int, count: int) -> None:
    count = min(count, tokens)
    logits = (np.random.default_rng(tokens).standard_normal(tokens) * 4).astype(np.float32)
    ids, p, own = likeliest_of(logits, count, tokens - 1)
    whole = np.exp(logits.astype(np.float64) - logits.max())
    whole /= whole.sum()
    assert ids.tolist() == np.argsort(-logits, kind="stable")[:count].tolist()
    assert p == pytest.approx(whole[ids], rel=1e-4)
    assert own == pytest.approx(whole[-1], rel=1e-4)


def test_tokens_that_are_ruled_out_have_no_probability() -> None:
    logits = np.full(200, -np.inf, np.float32)
    logits[7] = 1.0
    ids, p, own = likeliest_of(logits, 2, 9)
    assert (ids[0], p.tolist(), own) == (7, [1.0, 0.0], 0.0)


def test_what_is_left_is_ordered_from_the_largest_down() -> None:
    ids, p = best(np.array([4, 9, 2], np.int32), np.array([0.2, 0.5, 0.3], np.float32), 2)
    assert ids.tolist() == [9, 2]
    assert p.tolist() == pytest.approx([0.5, 0.3])
