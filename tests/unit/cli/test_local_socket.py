"""Commands through the program that owns the data folder, and what happens when either side goes away."""

import os
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from multiprocessing.connection import Client
from pathlib import Path
from typing import Any

import msgspec
import pytest

from desktop.cli.gateway import Gateway
from desktop.core import local_socket
from desktop.core.commands import Answered, ChatTurn, Found, Index, Indexed, Search, ShowWindow, WindowShown
from desktop.core.commands.models import (
    ImportModel,
    InspectModel,
    ListModels,
    ModelImported,
    ModelInspected,
    ModelQuantized,
    ModelRemoved,
    ModelsListed,
    QuantizeModel,
    RemoveModel,
)
from desktop.core.errors import CoreError, DataInUse, OwnerDiffers, OwnerGone, Reported
from desktop.core.events import CheckingModel, CopyingModel, QuantizingModel, TextAdded
from desktop.core.local_socket import Hello, Remote, Server, connect, serve
from desktop.core.places import Places
from rag.protocol import IndexedDocument, IndexProgress
from tests.fakes.replies import Script
from tests.fakes.samples import BROKEN, MODELS, SMOLLM
from tests.unit.cli.talking_core import TalkingCore

NEVER = threading.Event()
REPLY = "A ticket costs seven euros [1]."

Events = list[Any]


@pytest.fixture
def server(core: TalkingCore, places: Places) -> Iterator[Server]:
    listening = serve(core, places)
    yield listening
    core.go_on.set()
    listening.close()


def connected(places: Places) -> Remote:
    remote = connect(places)
    assert remote is not None
    return remote


@pytest.mark.usefixtures("server")
def test_every_command_comes_back_as_if_it_had_run_here(places: Places) -> None:
    events: Events = []
    answered = connected(places).run(ChatTurn("How much?"), events.append, NEVER)
    assert isinstance(answered, Answered)
    assert answered.answer.text == REPLY
    assert "".join(event.text for event in events if isinstance(event, TextAdded)) == REPLY

    events.clear()
    indexed = connected(places).run(Index(("/a/museum.pdf", "/a/scan.pdf")), events.append, NEVER)
    assert isinstance(indexed, Indexed)
    assert [one.state for one in indexed.documents] == ["indexed", "failed"]
    assert any(isinstance(event, IndexProgress) for event in events)
    assert [event.state for event in events if isinstance(event, IndexedDocument)] == ["indexed", "failed"]

    found = connected(places).run(Search("ticket"), events.append, NEVER)
    assert isinstance(found, Found)
    assert found.hits[0].page == 3
    assert connected(places).run(ListModels(), events.append, NEVER) == ModelsListed(MODELS)

    events.clear()
    looked_into = connected(places).run(InspectModel(SMOLLM, sha256=True), events.append, NEVER)
    assert isinstance(looked_into, ModelInspected)
    assert [type(event) for event in events] == [CheckingModel]

    events.clear()
    imported = connected(places).run(ImportModel(SMOLLM), events.append, NEVER)
    assert isinstance(imported, ModelImported)
    assert [type(event) for event in events] == [CopyingModel]

    events.clear()
    quantized = connected(places).run(QuantizeModel(SMOLLM, "Q8_0"), events.append, NEVER)
    assert isinstance(quantized, ModelQuantized)
    assert quantized.quantized.before is not None
    assert {type(event) for event in events} == {QuantizingModel}
    removed = connected(places).run(RemoveModel(imported.imported.model.path), events.append, NEVER)
    assert removed == ModelRemoved((imported.imported.model.path,))


@pytest.mark.usefixtures("server")
def test_an_error_crosses_with_code_and_parameters(places: Places) -> None:
    with pytest.raises(Reported) as caught:
        connected(places).run(InspectModel(BROKEN), print, NEVER)
    assert caught.value.problem() == MODELS[2].problem


@pytest.mark.usefixtures("server")
def test_a_reply_is_stopped_across_the_socket_and_what_came_is_kept(
    core: TalkingCore, places: Places
) -> None:
    core.hold_after = 2
    cancelled = threading.Event()
    stopper = threading.Thread(target=lambda: core.held.wait(10) and cancelled.set())
    stopper.start()
    answered = connected(places).run(ChatTurn("Tell me"), lambda _: None, cancelled)
    stopper.join()
    assert isinstance(answered, Answered)
    assert answered.answer.text == "A ticket "
    assert answered.answer.stats.stop_reason == "cancelled"


