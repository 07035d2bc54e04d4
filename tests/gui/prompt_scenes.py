"""Scenes of system prompts: the panel of a chat, the library's page."""

from desktop.core.types.prompts import Example, PromptContent
from desktop.ui.panels.system_prompt import SystemPromptPanel
from desktop.ui.prompts.page import PromptsPage
from tests.gui.scene_register import scene
from tests.gui.stage import Stage, settle


def _is_spanish(stage: Stage) -> bool:
    return stage.core.settings["language"] == "es"


def _content(stage: Stage) -> PromptContent:
    if _is_spanish(stage):
        return PromptContent(
            "Guía del museo",
            "Eres guía del museo de {{ciudad}}. Hoy es {{date}}. Responde en dos frases a {{público}}.",
            (Example("¿Hay ascensor?", "Sí, junto a la entrada. Lleva a las tres plantas."),),
            {"público": "familias con niños"},
        )
    return PromptContent(
        "Museum guide",
        "You are a guide at the museum of {{city}}. It is {{date}}. Answer in two sentences to {{audience}}.",
        (Example("Is there a lift?", "Yes, beside the entrance. It goes to all three floors."),),
        {"audience": "families with children"},
    )


def _library(stage: Stage) -> str:
    """A small library. Gives the key of the museum's guide, which has three versions."""
    store = stage.core.prompt_store
    spanish = _is_spanish(stage)
    content = _content(stage)
    first = PromptContent(content.name, content.text.partition(".")[0] + ".")
    key = store.save_prompt("", first, "").info.key
    half = PromptContent(content.name, content.text.replace("dos", "cuatro").replace("two", "four"))
    store.save_prompt(key, half, "")
    store.save_prompt(key, content, "")
    folder = "Cartas" if spanish else "Letters"
    store.save_prompt("", PromptContent("Correo formal" if spanish else "Formal mail", "…"), folder)
    draft = PromptContent("Felicitaciones" if spanish else "Birthdays", "…")
    store.save_prompt_draft("draft", draft, f"{folder}/{'Familia' if spanish else 'Family'}")
    return key


def _panel(stage: Stage) -> SystemPromptPanel:
    panel = stage.workspace.findChild(SystemPromptPanel)
    assert isinstance(panel, SystemPromptPanel)
    return panel


def _page(stage: Stage) -> PromptsPage:
    page = stage.workspace.show_page("prompts")
    assert isinstance(page, PromptsPage)
    settle()
    return page


@scene
def scene_prompt_of_a_chat(stage: Stage) -> None:
    stage.open()
    key = _library(stage)
    stage.core.choose_prompt(2, key)
    stage.session.conversation.open(2)
    stage.workspace.open_panel("system_prompt")
    settle()
    city = "ciudad" if _is_spanish(stage) else "city"
    stage.session.system_prompt.fill_in(city, "Salamanca")
    stage.session.system_prompt.save()
    settle()
    _panel(stage).preview_switch.setChecked(True)
    settle()


@scene
def scene_prompt_changed_for_a_chat(stage: Stage) -> None:
    stage.open()
    key = _library(stage)
    stage.core.choose_prompt(2, key)
    stage.session.conversation.open(2)
    stage.workspace.open_panel("system_prompt")
    settle()
    panel = _panel(stage)
    panel.editor.setPlainText(panel.editor.toPlainText().replace(".", ";", 1))
    stage.session.system_prompt.save()
    settle()


@scene
def scene_prompt_being_chosen(stage: Stage) -> None:
    stage.open(chat=2)
    _library(stage)
    stage.workspace.open_panel("system_prompt")
    settle()
    _panel(stage).pick.setChecked(True)
    settle()


@scene
def scene_prompts(stage: Stage) -> None:
    stage.open(chat=2)
    key = _library(stage)
    page = _page(stage)
    stage.session.prompt_library.open(key)
    settle()
    page.list.rows.setFocus()
    settle()


@scene
def scene_prompts_versions(stage: Stage) -> None:
    stage.open(chat=2)
    key = _library(stage)
    page = _page(stage)
    stage.session.prompt_library.open(key)
    settle()
    stage.session.prompt_library.compare(2)
    settle()
    bar = page._scroll.verticalScrollBar()
    bar.setValue(bar.maximum())
    settle()


@scene
def scene_prompts_ready_made(stage: Stage) -> None:
    stage.open(chat=2)
    _page(stage)
    stage.session.prompt_library.open("extract.es" if _is_spanish(stage) else "extract.en")
    settle()


@scene
def scene_prompts_nothing_open(stage: Stage) -> None:
    stage.open(chat=2)
    _page(stage)


@scene
def scene_narrow_prompts(stage: Stage) -> None:
    stage.open(chat=2)
    key = _library(stage)
    _page(stage)
    stage.session.prompt_library.open(key)
    settle()
