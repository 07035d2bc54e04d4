"""Chats of ten turns beside llama.cpp's own server with its prompt cache: same model, threads and window."""

import statistics
import time
from collections.abc import Iterator
from pathlib import Path

from engine.protocol import Generate, LoadModel, Message, Token
from tests.bench import _endless_worker
from tests.bench._llama_server import LlamaServer, NoServer
from tests.bench._native_loop import cores
from tests.fakes.engine_client import GREEDY, EngineClient, assistant, stats_of, text_of, user

Rows = Iterator[tuple[str, float, str]]

TURNS, ROUNDS = 10, 2
CONTEXT_TOKENS, REPLY_TOKENS = 4096, 32
SYSTEM = Message("system", "You are a helpful AI assistant.")
EXCERPTS = (
    "The harbour opens at nine and closes at six. A boat costs twelve euros an hour; children pay half. " * 10
)


def chats(model: Path, folder: Path) -> Rows:
    """Time to the first token and in all, turn by turn, of both in turns; excerpts in the first turn."""
    try:
        with _ours(folder) as client, LlamaServer(model, cores(), CONTEXT_TOKENS) as server:
            client.ask(LoadModel(str(model), CONTEXT_TOKENS))
            rounds = [list(_chat(client, server, number)) for number in range(ROUNDS)]
    except NoServer as error:
        print(f"llama-server is left out: {error}")
        return
    for name, kind in (("first token", 0), ("whole turn", 1)):
        medians = [
            tuple(statistics.median(turn[side][kind] for turn in turns) for side in (0, 1))
            for turns in zip(*rounds, strict=True)
        ]
        ratios = [ours / theirs for ours, theirs in medians]
        for turn, ((ours, theirs), ratio) in enumerate(zip(medians, ratios, strict=True), start=1):
            yield f"turn {turn}, {name}: ours", ours * 1000, "ms"
            yield f"turn {turn}, {name}: llama-server", theirs * 1000, "ms"
            yield f"turn {turn}, {name}: ours of llama-server", ratio, "ratio"
        yield f"the slowest turn of {TURNS}, {name}: ours of llama-server", max(ratios), "ratio"
        yield f"{TURNS} turns, {name}: ours of llama-server", _sum(medians, 0) / _sum(medians, 1), "ratio"


def _sum(medians: list[tuple[float, ...]], side: int) -> float:
    return sum(turn[side] for turn in medians)


def _ours(folder: Path) -> EngineClient:
    return EngineClient(
        False, folder / "worker.log", _endless_worker.ENVIRONMENT, module=_endless_worker.MODULE
    )


def _chat(
    client: EngineClient, server: LlamaServer, number: int
) -> Iterator[tuple[tuple[float, float], tuple[float, float]]]:
    """((first token, in all) of ours, of theirs), seconds, turn by turn. Each has replies of its own."""
    ours: list[Message] = [SYSTEM]
    theirs: list[Message] = [SYSTEM]
    before = 0
    for turn in range(TURNS):
        question = f"Chat {number}, question {turn}: what should a guest know about the harbour's boats?"
        if not turn:
            question = f"{EXCERPTS}\n{question}"
        ours.append(user(question))
        theirs.append(user(question))
        text, cost, reused, held = _turn(client, ours)
        # a reply that was cut off within a character loses that character's tokens
        assert reused >= before - 4 or not turn, "what was read before was read again"
        before = held
        answer, first_s, total_s = server.say(
            [{"role": message.role, "content": message.content} for message in theirs], REPLY_TOKENS
        )
        ours.append(assistant(text))
        theirs.append(assistant(answer))
        yield cost, (first_s, total_s)


def _turn(client: EngineClient, messages: list[Message]) -> tuple[str, tuple[float, float], int, int]:
    started_s = time.perf_counter()
    number = client.send(Generate(tuple(messages), GREEDY, REPLY_TOKENS))
    events = [client.next_event(number)]
    while not isinstance(events[-1], Token):
        events.append(client.next_event(number))
    first_s = time.perf_counter() - started_s
    events += client.finish(number)
    stats = stats_of(events)
    held = stats.prompt_tokens + stats.generated_tokens - 1
    return text_of(events), (first_s, time.perf_counter() - started_s), stats.reused_tokens, held
