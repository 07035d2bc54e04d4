"""A model that learns and stays as it was elsewhere; and its texts, which are read token by token."""

from pathlib import Path

import msgspec
import numpy as np
import pytest

from engine.train import parts, tasks
from engine.train.checkpoint import load_checkpoint
from engine.train.config import ModelConfig, gpt
from engine.train.errors import RunDamaged
from engine.train.events import Sampled
from engine.train.finetune import AnswerTask
from engine.train.generate import Writer
from engine.train.keeping import FILE, Kept, kept_of
from engine.train.lora import LowRank
from engine.train.parameters import Parameters
from engine.train.run import Run
from engine.train.specs import FineTune, Settings
from engine.train.transformer import Transformer, plain_batch
from tests.unit.train.models import parts_named, weights_of
from tests.unit.train.test_finetuning import ANSWERS, CODER, base_of

SIZES = {"vocab": 30, "context": 24, "layers": 2, "width": 32, "heads": 4}


@pytest.mark.parametrize("name", ["parts", "compiled"])
@pytest.mark.parametrize("config", [ModelConfig(**SIZES, kv_heads=2), gpt(**SIZES)], ids=["llama", "gpt"])
def test_a_text_read_token_by_token_is_read_as_at_once(config: ModelConfig, name: str) -> None:
    weights, functions = weights_of(config, dtype=np.float32), parts_named(name)
    writer = Writer(config, weights, functions)

    def check(row: list[int], seen: list[int]) -> None:
        tokens = np.array([seen], np.int32)
        whole = Transformer(config, weights, 1, len(seen), functions)
        wanted = whole.logits(plain_batch(tokens, tokens))[0, -1]
        assert np.abs(writer.next_logits(row) - wanted).max() < 1e-4

    row = np.random.default_rng(3).integers(0, 30, 60).tolist()
    for length in range(5, 24, 3):
        check(row[:length], row[:length])
    check([*row[:7], 1, 2], [*row[:7], 1, 2])  # another end
    check(row[:2], row[:2])  # a beginning of it
    check(row[:30], row[12:30])  # more than it sees: the newer three quarters
    check(row[:33], row[12:33])
    check(row[3:9], row[3:9])  # another text


def test_what_was_written_is_noted_with_what_the_model_says_of_it() -> None:
    base = base_of()
    told: list[str] = []
    kept = kept_of(
        base.config, base.weights, CODER, parts, time=20, seed=1, texts=18, tell=told.append
    )  # fmt: skip
    assert kept.texts.shape == (18, 21)
    assert len({text.tobytes() for text in kept.texts}) == 18
    assert len(told) == 2
    logits = Transformer(base.config, base.weights, 1, 20, parts).logits(
        plain_batch(kept.texts[3:4, :-1], kept.texts[3:4, 1:])
    )[0]
    shares = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    assert np.allclose(np.take_along_axis(shares, kept.likeliest[3], 1), kept.shares[3], atol=1e-6)
    assert kept.shares.sum(axis=-1).max() < 1
    again = kept_of(base.config, base.weights, CODER, parts, time=20, seed=1, texts=18)
    assert np.array_equal(again.texts, kept.texts)


def away(task: AnswerTask, other: Kept, learnt: Parameters) -> float:
    """How far the model is from what it said of texts that it has not seen since, in nats."""
    base = base_of()
    model = Transformer(base.config, base.weights, 1, 20, parts, LowRank(learnt, task.low_rank_scale * 8))
    found = []
    for text, kept, shares in zip(other.texts, other.likeliest, other.shares, strict=True):
        row = np.ascontiguousarray(text[None, :-1])
        losses = np.empty(20, np.float32)
        ones = np.ones(20, np.float32)
        parts.stay_near(model.logits(plain_batch(row, row))[0], kept, shares.copy(), ones, losses)
        found.append(losses.mean())
    return float(np.mean(found))


@pytest.mark.slow
def test_a_model_that_is_to_keep_what_it_said_stays_nearer_to_it(tmp_path: Path) -> None:
    base = base_of()
    kept, other = (
        kept_of(base.config, base.weights, CODER, parts, time=20, seed=s, texts=32) for s in (1, 2)
    )
    found = []
    for keep in (0.0, 4.0):
        task = AnswerTask(base_of(), ANSWERS, learn="lora", held_out_share=0.2)
        if keep:
            task.stay_near(kept, keep)
        settings = Settings(steps=60, batch=4, rate=1e-2, warmup=5, decay=0.0)
        run = Run(tmp_path / str(keep), task, settings, parts)
        for step in range(60):
            run.learn(1e-2 * min(1.0, (step + 1) / 5))
        run.close()
        found.append(away(task, other, task.learning))
    assert found[1] < 0.5 * found[0]


def test_a_run_keeps_its_texts_and_refuses_to_go_on_without_them(tmp_path: Path) -> None:
    model, rows = tmp_path / "model", tmp_path / "rows.jsonl"
    rows.write_bytes(
        b"\n".join(msgspec.json.encode({"question": str(n), "answer": "azul"}) for n in range(9))
    )
    write_base(model)
    told: list[Sampled] = []
    spec = FineTune(base=str(model), data=str(rows), time=32)
    settings = Settings(steps=2, batch=2, save_every=1, sample_every=0)
    run = tasks.begin(tmp_path / "run", spec, settings, parts, tell=told.append)
    assert told
    assert list(run.steps())
    run.close()
    again = tasks.resume(tmp_path / "run", parts)
    assert again.task.draw(0, 4).kept_weights is not None
    again.close()
    assert load_checkpoint(tmp_path / "run")[0].step == 2
    (tmp_path / "run" / FILE).write_bytes(b"cut")
    with pytest.raises(RunDamaged):
        tasks.resume(tmp_path / "run", parts)


def write_base(folder: Path) -> None:
    from engine.train.hugging_face import write_folder

    base = base_of()
    write_folder(folder, base.config, base.weights, CODER.tokenizer, chats=True)