@pytest.mark.usefixtures("server")
def test_a_client_that_dies_has_its_command_stopped(core: TalkingCore, places: Places) -> None:
    core.hold_after = 2
    code = (
        "import sys, threading; from pathlib import Path\n"
        "from desktop.core.commands import ChatTurn\n"
        "from desktop.core.local_socket import connect\n"
        "from desktop.core.places import Places\n"
        "connect(Places.of(Path(sys.argv[1]))).run(ChatTurn('Hi'), lambda e: None, threading.Event())"
    )
    with subprocess.Popen([sys.executable, "-c", code, str(places.data)]) as client:
        assert core.held.wait(20)
        client.kill()
    assert core.stopped.wait(10)


def test_an_owner_that_dies_ends_the_command_with_a_plain_error(places: Places) -> None:
    with owner_process(places) as owner:
        remote = connected(places)
        caught: list[CoreError] = []

        def ask() -> None:
            try:
                remote.run(ChatTurn("Hi"), lambda _: owner.kill(), NEVER)
            except CoreError as error:
                caught.append(error)

        asking = threading.Thread(target=ask)
        asking.start()
        asking.join(20)
    assert [type(error) for error in caught] == [OwnerGone]


def test_an_owner_that_closes_does_not_pass_half_a_reply_off_as_a_whole_one(
    core: TalkingCore, places: Places
) -> None:
    core.hold_after = 2
    server = serve(core, places)
    closing = threading.Thread(target=lambda: core.held.wait(10) and server.close())
    closing.start()
    events: Events = []
    with pytest.raises(OwnerGone):
        connected(places).run(ChatTurn("Hi"), events.append, NEVER)
    closing.join()
    assert "".join(event.text for event in events if isinstance(event, TextAdded)) == "A ticket "


def test_the_socket_of_a_killed_program_is_replaced(core: TalkingCore, places: Places) -> None:
    with owner_process(places) as owner:
        owner.kill()
    assert Path(places.socket_address).exists()
    assert connect(places) is None

    server = serve(core, places)
    assert isinstance(connected(places).run(ListModels(), print, NEVER), ModelsListed)
    server.close()
    assert not Path(places.socket_address).exists()
    assert connect(places) is None


def test_nobody_listens_on_a_fresh_folder(places: Places) -> None:
    assert connect(places) is None


def test_a_long_data_folder_can_be_reached_too(core: TalkingCore, tmp_path: Path) -> None:
    long = Places.of(tmp_path / ("carpeta con un nombre muy largo " * 4) / "datos")
    long.create()
    server = serve(core, long)
    assert isinstance(connected(long).run(ListModels(), print, NEVER), ModelsListed)
    server.close()


@pytest.mark.usefixtures("server")
@pytest.mark.skipif(sys.platform == "win32", reason="modes of POSIX")
def test_key_and_socket_are_private(places: Places) -> None:
    for path in (places.socket_key_file, Path(places.socket_address)):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.usefixtures("server")
def test_who_does_not_know_the_key_is_not_heard(core: TalkingCore, places: Places) -> None:
    right = places.socket_key_file.read_bytes()
    places.socket_key_file.write_bytes(os.urandom(32))
    assert connect(places) is None
    places.socket_key_file.write_bytes(right)
    assert isinstance(connected(places).run(ListModels(), print, NEVER), ModelsListed)


@pytest.mark.usefixtures("server")
def test_silent_and_senseless_clients_do_not_keep_others_waiting(places: Places) -> None:
    silent = Client(places.socket_address, local_socket.FAMILY)
    senseless = Client(places.socket_address, local_socket.FAMILY)
    senseless.send_bytes(b"\x00" * 100)
    assert isinstance(connected(places).run(ListModels(), print, NEVER), ModelsListed)
    silent.close()
    senseless.close()


@pytest.mark.usefixtures("server")
def test_a_client_that_stops_reading_does_not_hold_up_the_core(core: TalkingCore, places: Places) -> None:
    core.script = Script(text="word " * 50_000)
    remote = connected(places)
    remote._channel.send_bytes(msgspec.msgpack.encode(local_socket.Do(ChatTurn("Hi"))))
    # not one byte is read, and yet the core gets to the end of its reply
    assert core.ended.wait(20)
    assert isinstance(connected(places).run(ListModels(), print, NEVER), ModelsListed)
    remote._channel.close()


