"""Workers and the program itself are killed, and nothing that was finished is lost."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from desktop.core.chats.store import ChatStore
from desktop.core.errors import CoreError
from desktop.core.events import EngineStatus, LibraryStatus, Planned, SearchingDocuments, TextAdded
from desktop.core.operations import Operation
from desktop.core.services import Services
from desktop.core.types import StoredMessage
from tests.fakes.house import PATIENCE_S, Heard, house, open_house, places_in

ROOT = Path(__file__).parents[2]


def new_chat(core: Services) -> int:
    return core.create_chat().result(PATIENCE_S).info.id


def wait_for_text(operation: Operation[StoredMessage]) -> None:
    begun = threading.Event()
    operation.subscribe(lambda event: begun.set() if isinstance(event, TextAdded) else None)
    assert begun.wait(PATIENCE_S)


def wait_until(holds: Callable[[], bool]) -> None:
    end_s = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < end_s, "it did not happen"
        time.sleep(0.02)


def children() -> list[str]:
    return [" ".join(child.cmdline()) for child in psutil.Process().children(recursive=True)]


def test_a_killed_engine_fails_the_reply_keeps_its_text_and_comes_back_when_asked(tmp_path: Path) -> None:
    with house(tmp_path) as core:
        heard = Heard()
        core.subscribe(heard)
        chat = new_chat(core)
        core.send(chat, "Hello").result(PATIENCE_S)
        operation = core.send(chat, "!long")
        wait_for_text(operation)
        assert core.engine_pid is not None
        os.kill(core.engine_pid, signal.SIGKILL)
        with pytest.raises(CoreError) as died:
            operation.result(PATIENCE_S)
        problem = died.value.problem()
        assert (problem.code, problem.params["how"]) == ("engine_died", "SIGKILL")
        messages = core.open_chat(chat).result(PATIENCE_S).messages
        assert [message.state for message in messages] == ["complete", "complete", "complete", "failed"]
        assert messages[-1].text.startswith("1")
        assert messages[-1].problem == problem
        status = heard.of(EngineStatus)[-1]
        assert (status.state, status.problem) == ("failed", problem)

        # not loaded again by itself: it may be the model that kills its worker
        with pytest.raises(CoreError) as still:
            core.send(chat, "Are you there?").result(PATIENCE_S)
        assert still.value.problem() == problem
        # the person presses restart
        core.load_model(status.path).result(PATIENCE_S)
        again = core.send(chat, "And now?").result(PATIENCE_S)
        assert again.text.startswith("You said: And now?")


def test_a_model_that_kills_its_worker_is_reported_with_its_last_words(tmp_path: Path) -> None:
    with house(tmp_path, "crash") as core:
        chat = new_chat(core)
        with pytest.raises(CoreError) as died:
            core.send(chat, "Hello").result(PATIENCE_S)
        problem = died.value.problem()
        assert (problem.code, problem.params["how"]) == ("engine_died", "SIGSEGV")
        assert "native code is about to fail" in problem.detail
        with pytest.raises(CoreError):
            core.send(chat, "Hello again").result(PATIENCE_S)
        assert core.engine_pid is None


def test_an_engine_that_does_not_hear_the_stop_is_ended_and_the_reply_stopped(tmp_path: Path) -> None:
    with house(tmp_path) as core:
        core._engine.cancel_limit_s = 0.3
        heard = Heard()
        core.subscribe(heard)
        chat = new_chat(core)
        operation = core.send(chat, "!long")
        wait_for_text(operation)
        assert core.engine_pid is not None
        os.kill(core.engine_pid, signal.SIGSTOP)
        operation.cancel()
        reply = operation.result(PATIENCE_S)
        assert reply.state == "stopped"
        assert reply.text.startswith("1")
        assert reply.problem is not None
        assert reply.problem.code == "engine_died"
        status = heard.of(EngineStatus)[-1]
        assert status.state == "failed"
        core.load_model(status.path).result(PATIENCE_S)
        assert core.send(chat, "Better?").result(PATIENCE_S).state == "complete"


def test_a_load_that_does_not_end_can_be_stopped(tmp_path: Path) -> None:
    with house(tmp_path, "hang") as core:
        core._engine.cancel_limit_s = 0.3
        heard = Heard()
        core.subscribe(heard)
        operation = core.load_model(core.list_models().result(PATIENCE_S)[0].path)
        wait_until(lambda: heard.of(EngineStatus)[-1].state == "loading")
        operation.cancel()
        with pytest.raises(CoreError):
            operation.result(PATIENCE_S)


def test_deleting_a_chat_stops_its_reply(tmp_path: Path) -> None:
    with house(tmp_path) as core:
        chat = new_chat(core)
        operation = core.send(chat, "!long")
        wait_for_text(operation)
        core.delete_chat(chat).result(PATIENCE_S)
        assert operation.result(PATIENCE_S).state == "stopped"
        assert core.search_chats("").result(PATIENCE_S) == ()


def test_an_engine_killed_while_idle_is_started_again_by_the_next_question(tmp_path: Path) -> None:
    with house(tmp_path) as core:
        heard = Heard()
        core.subscribe(heard)
        chat = new_chat(core)
        core.send(chat, "Hello").result(PATIENCE_S)
        assert core.engine_pid is not None
        os.kill(core.engine_pid, signal.SIGKILL)
        wait_until(lambda: heard.of(EngineStatus)[-1].state == "failed")
        assert core.send(chat, "Still there?").result(PATIENCE_S).state == "complete"


def test_an_engine_killed_between_plan_and_reply_is_asked_again(tmp_path: Path) -> None:
    with house(tmp_path) as core:
        chat = new_chat(core)
        killed: list[int] = []

        def kill_once(event: object) -> None:
            if isinstance(event, Planned) and not killed and core.engine_pid is not None:
                killed.append(core.engine_pid)
                os.kill(killed[0], signal.SIGKILL)
                wait_until(lambda: core.engine_pid != killed[0])

        operation = core.send(chat, "Good morning")
        operation.subscribe(kill_once)
        reply = operation.result(PATIENCE_S)
        assert killed, "on its way"
        assert reply.state == "complete"
        assert "Good morning" in reply.text


def test_a_killed_library_is_told_and_serves_the_next_request(tmp_path: Path) -> None:
    with house(tmp_path) as core:
        heard = Heard()
        core.subscribe(heard)
        operation = core.index(("/documents/slow",), "default")
        wait_until(lambda: heard.of(LibraryStatus)[-1].state == "indexing")
        assert core.library_pid is not None
        os.kill(core.library_pid, signal.SIGKILL)
        with pytest.raises(CoreError) as died:
            operation.result(PATIENCE_S)
        assert died.value.problem().code == "worker_died"
        assert died.value.params["worker"] == "library"
        assert heard.of(LibraryStatus)[-1].state == "unavailable"
        assert core.search("How much?").result(PATIENCE_S)
        assert heard.of(LibraryStatus)[-1].state == "ready"


def test_an_embedder_that_dies_fails_the_search_and_no_more(tmp_path: Path) -> None:
    with house(tmp_path) as core:
        with pytest.raises(CoreError) as died:
            core.search("!kill-embedder").result(PATIENCE_S)
        assert died.value.params["worker"] == "embedder"
        assert core.search("How much?").result(PATIENCE_S)


def test_stop_ends_a_search_whatever_it_waits_for(tmp_path: Path) -> None:
    with house(tmp_path) as core:
        chat = new_chat(core)
        core.set_collections(chat, ("default",)).result(PATIENCE_S)
        asked = core.send(chat, "!endless")
        alone = core.search("!endless")
        searching = threading.Event()
        asked.subscribe(lambda event: searching.set() if isinstance(event, SearchingDocuments) else None)
        assert searching.wait(PATIENCE_S)
        for operation in (asked, alone):
            operation.cancel()
        with pytest.raises(CoreError) as ended:
            alone.result(PATIENCE_S)
        assert ended.value.problem().code == "cancelled"
        wait_until(lambda: asked.done)
        assert core.search("How much?").result(PATIENCE_S)


def test_a_missing_embedding_model_shows_in_the_status(tmp_path: Path) -> None:
    with house(tmp_path) as core:
        heard = Heard()
        core.subscribe(heard)
        with pytest.raises(CoreError) as refused:
            core.search("!no-model").result(PATIENCE_S)
        assert refused.value.problem().code == "embedder_missing"
        assert heard.of(LibraryStatus)[-1].state == "unavailable"


def test_a_damaged_library_stays_unavailable_until_it_answers(tmp_path: Path) -> None:
    with house(tmp_path) as core:
        heard = Heard()
        core.subscribe(heard)
        with pytest.raises(CoreError) as refused:
            core.search("!damaged").result(PATIENCE_S)
        assert refused.value.problem().code == "database_damaged"
        assert heard.of(LibraryStatus)[-1].problem == refused.value.problem()
        core.search("How much?").result(PATIENCE_S)
        assert heard.of(LibraryStatus)[-1] == LibraryStatus("ready")


def test_cancelling_an_index_ends_it_with_what_is_done(tmp_path: Path) -> None:
    with house(tmp_path) as core:
        heard = Heard()
        operation = core.index(("/documents/a.pdf", "/documents/slow"), "default")
        operation.subscribe(heard)
        wait_until(lambda: len(heard.events) >= 3)
        operation.cancel()
        assert operation.result(PATIENCE_S).cancelled


def test_a_page_that_kills_the_reader_leaves_the_other_pages(tmp_path: Path) -> None:
    with house(tmp_path) as core:
        assert core.render_page("/a.pdf", 1, 20).result(PATIENCE_S).width_px == 20
        with pytest.raises(CoreError) as died:
            core.render_page("/a.pdf", 13, 20).result(PATIENCE_S)
        assert died.value.problem().code == "document_killed_reader"
        assert died.value.params["file"] == "/a.pdf"
        assert core.render_page("/a.pdf", 2, 20).result(PATIENCE_S).page == 2


def test_closing_leaves_no_process_and_frees_the_data(tmp_path: Path) -> None:
    places = places_in(tmp_path)
    core = open_house(places)
    core.send(new_chat(core), "Hello").result(PATIENCE_S)
    core.search("How much?").result(PATIENCE_S)
    core.render_page("/a.pdf", 1, 20).result(PATIENCE_S)
    with pytest.raises(CoreError) as held:
        open_house(places)
    assert held.value.problem().code == "data_in_use"
    assert sum("tests.fakes" in line for line in children()) == 4
    core.close()
    assert not [line for line in children() if "tests.fakes" in line]
    open_house(places).close()


PROGRAM = """
import sys, threading
from pathlib import Path
from desktop.core.events import TextAdded
from tests.fakes.house import open_house, places_in

