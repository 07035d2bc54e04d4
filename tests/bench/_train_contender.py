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
# A with one size changed; the tokens of a batch stay as many
GROWN: Final = {
    "2 layers": (2, 4, 128, 64, 12, 72),
    "8 layers": (8, 4, 128, 64, 12, 72),
    "width 64": (4, 4, 64, 64, 12, 72),
    "width 256": (4, 4, 256, 64, 12, 72),
    "context 128": (4, 4, 128, 128, 6, 72),
    "context 256": (4, 4, 128, 256, 3, 72),
}
PEAK: Final = 1536  # of square matrices, whose product is as fast as this machine's ever is
Learn = Callable[[Any, Any], float]


def sizes_of(size: str) -> tuple[int, ...]:
    return SIZES[size] if size in SIZES else GROWN[size]


def config_of(size: str) -> ModelConfig:
    layers, heads, width, context, _, vocab = sizes_of(size)
    return ModelConfig(layers=layers, heads=heads, width=width, context=context, vocab=vocab)


def products(_tokens: Any, _targets: Any) -> float:
    """One product of large matrices on each thread, as our learner has them; nothing is learnt."""
    from concurrent.futures import ThreadPoolExecutor

    square = np.ones((PEAK, PEAK), np.float32)
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(lambda _: np.matmul(square, square), range(THREADS)))
    return 0.0


def learner(name: str, size: str) -> Learn:
    """Takes a step on tokens and targets, and gives the loss before it."""
    if name == "products":
        return products
    config, rows = config_of(size), sizes_of(size)[4]
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
    _, _, _, context, rows, vocab = sizes_of(size)
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
