"""What was measured of runs: kept with them, shown as a table that opens, and compared by the same file."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPlainTextEdit, QPushButton
from pytestqt.qtbot import QtBot

from desktop.ui.workshop.page import WorkshopPage
from desktop.ui.workshop.rows_table import RowsTable
from desktop.ui.workshop.run_view import RunView
from desktop.view_models.workshop.presets import preset
from tests.fakes.training import FakeTrainingRun
from tests.gui.scene_texts import ENGLISH
from tests.gui.stage import Stage, wait_for

BASE = "/home/ana/.local/share/sobremesa/models/SmolLM2-135M-Instruct.Q4_1.gguf"


@pytest.fixture
def stage(qtbot: QtBot) -> Iterator[Stage]:
    made = Stage(ENGLISH)
    yield made
    made.close()


@pytest.fixture
def page(stage: Stage) -> WorkshopPage:
    stage.open()
    shown = stage.workspace.show_page("workshop")
    assert isinstance(shown, WorkshopPage)
    return shown


def finished(stage: Stage, page: WorkshopPage, key: str) -> tuple[RunView, FakeTrainingRun]:
    shop = stage.session.workshop
    shop.runs.begin(preset(key, "en", key, BASE))
    shop.go("run")
    run = stage.core.trainings[-1]
    run.prepare()
    run.step(400)
    run.finish()
    assert page.run_view is not None
    wait_for(lambda: bool(shop.runs.measures) and not shop.runs.training)
    return page.run_view, run


def test_a_run_shows_what_it_held_out_at_once_and_a_file_of_one_s_own_beside_it(
    stage: Stage, page: WorkshopPage
) -> None:
    view, run = finished(stage, page, "poet")
    card = view.results
    assert [line.split(":")[0] for line in card.table.lines] == ["what it held out"]
    assert "as if 3.4 were equally likely" in card.said.text()
    card._take_file(["/home/ana/mine.txt"])
    wait_for(lambda: len(card.table.lines) == 2)
    assert card.table.lines[0].startswith("mine.txt: After steps 1,600, Loss 1.210")
    stage.session.workshop.runs.show("")
    stage.session.workshop.open_run(run.run.id)
    wait_for(lambda: len(card.table.lines) == 2)


def test_answers_are_read_with_what_they_should_say(stage: Stage, page: WorkshopPage) -> None:
    view, _run = finished(stage, page, "notes")
    card = view.results
    assert "of 14 answers say what they should" in card.said.text()
    card.answers.click()
    assert card.guesses.isVisibleTo(page)
    assert "2 of 14 answers do not" in card.guesses.head.text()
    assert "It should say:" in card.guesses.shown[0]
    assert "It should say:" not in card.guesses.shown[-1]
    card.answers.click()
    assert not card.guesses.isVisibleTo(page)


def test_texts_behind_a_field_come_in_pages(stage: Stage, page: WorkshopPage) -> None:
    view, _run = finished(stage, page, "spam")
    card = view.results
    opened = card.opened
    assert opened is not None
    many = sum((one.right, one.said) == ("ham", "ham") for one in opened.guesses)
    assert many > 20
    card.matrix.cells["ham", "ham"].click()
    assert len(card.guesses.shown) == 20
    assert card.guesses.more.text() == f"Show {many - 20} more"
    card.guesses.more.click()
    assert len(card.guesses.shown) == many
    assert not card.guesses.more.isVisibleTo(page)


def test_models_are_measured_by_the_same_file_and_a_run_is_opened_from_the_table(
    stage: Stage, page: WorkshopPage
) -> None:
    view, run = finished(stage, page, "notes")
    wait_for(lambda: view.compare.isVisibleTo(page))
    view.compare.click()
    compare = page.compare_view
    assert compare is not None
    wait_for(lambda: [line.split(":")[0] for line in compare.table.lines] == ["notes"])
    compare._take_file(["/home/ana/general.txt"])
    wait_for(lambda: len(compare.table.lines) == 2 and not stage.session.workshop.scoring)
    asked = stage.core.called("measure_run")
    assert sorted(asked) == sorted([(BASE, "/home/ana/general.txt"), (run.run.id, "/home/ana/general.txt")])
    link = next(one for one in compare.table.findChildren(QPushButton) if one.text() == "notes")
    link.click()
    assert stage.session.workshop.place == "run"


def test_another_shape_begins_anew_from_the_plan(stage: Stage, page: WorkshopPage) -> None:
    view, run = finished(stage, page, "poet")
    view.branch.click()
    link = next(one for one in view.branching.findChildren(QPushButton) if "another shape" in one.text())
    link.click()
    assert stage.session.workshop.place == "plan"
    assert stage.session.workshop.plan.plan == run.run.plan


def test_rows_of_any_number_are_written_with_the_keys(qtbot: QtBot) -> None:
    table = RowsTable()
    qtbot.addWidget(table)
    table.resize(600, 190)
    table.show()
    table.show_rows([(f"Question {at}", "Answer") for at in range(50_000)], "pairs")
    table.set_editable(True)
    model = table.rows_model
    table.setCurrentIndex(model.index(49_999, 1))
    QTest.keyClick(table, Qt.Key.Key_Return)
    editor = table.viewport().findChild(QPlainTextEdit)
    assert editor is not None
    QTest.keyClicks(editor, "Seven")
    QTest.keyClick(editor, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    QTest.keyClicks(editor, "euros.")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    assert model.rows[49_999] == ("Question 49999", "Seven\neuros.")
    table.selectRow(0)
    QTest.keyClick(table, Qt.Key.Key_Delete)
    assert model.rowCount() == 49_999
    assert model.rows[0] == ("Question 1", "Answer")
