"""What a person's own chats and documents teach, chosen with the keys alone in the real window over the real
core, whose other workers are fakes."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from desktop.core.services import Services
from desktop.i18n import set_language
from desktop.ui.main_window import MainWindow
from desktop.ui.workshop.page import WorkshopPage
from desktop.view_models.session import Session
from tests.fakes.house import PATIENCE_S, house

pytestmark = pytest.mark.slow

WAIT_MS = 60_000


@pytest.fixture
def core(tmp_path: Path) -> Iterator[Services]:
    with house(tmp_path) as real:
        yield real


@pytest.fixture
def page(qtbot: QtBot, core: Services) -> WorkshopPage:
    set_language("en")
    window = MainWindow()
    window.allow_close()
    qtbot.addWidget(window)
    window.resize(1120, 760)
    window.show()
    window.attach(Session(core, window))
    assert window.workspace is not None
    shown = window.workspace.show_page("workshop")
    assert isinstance(shown, WorkshopPage)
    return shown


def planned(qtbot: QtBot, page: WorkshopPage, card: int) -> None:
    """Open a preset with the space bar, and go to the field that says what is learnt from."""
    page.home.cards[card].button.setFocus()
    QTest.keyClick(page.home.cards[card].button, Qt.Key.Key_Space)
    plan = page._shop.plan
    qtbot.waitUntil(lambda: page.plan_view is not None and plan.data is not None, timeout=WAIT_MS)
    assert page.plan_view is not None
    page.plan_view.data.source.setFocus()


def test_replies_that_were_rated_good_are_chosen_and_seen_with_the_keys(
    qtbot: QtBot, core: Services, page: WorkshopPage
) -> None:
    chat = core.create_chat().result(PATIENCE_S).info.id
    core.send(chat, "How much is the ticket?").result(PATIENCE_S)
    _asked, reply = core.open_chat(chat).result(PATIENCE_S).messages
    core.rate_message(reply.id, 1).result(PATIENCE_S)
    planned(qtbot, page, 3)
    assert page.plan_view is not None
    card = page.plan_view.data
    QTest.keyClicks(card.source, "Your")
    qtbot.waitUntil(lambda: bool(card._plan.plan.inputs), timeout=WAIT_MS)
    qtbot.waitUntil(lambda: card._plan.data is not None, timeout=WAIT_MS)
    (path,) = card._plan.plan.inputs
    rows = [json.loads(line) for line in Path(path).read_text("utf-8").splitlines()]
    assert rows[0]["messages"][-2]["content"] == "How much is the ticket?"
    assert card.table.rows_model.rows[0][0] == "How much is the ticket?"
    assert card.source.currentText().endswith(".jsonl")


def test_chats_without_a_good_reply_say_so_and_the_choice_before_still_holds(
    qtbot: QtBot, core: Services, page: WorkshopPage
) -> None:
    planned(qtbot, page, 3)
    assert page.plan_view is not None
    card = page.plan_view.data
    before = card.source.currentText()
    QTest.keyClicks(card.source, "Your")
    qtbot.waitUntil(lambda: page._shop.problem is not None, timeout=WAIT_MS)
    assert page._shop.problem is not None
    assert page._shop.problem.code == "nothing_rated"
    assert card.source.currentText() == before
    assert card._plan.plan.sample == "notes_en"


def test_documents_are_chosen_with_the_keys_and_their_text_is_seen(
    qtbot: QtBot, core: Services, page: WorkshopPage
) -> None:
    planned(qtbot, page, 0)
    assert page.plan_view is not None
    card = page.plan_view.data
    QTest.keyClicks(card.source, "Your")
    qtbot.waitUntil(lambda: bool(card._plan.plan.inputs), timeout=WAIT_MS)
    qtbot.waitUntil(lambda: card._plan.data is not None, timeout=WAIT_MS)
    (folder,) = card._plan.plan.inputs
    assert [file.suffix for file in Path(folder).iterdir()] == [".txt"]
    assert "A ticket costs seven euros." in card.table.rows_model.rows[0][0]
