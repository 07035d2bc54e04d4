"""The page with the licences of everything inside."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from desktop.ui.licences.page import LicencesPage
from tests.gui.scene_texts import ENGLISH
from tests.gui.stage import Stage, settle


@pytest.fixture
def stage(qtbot: QtBot) -> Iterator[Stage]:
    made = Stage(ENGLISH)
    yield made
    made.close()


def opened(stage: Stage) -> LicencesPage:
    stage.open(chat=2)
    page = stage.workspace.show_page("licences")
    assert isinstance(page, LicencesPage)
    settle()
    return page


def test_the_keyboard_leads_to_a_licence(stage: Stage, qtbot: QtBot) -> None:
    page = opened(stage)
    assert page.model.rows[0].words == "Sobremesa 0.1.0"
    qtbot.keyClicks(page.field, "mit")
    assert [row.words.split()[0] for row in page.model.rows] == ["llama.cpp", "numpy"]
    page.list.setFocus()
    qtbot.keyClick(page.list, Qt.Key.Key_Down)
    qtbot.waitUntil(lambda: "llama.cpp" in page.text.toPlainText())
    assert "Permission is hereby granted" in page.text.toPlainText()


def test_a_part_without_a_text_says_so(stage: Stage, qtbot: QtBot) -> None:
    page = opened(stage)
    page.list.setCurrentIndex(page.model.index(3))
    assert page.model.rows[3].words.startswith("libx11-6")
    qtbot.waitUntil(lambda: "came without" in page.text.toPlainText())
