"""Runs of the workshop on bad ground: a disk that fills in the midst of them, texts and rows of no use,
models that cannot learn. Real trainers over real files."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from gguf import GGUFWriter
from msgspec.structs import replace

from desktop.core.errors import CoreError
from desktop.core.operations import Operation
from desktop.core.services import Services
from desktop.core.types import Problem
from desktop.core.types.training import TrainingPlan
from desktop.words import hint, sentence
from tests.fakes.house import house
from tests.process.test_core_full_disk import MOUNTS, fill_disk
from tests.process.test_core_training import LONG_S, PLAN, after_a_checkpoint, ends_soon

pytestmark = pytest.mark.slow


@pytest.fixture
def core(tmp_path: Path) -> Iterator[Services]:
    with house(tmp_path) as real:
        yield real


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """The workshop's folder on a disk of its own."""
    folder = tmp_path / "data" / "training"
    folder.mkdir(parents=True)
    mount = ["mount", "-t", "tmpfs", "-o", "size=4m,mode=700", "tmpfs", str(folder)]
    subprocess.run(mount, check=True, capture_output=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def problem_of(operation: Operation[Any]) -> Problem:
    with pytest.raises(CoreError) as failed:
        operation.result(LONG_S)
    found = failed.value.problem()
    assert sentence(found)
    assert hint(found)
    return found


@pytest.mark.skipif(not MOUNTS, reason="only root may mount a disk")
def test_a_disk_that_fills_ends_the_run_and_it_goes_on_when_there_is_room(
    small_disk: Path, core: Services
) -> None:
    operation = core.begin_run(PLAN)
    ballast = []
    after_a_checkpoint(operation, lambda: ballast.append(fill_disk(small_disk)))
    assert problem_of(operation).code in ("train_disk_full", "disk_full")
    (run,) = core.list_runs().result(LONG_S)
    assert run.can_resume  # what was written last says so, or that it was interrupted
    ballast[0].unlink()
    before = [event.step for event in core.run_history(run.id).result(LONG_S).steps]
    ends_soon(core, run)
    again = core.resume_run(run.id).result(LONG_S)
    assert again.state == "finished"
    steps = [event.step for event in core.run_history(run.id).result(LONG_S).steps]
    assert steps[0] == 1
    assert steps[-1] == again.step
    assert len(set(steps)) == len(steps)
    assert before[0] == 1


def rows(path: Path, *records: dict[str, str]) -> str:
    path.write_text("\n".join(map(json.dumps, records)), encoding="utf-8")
    return str(path)


def test_what_cannot_be_learnt_from_is_said_before_anything_begins(core: Services, tmp_path: Path) -> None:
    def code_of(plan: TrainingPlan) -> str:
        operation = core.preview_data(plan)
        try:
            found = operation.result(LONG_S)
        except CoreError as error:
            return error.problem().code
        assert found.problem is not None
        assert sentence(found.problem)
        return found.problem.code

    def text(name: str, data: bytes) -> TrainingPlan:
        (tmp_path / name).write_bytes(data)
        return replace(PLAN, sample="", inputs=(str(tmp_path / name),))

    assert code_of(text("empty.txt", b"")) == "train_text_small"
    assert code_of(text("tiny.txt", b"Good morning.")) == "train_text_small"
    assert code_of(text("binary.txt", bytes(range(256)) * 40)) == "train_text_unreadable"
    assert code_of(replace(PLAN, sample="", inputs=(str(tmp_path / "gone.txt"),))) == "train_nothing"
    answers = replace(PLAN, sample="", goal="answer")
    labels = replace(PLAN, sample="", goal="label")
    columns = rows(tmp_path / "columns.jsonl", *({"name": "Ana", "age": str(at)} for at in range(9)))
    assert code_of(replace(answers, inputs=(columns,))) == "train_no_rows"
    same = rows(tmp_path / "same.jsonl", *({"text": f"T {at}", "label": "ham"} for at in range(9)))
    assert code_of(replace(labels, inputs=(same,))) == "train_one_label"
    assert code_of(replace(answers, inputs=(same,))) == "train_no_rows"
    three = rows(tmp_path / "three.jsonl", *({"question": f"Q {at}", "answer": "A"} for at in range(3)))
    assert code_of(replace(answers, inputs=(three,))) == "train_text_small"
    assert core.list_runs().result(LONG_S) == ()


def test_text_of_another_encoding_is_read_and_seen_as_it_is_meant(core: Services, tmp_path: Path) -> None:
    words = "El niño cantó mañana en la montaña. " * 40
    for encoding in ("latin-1", "utf-16", "utf-8-sig"):
        path = tmp_path / f"{encoding}.txt"
        path.write_bytes(words.encode(encoding))
        found = core.preview_data(replace(PLAN, sample="", inputs=(str(path),))).result(LONG_S)
        assert found.rows[0].first.startswith("El niño cantó mañana")
        assert found.problem is None


def test_models_that_cannot_learn_and_sizes_that_cannot_be_are_refused_by_the_estimate(
    core: Services, tmp_path: Path
) -> None:
    taught = replace(PLAN, goal="answer", sample="notes_en")
    foreign = tmp_path / "foreign.gguf"
    writer = GGUFWriter(foreign, "mamba")
    writer.add_tensor("token_embd.weight", np.zeros((4, 32), np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    cut = tmp_path / "cut.gguf"
    cut.write_bytes(foreign.read_bytes()[:40])
    assert problem_of(core.estimate_run(replace(taught, base=str(foreign)))).code == "train_cannot_learn"
    assert problem_of(core.estimate_run(replace(taught, base=str(cut)))).code == "train_model_damaged"
    assert problem_of(core.estimate_run(replace(PLAN, heads=3))).code == "train_bad_shape"
    huge = core.estimate_run(replace(PLAN, layers=400, width=65_536, heads=64)).result(LONG_S)
    assert not huge.fits
