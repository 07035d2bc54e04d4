"""What control costs: alternatives, grammars and whole replies beside plain ones, interleaved in one run."""

import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from desktop.core.places import Places
from engine.protocol import Generate, LoadModel, Sampling
from tests.fakes.engine_client import EngineClient, stats_of, user

MODEL = "SmolLM2-135M-Instruct.Q4_1.gguf"
REPLY_TOKENS = 96
RUNS = 9
DRAWN_TOKENS = 240
STORY = (user("Tell a long story about a lighthouse, a ship and a storm."),)
USUAL = Sampling(seed=1)
# any text: what is measured is the asking, not what is refused
ANYTHING = "root ::= [^\\x00]{100,}"
COUNTS = (1, 5, 20)


def rows() -> Iterator[tuple[str, float, str]]:
    """(name, value, unit); medians. Raises AssertionError without the starter model."""
    yield from _drawing()
    yield from _replies()


def _drawing() -> Iterator[tuple[str, float, str]]:
    """The drawing of a token by itself, on the processor's own clock, which a busy machine hardly moves."""
    from engine.details import Details
    from engine.llama import Sampler
    from engine.session import LlamaRuntime
    from engine.stop import StopFlag

    runtime = LlamaRuntime()
    runtime.load(LoadModel(str(Places.of().models / MODEL), 1024), lambda _: None, StopFlag())
    loaded = runtime._loaded
    assert loaded is not None
    model, context = loaded.model, loaded.context
    context.evaluate(model.tokenize(STORY[0].content, special=False))
    samplers = {
        count: Sampler(model, USUAL, 1, context_tokens=1024, alternatives=count) for count in (0, *COUNTS)
    }
    details = {count: Details(sampler, model.piece) for count, sampler in samplers.items()}
    drawing: dict[int, list[float]] = {count: [] for count in samplers}
    evaluating: list[float] = []
    for number in range(DRAWN_TOKENS):
        # one kind after each evaluation, which leaves nothing of theirs in the processor's caches
        count = (0, *COUNTS)[number % (1 + len(COUNTS))]
        began_s = time.thread_time()
        token = context.sample(samplers[count])
        details[count].note(token)
        drawing[count].append(time.thread_time() - began_s)
        began_s = time.perf_counter()
        context.evaluate((token,))
        evaluating.append(time.perf_counter() - began_s)
    # the fastest tenth is nearest to what it takes when nobody else runs
    evaluation_s, plain_s = _fast(evaluating), _fast(drawing[0])
    yield "evaluating a token", evaluation_s * 1e6, "us"
    yield "drawing a token", plain_s * 1e6, "us"
    for count in COUNTS:
        drawn_s = _fast(drawing[count])
        yield f"drawing a token with {count} alternatives", drawn_s * 1e6, "us"
        yield (
            f"{count} alternatives more than without",
            (drawn_s - plain_s) / (evaluation_s + plain_s),
            "of a token",
        )
    runtime.unload()


def _fast(times_s: list[float]) -> float:
    return statistics.quantiles(times_s, n=10)[0]


def _replies() -> Iterator[tuple[str, float, str]]:
    """Whole replies through the worker: means something on a quiet machine only."""
    kinds = {
        "plain": Generate(STORY, USUAL, max_tokens=REPLY_TOKENS),
        "5 alternatives": Generate(STORY, USUAL, max_tokens=REPLY_TOKENS, alternatives=5),
        "20 alternatives": Generate(STORY, USUAL, max_tokens=REPLY_TOKENS, alternatives=20),
        "grammar": Generate(STORY, USUAL, max_tokens=REPLY_TOKENS, grammar=ANYTHING),
    }
    with tempfile.TemporaryDirectory() as folder, EngineClient(False, Path(folder) / "worker.log") as client:
        client.load(Places.of().models / MODEL, 2048)
        client.ask(kinds["plain"])
        speeds: dict[str, list[float]] = {name: [] for name in kinds}
        for run in range(RUNS):
            turned = [*list(kinds.items())[run % len(kinds) :], *list(kinds.items())[: run % len(kinds)]]
            for name, request in turned:
                stats = stats_of(client.ask(request))
                assert stats.generated_tokens == REPLY_TOKENS, name
                speeds[name].append(stats.tokens_per_s)
    yield "plain reply", statistics.median(speeds["plain"]), "tokens/s"
    for name in list(kinds)[1:]:
        ratios = [other / one for other, one in zip(speeds[name], speeds["plain"], strict=True)]
        yield f"{name}: speed of the reply", statistics.median(ratios), "of plain"
        yield (
            f"{name}: speed of the reply, best of each",
            max(speeds[name]) / max(speeds["plain"]),
            "of plain",
        )
