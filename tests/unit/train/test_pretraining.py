"""A run: it learns, it goes on after any end as if there had been none, it keeps what it learnt."""

from pathlib import Path

import numpy as np
import pytest

from engine.train import checkpoint, parts
from engine.train.checkpoint import load_best, load_checkpoint
from engine.train.config import ModelConfig
from engine.train.errors import Diverged, RunDamaged, RunExists, TextTooSmall
from engine.train.events import Ended, Sampled, Saved, Stepped, TrainEvent, Validated
from engine.train.prepare import Prepared
from engine.train.pretrain import Pretrain, open_pretraining
from engine.train.run import Run
from engine.train.specs import Settings
from tests.unit.train.texts import prepared

STEPS = Settings(
    steps=40,
    batch=8,
    rate=5e-3,
    warmup=5,
    validate_every=20,
    save_every=10,
    sample_every=20,
)


def shape(data: Prepared) -> ModelConfig:
    return ModelConfig(vocab=data.info.vocab, context=24, layers=2, width=32, heads=2)


def begun(path: Path, data: Prepared, config: ModelConfig, settings: Settings) -> Run:
    spec = Pretrain(str(data.path), config)
    run = Run(path, open_pretraining(spec), settings, parts)
    run.begin(spec)
    return run


def resumed(path: Path, data: Prepared) -> Run:
    run = Run(path, open_pretraining(Pretrain(str(data.path), shape(data))), STEPS, parts)
    run.resume()
    return run


def run_all(run: Run) -> list[TrainEvent]:
    told = list(run.steps())
    run.close()
    return told


def losses(told: list[TrainEvent]) -> dict[int, float]:
    return {event.step: event.loss for event in told if isinstance(event, Stepped)}


@pytest.mark.slow
def test_a_run_learns_and_tells_of_it(tmp_path: Path) -> None:
    data = prepared(tmp_path)
    told = run_all(begun(tmp_path / "run", data, shape(data), STEPS))
    found = losses(told)
    assert found[40] < 0.7 * found[10]
    assert [event.step for event in told if isinstance(event, Saved)] == [10, 20, 30, 40]
    assert [event.step for event in told if isinstance(event, Validated)] == [20, 40]
    assert all(event.text for event in told if isinstance(event, Sampled))
    last = told[-1]
    assert isinstance(last, Ended)
    assert last.reason == "finished"
    assert last.loss == min(event.loss for event in told if isinstance(event, Validated))
    assert len(list((tmp_path / "run").glob("step-*"))) == checkpoint.KEPT


@pytest.mark.slow
def test_a_run_that_was_killed_goes_on_bit_by_bit(tmp_path: Path) -> None:
    data = prepared(tmp_path)
    whole = losses(run_all(begun(tmp_path / "a", data, shape(data), STEPS)))
    broken = begun(tmp_path / "b", data, shape(data), STEPS)
    found: dict[int, float] = {}
    for event in broken.steps():
        if isinstance(event, Stepped):
            found[event.step] = event.loss
            if event.step == 30:  # nothing of what came after step 20 was saved
                break
    broken.close()
    again = resumed(tmp_path / "b", data)
    assert again.learner.step == 20
    found |= losses(run_all(again))
    assert found == whole
    ends = [load_checkpoint(tmp_path / name)[1]["learnt"] for name in "ab"]
    assert np.array_equal(*ends)


@pytest.mark.slow
def test_a_stop_is_saved_and_can_go_on(tmp_path: Path) -> None:
    data = prepared(tmp_path)
    whole = losses(run_all(begun(tmp_path / "a", data, shape(data), STEPS)))
    run = begun(tmp_path / "b", data, shape(data), STEPS)
    told = list(run.steps(lambda: run.learner.step >= 13))
    assert told[-1] == Ended("stopped", 13, float("inf"), told[-1].seconds)  # type: ignore[union-attr]
    found = losses(told) | losses(run_all(resumed(tmp_path / "b", data)))
    assert found[40] == whole[40]


@pytest.mark.slow
def test_a_checkpoint_that_was_cut_short_gives_way_to_the_one_before(tmp_path: Path) -> None:
    data = prepared(tmp_path)
    run_all(begun(tmp_path / "run", data, shape(data), STEPS))
    newest = max((tmp_path / "run").glob("step-*"))
    newest.write_bytes(newest.read_bytes()[:-100])
    assert resumed(tmp_path / "run", data).learner.step == 30
    for path in (tmp_path / "run").glob("step-*"):
        path.write_bytes(b"{}")
    with pytest.raises(RunDamaged):
        resumed(tmp_path / "run", data)


@pytest.mark.slow
def test_the_best_parameters_are_kept_apart(tmp_path: Path) -> None:
    data = prepared(tmp_path)
    told = run_all(begun(tmp_path / "run", data, shape(data), STEPS))
    best = min((event for event in told if isinstance(event, Validated)), key=lambda event: event.loss)
    assert load_best(tmp_path / "run")[0].step == best.step


def test_batches_that_are_gathered_give_the_gradient_of_a_large_one(tmp_path: Path) -> None:
    data = prepared(tmp_path)
    large = begun(tmp_path / "a", data, shape(data), Settings(batch=8, threads=2))
    small = begun(tmp_path / "b", data, shape(data), Settings(batch=4, accumulate=2, threads=2))
    first = large.task.draw(0, 8)
    halves = [first.rows(slice(0, 4)), first.rows(slice(4, 8))]
    small.task.draw = lambda index, _rows: halves[index]  # type: ignore[method-assign]
    assert small.learn(1e-3) == pytest.approx(large.learn(1e-3), rel=1e-6)
    assert small.norm == pytest.approx(large.norm, rel=1e-5)


def test_a_run_that_gains_nothing_ends_early(tmp_path: Path) -> None:
    data = prepared(tmp_path)
    settings = Settings(
        steps=400, batch=4, rate=1e-9, warmup=1, validate_every=5, patience=2, save_every=5, sample_every=0,
        decay=0.0,
    )  # fmt: skip
    run = begun(tmp_path / "run", data, shape(data), settings)
    run.best_loss, run.best_step = 0.0, 1
    told = run_all(run)
    last = told[-1]
    assert isinstance(last, Ended)
    assert (last.reason, last.step) == ("early", 11)


def test_a_loss_that_is_no_number_ends_the_run_and_keeps_what_was_learnt(tmp_path: Path) -> None:
    data = prepared(tmp_path)
    run = begun(tmp_path / "run", data, shape(data), STEPS)

    def poison(event: TrainEvent) -> None:
        if isinstance(event, Saved):
            run.task.weights.flat[7] = np.nan

    with pytest.raises(Diverged) as raised:
        list(map(poison, run.steps()))
    assert raised.value.params == {"step": 10, "kept": 10}
    assert np.isfinite(load_checkpoint(tmp_path / "run")[1]["learnt"]).all()


def test_a_second_run_does_not_begin_where_one_stands(tmp_path: Path) -> None:
    data = prepared(tmp_path)
    begun(tmp_path / "run", data, shape(data), STEPS)
    with pytest.raises(RunExists):
        begun(tmp_path / "run", data, shape(data), STEPS)


def test_a_context_longer_than_the_text_is_refused(tmp_path: Path) -> None:
    data = prepared(tmp_path, 30)
    config = ModelConfig(vocab=data.info.vocab, context=5000, layers=1, width=16, heads=2)
    with pytest.raises(TextTooSmall):
        begun(tmp_path / "run", data, config, STEPS)
