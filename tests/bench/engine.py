"""The engine with the starter model, beside what others make of the same library: in parts, by name.

What is compared is run in turns, in one go, and told as a ratio: the median over pairs that follow each
other closely. Other programs on the machine then weigh on both. `--parts loop,chats` runs some of them alone;
`long` runs only when it is named.
"""

import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from desktop.core.places import Places
from engine.protocol import Message
from tests.bench import _engine_chats, _engine_loop, _engine_more, _engine_waiting
from tests.fakes.engine_client import EngineClient, assistant, user

MODEL = "SmolLM2-135M-Instruct.Q4_1.gguf"
PROMPT_TOKENS = 600
REPLY_TOKENS = 128
RUNS = 5

Rows = Iterator[tuple[str, float, str]]


def rows(parts: tuple[str, ...] = ()) -> Rows:
    """(name, value, unit). Raises AssertionError without the starter model, KeyError for an unknown part."""
    model = Places.of().models / MODEL
    assert model.exists(), f"no starter model at {model}"
    for part in parts or tuple(name for name in PARTS if name != "long"):
        with tempfile.TemporaryDirectory() as folder:
            yield from PARTS[part](model, Path(folder))


def first(model: Path, folder: Path) -> Rows:
    """What a person notices first: start, load, first token, speed."""
    started_s = time.perf_counter()
    with EngineClient(False, folder / "worker.log") as client:
        yield "worker ready", time.perf_counter() - started_s, "s"
        yield "model load", statistics.median(_load_s(client, model) for _ in range(RUNS)), "s"
        first, second, speed = zip(*(_turns(client, run) for run in range(RUNS)), strict=True)
        yield f"first token, prompt of {PROMPT_TOKENS} tokens", statistics.median(first), "s"
        yield "first token, second turn", statistics.median(second), "s"
        yield "generation", statistics.median(speed), "tokens/s"


def _load_s(client: EngineClient, model: Path) -> float:
    started_s = time.perf_counter()
    client.load(model)
    return time.perf_counter() - started_s


def _turns(client: EngineClient, run: int) -> tuple[float, float, float]:
    """Time to the first token of two turns, seconds; and the tokens per second of the second."""
    opening = _opening(client, run)
    text, first = client.say(opening, max_tokens=REPLY_TOKENS)
    _, second = client.say(opening, assistant(text), user("Go on."), max_tokens=REPLY_TOKENS)
    assert first.reused_tokens < PROMPT_TOKENS // 4, "the runs share a prefix"
    assert second.reused_tokens >= first.prompt_tokens, "the second turn read the first one again"
    return first.ttft_s, second.ttft_s, second.tokens_per_s


def _opening(client: EngineClient, run: int) -> Message:
    """A question of PROMPT_TOKENS tokens or a few more, different from run to run at its beginning."""
    words = f"Run {run}. Tell a long story about this list:"
    while client.count((user(words),)).tokens[0] < PROMPT_TOKENS:
        words += " a lighthouse, a ship, a storm, a quiet harbour,"
    return user(words)


PARTS: dict[str, Callable[[Path, Path], Rows]] = {
    "first": first,
    "loop": _engine_loop.loop,
    "work": _engine_loop.work,
    "chats": _engine_chats.chats,
    "speculation": _engine_more.speculation,
    "resume": _engine_more.resume,
    "jobs": _engine_more.jobs,
    "memory": _engine_more.memory,
    "embedding": _engine_more.embedding,
    "cancel": _engine_waiting.cancel,
    "waiting": _engine_waiting.waiting,
    "long": _engine_loop.long,
}
