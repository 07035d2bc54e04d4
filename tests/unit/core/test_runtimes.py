"""Which llama.cpp the engine is started with, and what happens to one that does not work."""

from pathlib import Path

import pytest

from desktop.core.errors import Reported
from desktop.core.workers.runtimes import Runtimes
from engine.errors import EngineDied, RuntimeWithoutGpu
from tests.fakes.runtimes import write_hollow_runtime

CRASH = Reported.of(EngineDied("vkCreateInstance", how="SIGSEGV"))


class Choice:
    def __init__(self, parent: Path, wanted: str = "auto") -> None:
        self.wanted = wanted
        self.runtimes = Runtimes(parent, lambda: self.wanted)

    def folder(self) -> str:
        arguments = self.runtimes.arguments()
        return Path(arguments[1]).name if arguments else "built-in"


@pytest.fixture
def parent(tmp_path: Path) -> Path:
    for name in ("cpu", "cuda", "vulkan"):
        write_hollow_runtime(tmp_path / name, name)  # type: ignore[arg-type]
    return tmp_path


def test_without_any_folder_llama_cpp_is_the_built_in_one(tmp_path: Path) -> None:
    choice = Choice(tmp_path / "none")
    assert choice.folder() == "built-in"
    assert choice.runtimes.problem is None


def test_left_to_itself_the_likely_fastest_for_a_gpu_is_tried_and_must_find_one(parent: Path) -> None:
    choice = Choice(parent)
    assert choice.runtimes.arguments() == ("--runtime", str(parent / "cuda"), "--needs-gpu")
    assert choice.runtimes.may_find_gpus


def test_what_a_person_chose_may_run_without_a_gpu(parent: Path) -> None:
    assert Choice(parent, "cpu").runtimes.arguments() == ("--runtime", str(parent / "cpu"))
    assert Choice(parent / "elsewhere", str(parent / "vulkan")).folder() == "vulkan"
    assert Choice(parent, "built-in").folder() == "built-in"


def test_where_no_gpu_answers_the_next_is_tried_and_nobody_is_bothered(parent: Path) -> None:
    choice = Choice(parent)
    for expected in ("cuda", "vulkan", "built-in"):
        assert choice.folder() == expected
        assert choice.runtimes.give_up(Reported.of(RuntimeWithoutGpu(folder=expected))) == (
            expected != "built-in"
        )
    assert choice.runtimes.problem is None


def test_a_runtime_that_kills_its_process_is_not_tried_again_and_that_is_told(parent: Path) -> None:
    choice = Choice(parent, "vulkan")
    assert choice.folder() == "vulkan"
    assert choice.runtimes.give_up(CRASH)
    assert choice.folder() == "built-in"
    problem = choice.runtimes.problem
    assert problem is not None
    assert (problem.code, problem.params) == ("runtime_failed", {"runtime": "vulkan", "how": "SIGSEGV"})
    assert problem.detail == "vkCreateInstance"


def test_once_a_model_was_loaded_a_death_is_not_the_runtime_s_fault(parent: Path) -> None:
    choice = Choice(parent, "vulkan")
    assert choice.folder() == "vulkan"
    choice.runtimes.proven()
    assert not choice.runtimes.give_up(CRASH)
    assert choice.folder() == "vulkan"


def test_choosing_again_gives_it_another_chance(parent: Path) -> None:
    choice = Choice(parent, "vulkan")
    choice.folder()
    choice.runtimes.give_up(CRASH)
    choice.wanted = "built-in"
    assert choice.folder() == "built-in"
    assert choice.runtimes.problem is None
    choice.wanted = "vulkan"
    assert choice.folder() == "vulkan"


@pytest.mark.parametrize(("made_for", "code"), [("0.2.0", "runtime_version"), ("", "runtime_unusable")])
def test_a_folder_that_is_not_whole_or_not_ours_is_told_before_anything_is_started(
    tmp_path: Path, made_for: str, code: str
) -> None:
    folder = write_hollow_runtime(tmp_path / "vulkan", made_for=made_for)
    if not made_for:
        (folder / "libggml-base.so.0").unlink()
    choice = Choice(tmp_path)
    assert choice.folder() == "built-in"
    assert choice.runtimes.problem is not None
    assert choice.runtimes.problem.code == code


def test_a_name_that_no_folder_has_is_told(tmp_path: Path) -> None:
    choice = Choice(tmp_path, "rocm")
    assert choice.folder() == "built-in"
    assert choice.runtimes.problem is not None
    assert choice.runtimes.problem.code == "runtime_missing"
