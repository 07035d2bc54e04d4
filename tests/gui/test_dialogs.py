"""Dialogs of the real window: their language after it was changed, what they say of themselves, the keys."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QApplication, QDialog, QFileDialog, QInputDialog, QLineEdit

from desktop.ui.asked_name import ask_for_name
from desktop.ui.documents.page import DocumentsPage
from desktop.ui.file_dialogs import ask_for_files, ask_where
from desktop.ui.manner import speak
from desktop.ui.panels.settings import SettingsPanel
from desktop.ui.panels.system_prompt import SystemPromptPanel
from desktop.ui.prompts.page import PromptsPage
from tests.gui.test_accessibility import silent
from tests.gui.test_language_change import texts, translations
from tests.gui.whole_window import Open, WholeWindow, core_with_chats, open_window  # noqa: F401  a fixture

LEFT = Qt.MouseButton.LeftButton
Names = QAccessible.Text.Name


@pytest.fixture
def whole(open_window: Open) -> WholeWindow:  # noqa: F811
    core = core_with_chats()
    core.settings |= {"language": "en", "theme": "light"}
    return open_window(core)


def dialogs() -> list[QDialog]:
    return [one for one in QApplication.topLevelWidgets() if isinstance(one, QDialog) and one.isVisible()]


def open_each(whole: WholeWindow) -> None:
    """The dialogs that the window has, by what a person presses where that is one thing."""
    workspace = whole.workspace
    workspace.show_page("documents")
    (documents,) = workspace.findChildren(DocumentsPage)
    whole.qtbot.mouseClick(documents.new_button, LEFT)
    documents.collections.ask_for_name("Papers")
    workspace.show_page("prompts")
    (prompts,) = workspace.findChildren(PromptsPage)
    prompts._ask_for_folder("Letters")
    prompts.ask_for_file()
    prompts._ask_where()
    workspace.open_panel("system_prompt")
    workspace.findChildren(SystemPromptPanel)[0]._ask_for_name()
    workspace.open_panel("settings")
    panel = workspace.findChildren(SettingsPanel)[0]
    panel.row("embedder_path").field.hub.ask_for_name()


@pytest.mark.slow
def test_dialogs_speak_the_new_language_and_say_what_they_are(whole: WholeWindow, qapp: QApplication) -> None:
    english = translations()
    whole.session.settings.set("language", "es")
    whole.qtbot.waitUntil(lambda: whole.window.commands["new_chat"].words == "Chat nuevo")
    open_each(whole)
    shown = dialogs()
    assert [type(one) for one in shown].count(QInputDialog) == 5
    assert [type(one) for one in shown].count(QFileDialog) == 2
    left = {text for one in shown for text in texts(one)} & set(english)
    unnamed = {one.windowTitle(): silent(one) for one in shown if isinstance(one, QInputDialog)}
    roles = {QAccessible.queryAccessibleInterface(one).role() for one in shown}
    for one in shown:
        one.close()
    speak(qapp, "en")
    assert left == set()
    assert unnamed == {title: [] for title in unnamed}
    assert all(unnamed)
    assert roles == {QAccessible.Role.Dialog}


def test_a_name_is_asked_for_by_keyboard_and_the_keys_go_back(whole: WholeWindow) -> None:
    composer, given = whole.workspace.composer.field, []
    composer.setFocus()
    for key, expected in ((Qt.Key.Key_Escape, []), (Qt.Key.Key_Return, ["Papers"])):
        dialog = ask_for_name(whole.window, "New collection", "Its name", "Create", given.append, "Old")
        field = dialog.findChild(QLineEdit)
        assert field is not None
        whole.qtbot.waitUntil(field.hasFocus)
        told = QAccessible.queryAccessibleInterface(field)
        assert (told.text(Names), told.role()) == ("Its name", QAccessible.Role.EditableText)
        whole.qtbot.keyClicks(field, "Papers")  # what stood there was selected
        whole.qtbot.keyClick(field, key)
        whole.window.activateWindow()  # as a window manager does
        whole.qtbot.waitUntil(composer.hasFocus)
        assert given == expected


def test_file_dialogs_never_stop_the_window_and_are_gone_when_closed(whole: WholeWindow) -> None:
    gone = []
    for dialog in (
        ask_for_files(whole.window, "Add a file", gone.append),
        ask_where(whole.window, "Save", "a/b.md", gone.append),
    ):
        dialog.destroyed.connect(lambda: gone.append("gone"))
        assert dialog.isVisible()
        dialog.reject()
    whole.qtbot.waitUntil(lambda: gone == ["gone", "gone"])
