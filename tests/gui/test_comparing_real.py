"""Two answers side by side: the real window over the real core, the starter model and a tiny one."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop.core.places import Places
from desktop.core.services import Services, open_core
from desktop.i18n import set_language
from desktop.ui.comparing import texts
from desktop.ui.comparing.page import ComparingPage
from desktop.ui.main_window import MainWindow
from desktop.ui.theme import LIGHT, apply_theme
from desktop.view_models.session import Session
from tests.fakes.engine_models import write_tiny_model

pytestmark = [pytest.mark.models, pytest.mark.slow]

LEFT = Qt.MouseButton.LeftButton
WAIT_MS = 120_000


@pytest.fixture
def core(tmp_path: Path, chat_model: Path) -> Iterator[Services]:
    core = open_core(Places.of(tmp_path / "data", chat_model.parent), others=())
    for name, value in (("model_path", str(chat_model)), ("max_reply_tokens", 24), ("language", "en")):
        core.set_setting(name, value).result(30)
    yield core
    core.close()


def test_two_models_answer_in_the_window_and_the_one_that_is_kept_goes_on(
    qtbot: QtBot, qapp: QApplication, core: Services, tmp_path: Path
) -> None:
    set_language("en")
    apply_theme(qapp, LIGHT)
    window = MainWindow()
    window.allow_close()
    qtbot.addWidget(window)
    window.resize(1280, 820)
    window.show()
    session = Session(core, window)
    window.attach(session)
    assert window.workspace is not None
    page = window.workspace.show_page("comparing")
    assert isinstance(page, ComparingPage)
    session.comparison.choose_model(1, str(write_tiny_model(tmp_path / "tiny.gguf")))
    qtbot.keyClicks(page.asking.field, "Say hello.")
    qtbot.keyClick(page.asking.field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: page.asking.way.text() == texts.way("together"), timeout=WAIT_MS)
    qtbot.waitUntil(
        lambda: page.panes[0].keep.isVisible() and page.panes[1].keep.isVisible(), timeout=WAIT_MS
    )
    answers = [side.turns[-1].text for side in session.comparison.sides]
    assert all(answers)
    assert core.second_engine_pid is not None
    qtbot.mouseClick(page.panes[0].keep, LEFT)
    conversation = session.conversation
    qtbot.waitUntil(lambda: [turn.text for turn in conversation.turns][-1:] == answers[:1], timeout=WAIT_MS)
    qtbot.waitUntil(lambda: core.second_engine_pid is None, timeout=WAIT_MS)
    conversation.send("And goodbye.")
    qtbot.waitUntil(lambda: len(conversation.turns) == 4 and not conversation.running, timeout=WAIT_MS)
    assert conversation.turns[-1].state == "complete"
