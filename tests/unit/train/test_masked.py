"""Words are hidden as BERT hides them, and an encoder learns to guess them."""

from pathlib import Path

import numpy as np
import pytest

from engine.train import parts
from engine.train.config import ModelConfig
from engine.train.errors import CannotExport, CannotLearn, TextTooSmall
from engine.train.export import export_gguf
from engine.train.masked import MaskedTask, open_masked
from engine.train.prepare import Prepared, prepare
from engine.train.protocol import Evaluate, Evaluated
from engine.train.results import HELD_OUT
from engine.train.serving import serve
from engine.train.specs import FineTune, Masked, Settings
from engine.train.tasks import begin, load_trained, open_task
from tests.unit.train.texts import story

SETTINGS = Settings(
    steps=400, batch=16, rate=2e-3, warmup=20, validate_every=200, save_every=200, sample_every=0, decay=0.0
)


def spec_of(folder: Path, context: int = 24) -> Masked:
    """An encoder over words and their parts."""
    source = folder / "story.txt"
    source.write_text(story(2000), encoding="utf-8")
    prepare([source], folder / "data", vocab=300)
    vocab = Prepared(folder / "data").info.vocab + 1
    config = ModelConfig(kind="encoder", vocab=vocab, context=context, layers=2, width=48, heads=4)
    return Masked(str(folder / "data"), config)


def test_of_all_tokens_15_in_a_hundred_are_guessed_and_most_of_them_hidden(tmp_path: Path) -> None:
    task = open_masked(spec_of(tmp_path))
    batch = task.draw(3, 400)
    guessed = batch.weights > 0
    assert guessed.mean() == pytest.approx(0.15, abs=0.01)
    hidden = batch.tokens == task.mask
    assert not hidden[~guessed].any()
    assert hidden[guessed].mean() == pytest.approx(0.8, abs=0.02)
    assert np.array_equal(batch.tokens[~guessed], batch.targets[~guessed])
    assert not (batch.targets == task.mask).any()
    # one in ten stays, and of those that are swapped a few happen to become themselves
    stayed = (batch.tokens == batch.targets)[guessed].mean()
    assert stayed == pytest.approx(0.1 + 0.1 / task.mask, abs=0.02)


def test_a_batch_is_the_same_whenever_it_is_drawn_and_so_is_what_is_held_out(tmp_path: Path) -> None:
    spec = spec_of(tmp_path)
    first, second = open_masked(spec), open_masked(spec)
    for a, b in (
        (first.draw(7, 4), second.draw(7, 4)),
        *zip(first.held_out(8), second.held_out(8), strict=True),
    ):
        assert np.array_equal(a.tokens, b.tokens)
        assert np.array_equal(a.weights, b.weights)
    assert not np.array_equal(first.draw(7, 4).tokens, first.draw(8, 4).tokens)


def test_a_token_sees_all_of_its_document_and_no_other(tmp_path: Path) -> None:
    task = open_masked(spec_of(tmp_path, context=8))
    end = task.data.tokenizer.end
    first, last = task._documents(np.array([[5, 6, end, 7, 8, 9, end, 4]], np.int32))
    assert first.tolist() == [[0, 0, 0, 3, 3, 3, 3, 7]]
    assert last.tolist() == [[3, 3, 3, 7, 7, 7, 7, 8]]


@pytest.mark.slow
def test_an_encoder_learns_to_fill_gaps_from_both_sides(tmp_path: Path) -> None:
    spec = spec_of(tmp_path)
    run = begin(tmp_path / "run", spec, SETTINGS, parts)
    before = run.measure()
    list(run.steps())
    assert isinstance(run.task, MaskedTask)
    assert run.best_loss < 0.1 * before
    shown = list(run.task.sample(0, parts))
    assert all("_" in gaps and "_" not in filled for gaps, filled in shown)
    run.close()
    done = serve(Evaluate(str(tmp_path / "run"), prompts=("Eva_ en Lugo y come_.\n",)), _tell, _never)
    assert isinstance(done, Evaluated)
    assert list(done.answers.values()) == ["Eva vive en Lugo y come pan.\n"]
    measured = serve(Evaluate(str(tmp_path / "run")), _tell, _never)
    assert isinstance(measured, Evaluated)
    assert measured.texts[HELD_OUT].loss == pytest.approx(run.best_loss, rel=1e-5)


def test_an_encoder_stays_in_the_workshop(tmp_path: Path) -> None:
    run = begin(tmp_path / "run", spec_of(tmp_path), Settings(steps=1, sample_every=0), parts)
    list(run.steps())
    run.close()
    with pytest.raises(CannotExport):
        export_gguf(load_trained(tmp_path / "run"), tmp_path / "m.gguf", name="Mine")
    rows = tmp_path / "rows.csv"
    rows.write_text(
        "instruction,output\nWho?,Nobody.\n" + "".join(f"What is {n}?,It is {n}.\n" for n in range(9))
    )
    with pytest.raises(CannotLearn):
        open_task(FineTune(base=str(tmp_path / "run"), data=str(rows)))


def test_a_window_longer_than_the_text_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TextTooSmall):
        open_masked(spec_of(tmp_path, context=100_000))


def _tell(_event: object) -> None:
    pass


def _never() -> bool:
    return False
