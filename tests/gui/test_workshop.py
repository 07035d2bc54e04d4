"""The workshop's page on a core in memory: what is begun, shown, stopped, branched, tried and taken to the
chat."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractSpinBox, QApplication, QComboBox
from pytestqt.qtbot import QtBot

from desktop.core.errors import StorageFull
from desktop.core.types.models import ModelChoice
from desktop.ui.workshop.page import WorkshopPage
from desktop.ui.workshop.run_view import RunView
from engine.template_texts import COMPLETION
from tests.gui.scene_texts import ENGLISH
from tests.gui.stage import Stage, settle, wait_for


@pytest.fixture
def stage(qtbot: QtBot) -> Iterator[Stage]:
    made = Stage(ENGLISH)
    yield made
    made.close()


@pytest.fixture
def page(stage: Stage) -> WorkshopPage:
    stage.open()
    shown = stage.workspace.show_page("workshop")
    settle()
    assert isinstance(shown, WorkshopPage)
    return shown


def begun(stage: Stage, page: WorkshopPage, preset: int = 0) -> RunView:
    """From the empty page, by clicks."""
    page.home.cards[preset].button.click()
    wait_for(lambda: stage.session.workshop.plan.estimate is not None)
    assert page.plan_view is not None
    wait_for(page.plan_view.begin.isEnabled)
    page.plan_view.begin.click()
    wait_for(lambda: bool(stage.core.trainings))
    stage.core.trainings[-1].prepare()
    wait_for(lambda: stage.session.workshop.runs.learning != "")
    assert page.run_view is not None
    return page.run_view


def test_turning_the_page_over_a_choice_or_a_number_changes_neither(stage: Stage, page: WorkshopPage) -> None:
    page.home.cards[0].button.click()
    wait_for(lambda: stage.session.workshop.plan.estimate is not None)
    view = page.plan_view
    assert view is not None
    boxes = [*view.findChildren(QComboBox), *view.findChildren(QAbstractSpinBox)]
    assert len(boxes) > 6
    before = [box.currentIndex() if isinstance(box, QComboBox) else box.text() for box in boxes]
    for box in boxes:
        assert box.focusPolicy() in (Qt.FocusPolicy.StrongFocus, Qt.FocusPolicy.NoFocus)
        down, none = QPoint(0, -120), Qt.KeyboardModifier.NoModifier
        event = QWheelEvent(
            QPointF(3, 3),
            QPointF(3, 3),
            down,
            down,
            Qt.MouseButton.NoButton,
            none,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        QApplication.sendEvent(box, event)
    after = [box.currentIndex() if isinstance(box, QComboBox) else box.text() for box in boxes]
    assert after == before


def test_two_clicks_begin_a_run_and_its_course_is_shown(stage: Stage, page: WorkshopPage) -> None:
    view = begun(stage, page)
    run = stage.core.trainings[-1]
    run.step(40)
    run.sample("\n", "The river hums a tune")
    wait_for(lambda: "step 200 of 1,600" in view.said.text())
    assert view.samples.text.toPlainText() == "The river hums a tune"
    assert view.stop.isVisibleTo(page)
    assert not view.chat.isVisibleTo(page)
    wait_for(lambda: view.curves.drawn)
    run.finish()
    wait_for(lambda: view.chat.isVisibleTo(page))
    assert "has learnt" in view.said.text()
    plan = run.run.plan
    assert (plan.goal, plan.sample) == ("write", "verses_en")


def test_a_run_is_stopped_resumed_and_branched(stage: Stage, page: WorkshopPage) -> None:
    view = begun(stage, page)
    stage.core.trainings[-1].step(20)
    view.stop.click()
    wait_for(lambda: view.resume.isVisibleTo(page))
    view.resume.click()
    wait_for(lambda: len(stage.core.trainings) == 2)
    assert stage.core.called("resume_run") == [("run0",)]
    stage.core.trainings[-1].step(20)
    stage.core.trainings[-1].finish()
    wait_for(lambda: view.branch.isVisibleTo(page))
    view.branch.click()
    view.branching.rate.setValue(0.0005)
    view.branching.go.click()
    wait_for(lambda: len(stage.core.trainings) == 3)
    branch = stage.core.trainings[-1].run
    assert (branch.parent, branch.plan.settings.rate) == ("run0", 0.0005)
    wait_for(lambda: stage.session.workshop.runs.shown == branch.id)
    assert stage.session.workshop.runs.compared == {"run0"}
    wait_for(lambda: "Dashed: " in view.legend.text())


def test_one_button_leads_to_the_chat_with_the_new_model(stage: Stage, page: WorkshopPage) -> None:
    view = begun(stage, page)
    run = stage.core.trainings[-1]
    run.step(400)
    run.finish()
    wait_for(lambda: view.chat.isVisibleTo(page))
    view.chat.click()
    wait_for(lambda: stage.workspace.middle.page == "chat")
    model = "/home/ana/.local/share/sobremesa/models/mine.gguf"
    assert stage.core.called("load_model") == [(model,)]
    assert stage.core.choices[model] == ModelChoice(template=COMPLETION)


def test_an_adapter_is_laid_over_its_model_in_a_chat_of_its_own(stage: Stage, page: WorkshopPage) -> None:
    view = begun(stage, page, 3)
    run = stage.core.trainings[-1]
    run.step(60)
    run.finish()
    wait_for(lambda: view.chat.isVisibleTo(page))
    view.chat.click()
    wait_for(lambda: bool(stage.core.called("set_reply_values")))
    chat = stage.session.chats.current
    adapter = {"adapters": "/home/ana/.local/share/sobremesa/models/mine.gguf"}
    assert stage.core.chat_values[chat or 0] == adapter
    assert stage.core.called("load_model")[-1] == (run.run.plan.base,)


def test_what_went_wrong_stands_with_the_run_and_can_be_resumed(stage: Stage, page: WorkshopPage) -> None:
    view = begun(stage, page)
    stage.core.trainings[-1].step(20)
    stage.core.trainings[-1].fail(StorageFull(folder="/home/ana"))
    wait_for(lambda: view.trouble.isVisibleTo(page))
    assert "full" in view.trouble.text()
    assert view.resume.isVisibleTo(page)


def test_a_field_of_the_confusion_matrix_opens_its_texts(stage: Stage, page: WorkshopPage) -> None:
    view = begun(stage, page, 2)
    stage.core.trainings[-1].step(60)
    stage.core.trainings[-1].finish()
    wait_for(lambda: len(view.results.matrix.cells) == 4)
    view.results.matrix.cells["spam", "ham"].click()
    wait_for(lambda: bool(view.results.guesses.shown))
    assert view.results.guesses.head.text() == "Is “spam”, was called “ham”:"
    assert "sure" in view.results.guesses.shown[0]


def test_bad_rows_are_named_and_written_ones_are_learnt_from(stage: Stage, page: WorkshopPage) -> None:
    page.home.cards[3].button.click()
    plan = stage.session.workshop.plan
    wait_for(lambda: plan.data is not None)
    assert page.plan_view is not None
    card = page.plan_view.data
    card.edit.click()
    wait_for(lambda: card.add.isVisibleTo(page))
    card.add.click()
    rows = card.table.rows_model
    at = rows.rowCount() - 1
    assert at == 144
    for column, words in enumerate(("What is new?", "This row.")):
        rows.setData(rows.index(at, column), words)
    card.save.click()
    wait_for(lambda: bool(plan.plan.inputs) and plan.data is not None)
    assert stage.core.written_rows[plan.plan.inputs[0]][-1] == ("What is new?", "This row.")
    wait_for(lambda: card.bad.isVisibleTo(page))
    assert "Row 3 is left out: something in it is empty." in card.bad.text()


def test_the_same_question_goes_to_base_and_adapter(stage: Stage, page: WorkshopPage) -> None:
    view = begun(stage, page, 3)
    run = stage.core.trainings[-1]
    run.step(60)
    run.finish()
    wait_for(lambda: view.compare.isVisibleTo(page))
    stage.core.answers = {run.run.id: "Farolillo.", run.run.plan.base: "I do not know."}
    view.compare.click()
    wait_for(lambda: page.compare_view is not None)
    assert page.compare_view is not None
    page.compare_view.prompts.setPlainText("What is the cat called?")
    page.compare_view.ask.click()
    wait_for(lambda: not stage.session.workshop.asking)
    assert {one.answers["What is the cat called?"] for one in stage.session.workshop.answers.values()} == {
        "Farolillo.",
        "I do not know.",
    }


def test_everything_from_the_empty_page_to_the_chat_is_done_with_keys(
    stage: Stage, page: WorkshopPage
) -> None:
    page.home.cards[0].button.setFocus()
    QTest.keyClick(stage.window.focusWidget(), Qt.Key.Key_Space)
    wait_for(lambda: page.plan_view is not None and page.plan_view.begin.isEnabled())
    page.focus_first()
    assert page.plan_view is not None
    assert stage.window.focusWidget() is page.plan_view.begin
    QTest.keyClick(page.plan_view.begin, Qt.Key.Key_Space)
    wait_for(lambda: bool(stage.core.trainings))
    stage.core.trainings[-1].prepare()
    stage.core.trainings[-1].step(400)
    stage.core.trainings[-1].finish()
    wait_for(lambda: page.run_view is not None and page.run_view.chat.isVisibleTo(page))
    page.focus_first()
    QTest.keyClick(stage.window.focusWidget(), Qt.Key.Key_Space)
    wait_for(lambda: stage.workspace.middle.page == "chat")
