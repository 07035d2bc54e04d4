"""What the workshop reaches: facts learnt by LoRA, labels, tiny Shakespeare, and its speed beside others.

`--parts facts,labels,lora,shakespeare,speed`. Texts that are not ours are found by SOBREMESA_BENCH_TEXTS.
"""

import math
import statistics
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from desktop.cli.train import TOLD_APART
from engine.train.config import ModelConfig
from engine.train.events import Stepped
from engine.train.protocol import Evaluate, Evaluated, Prepared, PrepareText, Train, Trained
from engine.train.specs import FineTune, Pretrain, Settings
from tests.bench._train_facts import questions
from tests.bench._train_house import model, text, there, trainer
from tests.bench._train_mails import divided_mails
from tests.bench._train_speed import torch_steps

GENERAL = ("tinyshakespeare.txt", "prose.txt")  # what a model that learns facts is not to forget
PARTS = ("facts", "labels", "lora", "shakespeare", "speed")
Row = tuple[str, float, str]


def rows(parts: tuple[str, ...] = PARTS) -> Iterator[Row]:
    """(name, value, unit)."""
    for part in parts:
        yield from getattr(sys.modules[__name__], f"_{part}")()


def _facts() -> Iterator[Row]:
    """Forty invented facts, by the phrasings that were held out; and what became of English prose."""
    with trainer() as house:
        taught = ({"question": q, "answer": a} for q, a in questions(held_out=False))
        learnt = house.rows("learn.jsonl", taught)
        asked = house.rows("ask.jsonl", ({"question": q, "answer": a} for q, a in questions(held_out=True)))
        texts = tuple(_beginning(name, house.folder) for name in GENERAL if there(name))
        before = _evaluated(house.ask(Evaluate(model(), texts)))
        run = str(house.folder / "run")
        spec = FineTune(base=model(), data=learnt, held_out_share=0.01, time=256)
        settings = Settings(
            steps=180, batch=2, rate=1e-3, warmup=10, decay=0.0, validate_every=180, save_every=90,
            sample_every=0,
        )  # fmt: skip
        trained = _trained(house.ask(Train(run, spec, settings)))
        after = _evaluated(house.ask(Evaluate(run, texts, asked, answer_tokens=10)))
        yield "LoRA: held-out phrasings right", 100 * (after.answered or 0), "%"
        yield "LoRA: learning", trained.seconds, "s"
        for name, score in before.texts.items():
            yield f"LoRA: perplexity of {name} before", score.perplexity, ""
            change = after.texts[name].perplexity / score.perplexity - 1
            yield f"LoRA: perplexity of {name}, change", 100 * change, "%"


def _beginning(name: str, folder: Path) -> str:
    """Some of a text, which is measured by it."""
    short = folder / name
    short.write_text(text(name).read_text("utf-8")[:12_000], "utf-8")
    return str(short)


def _lora() -> Iterator[Row]:
    """LoRA of the starter model: tokens a second, here and by JAX."""
    with trainer() as house:
        learnt = house.rows(
            "learn.jsonl", ({"question": q, "answer": a} for q, a in questions(held_out=False))
        )
        spec = FineTune(base=model(), data=learnt, keep=0.0, held_out_share=0.01, time=256)
        settings = Settings(
            steps=8, batch=2, rate=1e-4, validate_every=99, save_every=99, sample_every=0, tell_every=4
        )
        for backend in ("compiled", "jax"):
            steps: list[Stepped] = []
            run = Train(str(house.folder / backend), spec, settings, backend)
            house.ask(
                run, lambda event, steps=steps: steps.append(event) if isinstance(event, Stepped) else None
            )
            # the first ones compile
            yield f"LoRA of SmolLM2 by {backend}", steps[-1].tokens_per_s, "tokens/s"


def _labels() -> Iterator[Row]:
    """Spam and ham: subject and body alone, as the other lines of a mail give it away."""
    with trainer() as house:
        learnt, held = (
            house.rows(name, ({"text": mail.text, "label": mail.label} for mail in mails))
            for name, mails in zip(("learn.jsonl", "held.jsonl"), divided_mails(text("spam")), strict=True)
        )
        run = str(house.folder / "run")
        # as `sobremesa train finetune --kind labels` has it where nothing else is asked for
        spec = FineTune(base=model(), data=learnt, kind="labels", held_out_share=0.02)
        settings = Settings(**{**TOLD_APART, "validate_every": 100, "sample_every": 0})
        trained = _trained(house.ask(Train(run, spec, settings)))
        score = _evaluated(house.ask(Evaluate(run, rows=held))).labels
        assert score is not None
        count = sum(map(sum, score.confusion))
        yield "labels: accuracy on held-out mails", 100 * score.accuracy, "%"
        error = math.sqrt(score.accuracy * (1 - score.accuracy) / count)
        yield "labels: its standard error, by chance of which mails are held out", 100 * error, "%"
        yield "labels: macro F1", score.macro_f1, ""
        yield "labels: held-out mails", float(count), ""
        yield "labels: learning", trained.seconds, "s"


def _shakespeare() -> Iterator[Row]:
    """4 layers, 4 heads, width 128, 64 characters, 12 rows, 2,000 steps; all of the validation split."""
    with trainer() as house:
        data = str(house.folder / "data")
        prepared = house.ask(PrepareText((str(text("tinyshakespeare.txt")),), data, characters=True))
        assert isinstance(prepared, Prepared)
        config = ModelConfig(vocab=prepared.info.vocab, context=64, layers=4, width=128, heads=4)
        losses = []
        for seed in (1, 2, 3):
            settings = Settings(steps=2000, batch=12, seed=seed, sample_every=0)
            began = time.monotonic()
            run = Train(str(house.folder / f"run{seed}"), Pretrain(data, config, seed), settings)
            losses.append(_trained(house.ask(run)).loss)
            yield f"tiny Shakespeare: validation loss, seed {seed}", losses[-1], "nats"
            yield f"tiny Shakespeare: wall time, seed {seed}", time.monotonic() - began, "s"
        yield "tiny Shakespeare: mean of three seeds", statistics.mean(losses), "nats"
    for name in ("torch-eager", "torch-compiled"):
        seconds = torch_steps(name, 2000)
        if seconds is not None:
            yield f"tiny Shakespeare: 2,000 steps by {name}, nothing else", seconds, "s"


def _speed() -> Iterator[Row]:
    from tests.bench._train_speed import rows as speed_rows

    return speed_rows()


def _trained(event: Any) -> Trained:
    assert isinstance(event, Trained), event
    return event


def _evaluated(event: Any) -> Evaluated:
    assert isinstance(event, Evaluated), event
    return event
