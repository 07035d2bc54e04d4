"""The trainer's process: what it tells, and what is left of a run after any end."""

import os
import random
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from desktop.core.errors import Cancelled, CoreError
from engine.train.checkpoint import load_checkpoint
from engine.train.config import ModelConfig
from engine.train.events import Encoded, Ended, PrepareEvent, Read, Saved, TrainEvent, Validated
from engine.train.protocol import Prepared, PrepareText, Train, Trained
from engine.train.specs import Pretrain
from tests.process.trainer_house import SETTINGS, Trainer, prepared_text, pretraining, trainer
from tests.unit.train.texts import story

pytestmark = pytest.mark.slow

MOUNTS = sys.platform == "linux" and os.getuid() == 0
KILLS = 4


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return prepared_text(tmp_path_factory.mktemp("prepared"))


@pytest.fixture(scope="module")
def whole(data: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[int, float]:
    """The losses of a run that nothing interrupted."""
    folder = tmp_path_factory.mktemp("whole")
    with trainer(folder) as house:
        house.ask(pretraining(data, folder / "run"))
        return house.losses


def problem_of(error: CoreError) -> tuple[str, dict[str, object]]:
    problem = error.problem()
    return problem.code, dict(problem.params)


def killer(house: Trainer, after: int) -> Callable[[PrepareEvent | TrainEvent], None]:
    """Ends the process once it told so much."""

    def kill(_event: PrepareEvent | TrainEvent) -> None:
        if len(house.told) >= after and house.client.pid:
            os.kill(house.client.pid, signal.SIGKILL)

    return kill


def test_a_run_tells_of_every_step_and_of_what_it_kept(data: Path, tmp_path: Path) -> None:
    with trainer(tmp_path) as house:
        done = house.ask(pretraining(data, tmp_path / "run"))
        assert sorted(house.losses) == list(range(1, 61))
        assert house.losses[60] < 0.7 * house.losses[1]
        assert [event.step for event in house.told if isinstance(event, Validated)] == [20, 40, 60]
        assert [event.step for event in house.told if isinstance(event, Saved)] == [*range(7, 60, 7), 60]
        assert isinstance(house.told[-1], Ended)
    assert isinstance(done, Trained)
    assert (done.reason, done.step, done.loss) == ("finished", 60, house.told[-1].loss)


def test_preparing_tells_of_files_and_of_what_is_no_text(tmp_path: Path) -> None:
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "a.txt").write_text(story(300), encoding="utf-8")
    (tmp_path / "texts" / "b.txt").write_bytes(bytes(range(256)) * 20)
    with trainer(tmp_path) as house:
        done = house.ask(PrepareText((str(tmp_path / "texts"),), str(tmp_path / "out"), characters=True))
    read = [event for event in house.told if isinstance(event, Read)]
    assert [(event.file, event.problem) for event in read] == [
        ("a.txt", ""),
        ("b.txt", "train_text_unreadable"),
    ]
    assert any(isinstance(event, Encoded) and event.done == 1 for event in house.told)
    assert isinstance(done, Prepared)
    assert list(done.info.unreadable) == ["b.txt"]


def test_a_run_that_is_cancelled_is_saved_and_goes_on_as_if_it_had_never_stopped(
    data: Path, whole: dict[int, float], tmp_path: Path
) -> None:
    with trainer(tmp_path) as house:
        done = house.ask(pretraining(data, tmp_path / "run"), lambda: len(house.losses) > 9)
        assert isinstance(done, Trained)
        assert done.reason == "stopped"
        assert 10 <= done.step < 60
        assert load_checkpoint(tmp_path / "run")[0].step == done.step
        again = house.ask(Train(str(tmp_path / "run")))
        assert isinstance(again, Trained)
        assert again.reason == "finished"
    assert house.losses == whole


