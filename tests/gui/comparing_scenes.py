"""Scenes of two answers side by side."""

from desktop.core.types import FilePart, Problem
from desktop.ui.comparing.page import ComparingPage
from desktop.view_models.turn_list import TurnList
from tests.fakes.samples import MODELS
from tests.gui.scene_register import scene
from tests.gui.stage import Stage, settle


def _page(stage: Stage) -> ComparingPage:
    page = stage.workspace.show_page("comparing")
    assert isinstance(page, ComparingPage)
    settle()
    return page


def _is_spanish(stage: Stage) -> bool:
    return stage.core.settings["language"] == "es"


def _ask(stage: Stage, text: str) -> None:
    stage.session.comparison.type(text)
    stage.session.comparison.send()
    settle()


def _two_models(stage: Stage) -> None:
    other = next(
        model.path for model in MODELS if model.problem is None and model.path != stage.core.engine.model.path
    )
    stage.session.comparison.choose_model(1, other)


def _answered(stage: Stage) -> ComparingPage:
    page = _page(stage)
    _two_models(stage)
    _ask(stage, stage.texts.question)
    first, second = stage.core.replies[-2:]
    first.write(stage.texts.uncited)
    second.write(stage.texts.cited.replace(" [1]", "").replace(" [2]", ""))
    first.finish()
    second.finish()
    settle()
    return page


@scene
def scene_side_by_side_empty(stage: Stage) -> None:
    stage.open()
    _page(stage)


@scene
def scene_side_by_side_loading(stage: Stage) -> None:
    stage.open(chat=2)
    stage.session.comparison.sides[0].show(stage.session.conversation.chat, TurnList(), loading=True)
    page = _page(stage)
    for side in stage.session.comparison.sides:
        side.show(stage.session.conversation.chat, TurnList(), loading=True)
    page.focus_first()


@scene
def scene_side_by_side_answering(stage: Stage) -> None:
    stage.open()
    _page(stage)
    _two_models(stage)
    _ask(stage, stage.texts.long_question)
    first, second = stage.core.replies[-2:]
    first.write(stage.texts.long_answer)
    second.write(stage.texts.half)
    settle()


@scene
def scene_side_by_side_in_turn(stage: Stage) -> None:
    stage.open()
    stage.core.in_turn = "memory"
    _page(stage)
    _two_models(stage)
    _ask(stage, stage.texts.question)
    stage.core.replies[-2].write(stage.texts.cited.replace(" [1]", "").replace(" [2]", ""))
    settle()


@scene
def scene_side_by_side_answered(stage: Stage) -> None:
    stage.open()
    _answered(stage)


@scene
def scene_side_by_side_prompts(stage: Stage) -> None:
    stage.open()
    page = _page(stage)
    spanish = _is_spanish(stage)
    stage.session.comparison.write_prompt(
        1, "Responde en una frase, como un capitán." if spanish else "Answer in one sentence, like a captain."
    )
    _ask(stage, stage.texts.question)
    first, second = stage.core.replies[-2:]
    first.write(stage.texts.uncited)
    second.write(stage.texts.uncited)
    first.finish()
    second.finish()
    settle()
    page.panes[1].keep.setFocus()
    settle()


@scene
def scene_side_by_side_with_files(stage: Stage) -> None:
    stage.open()
    page = _page(stage)
    name = "/home/ana/guía del museo.pdf" if _is_spanish(stage) else "/home/ana/museum guide.pdf"
    stage.core.texts = {name: FilePart(name.rpartition("/")[2], stage.texts.uncited * 9, name, pages=3)}
    stage.session.comparison.attachments.add_paths([name])
    settle()
    page.asking.field.setPlainText(stage.texts.question)
    page.focus_first()
    settle()


@scene
def scene_side_by_side_failed(stage: Stage) -> None:
    stage.open()
    _page(stage)
    _two_models(stage)
    _ask(stage, stage.texts.question)
    first, second = stage.core.replies[-2:]
    first.write(stage.texts.uncited)
    second.write(stage.texts.half)
    first.finish()
    second.fail(Problem("engine_died", {"how": "SIGKILL"}))
    settle()


@scene
def scene_side_by_side_picker(stage: Stage) -> None:
    stage.open()
    page = _page(stage)
    settle()
    menu = page.panes[1].prompt.menu()
    stage.pop_up(menu, page.panes[1].prompt.mapToGlobal(page.panes[1].prompt.rect().bottomLeft()))
    settle()


@scene
def scene_narrow_side_by_side(stage: Stage) -> None:
    stage.open()
    page = _answered(stage)
    page.tabs.setCurrentIndex(1)
    settle()
