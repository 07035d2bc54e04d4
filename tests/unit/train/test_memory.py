"""What a run is said to need is what it takes."""

import subprocess
import sys
from pathlib import Path

import pytest

from engine.train import memory
from engine.train.config import ModelConfig, first_transformer
from engine.train.errors import TooLarge
from engine.train.memory import learning_of, memory_of, require_room
from engine.train.specs import Settings

MEASURE = """
import sys, types
import numpy as np
from engine.train import parts
from engine.train.config import ModelConfig
from engine.train.learner import NumpyLearner
from engine.train.parameters import initialized
from engine.train.transformer import plain_batch

def taken():
    lines = open("/proc/self/status").read().splitlines()
    return 1024 * int(next(line for line in lines if line.startswith("VmHWM")).split()[1])

def run(layers, width, time, rows, vocab):
    config = ModelConfig(vocab=vocab, context=time, layers=layers, width=width, heads=4)
    weights = initialized(config, 1)
    task = types.SimpleNamespace(config=config, weights=weights, learning=weights, time=time, adapter=None,
                                 source_time=0, head="")
    learner = NumpyLearner(task, parts, rows=rows, threads=2, decay=0.1, beta_square=0.99, clip=1.0)
    tokens = np.random.default_rng(0).integers(0, vocab, (rows, time)).astype(np.int32)
    for _ in range(2):
        learner.learn([plain_batch(tokens, tokens)], 1e-3)

run(1, 32, 16, 2, 64)  # what libraries take once
before = taken()
run(*map(int, sys.argv[1:]))
print(taken() - before)
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize("sizes", [(4, 128, 128, 24, 500), (2, 384, 256, 8, 2048)])
def test_what_is_reckoned_is_what_is_measured(sizes: tuple[int, ...]) -> None:
    layers, width, time, rows, vocab = sizes
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, *map(str, sizes)],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[3],
    )
    config = ModelConfig(vocab=vocab, context=time, layers=layers, width=width, heads=4)
    need = memory_of(config, Settings(threads=2), rows, time, learning_of(config))
    assert int(done.stdout) == pytest.approx(need.total, rel=0.2)


def test_what_grows_with_what() -> None:
    config = ModelConfig(vocab=500, context=64, layers=4, width=64, heads=4)
    one = memory_of(config, Settings(threads=1), 8, 64, learning_of(config))
    two = memory_of(config, Settings(threads=2), 8, 64, learning_of(config))
    assert two.learning == one.learning * 4 // 3  # one gradient more, beside two averages
    assert two.activations < 1.2 * one.activations
    assert memory_of(config, Settings(threads=1), 8, 64, learning_of(config, 4)).learning < one.learning / 3
    more = memory_of(config, Settings(threads=1, accumulate=4), 8, 64, learning_of(config))
    assert more.learning == one.learning * 5 // 3
    both = first_transformer(vocab=500, context=64, layers=4, width=64, heads=4)
    alone = memory_of(both, Settings(), 8, 64, 10)
    assert memory_of(both, Settings(), 8, 64, 10, source_time=64).activations > 1.8 * alone.activations


def test_too_much_is_refused_with_the_batch_that_would_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    config = ModelConfig(vocab=500, context=64, layers=4, width=64, heads=4)

    def need(rows: int) -> memory.Need:
        return memory_of(config, Settings(), rows, 64, learning_of(config))

    monkeypatch.setattr(memory, "free_bytes", lambda: need(5).total)
    require_room(need, Settings(batch=5))
    with pytest.raises(TooLarge) as refused:
        require_room(need, Settings(batch=40))
    assert refused.value.params == {
        "needed_bytes": need(40).total,
        "free_bytes": need(5).total,
        "batch": 5,
    }
    monkeypatch.setattr(memory, "free_bytes", lambda: 1000)
    with pytest.raises(TooLarge) as refused:
        require_room(need, Settings(batch=40))
    assert "batch" not in refused.value.params
    require_room(need, Settings(batch=40), already_bytes=need(40).total)
