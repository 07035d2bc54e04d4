"""Scenes of what asks, warns or opens over a view: menus, dialogs, cards that ask for something."""

from msgspec.structs import replace
from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QDialog, QScrollArea

from desktop.core.types import Problem
from desktop.ui.conversation.deeds import menu as message_menu
from desktop.ui.documents import DocumentsPanel
from desktop.ui.panels.settings import SettingsPanel
from desktop.ui.prompts.page import PromptsPage
from desktop.words.settings import setting_label
from tests.fakes.samples import documents
from tests.gui.insight_scenes import scene_probabilities
from tests.gui.scene_register import scene
from tests.gui.stage import Stage, settle


def _documents(stage: Stage) -> DocumentsPanel:
    stage.open(chat=2)
    stage.workspace.open_panel("documents")
    settle(300)
    found = [panel for panel in stage.window.findChildren(DocumentsPanel) if panel.isVisibleTo(stage.window)]
    return found[0]


@scene
def scene_documents_password(stage: Stage) -> None:
    stage.core.documents = [info for info in documents() if info.state != "indexing"]
    panel = _documents(stage)
    panel.password.ask(next(row for row in panel.list.rows_model.rows if row.asks_for_password))


@scene
def scene_documents_scanned(stage: Stage) -> None:
    """Pages that were read by OCR, and some that were not."""
    read, half, *_rest = (info for info in documents() if info.state == "indexed")
    unread = replace(half, recognized=3, unread=2, unread_why="no_tesseract")
    stage.core.documents = [replace(read, recognized=12), unread]
    _documents(stage)


@scene
def scene_documents_menu(stage: Stage) -> None:
    stage.core.documents = list(documents())
    panel = _documents(stage)
    row = panel.list.rows_model.rows[1]
    stage.pop_up(panel.list.menu_for((row,)), panel.list.viewport().mapToGlobal(QPoint(90, 120)))


@scene
def scene_composer_menu(stage: Stage) -> None:
    stage.open(chat=2)
    composer = stage.workspace.composer
    menu = composer.menu()
    stage.pop_up(menu, composer.attach.mapToGlobal(QPoint(0, -menu.sizeHint().height() - 4)))


@scene
def scene_message_menu(stage: Stage) -> None:
    stage.open()
    stage.say(2, stage.texts.question, stage.texts.cited)
    stage.session.conversation.open(2)
    settle()
    view = stage.workspace.conversation
    menu = message_menu(view, stage.session.conversation, 1)
    stage.pop_up(menu, view.viewport().mapToGlobal(QPoint(view.width() // 2, 60)))


@scene
def scene_narrow_header_menu(stage: Stage) -> None:
    stage.open(chat=2)
    stage.workspace.open_panel("documents")
    settle()
    header = stage.workspace.header
    header._fill_menu()
    stage.pop_up(header._menu, header.mapToGlobal(QPoint(120, header.height())))


@scene
def scene_settings_notifications(stage: Stage) -> None:
    stage.open(chat=2)
    stage.workspace.show_setting("notifications")
    settle()
    panel = stage.workspace.side.findChild(SettingsPanel)
    assert isinstance(panel, SettingsPanel)
    panel.search.setText(setting_label("notifications"))


@scene
def scene_probabilities_sliders(stage: Stage) -> None:
    """The lower end of the panel: the curve, what turns it, and what takes it over."""
    scene_probabilities(stage)
    for area in stage.workspace.side.findChildren(QScrollArea):
        area.verticalScrollBar().setValue(area.verticalScrollBar().maximum())


@scene
def scene_question_too_long(stage: Stage) -> None:
    stage.open(chat=2)
    numbers = {"needed_tokens": 9_120, "limit_tokens": 8_192}
    stage.ask(stage.texts.question).fail(Problem("context_full", numbers))


@scene
def scene_prompts_rename_folder(stage: Stage) -> None:
    """The one kind of dialog that is the program's own: it asks for a name."""
    stage.open(chat=2)
    stage.workspace.show_page("prompts")
    settle()
    page = stage.workspace.middle.findChild(PromptsPage)
    assert isinstance(page, PromptsPage)
    page._ask_for_folder(stage.texts.setting.capitalize())
    settle()
    dialog = page.findChild(QDialog)
    assert isinstance(dialog, QDialog)
    dialog.move(stage.window.mapToGlobal(QPoint(360, 240)))
    stage.dialogs.append(dialog)
