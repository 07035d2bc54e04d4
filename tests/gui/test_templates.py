"""A model without a template: said above the composer, with what to do; kept for that model."""

import pytest
from msgspec.structs import replace
from PySide6.QtTest import QSignalSpy
from PySide6.QtWidgets import QMenu, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from desktop.core.events import EngineStatus
from desktop.core.types import Problem
from desktop.core.types.models import ModelChoice
from desktop.ui.conversation import wording
from desktop.ui.models.texts import template_words
from desktop.ui.panels.template import TemplatePanel
from desktop.ui.template_bar import TemplateBar, fill_menu
from desktop.view_models.session import Session
from desktop.view_models.templates import TemplatesViewModel
from engine.protocol import LoadedModel, TemplateFacts
from tests.fakes.core import FakeCore
from tests.fakes.samples import MODELS, SMOLLM, loaded
from tests.gui.whole_window import Open, open_window  # noqa: F401  a fixture

BASE = replace(loaded(), has_chat_template=False, template=TemplateFacts("none"), suggested_template="gemma")
FINE = replace(loaded(), template=TemplateFacts("fine", variables=("enable_thinking",), can_think=True))
BROKEN = replace(loaded(), template=TemplateFacts("broken", why="UndefinedError"))


def bar_of(qtbot: QtBot, model: LoadedModel | None) -> tuple[FakeCore, TemplatesViewModel, TemplateBar]:
    core = FakeCore(automatic=False, model=model)
    templates = TemplatesViewModel(core)
    bar = TemplateBar(templates)
    templates.setParent(bar)
    qtbot.addWidget(bar)
    qtbot.waitUntil(lambda: templates.model == model)
    return core, templates, bar


def entries(templates: TemplatesViewModel) -> list[str]:
    menu = QMenu()
    fill_menu(menu, templates)
    return [action.text() for action in menu.actions() if action.text()]


def test_a_model_with_a_template_of_its_own_shows_nothing(qtbot: QtBot) -> None:
    for model in (FINE, None):
        _, templates, bar = bar_of(qtbot, model)
        assert templates.state == ("fine" if model else "")
        assert bar.isHidden()


@pytest.mark.parametrize(("model", "words"), [(BASE, "brings no chat template"), (BROKEN, "does not work")])
def test_a_model_that_cannot_be_spoken_to_says_so_and_offers_both_ways(
    qtbot: QtBot, model: LoadedModel, words: str
) -> None:
    core, _, bar = bar_of(qtbot, model)
    assert not bar.isHidden()
    assert words in bar.text.text()
    assert not bar.completion.isHidden()
    bar.completion.setFocus()
    with qtbot.waitSignal(bar.decided):  # the keys go on to the composer
        bar.completion.click()
    assert core.model_choice(SMOLLM) == ModelChoice("completion")
    qtbot.waitUntil(bar.completion.isHidden)
    assert "continued as it stands" in bar.text.text()
    assert bar.template.text() == "Change"


def test_the_bar_is_no_higher_than_what_it_says(qtbot: QtBot) -> None:
    _, _, bar = bar_of(qtbot, BASE)
    page = QWidget()
    qtbot.addWidget(page)
    column = QVBoxLayout(page)
    column.addStretch(1)
    column.addWidget(bar)
    page.resize(640, 400)
    page.show()
    qtbot.waitUntil(bar.isVisible)
    bar.completion.click()
    qtbot.waitUntil(bar.completion.isHidden)
    qtbot.waitUntil(lambda: bar.text.minimumHeight() <= 2 * bar.text.fontMetrics().lineSpacing())
    page.close()


def test_what_the_vocabulary_speaks_for_is_recommended_and_not_taken_by_itself(qtbot: QtBot) -> None:
    core, templates, _ = bar_of(qtbot, BASE)
    assert entries(templates)[:2] == ["Continue my text", "Gemma (recommended)"]
    assert core.model_choice(SMOLLM) == ModelChoice()
    templates.choose("gemma")
    qtbot.waitUntil(lambda: templates.state == "chosen")
    assert templates.title == "Gemma"
    core, templates, _ = bar_of(qtbot, FINE)
    assert entries(templates)[0] == "As the model was made"
    assert not any("recommended" in entry for entry in entries(templates))


