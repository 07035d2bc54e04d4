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

TURNS, ROUNDS = 10, 3
FIRST_TURNS = 12  # more chats of one turn: what they cost differs most from one to the next
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
            rounds = [list(_chat(client, server, number, TURNS)) for number in range(ROUNDS)]
            more = [next(_chat(client, server, ROUNDS + number, 1)) for number in range(FIRST_TURNS)]
    except NoServer as error:
        print(f"llama-server is left out: {error}")
        return
    turns = list(zip(*rounds, strict=True))
    turns[0] = (*turns[0], *more)
    for name, kind in (("first token", 0), ("whole turn", 1)):
        medians = [
            tuple(statistics.median(chat[side][kind] for chat in turn) for side in (0, 1)) for turn in turns
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
    client: EngineClient, server: LlamaServer, number: int, turns: int
) -> Iterator[tuple[tuple[float, float], tuple[float, float]]]:
    """((first token, in all) of ours, of theirs), seconds, turn by turn. Each has replies of its own."""
    ours: list[Message] = [SYSTEM]
    theirs: list[Message] = [SYSTEM]
    before = 0
    for turn in range(turns):
        question = f"Chat {number}, question {turn}: what should a guest know about the harbour's boats?"
        if not turn:
            # the first words differ, so that no chat finds what another one has read
            question = f"Chat {number}. {EXCERPTS}\n{question}"
        ours.append(user(question))
        theirs.append(user(question))
        if number % 2:
            answer, *their_cost = server.say(_plain(theirs), REPLY_TOKENS)
            text, cost, reused, held = _turn(client, ours)
        else:
            text, cost, reused, held = _turn(client, ours)
            answer, *their_cost = server.say(_plain(theirs), REPLY_TOKENS)
        # a reply that was cut off within a character loses that character's tokens
        assert reused >= before - 4 or not turn, "what was read before was read again"
        before = held
        ours.append(assistant(text))
        theirs.append(assistant(answer))
        yield cost, (their_cost[0], their_cost[1])


def _plain(messages: list[Message]) -> list[dict[str, str]]:
    return [{"role": message.role, "content": message.content} for message in messages]


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
