"""Guessing ahead, chats from the disk, jobs beside a chat, and memory by window and type of cache."""

import re
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from engine.protocol import Embed, Generate, LoadEmbedder, LoadModel, Message, Stats, SwitchChat, UnloadModel
from tests.fakes.engine_client import GREEDY, EngineClient, assistant, stats_of, text_of, user

Rows = Iterator[tuple[str, float, str]]

SYSTEM = Message("system", "You are a helpful AI assistant.")
PASSAGE = (
    "The museum opens at nine in the morning and closes at six in the evening, except on Mondays, when it"
    " stays closed. A ticket costs 12 euros; children under ten enter free, and students pay half. The café"
    " is on the second floor, next to the hall of clocks, and serves breakfast until eleven. Dogs are"
    " welcome in the garden but not in the halls. Guided tours begin every hour at the fountain and last"
    " about fifty minutes."
)
OTHER_PASSAGE = (
    "The library lends books for three weeks and films for one. A card is free for everyone who lives in the"
    " town; visitors pay five euros a month. The reading room closes at eight, and at two on Saturdays. Bags"
    " stay in the lockers by the door, which take a coin of one euro and give it back. Children find their"
    " own room behind the garden, where stories are read aloud every Wednesday at four."
)
THIRD_PASSAGE = (
    "The ferry to the island leaves at seven and at noon. The crossing takes forty minutes, and bicycles"
    " travel free."
)
REPEAT = "Repeat the following text exactly, word for word:\n\n"
CORRECT = "Correct the spelling of this text and change nothing else:\n\n"
QUESTIONS = (
    user(REPEAT + PASSAGE),
    user(REPEAT + OTHER_PASSAGE),
    user(CORRECT + PASSAGE.replace("ticket", "tiket")),
)
# how much of an answer is quoted is the model's to decide: asked out of the blue, a small one begins with
# words of its own; shown once how it is done, it quotes from the first word to the last
HALF_QUOTING = tuple((question,) for question in QUESTIONS)
SHOWN = (user(REPEAT + THIRD_PASSAGE), assistant(THIRD_PASSAGE))
QUOTING = tuple((*SHOWN, question) for question in QUESTIONS)
FREE = (
    (user("Write a story about a lighthouse."),),
    (user("Explain why the sky is blue."),),
    (user("Give advice to a young painter."),),
)
QUOTED_AT_LEAST = 4  # words in a row that stand in the prompt
ANSWER_TOKENS = 120
QUANTIZE = """
import sys
from engine.llama.api import api
parameters = api.llama_model_quantize_default_params()
parameters.ftype, parameters.allow_requantize = 2, True
sys.exit(api.llama_model_quantize(sys.argv[1].encode(), sys.argv[2].encode(), parameters))
"""
KV_MIB = re.compile(r"(KV|compute|output) buffer size =\s+([\d.]+) MiB")
CHAT_TOKENS, RESUMES = 1500, 3
ROOM_BYTES = 1 << 30


def speculation(model: Path, folder: Path) -> Rows:
    """As it is, and requantized to Q4_0, whose kernels read batches faster than single tokens."""
    other = folder / "q4_0.gguf"
    subprocess.run([sys.executable, "-c", QUANTIZE, model, other], capture_output=True, check=True)
    with EngineClient(False, folder / "worker.log") as client:
        for name, path in (("Q4_1", model), ("Q4_0", other)):
            client.load(path, 2048)
            yield from _guessing(client, f"{name}, quoting", QUOTING * 2)
            yield from _guessing(client, f"{name}, half quoting", HALF_QUOTING * 2)
            yield from _guessing(client, f"{name}, free", FREE * 2)


