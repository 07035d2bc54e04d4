"""The real window on the real core and model, when its engine or the window itself is killed mid-reply."""

import json
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop.app import Program
from desktop.core.places import Places
from desktop.core.services import Services
from desktop.view_models.conversation import ConversationViewModel
from tests.gui.test_app_real import begin, end

pytestmark = [pytest.mark.models, pytest.mark.slow]

SHORT = "Name one animal."
LONG = "List one hundred animals, one per line."  # at temperature 0 it goes on until it is stopped
UNSAVED_S = 2.5  # a reply is saved once a second; the rest is for a busy machine


def conversation(program: Program) -> ConversationViewModel:
    assert program._session is not None
    return program._session.conversation


def ask(qtbot: QtBot, program: Program, question: str) -> None:
    assert program._window.workspace is not None
    program._window.workspace.middle.show_chat()  # a first run begins with another page
    field = program._window.workspace.composer.field
    qtbot.keyClicks(field, question)
    qtbot.keyClick(field, Qt.Key.Key_Return)


def engine_of(program: Program) -> psutil.Process:
    """The one that answers: the one that counts for the context meter runs the same module."""
    core = program._session.core if program._session is not None else None
    assert isinstance(core, Services)
    return psutil.Process(core.engine_pid)


def test_after_the_engine_was_killed_a_button_brings_the_answer_and_the_chat_goes_on(
    qtbot: QtBot, qapp: QApplication, tmp_path: Path, chat_model: Path
) -> None:
    program = begin(qtbot, qapp, Places.of(tmp_path / "data", chat_model.parent))
    talk = conversation(program)
    assert program._session is not None
    program._session.settings.set("temperature", 0.0)
    ask(qtbot, program, LONG)
    qtbot.waitUntil(lambda: len(talk.turns) == 2 and len(talk.turns[1].text) > 100, timeout=120_000)
    engine_of(program).kill()
    qtbot.waitUntil(lambda: talk.turns[1].state == "failed", timeout=30_000)
    half = talk.turns[1]
    assert len(half.text) > 100
    assert half.problem is not None
    assert half.problem.code == "engine_died"

    assert program._window.workspace is not None
    view = program._window.workspace.conversation
    # a widget may be given another message meanwhile
    offered = lambda: (shown := view.widget_at(1)) is not None and shown.remedy.isVisible()  # noqa: E731
    qtbot.waitUntil(offered, timeout=30_000)
    widget = view.widget_at(1)
    assert widget is not None
    qtbot.mouseClick(widget.remedy, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: len(talk.turns[1].text) > 20 and talk.running, timeout=120_000)
    qtbot.keyClick(program._window.workspace.composer.field, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not talk.running, timeout=30_000)
    assert talk.turns[1].state == "stopped"

    ask(qtbot, program, SHORT)
    qtbot.waitUntil(lambda: len(talk.turns) == 4 and not talk.running, timeout=120_000)
    assert talk.turns[3].state == "complete"
    assert talk.turns[3].text
    end(qtbot, program)


def test_a_killed_window_comes_back_with_every_finished_turn_and_all_but_the_last_second_of_the_reply(
    qtbot: QtBot, qapp: QApplication, tmp_path: Path, chat_model: Path
) -> None:
    data, models = tmp_path / "data", chat_model.parent
    command = [sys.executable, "-m", "tests.gui._talking_window", str(data), str(models), SHORT, LONG]
    root = Path(__file__).resolve().parents[2]
    window = subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, text=True)
    try:
        finished, early, last = watch(window)
    finally:
        window.kill()
        window.wait()

    program = begin(qtbot, qapp, Places.of(data, models))
    talk = conversation(program)
    qtbot.waitUntil(lambda: len(talk.turns) == 4, timeout=20_000)  # without being asked for the chat
    assert [[turn.role, turn.state, turn.text] for turn in talk.turns[:3]] == finished
    reply = talk.turns[3]
    assert reply.state == "interrupted"
    assert reply.text.startswith(early)
    assert reply.text.startswith(last) or last.startswith(reply.text)
    ask(qtbot, program, SHORT)
    qtbot.waitUntil(lambda: len(talk.turns) == 6 and not talk.running, timeout=120_000)
    assert talk.turns[5].state == "complete"
    end(qtbot, program)


def watch(window: subprocess.Popen[str]) -> tuple[list[list[str]], str, str]:
    """Follow the second reply until it has been written for a while.

    Gives the turns before it, its text as it was `UNSAVED_S` before the end, and its text at the end.
    """
    assert window.stdout is not None
    early, since = "", 0.0
    for line in window.stdout:
        turns = json.loads(line)["turns"]
        if len(turns) < 4 or not turns[3][2]:
            continue
        assert turns[3][1] == "streaming", turns
        if not early:
            early, since = turns[3][2], time.monotonic()
        elif time.monotonic() - since > UNSAVED_S:
            return turns[:3], early, turns[3][2]
    raise AssertionError(f"the window ended by itself with {window.wait()}")
