"""A reranker's folder from the setting to the order of a search: core, library and reranker are real."""

import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop.core.errors import CoreError
from desktop.core.places import Places
from desktop.core.services import Services, open_core
from desktop.core.settings import Settings
from desktop.core.workers.launches import Launches
from desktop.core.workers.supervisor import Launch
from tests.fakes.cross_encoders import write_onnx
from tests.fakes.house import PATIENCE_S, FakeLaunches, places_in

pytestmark = pytest.mark.slow

TEXTS = {
    "one": "The heron eats fish and the heron sleeps.",
    "two": "A heron and a zebrafish.",
    "three": "Stones.",
}
QUESTION = "Where does the heron sleep?"


class RealLibrary(FakeLaunches):
    """Only the models are fakes: library, reader and reranker are the program's own."""

    def library(self) -> Launch:
        return Launches.library(self)

    def reader(self) -> Launch:
        return Launches.reader(self)


@pytest.fixture
def places(tmp_path: Path) -> Places:
    return places_in(tmp_path)


@pytest.fixture
def core(places: Places, tmp_path: Path) -> Iterator[Services]:
    made = open_core(places, RealLibrary(places, Settings(places.settings_file)), others=())
    try:
        folder = tmp_path / "texts"
        folder.mkdir()
        for name, text in TEXTS.items():
            (folder / f"{name}.txt").write_text(text, "utf-8")
        made.index((str(folder),), "default").result(PATIENCE_S)
        yield made
    finally:
        made.close()


def first(core: Services) -> str:
    return core.search(QUESTION, 3).result(PATIENCE_S)[0].text


def choose(core: Services, folder: Path | str) -> str:
    """The code of what keeps it from being used; "": nothing does."""
    try:
        core.set_setting("reranker_path", str(folder)).result(PATIENCE_S)
    except CoreError as error:
        return error.problem().code
    return ""


def reranker_pid(core: Services) -> int | None:
    return core.reranker_pid


def test_a_chosen_reranker_changes_the_order_and_none_leaves_it(core: Services, tmp_path: Path) -> None:
    folder = write_onnx(tmp_path / "likes-zebrafish", {"zebrafish": 9.0})
    before = first(core)
    assert before == TEXTS["one"]
    assert choose(core, folder) == ""
    assert first(core) == TEXTS["two"]
    trace = core.trace_search(QUESTION, 3).result(PATIENCE_S)
    assert (trace.reranker, trace.reranker_problem) == ("likes-zebrafish", None)
    assert trace.candidates[0].evidence.reranked == pytest.approx(9.0)
    assert choose(core, "") == ""
    assert first(core) == before
    assert reranker_pid(core) is None


def test_a_folder_that_is_none_is_refused_and_the_one_before_stays(core: Services, tmp_path: Path) -> None:
    good = write_onnx(tmp_path / "good", {"zebrafish": 9.0})
    assert choose(core, good) == ""
    assert choose(core, tmp_path / "nowhere") == "reranker_missing"
    assert choose(core, write_onnx(tmp_path / "classes", {"a": 1.0}, columns=3)) == "not_a_reranker"
    cut = write_onnx(tmp_path / "cut", {"a": 1.0}) / "onnx" / "model.onnx"
    cut.write_bytes(cut.read_bytes()[:100])
    assert choose(core, cut.parent.parent) == "reranker_damaged"
    assert core.setting("reranker_path") == str(good)
    assert first(core) == TEXTS["two"]


def test_a_reranker_that_is_killed_or_gone_costs_the_search_nothing_but_its_order(
    core: Services, tmp_path: Path
) -> None:
    folder = write_onnx(tmp_path / "likes-zebrafish", {"zebrafish": 9.0})
    assert choose(core, folder) == ""
    pid = reranker_pid(core)
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    assert first(core) in (TEXTS["one"], TEXTS["two"])  # whether it is noticed before it is asked
    assert first(core) == TEXTS["two"]
    shutil.rmtree(folder)
    pid = reranker_pid(core)
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    trace = core.trace_search(QUESTION, 3).result(PATIENCE_S)
    trace = core.trace_search(QUESTION, 3).result(PATIENCE_S)
    assert trace.candidates
    assert trace.reranker_problem is not None
    assert trace.reranker_problem.code == "reranker_missing"
    assert first(core) == TEXTS["one"]
