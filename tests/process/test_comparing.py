"""Two engines beside each other, with real worker processes: deaths, too little memory, rest, the end."""

import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import psutil
import pytest

import desktop.core.workers.devices
from desktop.core.errors import Reported
from desktop.core.events import TextAdded
from desktop.core.operations import Operation
from desktop.core.services import Services
from desktop.core.types.comparing import Comparison, ComparisonPlanned, Side, SideEnded, SideEvent
from engine.devices import Device
from engine.errors import ModelTooLarge
from tests.fakes.engine_files import write_fake_model
from tests.fakes.house import PATIENCE_S, Heard, open_house, places_in
from tests.process.test_core_death import new_chat, wait_until

SLOW = "!slow " + " ".join(f"word{n}" for n in range(40))


@pytest.fixture
def other(tmp_path: Path) -> str:
    (tmp_path / "models").mkdir()
    return str(write_fake_model(tmp_path / "models" / "other.gguf"))


@pytest.fixture
def core(tmp_path: Path, other: str) -> Iterator[Services]:
    core = open_house(places_in(tmp_path))
    core.load_model(str(Path(other).with_name("model.gguf"))).result(PATIENCE_S)
    yield core
    core.close()


def wait_for_both(operation: Operation[Comparison]) -> None:
    begun = (threading.Event(), threading.Event())

    def hear(event: object) -> None:
        if isinstance(event, SideEvent) and isinstance(event.event, TextAdded):
            begun[event.side].set()

    operation.subscribe(hear)
    assert all(one.wait(PATIENCE_S) for one in begun)


@pytest.mark.slow
@pytest.mark.parametrize("dead", [0, 1])
def test_one_engine_dies_and_the_other_side_goes_on(core: Services, other: str, dead: int) -> None:
    chat = new_chat(core)
    sides = (Side(), Side(model=other))
    operation = core.compare(chat, SLOW, sides)
    wait_for_both(operation)
    pid = (core.engine_pid, core.second_engine_pid)[dead]
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    result = operation.result(PATIENCE_S)
    replies = [side.messages[-1] for side in result.sides]
    assert (replies[dead].state, replies[1 - dead].state) == ("failed", "complete")
    assert replies[dead].text
    assert replies[dead].problem == result.problems[dead]
    problem = result.problems[dead]
    assert problem is not None
    assert problem.code == "engine_died"
    assert result.problems[1 - dead] is None

    # the next question of both has a new engine
    again = core.compare(chat, "Hello", sides).result(PATIENCE_S)
    assert [side.messages[-1].state for side in again.sides] == ["complete", "complete"]


def test_models_that_do_not_fit_together_answer_one_after_the_other(
    core: Services, other: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    core.unload_model().result(PATIENCE_S)
    core.set_setting("model_path", str(Path(other).with_name("model.gguf"))).result(PATIENCE_S)
    alone = core.inspect_model(other).result(PATIENCE_S).fit
    assert alone is not None
    short = Device("CPU", "cpu", 0, 8 << 30)
    enough = next(size << 20 for size in range(16, 4096) if _budget(short, size << 20) >= alone.bytes)
    monkeypatch.setattr(desktop.core.workers.devices, "host", lambda: Device("CPU", "cpu", enough, 8 << 30))
    heard = Heard()
    operation = core.compare(new_chat(core), "Hello", (Side(), Side(model=other)))
    operation.subscribe(heard)
    result = operation.result(PATIENCE_S)
    assert heard.of(ComparisonPlanned) == [ComparisonPlanned("memory")]
    assert [side.messages[-1].state for side in result.sides] == ["complete", "complete"]
    assert [ended.side for ended in heard.of(SideEnded)] == [0, 1]
    assert core.second_engine_pid is None
    # the one that is loaded now goes first the next time
    operation = core.compare(result.chat.id, "And now?", (Side(), Side(model=other)))
    operation.subscribe(heard)
    operation.result(PATIENCE_S)
    assert [ended.side for ended in heard.of(SideEnded)] == [0, 1, 1, 0]


def _budget(device: Device, free_bytes: int) -> int:
    return Device(device.name, device.kind, free_bytes, device.total_bytes).budget_bytes


def test_a_second_model_that_finds_no_room_after_all_waits_for_the_first_engine(
    core: Services, other: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> NoReturn:
        raise Reported.of(ModelTooLarge(path=other, needed_bytes=9 << 30, free_bytes=1 << 30))

    monkeypatch.setattr(core._second_engine, "ensure", full)
    heard = Heard()
    operation = core.compare(new_chat(core), "Hello", (Side(), Side(model=other)))
    operation.subscribe(heard)
    result = operation.result(PATIENCE_S)
    assert heard.of(ComparisonPlanned) == [ComparisonPlanned(""), ComparisonPlanned("memory")]
    assert [side.messages[-1].state for side in result.sides] == ["complete", "complete"]
    assert core.second_engine_pid is None


@pytest.mark.parametrize("how", ["left", "idle"])
def test_the_second_engine_ends_when_nobody_compares_any_more(core: Services, other: str, how: str) -> None:
    core._second_engine.idle_s = lambda: 0.2 if how == "idle" else 0
    core.compare(new_chat(core), "Hello", (Side(), Side(model=other))).result(PATIENCE_S)
    if how == "left":
        pid = core.second_engine_pid
        assert pid is not None
        core.leave_comparison().result(PATIENCE_S)
        assert not psutil.pid_exists(pid)
    wait_until(lambda: core.second_engine_pid is None)
    assert core.engine_pid is not None


def test_the_program_ends_while_both_answer_and_keeps_what_they_said(
    tmp_path: Path, core: Services, other: str
) -> None:
    chat = new_chat(core)
    operation = core.compare(chat, "!long", (Side(), Side(model=other)))
    wait_for_both(operation)
    core.close()
    again = open_house(places_in(tmp_path))
    try:
        kept = again.open_comparison(chat).result(PATIENCE_S)
        assert [side.messages[-1].state for side in kept.sides] == ["interrupted", "interrupted"]
        assert all(side.messages[-1].text for side in kept.sides)
        assert kept.sides[1].side == Side(model=other)
    finally:
        again.close()
