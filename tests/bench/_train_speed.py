"""Steps of learning beside PyTorch and JAX: same weights, same batches, taking turns in one run.

Each contender is a process with the waiting that suits it best: ours with one thread of BLAS for each of its
own, PyTorch with OpenMP's default. Equal losses are checked before anything is counted.
SOBREMESA_BENCH_TORCH names the Python of an environment with torch, where this one has none.
"""

import json
import os
import statistics
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final, Self

import msgspec

from engine.train.worker import settle_blas
from tests.bench._train_contender import GROWN, PEAK, SIZES, THREADS, config_of

ROOT: Final = Path(__file__).parents[2]
TORCH: Final = "SOBREMESA_BENCH_TORCH"
CONTENDERS: Final = ("ours", "torch-eager", "torch-compiled", "torch-bf16", "jax", "numpy")
ROUNDS: Final = 9
GROWTH_ROUNDS: Final = 5
STEPS: Final = {"A": 20, "B": 1}
FIRST: Final = 3  # steps whose losses are compared; the first ones compile
NEARNESS: Final = 2e-5  # of losses, of the first steps
BF16_NEARNESS: Final = 2e-2


class Contender:
    """A process that takes steps when it is told to."""

    def __init__(self, name: str, size: str) -> None:
        self.name = name
        environment = dict(os.environ)
        environment.pop("OPENBLAS_CORETYPE", None)
        if not name.startswith("torch"):
            settle_blas(environment)
        python = os.environ.get(TORCH, sys.executable) if name.startswith("torch") else sys.executable
        self._process = subprocess.Popen(
            [python, "-m", "tests.bench._train_contender", name, size],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
            cwd=ROOT, env=environment,
        )  # fmt: skip

    def steps(self, count: int) -> dict[str, Any]:
        """Losses, seconds and most bytes. Raises EOFError where the process ended."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{count}\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise EOFError(self.name)
        found = json.loads(line)
        assert isinstance(found, dict)
        return found

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()


def rows(sizes: tuple[str, ...] = ("A", "B"), rounds: int = ROUNDS) -> Iterator[tuple[str, float, str]]:
    """(name, value, unit)."""
    for size in sizes:
        with ExitStack() as stack:
            asked = [stack.enter_context(Contender(name, size)) for name in CONTENDERS]
            there = list(_equal(asked))
            times: dict[str, list[float]] = {one.name: [] for one in there}
            most: dict[str, float] = {}
            for _ in range(rounds):
                for one in there:
                    found = one.steps(STEPS[size])
                    times[one.name].append(found["seconds"] / STEPS[size])
                    most[one.name] = found["most_bytes"]
        yield from _told(size, times, most)
    yield from _growth()


def _growth() -> Iterator[tuple[str, float, str]]:
    """What a step of ours costs as a model grows, size after size in turns."""
    with ExitStack() as stack:
        asked = {size: stack.enter_context(Contender("ours", size)) for size in ("A", *GROWN)}
        times: dict[str, list[float]] = {size: [] for size in asked}
        for one in asked.values():
            one.steps(FIRST)
        for _ in range(GROWTH_ROUNDS):
            for size, one in asked.items():
                times[size].append(one.steps(STEPS["A"])["seconds"] / STEPS["A"])
    for size, some in times.items():
        yield (
            f"growth: a step of A with {size}" if size != "A" else "growth: a step of A",
            1000 * (statistics.median(some)),
            "ms",
        )


def torch_steps(name: str, steps: int) -> float | None:
    """Seconds that PyTorch takes for as many steps at size A, compiling left out; None without it."""
    with Contender(name, "A") as one:
        try:
            one.steps(FIRST)
            return float(one.steps(steps)["seconds"])
        except (EOFError, BrokenPipeError):
            return None


def peak() -> float:
    """The matrix products of this machine at their best, on as many threads, in floating-point operations
    a second."""
    with Contender("products", "A") as one:
        one.steps(FIRST)
        fastest = min(one.steps(1)["seconds"] for _ in range(ROUNDS))
    return 2.0 * PEAK**3 * THREADS / fastest


def _equal(asked: list[Contender]) -> Iterator[Contender]:
    """Those that are installed, with losses as ours. Raises ValueError for another loss."""
    right: list[float] = []
    for one in asked:
        try:
            losses = one.steps(FIRST)["losses"]
        except (EOFError, BrokenPipeError):
            print(f"  {one.name} is not installed here", flush=True)
            continue
        right = right or losses
        off = max(abs(a - b) / b for a, b in zip(losses, right, strict=True))
        print(f"  {one.name}: losses {[round(loss, 6) for loss in losses]}, {off:.1e} off", flush=True)
        if off > (BF16_NEARNESS if one.name.endswith("bf16") else NEARNESS):
            raise ValueError(f"{one.name} computes other losses: {losses}, not {right}")
        yield one


def _told(
    size: str, times: dict[str, list[float]], most: dict[str, float]
) -> Iterator[tuple[str, float, str]]:
    _, _, _, context, batch, _ = SIZES[size]
    middle = {name: statistics.median(some) for name, some in times.items()}
    for name, seconds in middle.items():
        yield f"{size} {name}: a step", 1000 * seconds, "ms"
        yield f"{size} {name}: speed", batch * context / seconds, "tokens/s"
        if name != "ours":
            yield f"{size} ours beside {name}", seconds / middle["ours"], "times"
        yield f"{size} {name}: most memory", most[name] / 1e6, "MB"
    done, best = _operations(size) / middle["ours"], peak()
    yield f"{size} ours: matrix products", done / 1e9, "GFLOP/s"
    yield f"{size} ours: share of this machine's peak", 100 * done / best, "%"


def _operations(size: str) -> float:
    """Of the matrix products in a step: two for each weight and token forward, twice that backward."""
    from engine.train.parameters import shapes_of

    config, (_, _, width, context, batch, _) = config_of(size), SIZES[size]
    linear = sum(shape[0] * shape[1] for shape in shapes_of(config).values() if len(shape) == 2)
    # scores and mixtures, half of which causal attention leaves out
    attention = config.layers * 2 * context * width / 2
    assert msgspec.structs.asdict(config)["tied"]
    return 6.0 * batch * context * (linear + attention)
