"""Esc in the real window with the real model: while it loads, reads and writes; once and twice."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import shiboken6
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from desktop.core.places import Places
from desktop.core.services import Services, open_core
from desktop.ui.main_window import MainWindow
from desktop.view_models.session import Session
from desktop.view_models.turns import Turn

pytestmark = [pytest.mark.models, pytest.mark.slow]

PATIENCE_MS = 60_000


class Talk:
    """The window, and what is done with it again and again."""

    def __init__(self, qtbot: QtBot, core: Services) -> None:
        self.qtbot = qtbot
        self.core = core
        self.window = MainWindow()
        self.session = Session(core, self.window)
        self.window.show()
        self.window.attach(self.session)
        self.wait(lambda: self.session.chats.listed)

    def wait(self, condition: object) -> None:
        self.qtbot.waitUntil(condition, timeout=PATIENCE_MS)

    @property
    def last(self) -> Turn:
        return self.session.conversation.turns[-1]

    def ask(self, text: str) -> None:
        assert self.window.workspace is not None
        field = self.window.workspace.composer.field
        field.setPlainText(text)
        before = len(self.session.conversation.turns)
        QTest.keyClick(field, Qt.Key.Key_Return)
        self.wait(lambda: len(self.session.conversation.turns) == before + 2 and self.last.stored)

    def escape(self, times: int = 1) -> None:
        assert self.window.workspace is not None
        for _ in range(times):
            QTest.keyClick(self.window.workspace.composer.field, Qt.Key.Key_Escape)
        self.wait(lambda: not self.session.conversation.running)
        assert (self.last.state, self.last.problem) == ("stopped", None)


@pytest.fixture
def talk(qtbot: QtBot, tmp_path: Path, chat_model: Path) -> Iterator[Talk]:
    core = open_core(Places.of(tmp_path / "data", chat_model.parent), others=())
    core.set_setting("model_path", str(chat_model)).result(30)
    # no reply ends by itself: the tokens that would end one are never drawn
    core.set_setting("logit_bias", "#0 = -100\n#2 = -100").result(30)
    opened = Talk(qtbot, core)
    yield opened
    opened.window.allow_close()
    opened.window.close()
    shiboken6.delete(opened.window)
    core.close()


def test_esc_stops_whatever_a_reply_is_busy_with_and_keeps_what_came(talk: Talk) -> None:
    talk.ask("Tell me a story.")  # its model is not loaded yet
    talk.escape()
    assert talk.last.text == ""
    talk.ask("Tell me a story.")
    talk.escape(times=2)

    talk.ask("word and other words of a long text " * 700)
    talk.wait(lambda: talk.last.activity is not None and talk.last.activity.kind == "reading")
    talk.escape()
    assert talk.last.text == ""

    for times in (1, 2):
        talk.ask("Tell me a long story about a harbour.")
        talk.wait(lambda: len(talk.last.text) > 40)
        shown = talk.last.text
        talk.escape(times)
        assert talk.last.text.startswith(shown)
        chat = talk.session.conversation.chat
        assert chat is not None
        kept = talk.core.open_chat(chat.id).result(30).messages[-1]
        assert (kept.text, kept.state) == (talk.last.text, "stopped")

    talk.session.conversation.messages.go_on(talk.last.key)
    talk.wait(lambda: len(talk.last.text) > len(kept.text) + 20)
    talk.escape()
    assert talk.last.stats is not None
    assert len(talk.last.stats.parts) == 2