def _guessing(client: EngineClient, name: str, chats: tuple[tuple[Message, ...], ...]) -> Rows:
    pairs: list[tuple[Stats, Stats]] = []
    quoted = [_quoted(chat, _answer(client, chat, speculate=True)[0]) for chat in chats[: len(chats) // 2]]
    for number, chat in enumerate(chats):  # what a batch costs is known by now
        first, second = (_answer(client, chat, speculate=bool((number + turn) % 2))[1] for turn in (0, 1))
        pairs.append((first, second) if number % 2 else (second, first))  # (with, without)
    ratios = [on.tokens_per_s / off.tokens_per_s for on, off in pairs]
    yield f"{name}: guessing ahead, of without", statistics.median(ratios), "ratio"
    yield f"{name}: words that are quoted", statistics.median(quoted), "part"
    drafted = sum(on.drafted_tokens for on, _ in pairs)
    accepted = sum(on.accepted_tokens for on, _ in pairs)
    yield f"{name}: guessed tokens that were right", accepted / max(1, drafted), "part"
    written = sum(on.generated_tokens for on, _ in pairs)
    yield f"{name}: written tokens that were guessed", accepted / max(1, written), "part"


def _answer(client: EngineClient, chat: tuple[Message, ...], *, speculate: bool) -> tuple[str, Stats]:
    events = client.ask(Generate((SYSTEM, *chat), GREEDY, ANSWER_TOKENS, speculate=speculate))
    return text_of(events), stats_of(events)


def _quoted(chat: tuple[Message, ...], answer: str) -> float:
    """The part of the answer's words that stand in the last message, several in a row."""
    words, asked = answer.split(), chat[-1].content.split()
    runs = {tuple(asked[at : at + QUOTED_AT_LEAST]) for at in range(len(asked))}
    found = [tuple(words[at : at + QUOTED_AT_LEAST]) in runs for at in range(len(words))]
    inside = [any(found[max(0, at - QUOTED_AT_LEAST + 1) : at + 1]) for at in range(len(words))]
    return sum(inside) / max(1, len(words))


def resume(model: Path, folder: Path) -> Rows:
    """A chat of yesterday: from its file, and read anew."""
    file = folder / "1.kv"
    words = "Tell me about the harbour, its boats, its fishermen and what they sing at night. "
    turn = user(words)
    with EngineClient(False, folder / "worker.log") as client:
        client.load(model, 4096)
        while client.count((turn,)).tokens[0] < CHAT_TOKENS:
            turn = user(turn.content + words)
        client.ask(SwitchChat(str(file), ROOM_BYTES))
        text, _ = client.say(turn, max_tokens=8)
        started_s = time.perf_counter()
        client.ask(SwitchChat("", ROOM_BYTES))
        yield "leaving a chat of 1500 tokens", (time.perf_counter() - started_s) * 1000, "ms"
        client.ask(UnloadModel())
        yield "its file", file.stat().st_size / 1e6, "MB"
        more = (turn, assistant(text), user("And then?"))
        ratios, seconds = [], []
        for _ in range(RESUMES):
            anew, _ = _first_token_s(client, model, "", more)
            saved, reused = _first_token_s(client, model, str(file), more)
            assert reused > CHAT_TOKENS
            ratios.append(saved / anew)
            seconds.append((saved, anew))
        yield "its next turn, from the file", statistics.median(one for one, _ in seconds) * 1000, "ms"
        yield "its next turn, read anew", statistics.median(one for _, one in seconds) * 1000, "ms"
        yield "from the file, of read anew", statistics.median(ratios), "ratio"


def _first_token_s(
    client: EngineClient, model: Path, file: str, turn: tuple[Message, ...]
) -> tuple[float, int]:
    """Seconds to the first token after a load, and how many tokens were there already."""
    client.load(model, 4096)
    started_s = time.perf_counter()
    client.ask(SwitchChat(file, ROOM_BYTES))
    _, stats = client.say(*turn, max_tokens=1)
    return time.perf_counter() - started_s, stats.reused_tokens


def jobs(model: Path, folder: Path) -> Rows:
    """A job between two turns: what it adds to itself and to the turn after it."""
    turn = user("Tell me about the harbour, its boats and its fishermen. " * 40)
    job = Generate((user("Write a title for a chat about a harbour."),), GREEDY, 8, job=True)
    with EngineClient(False, folder / "worker.log") as client:
        for name, context in (("beside the chat", 2048), ("with the chat put aside", 512)):
            client.load(model, context)
            client.say(turn, max_tokens=1)
            started_s = time.perf_counter()
            client.ask(job if context > 512 else Generate(job.messages, GREEDY, None, ("\n",), job=True))
            yield f"a job {name}", (time.perf_counter() - started_s) * 1000, "ms"
            _, stats = client.say(turn, max_tokens=1)
            assert stats.reused_tokens == stats.prompt_tokens - 1, "the job cost the chat its cache"


def memory(model: Path, folder: Path) -> Rows:
    """What llama.cpp logs besides the weights."""
    log = folder / "worker.log"
    with EngineClient(False, log) as client:
        for context, kv_type in ((2048, "f16"), (8192, "f16"), (8192, "q8_0"), (8192, "q4_0")):
            before = log.stat().st_size
            client.ask(LoadModel(str(model), context, kv_type=kv_type))  # type: ignore[arg-type]
            said = log.read_bytes()[before:].decode("utf-8", "replace")
            for kind in ("KV", "compute"):
                size = sum(float(mib) for name, mib in KV_MIB.findall(said) if name == kind)
                yield f"{context} tokens, {kv_type}: {kind}", size, "MiB"


def embedding(model: Path, folder: Path) -> Rows:
    """In batches and one by one; the chat model with mean pooling stands for an embedding model."""
    kinds = {"short": tuple(f"ticket {number}" for number in range(40)), "long": (PASSAGE,) * 8}
    with EngineClient(False, folder / "worker.log") as client:
        client.ask(LoadEmbedder(str(model), 512, "mean"))
        for name, texts in kinds.items():
            ratios, seconds = [], []
            for _ in range(3):
                together = _took_s(client, (texts,))
                ratios.append(_took_s(client, tuple((text,) for text in texts)) / together)
                seconds.append(together)
            yield f"{name} texts in batches", len(texts) / statistics.median(seconds), "texts/s"
            yield f"{name} texts in batches, of one by one", statistics.median(ratios), "ratio"


def _took_s(client: EngineClient, calls: tuple[tuple[str, ...], ...]) -> float:
    began_s = time.perf_counter()
    for texts in calls:
        client.ask(Embed(texts))
    return time.perf_counter() - began_s
