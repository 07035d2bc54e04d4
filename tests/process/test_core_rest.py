"""A model that rests, and model files that change under a loaded model, with real worker processes."""

import contextlib
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from desktop import words
from desktop.core.errors import CoreError
from desktop.core.events import EngineStatus, LoadingModel
from desktop.core.services import Services
from desktop.words import models as model_words
from tests.fakes.engine_files import write_fake_model
from tests.fakes.house import PATIENCE_S, Heard, house, open_house, places_in
from tests.process.test_core_death import new_chat, wait_for_text, wait_until


@pytest.fixture
def core(tmp_path: Path) -> Iterator[Services]:
    with house(tmp_path) as services:
        yield services


def model_file(core: Services) -> Path:
    return Path(core.list_models().result(PATIENCE_S)[0].path)


def ask(core: Services, chat: int, text: str = "Hello") -> str:
    return core.send(chat, text).result(PATIENCE_S).text


def test_an_idle_model_rests_and_the_next_question_loads_it_again(core: Services) -> None:
    heard = Heard()
    core.subscribe(heard)
    chat = new_chat(core)
    core._engine.idle_s = lambda: 0.2
    ask(core, chat)
    wait_until(lambda: heard.of(EngineStatus)[-1].state == "resting")
    status = heard.of(EngineStatus)[-1]
    assert (status.path, status.model, status.problem) == (str(model_file(core)), None, None)
    assert model_words.status_notes(status)[0].startswith("It rests")
    # the process is gone, and with it all of its memory
    wait_until(lambda: core.engine_pid is None)
    core._engine.idle_s = lambda: 0
    operation = core.send(chat, "Are you awake?")
    woken = Heard()
    operation.subscribe(woken)
    assert operation.result(PATIENCE_S).state == "complete"
    assert woken.of(LoadingModel)
    assert heard.of(EngineStatus)[-1].state == "ready"
    assert "failed" not in [status.state for status in heard.of(EngineStatus)]


def test_a_model_does_not_rest_while_it_answers(core: Services) -> None:
    heard = Heard()
    core.subscribe(heard)
    chat = new_chat(core)
    core._engine.idle_s = lambda: 0.05
    reply = core.send(chat, "!slow " + "word " * 3).result(PATIENCE_S)
    assert reply.state == "complete"
    wait_until(lambda: heard.of(EngineStatus)[-1].state == "resting")
    states = [status.state for status in heard.of(EngineStatus)]
    assert states.index("resting") > states.index("busy")
    assert states[-1] == "resting"


def test_zero_minutes_mean_never(core: Services) -> None:
    core.set_setting("idle_unload_minutes", 0).result(PATIENCE_S)
    assert core._engine.idle_s() == 0
    core.set_setting("idle_unload_minutes", 2).result(PATIENCE_S)
    assert core._engine.idle_s() == 120


def test_a_replaced_file_is_loaded_again_and_said_so(core: Services) -> None:
    heard = Heard()
    core.subscribe(heard)
    chat = new_chat(core)
    ask(core, chat)
    path = model_file(core)
    other = write_fake_model(path.with_name("other.tmp"))
    os.replace(other, path)  # noqa: PTH105
    assert ask(core, chat, "And now?").startswith("You said")
    notice = heard.of(EngineStatus)[-1].notice
    assert notice is not None
    assert words.sentence(notice) == f"The file {path.name} has changed, so the model was loaded again."
    assert model_words.status_notes(heard.of(EngineStatus)[-1]) == (words.sentence(notice),)
    loads = sum(status.state == "loading" and not status.done for status in heard.of(EngineStatus))
    assert loads == 2
    # the same file another time is no news
    ask(core, chat, "And again?")
    assert sum(s.state == "loading" and not s.done for s in heard.of(EngineStatus)) == 2


@pytest.mark.parametrize(("cut", "code"), [(True, "model_truncated"), (False, "model_missing")])
def test_a_file_that_is_cut_or_deleted_while_loaded_is_a_plain_error_and_its_return_enough(
    core: Services, cut: bool, code: str
) -> None:
    chat = new_chat(core)
    ask(core, chat)
    path = model_file(core)
    core.set_setting("model_path", str(path)).result(PATIENCE_S)
    if cut:
        os.truncate(path, path.stat().st_size - 100)
    else:
        path.unlink()
    pid = core.engine_pid
    with pytest.raises(CoreError) as error:
        ask(core, chat, "Still there?")
    assert error.value.problem().code == code
    assert core.engine_pid == pid
    write_fake_model(path)
    assert ask(core, chat, "Better?").startswith("You said")


@pytest.mark.skipif(sys.platform == "win32", reason="signals are not Windows's")
def test_a_worker_that_loses_its_file_says_so(core: Services) -> None:
    chat = new_chat(core)
    operation = core.send(chat, "!long")
    wait_for_text(operation)
    assert core.engine_pid is not None
    os.kill(core.engine_pid, signal.SIGBUS)
    with pytest.raises(CoreError) as error:
        operation.result(PATIENCE_S)
    assert words.sentence(error.value.problem()).startswith("The file of the model could no longer be read")


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux chooses by a score")
def test_where_memory_runs_out_the_system_ends_a_worker_and_not_the_window(core: Services) -> None:
    ask(core, new_chat(core))
    ours = int(Path("/proc/self/oom_score_adj").read_text())
    for child in psutil.Process(os.getpid()).children(recursive=True):
        assert int(Path(f"/proc/{child.pid}/oom_score_adj").read_text()) >= 500 > ours


def test_a_model_that_killed_its_worker_is_not_tried_by_the_next_start_of_the_program(tmp_path: Path) -> None:
    places = places_in(tmp_path, "crash")
    with contextlib.closing(open_house(places)) as core:
        with pytest.raises(CoreError) as first:
            ask(core, new_chat(core))
        assert first.value.problem().params["how"] == "SIGSEGV"
        path = model_file(core)
    with contextlib.closing(open_house(places)) as core:
        heard = Heard()
        core.subscribe(heard)
        with pytest.raises(CoreError) as still:
            ask(core, new_chat(core))
        assert still.value.problem() == first.value.problem()
        assert "loading" not in [status.state for status in heard.of(EngineStatus)]
        # who asks for it by hand gets it tried
        with pytest.raises(CoreError):
            core.load_model(str(path)).result(PATIENCE_S)
        assert "loading" in [status.state for status in heard.of(EngineStatus)]
    # and a file that was mended is another one
    write_fake_model(path)
    with contextlib.closing(open_house(places)) as core:
        assert ask(core, new_chat(core)).startswith("You said")
