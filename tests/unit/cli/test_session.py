"""A conversation on the terminal: its history, its small commands, Ctrl+C."""

import builtins
import os
import signal
import threading
from collections.abc import Callable, Iterator

import pytest

from desktop.core.types import Problem
from engine.protocol import Message
from tests.fakes.replies import Script
from tests.unit.cli.conftest import Typed
from tests.unit.cli.talking_core import TalkingCore

TypeIn = Callable[..., Typed]
REPLY = "A ticket costs seven euros [1]."


@pytest.fixture
def typing(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """What the person types, line by line; an exception is raised in its place; then the end of input."""

    def set_lines(*lines: str | type[BaseException]) -> None:
        waiting: Iterator[str | type[BaseException]] = iter(lines)

        def read(_prompt: str = "") -> str:
            line = next(waiting, EOFError)
            if isinstance(line, str):
                return line
            raise line

        monkeypatch.setattr(builtins, "input", read)

    return set_lines


def histories(core: TalkingCore) -> list[object]:
    return [call[0] for call in core.called("answer")]


def test_each_turn_knows_the_ones_before(
    type_in: TypeIn, core: TalkingCore, typing: Callable[..., None]
) -> None:
    typing("First", "  ", "Second", "/quit", "Never asked")
    done = type_in("chat", "--system", "Be brief.")
    assert done.code == 0
    system = Message("system", "Be brief.")
    assert histories(core) == [
        (system,),
        (system, Message("user", "First"), Message("assistant", REPLY)),
    ]
    assert done.out.count(REPLY) == 2
    assert core.closed


def test_the_end_of_input_ends_the_session(type_in: TypeIn, typing: Callable[..., None]) -> None:
    typing("First")
    assert type_in("chat").code == 0


def test_new_starts_afresh(type_in: TypeIn, core: TalkingCore, typing: Callable[..., None]) -> None:
    typing("First", "/new", "Second")
    type_in("chat")
    assert histories(core) == [(), ()]


def test_ctrl_c_at_the_prompt_drops_the_line_and_nothing_else(
    type_in: TypeIn, core: TalkingCore, typing: Callable[..., None]
) -> None:
    typing("First", KeyboardInterrupt, "Second")
    assert type_in("chat").code == 0
    assert len(core.called("answer")) == 2


def test_an_error_ends_the_turn_and_not_the_session(
    type_in: TypeIn, core: TalkingCore, typing: Callable[..., None]
) -> None:
    core.fail("answer", Problem("engine_died", {"how": "SIGSEGV"}))
    typing("First", "Second")
    done = type_in("chat")
    assert done.code == 0
    assert "stopped unexpectedly" in done.err
    assert histories(core) == [(), ()]  # what got no reply is no history


def test_ctrl_c_stops_the_reply_and_keeps_what_came(
    type_in: TypeIn, core: TalkingCore, typing: Callable[..., None]
) -> None:
    core.hold_after = 2
    typing("First", "Second")

    def interrupt() -> None:
        for _ in range(2):
            assert core.held.wait(10)
            core.held.clear()
            os.kill(os.getpid(), signal.SIGINT)

    pressing = threading.Thread(target=interrupt)
    pressing.start()
    done = type_in("chat")
    pressing.join()
    assert done.code == 0
    assert done.out.count("A ticket ") == 2
    assert histories(core)[1] == (Message("user", "First"), Message("assistant", "A ticket "))


@pytest.mark.parametrize(("hold_after", "shown"), [(2, "A ticket "), (0, "")])
def test_ctrl_c_on_a_single_question_keeps_what_came_and_exits_with_130(
    type_in: TypeIn, core: TalkingCore, hold_after: int, shown: str
) -> None:
    core.hold_after = hold_after

    def interrupt() -> None:
        assert core.held.wait(10)
        os.kill(os.getpid(), signal.SIGINT)

    pressing = threading.Thread(target=interrupt)
    pressing.start()
    done = type_in("chat", "Tell me")
    pressing.join()
    assert done.code == 130
    assert done.out.strip() == shown.strip()
    assert core.stopped.is_set()


def test_ctrl_c_under_json_still_gives_one_object(type_in: TypeIn, core: TalkingCore) -> None:
    core.hold_after = 2

    def interrupt() -> None:
        assert core.held.wait(10)
        os.kill(os.getpid(), signal.SIGINT)

    pressing = threading.Thread(target=interrupt)
    pressing.start()
    done = type_in("chat", "Tell me", "--json")
    pressing.join()
    assert done.code == 130
    assert done.json["text"] == "A ticket "
    assert done.json["stats"]["stop_reason"] == "cancelled"


def test_a_reply_with_documents_is_not_held_up_by_script(type_in: TypeIn, core: TalkingCore) -> None:
    core.script = Script(text="Just this.")
    assert type_in("chat", "Hi").out == "Just this.\n"
