"""One contender of the bench of speed, as a process: `python -m tests.bench._train_contender NAME SIZE`.

For each line on its input, a number of steps, it answers with one line of JSON: the losses, the seconds, and
the most memory that it held so far.
"""

import json
import sys
import time
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any, Final

import numpy as np

from engine.train.config import ModelConfig
from engine.train.parameters import Parameters, initialized
from engine.train.specs import Settings
from engine.train.transformer import plain_batch

THREADS: Final = 2
RATE, DECAY, CLIP = 1e-3, 0.1, 1.0
# as the workshop's measurements have them: layers, heads, width, context, rows, vocabulary
SIZES: Final = {"A": (4, 4, 128, 64, 12, 72), "B": (6, 6, 384, 256, 16, 2048)}
Learn = Callable[[Any, Any], float]


def config_of(size: str) -> ModelConfig:
    layers, heads, width, context, _, vocab = SIZES[size]
    return ModelConfig(layers=layers, heads=heads, width=width, context=context, vocab=vocab)


def learner(name: str, size: str) -> Learn:
    """Takes a step on tokens and targets, and gives the loss before it."""
    config, rows = config_of(size), SIZES[size][4]
    weights = initialized(config, 1)
    if name.startswith("torch"):
        from tests.bench._train_torch import TorchLearner

        torch = TorchLearner(config, weights, name.partition("-")[2], THREADS, decay=DECAY, clip=CLIP)
        return lambda tokens, targets: torch.learn(tokens, targets, RATE)
    ours = _jax(config, weights) if name == "jax" else _numpy(config, weights, rows, name)
    return lambda tokens, targets: float(ours.learn([plain_batch(tokens, targets)], RATE)[0])


def _numpy(config: ModelConfig, weights: Parameters, rows: int, name: str) -> Any:
    from engine.train.learner import NumpyLearner
    from engine.train.serving import parts_for

    parts = parts_for("numpy" if name == "numpy" else "compiled")
    task: Any = _task(config, weights)
    return NumpyLearner(
        task, parts, rows=rows, threads=THREADS, decay=DECAY, beta_square=Settings().beta_square, clip=CLIP
    )


def _jax(config: ModelConfig, weights: Parameters) -> Any:
    from engine.train.jax_learner import JaxLearner

    task: Any = _task(config, weights)
    return JaxLearner(task, decay=DECAY, beta_square=Settings().beta_square, clip=CLIP)


def _task(config: ModelConfig, weights: Parameters) -> SimpleNamespace:
    return SimpleNamespace(
        config=config, weights=weights, learning=weights, head="", time=config.context, source_time=0,
        adapter=None, low_rank_scale=0.0,
    )  # fmt: skip


def batches(size: str) -> Iterator[tuple[Any, Any]]:
    """The same for everyone, without end."""
    _, _, _, context, rows, vocab = SIZES[size]
    random = np.random.default_rng(7)
    while True:
        tokens = random.integers(0, vocab, (rows, context + 1)).astype(np.int32)
        yield np.ascontiguousarray(tokens[:, :-1]), np.ascontiguousarray(tokens[:, 1:])


def most_bytes() -> int:
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def main(name: str, size: str) -> None:
    learn, source = learner(name, size), batches(size)
    for line in sys.stdin:
        drawn = [next(source) for _ in range(int(line))]
        began = time.perf_counter()
        losses = [learn(*batch) for batch in drawn]
        took = time.perf_counter() - began
        print(json.dumps({"losses": losses, "seconds": took, "most_bytes": most_bytes()}), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