def test_a_run_killed_at_any_moment_goes_on_bit_by_bit(
    data: Path, whole: dict[int, float], tmp_path: Path
) -> None:
    chance = random.Random(5)
    request = pretraining(data, tmp_path / "run")
    found: dict[int, float] = {}
    killed = 0
    while killed < KILLS:
        with trainer(tmp_path) as house:
            house.on_event = killer(house, after=chance.randrange(1, 12))
            with pytest.raises(CoreError) as died:
                house.ask(request)
            assert died.value.problem().code == "engine_died"
            found |= house.losses
        killed += 1
        request = Train(str(tmp_path / "run"))
    with trainer(tmp_path) as house:
        done = house.ask(request)
        found |= house.losses
    assert isinstance(done, Trained)
    assert done.reason == "finished"
    assert found == whole


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Room for one checkpoint of the model below, and not for two."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=8m,mode=700", "tmpfs", str(folder)]
    subprocess.run(mount, check=True, capture_output=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.mark.skipif(not MOUNTS, reason="needs to mount")
def test_a_full_disk_ends_the_run_and_leaves_the_checkpoint_before_whole(
    data: Path, tmp_path: Path, small_disk: Path
) -> None:
    settings = msgspec.structs.replace(SETTINGS, validate_every=1000, save_every=5)
    run = small_disk / "run"
    with trainer(tmp_path) as house:
        with pytest.raises(CoreError) as full:
            house.ask(pretraining(data, run, settings, width=128))
        assert problem_of(full.value) == ("train_disk_full", {"path": str(run), "kept": 5})
        assert load_checkpoint(run)[0].step == 5
        assert not list(run.glob("*.new"))
        # the process lives, and the run goes on where there is room
        subprocess.run(["mount", "-o", "remount,size=30m", str(small_disk)], check=True)
        done = house.ask(Train(str(run)))
    assert isinstance(done, Trained)
    assert (done.reason, done.step) == ("finished", 60)


def test_a_worker_that_dies_is_a_plain_error_and_the_next_wish_has_a_new_one(
    data: Path, tmp_path: Path
) -> None:
    with trainer(tmp_path) as house:
        house.on_event = killer(house, after=1)
        with pytest.raises(CoreError) as died:
            house.ask(pretraining(data, tmp_path / "run"))
        assert died.value.problem().code == "engine_died"
        house.on_event = lambda _event: None
        assert isinstance(house.ask(Train(str(tmp_path / "run"))), Trained)


def test_sizes_for_which_there_is_no_memory_are_refused_before_anything_is_made(
    data: Path, tmp_path: Path
) -> None:
    request = pretraining(data, tmp_path / "run")
    assert isinstance(request.task, Pretrain)
    vocab = request.task.config.vocab
    huge = ModelConfig(vocab=vocab, context=2048, layers=1_000, width=65_536, heads=64)
    with trainer(tmp_path) as house:
        with pytest.raises(CoreError) as refused:
            house.ask(Train(str(tmp_path / "run"), Pretrain(str(data), huge), SETTINGS))
        code, params = problem_of(refused.value)
        assert code == "train_too_large"
        assert int(str(params["needed_bytes"])) > 1e14
        assert int(str(params["free_bytes"])) < int(str(params["needed_bytes"]))
        assert "batch" not in params
        assert not (tmp_path / "run").exists()
        # a batch that is too large, where a smaller one fits
        many = msgspec.structs.replace(SETTINGS, batch=1_000_000_000)  # rows of 24 tokens
        with pytest.raises(CoreError) as refused:
            house.ask(msgspec.structs.replace(request, settings=many))
        code, params = problem_of(refused.value)
        assert code == "train_too_large"
        assert 1 <= int(str(params["batch"])) < 1_000_000_000


def test_a_run_that_is_cut_short_everywhere_is_refused_in_plain_words(data: Path, tmp_path: Path) -> None:
    with trainer(tmp_path) as house:
        house.ask(pretraining(data, tmp_path / "run"))
        for path in (tmp_path / "run").glob("*.safetensors"):
            path.write_bytes(path.read_bytes()[:-20])
        with pytest.raises(CoreError) as refused:
            house.ask(Train(str(tmp_path / "run")))
    assert problem_of(refused.value)[0] == "train_run_damaged"


def test_preparing_that_is_cancelled_leaves_nothing(tmp_path: Path) -> None:
    source = tmp_path / "story.txt"
    source.write_text(story(3000), encoding="utf-8")
    with trainer(tmp_path) as house, pytest.raises(Cancelled):
        house.ask(PrepareText((str(source),), str(tmp_path / "out")), lambda: True)
    assert not (tmp_path / "out").exists()
