"""Every kind of model is measured in its own way; what it has no measure for is refused."""

import json
from pathlib import Path

import pytest
from msgspec.structs import replace

from engine.train import parts, tasks
from engine.train.checkpoint import load_best
from engine.train.config import ModelConfig
from engine.train.errors import CannotMeasure
from engine.train.measuring import evaluate
from engine.train.protocol import Evaluate
from engine.train.results import HELD_OUT
from engine.train.specs import (
    LETTERS_TIME,
    LETTERS_VOCAB,
    FineTune,
    Masked,
    Pretrain,
    Settings,
    Spec,
    Translate,
)
from tests.unit.train.texts import prepared, story

STEP = Settings(steps=1, batch=4, warmup=0, sample_every=0)
SIZES = {"layers": 1, "width": 16, "heads": 2}


def never() -> bool:
    return False


def grown(path: Path, spec: Spec) -> str:
    run = tasks.begin(path, spec, STEP, parts)
    list(run.steps())
    run.close()
    return str(path)


def test_an_encoder_is_measured_on_the_text_that_it_is_given(tmp_path: Path) -> None:
    data = prepared(tmp_path)
    config = ModelConfig(kind="encoder", vocab=data.info.vocab + 1, context=24, **SIZES)
    run = grown(tmp_path / "run", Masked(str(data.path), config))
    short, long = tmp_path / "short.txt", tmp_path / "long.txt"
    short.write_text("Ana vive aqui y lee.", encoding="utf-8")
    long.write_text(story(200), encoding="utf-8")
    found = evaluate(Evaluate(run, (str(short), str(long))), parts, never).texts
    assert 0 < found["short.txt"].tokens <= 21
    characters = len(long.read_text("utf-8"))
    assert 0.12 * characters < found["long.txt"].tokens < 0.18 * characters
    assert found["long.txt"].loss != found["short.txt"].loss
    assert evaluate(Evaluate(run, (str(long),)), parts, never).texts["long.txt"] == found["long.txt"]
    assert list(evaluate(Evaluate(run), parts, never).texts) == [HELD_OUT]
    with pytest.raises(CannotMeasure):
        evaluate(Evaluate(run, rows=str(short)), parts, never)


def test_translations_are_measured_by_pairs_of_lines_and_not_by_text(tmp_path: Path) -> None:
    config = ModelConfig(kind="encoder_decoder", vocab=LETTERS_VOCAB, context=LETTERS_TIME, **SIZES)
    run = grown(tmp_path / "run", Translate(config))
    rows = tmp_path / "rows.jsonl"
    said = evaluate(Evaluate(run, prompts=("seven",)), parts, never).answers["seven"]
    pairs = [{"question": "seven", "answer": said or "x"}, {"question": "two", "answer": "no such word"}]
    rows.write_text("\n".join(map(json.dumps, pairs)), encoding="utf-8")
    found = evaluate(Evaluate(run, rows=str(rows)), parts, never)
    assert found.answered == (0.5 if said else 0.0)
    with pytest.raises(CannotMeasure):
        evaluate(Evaluate(run, (str(rows),)), parts, never)


def test_a_model_that_tells_labels_labels_what_it_is_asked(tmp_path: Path) -> None:
    data = prepared(tmp_path)
    base = grown(
        tmp_path / "base", Pretrain(str(data.path), ModelConfig(vocab=data.info.vocab, context=24, **SIZES))
    )
    rows = tmp_path / "rows.jsonl"
    kinds = [{"text": f"Ana {n}", "label": "ab"[n % 2]} for n in range(12)]
    rows.write_text("\n".join(map(json.dumps, kinds)), encoding="utf-8")
    run = grown(tmp_path / "run", FineTune(base=base, data=str(rows), kind="labels", learn="head"))
    asked = evaluate(Evaluate(run, prompts=("Ana lee",)), parts, never)
    assert asked.answers["Ana lee"] in ("a", "b")
    assert asked.labels is None
    found = evaluate(Evaluate(run), parts, never)
    assert found.labels is not None
    assert len(found.guesses) == sum(map(sum, found.labels.confusion))
    with pytest.raises(CannotMeasure):
        evaluate(Evaluate(run, (str(rows),)), parts, never)


def test_a_run_of_which_nothing_is_asked_is_measured_on_what_it_held_out(tmp_path: Path) -> None:
    data = prepared(tmp_path)
    config = ModelConfig(vocab=data.info.vocab, context=64, **SIZES)
    base = grown(tmp_path / "base", Pretrain(str(data.path), config))
    score = evaluate(Evaluate(base), parts, never).texts[HELD_OUT]
    assert score.loss == pytest.approx(load_best(Path(base))[0].best_loss, rel=1e-3)
    assert score.bits_per_byte > 0
    rows = tmp_path / "rows.jsonl"
    facts = [{"question": f"Q {n}?", "answer": f"A {n}."} for n in range(20)]
    rows.write_text("\n".join(map(json.dumps, facts)), encoding="utf-8")
    spec = FineTune(base=base, data=str(rows), kind="answers", learn="lora", keep=0.0, held_out_share=0.2)
    found = evaluate(Evaluate(grown(tmp_path / "run", spec), answer_tokens=4), parts, never)
    assert [guess.right for guess in found.guesses] == [f"A {guess.text[2:-1]}." for guess in found.guesses]
    assert len(found.guesses) == 4
    assert found.answered == sum(guess.sure for guess in found.guesses) / 4


def test_a_run_that_learnt_from_short_rows_sees_as_much_as_its_base(tmp_path: Path) -> None:
    """Else it would seem to forget: with less before them, all words are less to be expected."""
    data = prepared(tmp_path)
    config = ModelConfig(vocab=data.info.vocab, context=160, **SIZES)
    rows = tmp_path / "rows.jsonl"
    facts = [{"question": f"Q {n}?", "answer": f"A {n}."} for n in range(20)]
    rows.write_text("\n".join(map(json.dumps, facts)), encoding="utf-8")
    answers = FineTune(
        base=grown(tmp_path / "first", Pretrain(str(data.path), config)),
        data=str(rows), kind="answers", learn="all", keep=0.0,
    )  # fmt: skip
    base = grown(tmp_path / "base", answers)
    spec = replace(answers, base=base, learn="lora", time=80)
    run = tasks.begin(tmp_path / "run", spec, replace(STEP, rate=1e-9), parts)
    list(run.steps())
    run.close()
    text = tmp_path / "long.txt"
    text.write_text(story(200), encoding="utf-8")
    before, after = (
        evaluate(Evaluate(str(tmp_path / name), (str(text),)), parts, never).texts["long.txt"]
        for name in ("base", "run")
    )
    assert after.loss == pytest.approx(before.loss, rel=1e-8)
    trained = tasks.load_trained(tmp_path / "run")
    assert (trained.config.context, trained.own_config.context) == (80, 160)
    assert tasks.open_base(tmp_path / "run").config.context == tasks.seen_by(tmp_path / "run") == 160