core = open_house(places_in(Path(sys.argv[1])))
chat = core.create_chat().result(30).info.id
for number in range(3):
    core.send(chat, f"question {number}").result(30)
operation = core.send(chat, "!long")
seen = []
def show(event):
    if isinstance(event, TextAdded):
        seen.append(event.text)
        print("".join(seen).rsplit(" ", 2)[0].rsplit(" ", 1)[-1], flush=True)
operation.subscribe(show)
threading.Event().wait()
"""


@pytest.mark.slow
def test_a_killed_program_loses_no_finished_turn_and_at_most_a_second_of_the_reply(tmp_path: Path) -> None:
    program = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(tmp_path)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert program.stdout is not None
    shown: list[tuple[float, int]] = []  # when a number was on the screen
    for line in program.stdout:
        if line.strip().isdigit():
            shown.append((time.monotonic(), int(line)))
        if shown and shown[-1][0] - shown[0][0] > 3:
            break
    engine = [child.pid for child in psutil.Process(program.pid).children(recursive=True)]
    assert engine
    killed_s = time.monotonic()
    program.kill()
    program.wait()
    wait_until(lambda: not any(psutil.pid_exists(pid) for pid in engine))  # no orphan stays

    places = places_in(tmp_path)
    with house(tmp_path) as core:  # the lock of a killed program blocks nobody
        (info,) = core.search_chats("").result(PATIENCE_S)
        messages = core.open_chat(info.id).result(PATIENCE_S).messages
    assert [message.state for message in messages] == ["complete"] * 7 + ["interrupted"]
    last_kept = int(messages[-1].text.split()[-2])
    shown_a_second_before = max(number for at_s, number in shown if at_s <= killed_s - 1)
    assert last_kept >= shown_a_second_before
    ChatStore(places.chats_file).close()


@pytest.mark.slow
def test_a_library_that_was_killed_begins_again_without_being_asked(tmp_path: Path) -> None:
    with house(tmp_path) as core:
        core.list_collections().result(PATIENCE_S)
        first = core._library.pid
        assert first is not None
        os.kill(first, signal.SIGKILL)
        until = time.monotonic() + PATIENCE_S
        while core._library.pid in (None, first):
            assert time.monotonic() < until, "nobody started it again"
            time.sleep(0.05)
