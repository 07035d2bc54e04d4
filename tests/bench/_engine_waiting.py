"""How threads wait, quiet and beside two busy loops; and how soon a cancel is heard."""

import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from engine.protocol import Done, Failed, Generate, Loaded, LoadModel, Progress, Token
from tests.bench import _endless_worker
from tests.bench._native_loop import cores
from tests.fakes.engine_client import GREEDY, EngineClient, user

Rows = Iterator[tuple[str, float, str]]

# GOMP_SPINCOUNT, OMP_WAIT_POLICY or neither; "ours" also chooses its threads by what others leave free
WAYS: dict[str, dict[str, str]] = {
    "ours": {},
    "spin 100": {"GOMP_SPINCOUNT": "100"},
    "spin 200": {"GOMP_SPINCOUNT": "200"},
    "spin 500": {"GOMP_SPINCOUNT": "500"},
    "spin 1000": {"GOMP_SPINCOUNT": "1000"},
    "spin 5000": {"GOMP_SPINCOUNT": "5000"},
    "OpenMP's default": {"GOMP_SPINCOUNT": "300000"},  # what libgomp takes without a word from anyone
    "passive": {"OMP_WAIT_POLICY": "passive"},
}
DEFAULT = "OpenMP's default"
BUSY_LOOPS = 2
WRITTEN_TOKENS, ROUNDS = 16, 5
CANCELS = 8
QUESTION = user("Tell a long story.")


def waiting(model: Path, folder: Path) -> Rows:
    """Tokens per second, each way in turn, several times round."""
    with ExitStack() as stack:
        clients = {
            name: stack.enter_context(_client(folder, name, environment))
            for name, environment in WAYS.items()
        }
        for name, client in clients.items():
            client.ask(LoadModel(str(model), 1024, threads=None if name == "ours" else cores()))
            _speed(client)
        for loops in (0, BUSY_LOOPS):
            beside = f"beside {loops} busy loops" if loops else "quiet"
            with _busy(loops):
                speeds = {name: [_speed(clients[name])] for name in clients}  # threads settle meanwhile
                for name in speeds:
                    speeds[name].clear()
                for _ in range(ROUNDS):
                    for name, client in clients.items():
                        speeds[name].append(_speed(client))
            for name, measured in speeds.items():
                yield f"{beside}: {name}", statistics.median(measured), "tokens/s"
            ratios = [ours / theirs for ours, theirs in zip(speeds["ours"], speeds[DEFAULT], strict=True)]
            yield f"{beside}: ours of OpenMP's default", statistics.median(ratios), "ratio"


def _client(folder: Path, name: str, environment: dict[str, str]) -> EngineClient:
    log = folder / f"{name.replace(' ', '-')}.log"
    return EngineClient(False, log, _endless_worker.ENVIRONMENT | environment, module=_endless_worker.MODULE)


def _speed(client: EngineClient) -> float:
    _, stats = client.say(QUESTION, sampling=GREEDY, max_tokens=WRITTEN_TOKENS)
    return stats.tokens_per_s


@contextmanager
def _busy(loops: int) -> Iterator[None]:
    running = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(loops)]
    try:
        yield
    finally:
        for process in running:
            process.kill()
            process.wait()


def cancel(model: Path, folder: Path) -> Rows:
    """From sending it to the answer: while loading, while reading a prompt, while writing."""
    with _client(folder, "cancel", {}) as client:
        loading = [_cancelled_s(client, LoadModel(str(model), 8192), Progress) for _ in range(CANCELS)]
        yield from _told("loading", loading)
        client.ask(LoadModel(str(model), 8192))
        prompts = [Generate((user(f"{n} " + "word " * 6000),), GREEDY, 4) for n in range(CANCELS)]
        yield from _told("reading a prompt", [_cancelled_s(client, one, None) for one in prompts])
        reply = Generate((QUESTION,), GREEDY, 2000)
        yield from _told("writing", [_cancelled_s(client, reply, Token) for _ in range(CANCELS)])


def _told(name: str, seconds: list[float]) -> Rows:
    yield f"cancel while {name}, median", statistics.median(seconds) * 1000, "ms"
    yield f"cancel while {name}, slowest", max(seconds) * 1000, "ms"


def _cancelled_s(
    client: EngineClient, request: LoadModel | Generate, after: type[Progress | Token] | None
) -> float:
    number = client.send(request)
    if after is None:
        time.sleep(0.15)  # amid the first portion
    else:
        while not isinstance(client.next_event(number), after):
            pass
    started_s = time.perf_counter()
    client.cancel(number)
    last = client.finish(number)[-1]
    assert isinstance(last, Failed | Done | Loaded), last
    return time.perf_counter() - started_s
