"""Why a worker ended, and which model is not to be tried again."""

import os
from pathlib import Path

import pytest

from desktop import words
from desktop.core.types import Problem
from desktop.core.workers.engine_deaths import EngineDeaths
from desktop.core.workers.killers import Killers
from desktop.core.workers.supervisor import NO_ANSWER
from engine.limits import oom_kills

PROBLEM = Problem("engine_died", {"how": "SIGSEGV"}, "last words")


@pytest.mark.parametrize(
    ("how", "detail", "said"),
    [
        ("SIGSEGV", "", "The model stopped unexpectedly."),
        ("SIGKILL", "", "The model stopped unexpectedly."),
        ("SIGBUS", "", "The file of the model could no longer be read while it was in use."),
        (NO_ANSWER, "", "The model did not answer any more and was ended."),
        (
            "SIGABRT",
            "terminate called after ... std::bad_alloc",
            "The system ended the model: memory had run out.",
        ),
    ],
)
def test_each_end_has_its_sentence(how: str, detail: str, said: str) -> None:
    problem = EngineDeaths(lambda: 0).died(how, detail).problem()
    assert (problem.code, problem.params["how"], problem.detail) == ("engine_died", how, detail)
    assert words.sentence(problem) == said


def test_a_kill_is_put_down_to_memory_only_where_the_system_counts_one() -> None:
    counted = iter([3, 3, 3, 4])
    deaths = EngineDeaths(lambda: next(counted))
    deaths.started()
    assert "out_of_memory" not in deaths.died("SIGKILL", "").problem().params
    deaths.started()
    problem = deaths.died("SIGKILL", "").problem()
    assert words.sentence(problem) == "The system ended the model: memory had run out."


def test_the_system_s_count_is_read(tmp_path: Path) -> None:
    assert oom_kills(tmp_path) == 0
    (tmp_path / "proc").mkdir()
    (tmp_path / "proc/vmstat").write_text("nr_free_pages 9\noom_kill 12\noom_kill_x 5\n")
    assert oom_kills(tmp_path) == 12


def test_a_note_outlives_the_program_and_is_this_user_s_alone(tmp_path: Path) -> None:
    model = tmp_path / "model.gguf"
    model.write_bytes(b"GGUF")
    file = tmp_path / "deaths.json"
    Killers(file).note(str(model), PROBLEM)
    assert Killers(file).of(str(model)) == PROBLEM
    assert Killers(file).of(str(tmp_path / "other.gguf")) is None
    if os.name == "posix":
        assert file.stat().st_mode & 0o777 == 0o600
    Killers(file).forgive(str(model))
    assert Killers(file).of(str(model)) is None


def test_another_file_under_the_same_name_begins_without_a_note(tmp_path: Path) -> None:
    model = tmp_path / "model.gguf"
    model.write_bytes(b"GGUF")
    killers = Killers(tmp_path / "deaths.json")
    killers.note(str(model), PROBLEM)
    model.write_bytes(b"GGUF, and whole this time")
    assert killers.of(str(model)) is None
    assert Killers(tmp_path / "deaths.json").of(str(model)) is None


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"version": 99, "notes": {}}', b"\xff"])
def test_damaged_notes_are_none(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "deaths.json"
    file.write_bytes(content)
    killers = Killers(file)
    assert killers.of("/any.gguf") is None
    killers.note("/any.gguf", PROBLEM)
    assert Killers(file).of("/any.gguf") == PROBLEM


def test_a_disk_that_refuses_costs_no_more_than_the_memory_of_it(tmp_path: Path) -> None:
    killers = Killers(tmp_path / "gone" / "deaths.json")
    killers.note("/any.gguf", PROBLEM)
    assert killers.of("/any.gguf") == PROBLEM
