"""The real window on the real core with the real model: a question, its answer, and both after a restart."""

from pathlib import Path

import pytest
import shiboken6
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop.app import STATE_FILE, Program
from desktop.core.places import Places
from desktop.ui.main_window import MainWindow
from desktop.ui.window_state import read_state

pytestmark = [pytest.mark.models, pytest.mark.slow]

QUESTION = "What is the capital of France? Answer in one word."


def begin(qtbot: QtBot, app: QApplication, places: Places) -> Program:
    window = MainWindow(read_state(places.data / STATE_FILE))
    program = Program(app, window, places)
    window.show()
    program.open()
    qtbot.waitUntil(lambda: window.workspace is not None, timeout=20_000)
    return program


def end(qtbot: QtBot, program: Program) -> None:
    program._window.close()
    qtbot.waitUntil(lambda: program._ended, timeout=20_000)
    shiboken6.delete(program._window)


def test_a_question_is_answered_and_both_are_there_after_a_restart(
    qtbot: QtBot, qapp: QApplication, tmp_path: Path, chat_model: Path
) -> None:
    places = Places.of(tmp_path / "data", chat_model.parent)
    program = begin(qtbot, qapp, places)
    workspace = program._window.workspace
    session = program._session
    assert workspace is not None
    assert session is not None
    session.settings.set("temperature", 0.0)
    session.settings.set("model_titles", False)
    qtbot.waitUntil(lambda: session.settings.value("temperature") == 0.0)
    qtbot.waitUntil(lambda: workspace.header.model.text() != "Choose a model", timeout=20_000)
    qtbot.keyClicks(workspace.composer.field, QUESTION)
    qtbot.keyClick(workspace.composer.field, Qt.Key.Key_Return)
    conversation = session.conversation
    qtbot.waitUntil(lambda: len(conversation.turns) == 2, timeout=20_000)
    qtbot.waitUntil(lambda: not conversation.running, timeout=120_000)
    answer = conversation.turns[1]
    assert answer.state == "complete", answer
    assert "Paris" in answer.text
    assert session.models.state == "ready"
    assert workspace.header.state.text.text()
    end(qtbot, program)

    again = begin(qtbot, qapp, places)
    assert again._session is not None
    turns = again._session.conversation
    qtbot.waitUntil(lambda: len(turns.turns) == 2, timeout=20_000)
    assert turns.turns[0].text == QUESTION
    assert turns.turns[1].text == answer.text
    assert [chat.title for group in again._session.chats.groups for chat in group.chats] == [QUESTION]
    end(qtbot, again)
