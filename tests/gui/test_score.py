"""The page on how well documents are found: by keyboard, from questions to the settings that are taken."""

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from desktop.core.types import Problem
from desktop.ui.score.page import ScorePage
from desktop.view_models.session import Session
from tests.fakes.core import FakeCore
from tests.fakes.samples import documents

QUESTION = "How much does a ticket cost?"


@pytest.fixture
def core() -> FakeCore:
    return FakeCore(documents=documents())


@pytest.fixture
def page(qtbot: QtBot, core: FakeCore) -> ScorePage:
    session = Session(core)
    made = ScorePage(session)
    made._kept = session  # type: ignore[attr-defined]  # it lives as long as the page
    qtbot.addWidget(made)
    made.resize(800, 900)
    made.show()
    qtbot.waitUntil(lambda: made.collections.count() > 0)
    return made


def ask(qtbot: QtBot, page: ScorePage, text: str = QUESTION) -> None:
    page.questions.field.setFocus()
    qtbot.keyClicks(page.questions.field, text)
    qtbot.keyClick(page.questions.field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: page.questions.offer.count() > 0)


def kept(qtbot: QtBot, page: ScorePage, count: int) -> None:
    qtbot.waitUntil(lambda: page.questions.list.count() == count)


def test_a_question_is_typed_and_its_passage_chosen_by_keyboard(
    qtbot: QtBot, core: FakeCore, page: ScorePage
) -> None:
    assert not page.measured.measure.isEnabled()
    ask(qtbot, page)
    assert page.questions.offer.hasFocus()
    qtbot.keyClick(page.questions.offer, Qt.Key.Key_Down)
    qtbot.keyClick(page.questions.offer, Qt.Key.Key_Return)
    kept(qtbot, page, 1)
    (one,) = core.questions
    assert (one.text, one.accepted) == (QUESTION, True)
    assert page.questions.field.text() == ""
    assert page.questions.field.hasFocus()
    assert page.measured.measure.isEnabled()
    page.questions.list.setFocus()
    qtbot.keyClick(page.questions.list, Qt.Key.Key_Down)
    qtbot.keyClick(page.questions.list, Qt.Key.Key_Delete)
    kept(qtbot, page, 0)


def test_a_question_that_finds_nothing_says_so(qtbot: QtBot, page: ScorePage) -> None:
    page.questions.field.setText("nothing")
    qtbot.keyClick(page.questions.field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: "Nothing was found" in page.questions.which.text())
    assert not page.questions.keep.isVisible()


def test_proposals_are_looked_at_one_by_one_reworded_kept_or_dropped(
    qtbot: QtBot, core: FakeCore, page: ScorePage
) -> None:
    assert not page.proposals.isVisible()
    qtbot.mouseClick(page.questions.make, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(page.proposals.isVisible)
    assert page.questions.list.count() == 0, "a proposal does not count"
    assert "seven euros" in page.proposals.passage.text()
    page.proposals.field.setText(QUESTION)
    qtbot.keyClick(page.proposals.field, Qt.Key.Key_Return)
    kept(qtbot, page, 1)
    assert core.questions[0].text == QUESTION
    for left in (3, 2, 1, 0):
        page.proposals.drop.click()
        qtbot.waitUntil(lambda left=left: len(page._scoring.proposed) == left)  # type: ignore[misc]
    qtbot.waitUntil(lambda: not page.proposals.isVisible())


def test_what_is_measured_is_told_drawn_and_taken_with_one_click(
    qtbot: QtBot, core: FakeCore, page: ScorePage
) -> None:
    for number in range(4):
        core.add_question(f"{QUESTION} {number}", documents()[0].document, 1).result(5)
    page._scoring.open("default")
    kept(qtbot, page, 4)
    page.measured.measure.click()
    table = page.measured.table
    qtbot.waitUntil(lambda: table.rowCount() > 5)
    score = page._scoring.score
    assert score is not None
    assert score.best > 0
    assert table.currentRow() == score.best
    assert "Better:" in page.measured.told.text()
    assert "few questions" in page.measured.told.text()
    assert table.item(0, 0).text() == "As it is now"
    assert page.measured.take.isVisible()
    chosen = page._scoring.chosen_variant
    assert chosen is not None
    page.measured.take.click()
    qtbot.waitUntil(lambda: all(core.settings[name] == value for name, value in chosen.settings.items()))
    qtbot.waitUntil(lambda: page._scoring.score is not None and page._scoring.score is not score)
    qtbot.keyClick(table, Qt.Key.Key_Home, Qt.KeyboardModifier.ControlModifier)
    assert page._scoring.chosen == 0
    assert page.measured.measure.isVisible()
    assert not page.measured.take.isVisible()


def test_what_goes_wrong_stands_where_it_was_asked_for(qtbot: QtBot, core: FakeCore, page: ScorePage) -> None:
    core.add_question(QUESTION, documents()[0].document, 1).result(5)
    page._scoring.open("default")
    kept(qtbot, page, 1)
    core.fail("score_library", Problem("embedder_missing", {"path": "/models/none"}))
    page.measured.measure.click()
    qtbot.waitUntil(lambda: "model that searches your documents is missing" in page.measured.told.text())
    assert page.measured.measure.isVisible()


def test_questions_go_with_their_collection(qtbot: QtBot, core: FakeCore, page: ScorePage) -> None:
    core.add_question(QUESTION, documents()[0].document, 1).result(5)
    core.names.add("Travel")
    page._documents.refresh()
    qtbot.waitUntil(lambda: page.collections.findData("Travel") >= 0)
    page._scoring.open("default")
    kept(qtbot, page, 1)
    page.collections.setCurrentIndex(page.collections.findData("Travel"))
    page.collections.activated.emit(page.collections.currentIndex())
    kept(qtbot, page, 0)