def test_a_program_of_another_version_is_named(
    core: TalkingCore, places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    newer = msgspec.structs.replace(Hello(local_socket.PROTOCOL + 1))
    monkeypatch.setattr(local_socket, "Hello", lambda _: newer)
    server = serve(core, places)
    with pytest.raises(OwnerDiffers):
        connect(places)
    server.close()


def test_a_second_copy_has_the_window_shown(core: TalkingCore, places: Places) -> None:
    shown: list[tuple[str, ...]] = []
    server = serve(core, places, shown.append)
    assert connected(places).run(ShowWindow(), print, NEVER) == WindowShown()
    assert connected(places).run(ShowWindow(("/mnt/a.gguf",)), print, NEVER) == WindowShown()
    assert shown == [(), ("/mnt/a.gguf",)]
    server.close()


@pytest.mark.usefixtures("server")
def test_an_owner_without_a_window_says_that_the_data_is_in_use(places: Places) -> None:
    with pytest.raises(Reported) as caught:
        connected(places).run(ShowWindow(), print, NEVER)
    assert caught.value.problem().code == "data_in_use"
    assert caught.value.problem().params["folder"] == str(places.data)


# ── the gateway ──


@pytest.mark.usefixtures("server")
def test_beside_an_owner_no_second_core_is_opened(places: Places) -> None:
    def never(_: Places) -> TalkingCore:
        raise AssertionError("a second owner")

    gateway = Gateway(places, never)
    assert isinstance(gateway.run(ListModels(), print, NEVER), ModelsListed)
    gateway.close()


def test_when_the_window_closes_the_next_turn_runs_here(core: TalkingCore, places: Places) -> None:
    window, own = serve(core, places), TalkingCore()
    gateway = Gateway(places, lambda _: own)
    gateway.run(ChatTurn("One"), print, NEVER)
    window.close()
    gateway.run(ChatTurn("Two"), print, NEVER)
    gateway.close()
    assert [call[1] for call in core.called("answer")] == ["One"]
    assert [call[1] for call in own.called("answer")] == ["Two"]
    assert own.closed


def test_a_command_serves_others_while_it_works_and_lets_them_finish(
    core: TalkingCore, places: Places
) -> None:
    core.hold_after = 1
    first = Gateway(places, lambda _: core)
    first.run(ListModels(), print, NEVER)
    results: list[object] = []
    second = threading.Thread(
        target=lambda: results.append(Gateway(places).run(ChatTurn("Hi"), lambda _: None, NEVER))
    )
    second.start()
    assert core.held.wait(10)
    waited = threading.Event()

    def on_wait() -> None:
        waited.set()
        core.go_on.set()

    first.close(on_wait)
    second.join(10)
    assert waited.is_set()
    assert isinstance(results[0], Answered)
    assert results[0].answer.text == REPLY


def test_a_holder_that_does_not_listen_is_waited_for_and_then_named(
    places: Places, monkeypatch: pytest.MonkeyPatch, core: TalkingCore
) -> None:
    monkeypatch.setattr("desktop.cli.gateway.PATIENCE_S", 0.3)
    tries: list[float] = []

    def busy(_: Places) -> TalkingCore:
        tries.append(time.monotonic())
        raise DataInUse(folder=str(places.data))

    with pytest.raises(DataInUse):
        Gateway(places, busy).run(ListModels(), print, NEVER)
    assert len(tries) > 1

    def free_at_the_second_try(_: Places) -> TalkingCore:
        tries.append(0)
        if len(tries) < 2:
            raise DataInUse(folder="")
        return core

    tries.clear()
    gateway = Gateway(places, free_at_the_second_try)
    assert isinstance(gateway.run(ListModels(), print, NEVER), ModelsListed)
    gateway.close()


OWNER = """
import sys, time
from pathlib import Path
from desktop.core.local_socket import serve
from desktop.core.places import Places
from tests.unit.cli.talking_core import TalkingCore
core = TalkingCore()
core.hold_after = 2
server = serve(core, Places.of(Path(sys.argv[1])))
print("ready", flush=True)
time.sleep(60)
"""


class owner_process:  # noqa: N801  reads as what it stands for
    """A program that owns the data folder and holds up every reply after two words."""

    def __init__(self, places: Places) -> None:
        self._places = places

    def __enter__(self) -> "subprocess.Popen[str]":
        self._process = subprocess.Popen(
            [sys.executable, "-c", OWNER, str(self._places.data)],
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[3],
        )
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == "ready\n"
        return self._process

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()