def test_a_template_comes_from_a_file_and_one_that_is_none_is_told(qtbot: QtBot, tmp_path: object) -> None:
    from pathlib import Path

    core, templates, bar = bar_of(qtbot, BASE)
    file = Path(str(tmp_path)) / "mine.jinja"
    file.write_text("{{ messages }}")
    with qtbot.waitSignal(templates.chosen):
        templates.choose_file(str(file))
    assert core.model_choice(SMOLLM) == ModelChoice("custom", "{{ messages }}")
    qtbot.waitUntil(lambda: "your file" in bar.text.text())
    with qtbot.waitSignal(templates.failed) as failed:
        templates.choose_file(str(tmp_path))
    assert failed.args[0].code == "template_unreadable"


def test_arguments_are_kept_while_one_types_and_bad_json_is_told_beside_them(qtbot: QtBot) -> None:
    core, templates, bar = bar_of(qtbot, FINE)
    panel = TemplatePanel(templates)
    qtbot.addWidget(panel)
    assert "enable_thinking" in panel.reads.text()
    panel.editor.setPlainText('{"enable_thinking": false')
    panel.keep()
    assert "JSON" in panel.problem.text()
    assert core.model_choice(SMOLLM) == ModelChoice()
    panel.editor.setPlainText('{"enable_thinking": false}')
    qtbot.waitUntil(lambda: core.model_choice(SMOLLM).arguments == {"enable_thinking": False})
    assert panel.problem.isHidden()
    again = TemplatePanel(templates)
    qtbot.addWidget(again)
    assert '"enable_thinking": false' in again.editor.toPlainText()
    assert bar.isHidden()


def test_a_reply_that_failed_for_want_of_a_template_is_tried_again_once_one_is_chosen(qtbot: QtBot) -> None:
    core = FakeCore(automatic=False, model=BASE)
    session = Session(core)
    session.conversation.send("Hello")
    qtbot.waitUntil(lambda: len(core.replies) == 1)
    core.replies[0].fail(Problem("no_chat_template", {"model": "Base"}))
    qtbot.waitUntil(lambda: not session.conversation.running)
    problem = session.conversation.turns[-1].problem
    assert problem is not None
    assert wording.remedy(problem) == ("template", "Choose a template")
    session.templates.choose("completion")
    qtbot.waitUntil(lambda: len(core.called("regenerate")) == 1)
    session.templates.choose("chatml")
    qtbot.wait(50)
    assert len(core.called("regenerate")) == 1, "nothing had failed any more"


def test_another_model_has_its_own_choice(qtbot: QtBot) -> None:
    core, templates, bar = bar_of(qtbot, BASE)
    templates.choose("completion")
    other = replace(FINE, path="/elsewhere.gguf")
    changed = QSignalSpy(templates.changed)
    core.tell(EngineStatus("ready", other))
    qtbot.waitUntil(lambda: templates.model == other)
    assert changed.count() >= 1
    assert templates.state == "fine"
    assert bar.isHidden()


def test_the_window_shows_the_bar_the_panel_and_no_other_invitation(
    qtbot: QtBot,
    open_window: Open,  # noqa: F811
) -> None:
    window = open_window(FakeCore(automatic=False, model=BASE))
    workspace = window.workspace
    bar = workspace.middle.template
    qtbot.waitUntil(bar.isVisible)
    assert workspace.conversation.empty.button.isHidden()
    bar.more_wanted.emit()
    assert workspace.panel == "template"
    bar.completion.click()
    qtbot.waitUntil(lambda: not workspace.conversation.empty.button.isHidden())


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        (TemplateFacts("broken", why="UndefinedError"), "does not work"),
        (TemplateFacts("fine", folds_system=True), "no place for a system prompt"),
        (TemplateFacts("fine"), ""),
    ],
)
def test_a_card_tells_of_a_template_that_was_tried_and_is_wanting(facts: TemplateFacts, words: str) -> None:
    said = template_words(MODELS[0], facts)
    assert words in said
    assert bool(said) == bool(words)
