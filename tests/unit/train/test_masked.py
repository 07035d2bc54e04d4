"""Words are hidden as BERT hides them, and an encoder learns to guess them."""

from pathlib import Path

import numpy as np
import pytest

from engine.train import parts
from engine.train.config import bert
from engine.train.errors import CannotExport, CannotLearn, TextTooSmall
from engine.train.export import export_gguf
from engine.train.masked import MaskedTask, open_masked
from engine.train.protocol import Evaluate, Evaluated
from engine.train.serving import serve
from engine.train.specs import FineTune, Masked, Settings
from engine.train.tasks import begin, load_trained, open_task
from tests.unit.train.texts import NAMES, PLACES, prepared

SETTINGS = Settings(
    steps=500, batch=16, rate=4e-3, warmup=20, validate_every=250, save_every=250, sample_every=0
)


def spec_of(folder: Path, context: int = 48) -> Masked:
    data = prepared(folder, 1200)
    config = bert(vocab=data.info.vocab + 1, context=context, layers=2, width=48, heads=4)
    return Masked(str(data.path), config)


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
    assert run.best_loss < 0.35 * before
    shown = list(run.task.sample(0, parts))
    assert all("_" in gaps and "_" not in filled for gaps, filled in shown)
    run.close()
    # a gap that only what follows can fill: the name's first letter
    done = serve(Evaluate(str(tmp_path / "run"), prompts=("_va vive en Lugo y co_e pan.",)), _tell, _never)
    assert isinstance(done, Evaluated)
    (filled,) = done.answers.values()
    assert filled.split()[0] in NAMES
    assert "come pan." in filled
    assert any(place in filled for place in PLACES)
    assert done.texts["held out"].loss == pytest.approx(run.best_loss, rel=1e-5)


def test_an_encoder_stays_in_the_workshop(tmp_path: Path) -> None:
    run = begin(tmp_path / "run", spec_of(tmp_path), Settings(steps=1, sample_every=0), parts)
    list(run.steps())
    run.close()
    with pytest.raises(CannotExport):
        export_gguf(load_trained(tmp_path / "run"), tmp_path / "m.gguf", name="Mine")
    with pytest.raises(CannotLearn):
        open_task(FineTune(base=str(tmp_path / "run"), data="rows.csv"))


def test_a_window_longer_than_the_text_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TextTooSmall):
        open_masked(spec_of(tmp_path, context=100_000))


def _tell(_event: object) -> None:
    pass


def _never() -> bool:
    return False
