"""Our decode loop beside a C++ loop over the same library: same tokens, samplers, threads and waiting."""

import os
import statistics
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from engine.protocol import Generate, LoadModel, Message, Render, Rendered, Sampling
from engine.worker import settle_openmp
from tests.bench import _endless_worker
from tests.bench._native_loop import CannotCompile, NativeLoop, cores
from tests.fakes.engine_client import GREEDY, EngineClient, stats_of, user

Rows = Iterator[tuple[str, float, str]]

DEPTHS = (100, 1000, 4000)
CONTEXT_TOKENS = 8192
WRITTEN_TOKENS, PAIRS = 48, 7
LONG_TOKENS, LONG_PAIRS = 4000, 1
WORK = (2, 2 + WRITTEN_TOKENS)
KINDS = {"greedy": GREEDY, "default": Sampling(repeat_penalty=1.05, seed=1)}


def loop(model: Path, folder: Path) -> Rows:
    """Prompts of several lengths, and the tokens after them."""
    try:
        with _ours(folder) as client, _theirs(model) as native:
            _load(client, model)
            for depth in DEPTHS:
                yield from _at(depth, client, native)
    except CannotCompile as error:
        print(f"the C++ loop is left out: {error}")


def long(model: Path, folder: Path) -> Rows:
    """One reply of 4,000 tokens each: what a loop adds must not grow with the reply."""
    try:
        with _ours(folder) as client, _theirs(model) as native:
            _load(client, model)
            question = _question(client, 100)
            ratios = []
            for _ in range(LONG_PAIRS):
                native.read(_tokens(client, question))
                theirs = native.write("greedy", LONG_TOKENS)
                ratios.append(theirs / _written_s(client, question, "greedy", LONG_TOKENS))
            yield f"a reply of {LONG_TOKENS} tokens: speed, of C++", statistics.median(ratios), "ratio"
    except CannotCompile as error:
        print(f"the C++ loop is left out: {error}")


def _at(depth: int, client: EngineClient, native: NativeLoop) -> Rows:
    question = _question(client, depth)
    tokens = _tokens(client, question)
    reading = []
    for _ in range(3 if depth < max(DEPTHS) else 1):
        client.say(user("Something else."), max_tokens=1)
        _, stats = client.say(question, max_tokens=1)
        reading.append(native.read(tokens) / stats.ttft_s)
    yield f"reading {depth} tokens: speed, of C++", statistics.median(reading), "ratio"
    for kind in KINDS:
        pairs = []
        for number in range(PAIRS):
            # each goes first in turn
            if number % 2:
                ours = _written_s(client, question, kind, WRITTEN_TOKENS)
                theirs = native.write(kind, WRITTEN_TOKENS)
            else:
                theirs = native.write(kind, WRITTEN_TOKENS)
                ours = _written_s(client, question, kind, WRITTEN_TOKENS)
            pairs.append((ours, theirs))
        ratio = statistics.median(theirs / ours for ours, theirs in pairs)
        yield f"writing after {depth} tokens, {kind}: speed, of C++", ratio, "ratio"
        best = min(theirs for _, theirs in pairs) / min(ours for ours, _ in pairs)
        yield f"writing after {depth} tokens, {kind}: best of each", best, "ratio"


def work(model: Path, folder: Path) -> Rows:
    """The processor's time for a token, one thread each: what else runs on the machine hardly moves it."""
    try:
        with _ours(folder) as client, _theirs(model, 1) as native:
            client.ask(LoadModel(str(model), CONTEXT_TOKENS, threads=1))
            for depth in DEPTHS:
                question = _question(client, depth)
                native.read(_tokens(client, question))
                for kind in KINDS:
                    yield from _work_at(
                        f"work of a token after {depth} tokens, {kind}", client, native, question, kind
                    )
    except CannotCompile as error:
        print(f"the C++ loop is left out: {error}")


def _work_at(name: str, client: EngineClient, native: NativeLoop, question: Message, kind: str) -> Rows:
    pairs = []
    for _ in range(PAIRS):
        # what a request costs besides its tokens is in both
        ours = [
            _cpu_s(client.child.process.pid, partial(_written_s, client, question, kind, n)) for n in WORK
        ]
        theirs = [_cpu_s(native.pid, partial(native.write, kind, n)) for n in WORK]
        pairs.append(((ours[1] - ours[0]) / WRITTEN_TOKENS, (theirs[1] - theirs[0]) / WRITTEN_TOKENS))
    yield f"{name}: ours", statistics.median(ours for ours, _ in pairs) * 1000, "ms"
    yield f"{name}: C++'s, of ours", statistics.median(theirs / ours for ours, theirs in pairs), "ratio"


def _cpu_s(process: int, do: Callable[[], object]) -> float:
    """What a process has run meanwhile, all its threads; Linux counts it in nanoseconds."""
    before = _ran_s(process)
    do()
    return _ran_s(process) - before


def _ran_s(process: int) -> float:
    tasks = Path(f"/proc/{process}/task").glob("*/schedstat")
    return sum(int(task.read_text().split()[0]) for task in tasks) / 1e9


def _ours(folder: Path) -> EngineClient:
    return EngineClient(
        False, folder / "worker.log", _endless_worker.ENVIRONMENT, module=_endless_worker.MODULE
    )


def _theirs(model: Path, threads: int = 0) -> NativeLoop:
    environment = dict(os.environ)
    settle_openmp(environment)
    return NativeLoop(model, threads or cores(), CONTEXT_TOKENS, environment)


def _load(client: EngineClient, model: Path) -> None:
    # a number of threads that is asked for is kept
    client.ask(LoadModel(str(model), CONTEXT_TOKENS, threads=cores()))


def _written_s(client: EngineClient, question: Message, kind: str, tokens: int) -> float:
    stats = stats_of(client.ask(Generate((question,), KINDS[kind], tokens)))
    assert stats.generated_tokens == tokens
    return stats.generated_tokens / stats.tokens_per_s


def _tokens(client: EngineClient, question: Message) -> list[int]:
    answer = client.ask(Render((question,)))[-1]
    assert isinstance(answer, Rendered), answer
    return [token.id for token in answer.tokens]


def _question(client: EngineClient, tokens: int) -> Message:
    """Of so many tokens, or a few more."""
    words = f"Story {tokens}."
    while client.count((user(words),)).tokens[0] < tokens:
        words += " A lighthouse keeper found a letter in a bottle, and wondered who had sent it."
    return user(words)
