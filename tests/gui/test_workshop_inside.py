"""A look inside a model on the workshop's page: every view is filled, told in two sentences, and leads to
its code."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from desktop.ui.workshop.inside.heat import Heat, named_places
from desktop.ui.workshop.inside.view import InsideView
from desktop.ui.workshop.inside.words import VIEWS, view_words
from desktop.ui.workshop.page import WorkshopPage
from desktop.view_models.workshop.presets import preset
from tests.gui.scene_texts import ENGLISH
from tests.gui.stage import Stage, settle, wait_for

TEXT = "The river hums a tune beside the sea"


@pytest.fixture
def stage(qtbot: QtBot) -> Iterator[Stage]:
    made = Stage(ENGLISH)
    yield made
    made.close()


@pytest.fixture
def view(stage: Stage) -> InsideView:
    """Of a model that writes; there is one that fills gaps too."""
    stage.open()
    page = stage.workspace.show_page("workshop")
    assert isinstance(page, WorkshopPage)
    for key in ("blanks", "poet"):
        stage.session.workshop.runs.begin(preset(key, "en", key))
        run = stage.core.trainings[-1]
        run.prepare()
        run.step(20)
        run.finish()
        wait_for(lambda: not stage.session.workshop.runs.training)
    stage.session.workshop.go("run")
    assert page.run_view is not None
    view = page.run_view
    wait_for(lambda: view.inside.isVisibleTo(page))
    view.inside.click()
    wait_for(lambda: stage.session.workshop.inside.seen is not None)
    assert page.inside_view is not None
    return page.inside_view


def test_every_view_has_its_words_and_the_function_behind_it_can_be_read(
    stage: Stage, view: InsideView
) -> None:
    inside = stage.session.workshop.inside
    for at, key in enumerate(VIEWS):
        view.tabs.setCurrentIndex(at)
        assert view.words.text() == view_words(key).said
        assert view.words.text().count(". ") == 1
        view.link.click()
        wait_for(lambda: bool(inside.source))
        name = view_words(key).function.split(":")[1]
        assert f"def {name}(" in view.source.toPlainText() or f"class {name}:" in view.source.toPlainText()
        assert view.source.isVisibleTo(view)


def test_a_token_is_chosen_with_the_keys_and_its_chances_are_shown(stage: Stage, view: InsideView) -> None:
    inside = stage.session.workshop.inside
    assert inside.text == TEXT
    view.tabs.setCurrentIndex(VIEWS.index("context"))
    assert "“·sea” sees 8 of 8 tokens here" in view.context.said.text()
    view.chips.setFocus()
    QTest.keyClick(view.chips, Qt.Key.Key_Left)
    wait_for(lambda: inside.seen is not None and inside.seen.place == 6)
    assert "“·the” sees 7 of 8 tokens here" in view.context.said.text()
    view.tabs.setCurrentIndex(VIEWS.index("softmax"))
    before = view.softmax.bars.accessibleName()
    view.softmax.knobs.sliders["temperature"].setValue(4)
    assert view.softmax.bars.accessibleName() != before


def test_another_layer_and_another_head_are_looked_at(stage: Stage, view: InsideView) -> None:
    inside = stage.session.workshop.inside
    view.tabs.setCurrentIndex(VIEWS.index("attention"))
    view.attention.layer.setValue(3)
    wait_for(lambda: inside.seen is not None and inside.seen.layer == 2)
    view.attention.which.setValue(4)
    assert view.attention.said.text().startswith("Layer 3, head 4. ·sea looks most at")
    assert sum(heat.isVisibleTo(view) for heat in view.attention.small) == 4
    QTest.mouseClick(view.attention.small[1], Qt.MouseButton.LeftButton)
    assert view.attention.said.text().startswith("Layer 3, head 2.")


def test_gpt_and_bert_read_the_same_sentence(stage: Stage, view: InsideView) -> None:
    inside = stage.session.workshop.inside
    view.tabs.setCurrentIndex(VIEWS.index("beside"))
    wait_for(lambda: inside.other_seen is not None)
    settle()
    assert [name.text() for name in view.beside.names] == [
        "Looks back only · Layer 1, head 1",
        "Looks both ways · Layer 1, head 1",
    ]
    gpt, bert = view.beside.squares
    assert gpt.isVisibleTo(view)
    assert bert.isVisibleTo(view)
    before = bert.grab().toImage()
    view.beside.which.setValue(3)
    assert [name.text().split(" · ")[1] for name in view.beside.names] == ["Layer 1, head 3"] * 2
    assert bert.grab().toImage() != before
    view.beside.layer.setValue(2)
    wait_for(lambda: inside.other_seen is not None and inside.other_seen.layer == 1)
    assert view.beside.names[1].text().endswith("Layer 2, head 3")


def test_the_tokens_stand_beside_a_square_as_far_as_there_is_room(qtbot: QtBot) -> None:
    assert named_places(8, 7, 0.6) == list(range(8))
    assert named_places(8, 7, 2.4) == [0, 3, 7]
    assert named_places(512, 100, 30.0)[:4] == [0, 30, 60, 100]
    heat = Heat(large=True)
    qtbot.addWidget(heat)
    heat.show_head(bytes(64), 8, ("sea",) * 8, 3, "Layer 1, head 1")
    named = heat.grab().toImage()
    heat.show_head(bytes(64), 8, ("",) * 8, 3, "Layer 1, head 1")
    assert heat.grab().toImage() != named


def test_what_is_written_is_read_and_a_word_is_looked_for(stage: Stage, view: InsideView) -> None:
    inside = stage.session.workshop.inside
    view.text.setFocus()
    view.text.setText("A grey cat")
    wait_for(lambda: inside.seen is not None and inside.seen.pieces == ("A", " grey", " cat"))
    view.tabs.setCurrentIndex(VIEWS.index("embeddings"))
    view.embeddings.search.setText("moon")
    wait_for(lambda: inside.around is not None and inside.around.found == "moon")
    assert "moon" in view.embeddings.said.text()


def test_attention_over_512_tokens_is_one_picture(qtbot: QtBot) -> None:
    heat = Heat(large=True)
    qtbot.addWidget(heat)
    time = 512
    heat.show_head(bytes(range(256)) * (time * time // 256), time, ("a",) * time, 3, "Layer 1, head 1")
    image = heat.grab().toImage()
    assert image.pixelColor(image.width() - 265, 150) != image.pixelColor(image.width() - 5, 100)
