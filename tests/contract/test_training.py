"""What every core does with runs of training, the real one with a real trainer and the one of the window's
tests."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import send2trash
from msgspec.structs import replace

from desktop.core.contract import Core
from desktop.core.errors import CoreError
from desktop.core.operations import Operation
from desktop.core.types.training import RunChanged, RunInfo, RunTold, TrainingPlan
from engine.train.events import Stepped, Validated
from engine.train.specs import Settings
from tests.fakes.core import FakeCore
from tests.fakes.house import Heard, house

LONG_S = 120.0  # a trainer's process on a busy machine
SETTINGS = Settings(steps=6, batch=2, validate_every=3, save_every=3, sample_every=0, tell_every=1, warmup=1)
PLAN = TrainingPlan(
    name="Poet", sample="verses_en", vocab=300, layers=1, heads=2, width=16, context=32, settings=SETTINGS
)


@pytest.fixture(params=["fake", pytest.param("real", marks=pytest.mark.slow)])
def core(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Core]:
    if request.param == "fake":
        fake = FakeCore()
        yield fake
        fake.close()
    else:
        with house(tmp_path) as real:
            yield real


@pytest.fixture
def trash(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A trash for the test: the real one is the person's."""
    folder = tmp_path / "trash"
    folder.mkdir()
    monkeypatch.setattr(send2trash, "send2trash", lambda path: shutil.move(path, folder))
    return folder


def code_of(operation: Operation[Any]) -> str:
    with pytest.raises(CoreError) as failed:
        operation.result(LONG_S)
    return failed.value.problem().code


def trained(core: Core, plan: TrainingPlan = PLAN) -> tuple[RunInfo, Heard]:
    heard = Heard()
    operation = core.begin_run(plan)
    operation.subscribe(heard)
    return operation.result(LONG_S), heard


def test_a_run_tells_what_happens_and_is_kept_with_what_came_of_it(core: Core) -> None:
    run, heard = trained(core)
    assert (run.state, run.step, run.plan.name) == ("finished", 6, "Poet")
    assert run.parameters > 0
    assert run.fingerprint
    assert run.data is not None
    first = heard.events[0]
    assert isinstance(first, RunChanged)
    assert first.run.id == run.id
    told = [event.event for event in heard.events if isinstance(event, RunTold)]
    assert [event.step for event in told if isinstance(event, Stepped)] == [1, 2, 3, 4, 5, 6]
    assert core.list_runs().result(LONG_S) == (run,)
    history = core.run_history(run.id).result(LONG_S)
    assert [event.step for event in history.steps] == [1, 2, 3, 4, 5, 6]
    assert history.validated == tuple(event for event in told if isinstance(event, Validated))


def test_a_run_branches_with_other_settings_and_leaves_the_first_as_it_was(core: Core) -> None:
    run, _ = trained(core)
    longer = replace(SETTINGS, steps=8)
    branch = core.branch_run(run.id, longer, "Longer").result(LONG_S)
    assert (branch.parent, branch.step, branch.plan.name) == (run.id, 8, "Longer")
    assert {one.id: one.step for one in core.list_runs().result(LONG_S)} == {run.id: 6, branch.id: 8}
    steps = [event.step for event in core.run_history(branch.id).result(LONG_S).steps]
    assert steps == [1, 2, 3, 4, 5, 6, 7, 8]


def test_a_run_is_renamed_and_goes_into_the_trash(core: Core, trash: Path) -> None:
    run, _ = trained(core)
    assert core.rename_run(run.id, "Bard").result(LONG_S).plan.name == "Bard"
    core.delete_run(run.id).result(LONG_S)
    assert core.list_runs().result(LONG_S) == ()
    for gone in (core.delete_run(run.id), core.resume_run(run.id), core.export_run(run.id)):
        assert code_of(gone) == "run_missing"


def test_a_run_leaves_for_the_chat_as_a_model_that_goes_on_with_a_text(core: Core) -> None:
    run, _ = trained(core)
    left = core.export_run(run.id).result(LONG_S)
    assert left.completes
    assert not left.adapter
    assert left.model.endswith(".gguf")
    assert core.export_run(run.id).result(LONG_S).model == left.model


def test_a_plan_without_text_or_model_is_refused_before_anything_is_made(core: Core) -> None:
    assert code_of(core.begin_run(replace(PLAN, goal="label", sample="messages_en"))) == "no_base_model"
    assert code_of(core.preview_data(replace(PLAN, sample=""))) == "nothing_to_learn"
    assert core.list_runs().result(LONG_S) == ()


def test_what_a_plan_learns_from_is_shown_before_it_begins(core: Core) -> None:
    text = core.preview_data(PLAN).result(LONG_S)
    assert text.kind == "text"
    assert 0 < text.held_out < text.count
    assert text.rows[0].first
    labels = core.preview_data(replace(PLAN, goal="label", sample="messages_es")).result(LONG_S)
    assert labels.labels == {"correo": 220, "spam": 220}
    assert len(labels.lengths) == labels.count


def test_rows_that_a_person_writes_come_back_without_the_empty_ones(core: Core) -> None:
    rows = (("Who?", "Ana."), ("Where?", ""), ("When?", "At six."))
    path = core.write_rows("", rows, labels=False).result(LONG_S)
    mine = replace(PLAN, goal="answer", sample="", inputs=(path,))
    assert core.rows_of(mine).result(LONG_S) == (rows[0], rows[2])


def test_all_rows_of_a_text_that_came_with_the_program_are_there_to_be_edited(core: Core) -> None:
    rows = core.rows_of(replace(PLAN, goal="label", sample="messages_en")).result(LONG_S)
    assert len(rows) == 440
    assert {label for _text, label in rows} == {"ham", "spam"}


def test_what_was_measured_is_kept_with_the_run_and_the_last_of_a_file_replaces_the_one_before(
    core: Core, tmp_path: Path
) -> None:
    run, _ = trained(core)
    held = core.run_measures(run.id).result(LONG_S)
    assert [(one.path, one.step) for one in held] == [("", 6)]
    assert held[0].loss is not None
    mine = tmp_path / "mine.txt"
    mine.write_text("The river hums a tune beside the sea,\nand thinks of me.\n" * 20, encoding="utf-8")
    for _time in range(2):
        score = core.measure_run(run.id, str(mine)).result(LONG_S)
        assert score.loss is not None
    kept = core.run_measures(run.id).result(LONG_S)
    assert [one.path for one in kept] == [str(mine), ""]
    assert kept[0] == score
    assert code_of(core.run_measures("none")) == "run_missing"


def test_an_estimate_tells_size_memory_and_time(core: Core) -> None:
    found = core.estimate_run(PLAN).result(LONG_S)
    assert found.fits
    assert found.parameters > 0
    assert found.seconds > 0
