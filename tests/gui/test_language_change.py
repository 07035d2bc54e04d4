"""The language is changed while everything stands open: no text of the window stays in the old one."""

from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from PySide6.QtCore import QEvent
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QMenu,
    QPlainTextEdit,
    QTabBar,
    QWidget,
)

import desktop
from desktop.ui.manner import speak
from desktop.ui.pages import PAGES
from desktop.ui.panels.side import PANELS
from tests.gui.whole_window import Open, WholeWindow, core_with_chats, open_window  # noqa: F401  a fixture

ALL_ALIKE = ("", "Sobremesa", "English")  # languages are called as they call themselves


@pytest.fixture
def whole(open_window: Open) -> WholeWindow:  # noqa: F811
    core = core_with_chats()
    core.settings |= {"language": "en", "theme": "light"}
    return open_window(core)


def translations() -> dict[str, str]:
    """English to Spanish, where they differ and the text has no gaps that something is put into."""
    path = Path(desktop.__file__).parent / "locale" / "es" / "LC_MESSAGES" / "sobremesa.po"
    with path.open("rb") as file:
        catalogue = read_po(file, locale="es")
    pairs = {str(one.id): str(one.string) for one in catalogue if isinstance(one.id, str) and one.string}
    spanish = set(pairs.values())
    return {
        text: told
        for text, told in pairs.items()
        if text != told and "{" not in text and text not in spanish and text not in ALL_ALIKE
    }


def texts(window: QWidget) -> set[str]:
    """All that can be read or heard of a window."""
    found: set[str] = {window.windowTitle()}
    for widget in (window, *window.findChildren(QWidget)):
        found |= {widget.toolTip(), widget.accessibleName(), widget.accessibleDescription()}
        if isinstance(widget, QLabel | QAbstractButton):
            found.add(widget.text())
        if isinstance(widget, QLineEdit | QPlainTextEdit):
            found.add(widget.placeholderText())
        if isinstance(widget, QComboBox):
            found |= {widget.itemText(at) for at in range(widget.count())}
        if isinstance(widget, QTabBar):
            found |= {widget.tabText(at) for at in range(widget.count())}
        if isinstance(widget, QMenu):
            found.add(widget.title())
    found |= {action.text().partition("\t")[0] for action in window.findChildren(QAction)}
    return {text.partition(" (Ctrl")[0] for text in found}


def open_all(whole: WholeWindow) -> None:
    """Every panel and every page is built, one after the other."""
    for name in PANELS:
        if whole.workspace._can_show(name):
            whole.workspace.open_panel(name)
    for name in PAGES:
        whole.workspace.show_page(name)
    whole.workspace.command_palette.open()


@pytest.mark.slow
def test_no_text_stays_in_the_old_language(whole: WholeWindow, qapp: QApplication) -> None:
    english = translations()
    open_all(whole)
    assert len(texts(whole.window) & set(english)) > 100  # all of this has to change
    whole.session.settings.set("language", "es")
    whole.qtbot.waitUntil(lambda: whole.window.commands["new_chat"].words == "Chat nuevo")
    QApplication.processEvents()  # what was there before is let go
    open_all(whole)
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    left = texts(whole.window) & set(english)
    speak(qapp, "en")
    assert left == set()


@pytest.mark.slow
def test_commands_and_their_keys_speak_the_new_language(whole: WholeWindow, qapp: QApplication) -> None:
    english = translations()
    whole.session.settings.set("language", "es")
    whole.qtbot.waitUntil(lambda: whole.window.commands["new_chat"].words == "Chat nuevo")
    left = {command.words for command in whole.window.commands} & set(english)
    keys = " ".join(command.shown_keys for command in whole.window.commands)
    speak(qapp, "en")
    assert left == set()
    assert "Mayús" in keys
    assert "Shift" not in keys
