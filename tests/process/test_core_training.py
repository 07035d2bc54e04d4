"""Runs of the workshop through trouble: killed trainers, folders moved and edited by hand, data that
changed."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from desktop.core.errors import CoreError
from desktop.core.operations import Operation
from desktop.core.services import Services
from desktop.core.types.training import RunInfo, RunTold, TrainingPlan
from engine.train.events import Saved
from engine.train.specs import Settings
from tests.fakes.house import house

pytestmark = pytest.mark.slow

LONG_S = 120.0
SETTINGS = Settings(
    steps=100_000, batch=2, validate_every=5, save_every=5, sample_every=0, tell_every=1, warmup=1
)
PLAN = TrainingPlan(
    name="Poet", sample="verses_en", vocab=300, layers=1, heads=2, width=16, context=32, settings=SETTINGS
)


@pytest.fixture
def core(tmp_path: Path) -> Iterator[Services]:
    with house(tmp_path) as real:
        yield real


def code_of(operation: Operation[Any]) -> str:
    with pytest.raises(CoreError) as failed:
        operation.result(LONG_S)
    return failed.value.problem().code


def after_a_checkpoint(operation: Operation[RunInfo], act: Any) -> None:
    """Do something once, as soon as a checkpoint lies on the disk."""
    done = [False]

    def hear(event: object) -> None:
        if isinstance(event, RunTold) and isinstance(event.event, Saved) and not done[0]:
            done[0] = True
            act()

    operation.subscribe(hear)


def stopped(core: Services) -> RunInfo:
    operation = core.begin_run(PLAN)
    after_a_checkpoint(operation, operation.cancel)
    run = operation.result(LONG_S)
    assert run.state == "stopped"
    return run


def ends_soon(core: Services, run: RunInfo) -> None:
    """Have the run's plan end a few steps from where it stands."""
    store = core._run_store
    plan = replace(run.plan, settings=replace(run.plan.settings, steps=run.step + 5))
    store.save(replace(store.load(run.id), plan=plan))


def test_a_killed_trainer_is_told_and_its_run_goes_on_from_the_last_checkpoint(core: Services) -> None:
    operation = core.begin_run(PLAN)
    after_a_checkpoint(operation, lambda: os.kill(core.trainer_pids[0], signal.SIGKILL))
    assert code_of(operation) == "engine_died"
    run = core.list_runs().result(LONG_S)[0]
    assert run.state == "interrupted"
    assert run.can_resume
    ends_soon(core, run)
    again = core.resume_run(run.id).result(LONG_S)
    assert again.state == "finished"
    assert again.step == run.step + 5
    steps = [event.step for event in core.run_history(run.id).result(LONG_S).steps]
    assert steps == list(range(1, again.step + 1))


def test_a_run_whose_folder_was_renamed_goes_on_under_its_new_name(core: Services) -> None:
    run = stopped(core)
    folder = core.places.training_dir
    (folder / run.id).rename(folder / "moved-by-hand")
    assert code_of(core.resume_run(run.id)) == "run_missing"
    moved = core.list_runs().result(LONG_S)[0]
    assert moved.id == "moved-by-hand"
    ends_soon(core, moved)
    assert core.resume_run(moved.id).result(LONG_S).state == "finished"


def test_what_was_edited_or_cut_by_hand_is_said_and_nothing_is_trained_on_it(core: Services) -> None:
    run = stopped(core)
    folder = core.places.training_dir / run.id
    tokens = folder / "data" / "train.bin"
    whole = tokens.read_bytes()
    tokens.write_bytes(whole[:-4] + bytes(255 - byte for byte in whole[-4:]))
    assert code_of(core.resume_run(run.id)) == "run_data_changed"
    tokens.write_bytes(whole)
    (folder / "run" / "run.json").write_text('{"task": 1}', encoding="utf-8")
    assert code_of(core.resume_run(run.id)) == "train_run_damaged"
    (folder / "about.json").write_text("{", encoding="utf-8")
    listed = core.list_runs().result(LONG_S)[0]
    assert listed.state == "damaged"
    assert listed.problem is not None
    assert listed.problem.code == "run_unreadable"


def test_the_file_that_a_person_chose_may_change_while_its_run_learns(core: Services, tmp_path: Path) -> None:
    text = tmp_path / "mine.txt"
    text.write_text("The bread is warm and the table is long.\n\n" * 300, encoding="utf-8")
    operation = core.begin_run(replace(PLAN, sample="", inputs=(str(text),)))
    after_a_checkpoint(operation, lambda: (text.unlink(), operation.cancel()))
    run = operation.result(LONG_S)
    ends_soon(core, run)
    assert core.resume_run(run.id).result(LONG_S).state == "finished"
    assert code_of(core.begin_run(replace(PLAN, sample="", inputs=(str(text),)))) == "train_text_unreadable"


def test_one_run_is_trained_at_a_time_and_closing_the_program_stops_it_after_a_checkpoint(
    tmp_path: Path,
) -> None:
    with house(tmp_path) as core:
        operation = core.begin_run(PLAN)
        after_a_checkpoint(operation, lambda: None)
        running = core.list_runs
        while not any(run.step for run in running().result(LONG_S)):
            pass
        assert code_of(core.begin_run(PLAN)) == "training_busy"
        run = running().result(LONG_S)[0]
        assert run.state == "training"
        assert code_of(core.delete_run(run.id)) == "training_busy"
    with house(tmp_path) as again:
        left = again.list_runs().result(LONG_S)[0]
        assert left.state == "stopped"
        assert left.step > 0
