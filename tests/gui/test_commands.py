"""The registry of commands, the palette and the list of shortcuts, in the real window with real keys."""

from collections import Counter

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QApplication, QProgressBar, QWidget
from pytestqt.qtbot import QtBot

from desktop.ui.commands import Command, Commands, Taken, shown
from desktop.ui.manner import speak
from desktop.ui.pages import PAGES
from desktop.ui.panels.settings import SettingsPanel
from desktop.ui.panels.side import PANELS
from desktop.ui.shell.palette import CommandPalette
from desktop.ui.shell.shortcut_list import ShortcutList
from desktop.ui.theme.motion import is_still, show_busy
from tests.fakes.samples import QWEN
from tests.gui.whole_window import Open, WholeWindow, core_with_chats, open_window  # noqa: F401  a fixture
from tests.unit.i18n.conftest import compile_catalogues

CONTROL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
ONLY_FROM_ELSEWHERE = {"viewer", "template", "report"}  # panels that a citation or a model brings


@pytest.fixture
def whole(open_window: Open) -> WholeWindow:  # noqa: F811
    return open_window(core_with_chats())


def open_palette(whole: WholeWindow) -> CommandPalette:
    whole.qtbot.keyClick(whole.window, Qt.Key.Key_P, CONTROL | SHIFT)
    palette = whole.workspace.command_palette
    assert palette.isVisible()
    return palette


def found(palette: CommandPalette) -> list[str]:
    return [row.words for row in palette.model.rows]


# ── the registry ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("platform", ["linux", "darwin", "win32"])
def test_no_two_commands_share_a_key(whole: WholeWindow, platform: str) -> None:
    taken = Counter(
        (place, keys.toString())
        for command in whole.window.commands
        for keys in command.sequences(platform)
        for place in {command.place, "window"}
        if command.place == "window" or place != "window"
    )
    everywhere = {keys for place, keys in taken if place == "window"}
    assert [key for key, count in taken.items() if count > 1] == []
    assert [key for key in taken if key[0] != "window" and key[1] in everywhere] == []


def test_a_key_that_is_taken_is_refused(qtbot: QtBot) -> None:
    owner = QWidget()
    qtbot.addWidget(owner)
    commands = Commands(owner)
    commands.add(Command("one", "One", keys=("Ctrl+J",)))
    commands.add(Command("here", "Here", keys=("F7",), place="chats"))
    commands.add(Command("there", "There", keys=("F7",), place="viewer"))
    with pytest.raises(Taken):
        commands.add(Command("two", "Two", keys=("Ctrl+J",)))
    with pytest.raises(Taken):
        commands.add(Command("three", "Three", keys=("Ctrl+J",), place="chats"))
    with pytest.raises(Taken):
        commands.add(Command("one", "Another one"))


def test_a_command_that_cannot_be_done_now_does_nothing(qtbot: QtBot) -> None:
    owner = QWidget()
    qtbot.addWidget(owner)
    done: list[str] = []
    possible = [False]
    commands = Commands(owner)
    commands.add(Command("one", "One", lambda: done.append("one"), enabled=lambda: possible[0]))
    commands.run("one")
    assert done == []
    possible[0] = True
    commands.run("one")
    assert done == ["one"]


def test_the_mac_has_keys_of_its_own_where_its_habits_differ() -> None:
    command = Command("models", "Models", keys=("Ctrl+M",), mac=("Ctrl+Alt+M",))
    assert [keys.toString() for keys in command.sequences("linux")] == ["Ctrl+M"]
    assert [keys.toString() for keys in command.sequences("darwin")] == ["Ctrl+Alt+M"]


def test_keys_are_written_as_the_keyboard_has_them(qapp: QApplication) -> None:
    compile_catalogues()
    assert shown(QKeySequence("Ctrl+Shift+F")) == "Ctrl+Shift+F"
    assert shown(QKeySequence("Ctrl++")) == "Ctrl++"
    assert shown(QKeySequence("+")) == "+"
    speak(qapp, "es")
    assert shown(QKeySequence("Ctrl+Shift+Del")) == "Ctrl+Mayús+Supr"
    speak(qapp, "en")


def test_an_entry_of_a_menu_shows_keys_without_binding_them(whole: WholeWindow) -> None:
    action: QAction = whole.window.commands.action("models", whole.window)
    assert action.shortcut().isEmpty()
    assert "Ctrl+Shift+M" in action.text()
    action.trigger()
    assert whole.workspace.middle.page == "models"


def test_every_panel_and_page_has_a_command(whole: WholeWindow) -> None:
    wanted = (set(PANELS) | set(PAGES)) - ONLY_FROM_ELSEWHERE
    assert {name for name in wanted if name not in whole.window.commands} == set()


def test_commands_speak_the_language_that_was_chosen(whole: WholeWindow) -> None:
    compile_catalogues()
    whole.session.settings.set("language", "es")
    whole.qtbot.waitUntil(lambda: whole.window.commands["new_chat"].words == "Chat nuevo")
    whole.window.activateWindow()
    whole.qtbot.waitUntil(lambda: whole.window.isActiveWindow() and whole.workspace.isVisible())
    whole.qtbot.keyClick(whole.window, Qt.Key.Key_Comma, CONTROL)
    assert whole.workspace.panel == "settings"


# ── the palette ───────────────────────────────────────────────────────────────────────────────────


def test_the_palette_shows_commands_first_and_escape_gives_the_keys_back(whole: WholeWindow) -> None:
    field = whole.workspace.composer.field
    field.setFocus()
    palette = open_palette(whole)
    assert found(palette)[0] == whole.window.commands["new_chat"].words
    assert palette.field.hasFocus()
    whole.qtbot.keyClick(palette.field, Qt.Key.Key_Escape)
    assert not palette.isVisible()
    assert field.hasFocus()


def test_a_few_letters_find_a_command_and_enter_does_it(whole: WholeWindow) -> None:
    palette = open_palette(whole)
    whole.qtbot.keyClicks(palette.field, "shortc")
    assert found(palette)[0] == "Shortcuts"
    whole.qtbot.keyClick(palette.field, Qt.Key.Key_Return)
    assert not palette.isVisible()
    assert whole.workspace.panel == "shortcuts"


def test_a_chat_is_found_without_its_accents_and_opened(whole: WholeWindow) -> None:
    palette = open_palette(whole)
    whole.qtbot.keyClicks(palette.field, "cafe")
    assert found(palette)[0] == "A café name"
    whole.qtbot.keyClick(palette.field, Qt.Key.Key_Return)
    whole.wait_for_chat(3)


def test_a_model_is_found_and_loaded(whole: WholeWindow) -> None:
    whole.qtbot.waitUntil(lambda: bool(whole.session.models.models))
    palette = open_palette(whole)
    whole.qtbot.keyClicks(palette.field, "qwen")
    whole.qtbot.keyClick(palette.field, Qt.Key.Key_Return)
    whole.qtbot.waitUntil(lambda: whole.session.models.chosen_path == QWEN)


def test_a_setting_is_found_and_has_the_keys(whole: WholeWindow) -> None:
    palette = open_palette(whole)
    whole.qtbot.keyClicks(palette.field, "temperature")
    whole.qtbot.keyClick(palette.field, Qt.Key.Key_Return)
    panel = whole.window.findChild(SettingsPanel)
    assert isinstance(panel, SettingsPanel)
    whole.qtbot.waitUntil(lambda: panel.row("temperature").field.input().hasFocus())


def test_arrows_go_round_the_list_and_the_row_is_spoken(whole: WholeWindow) -> None:
    palette = open_palette(whole)
    whole.qtbot.keyClicks(palette.field, "chat")
    count = palette.model.rowCount()
    assert count > 1
    whole.qtbot.keyClick(palette.field, Qt.Key.Key_Up)
    assert palette.list.currentIndex().row() == count - 1
    assert palette.field.accessibleDescription().startswith(found(palette)[-1])
    whole.qtbot.keyClick(palette.field, Qt.Key.Key_Down)
    assert palette.list.currentIndex().row() == 0


def test_what_nothing_is_called_is_told(whole: WholeWindow) -> None:
    palette = open_palette(whole)
    whole.qtbot.keyClicks(palette.field, "xylophone")
    assert found(palette) == []
    assert palette.nothing.isVisible()
    whole.qtbot.keyClick(palette.field, Qt.Key.Key_Return)
    assert palette.isVisible()


def test_a_click_elsewhere_closes_the_palette(whole: WholeWindow) -> None:
    palette = open_palette(whole)
    whole.qtbot.mouseClick(palette, Qt.MouseButton.LeftButton, pos=QPoint(20, 400))
    assert not palette.isVisible()


# ── the list of shortcuts ─────────────────────────────────────────────────────────────────────────


def shortcut_list(whole: WholeWindow) -> ShortcutList:
    whole.qtbot.keyClick(whole.window, Qt.Key.Key_F1)
    assert whole.workspace.panel == "shortcuts"
    listed = whole.window.findChild(ShortcutList)
    assert isinstance(listed, ShortcutList)
    return listed


def test_every_command_with_keys_is_listed(whole: WholeWindow) -> None:
    listed = shortcut_list(whole)
    rows = [row for row in listed.model.rows if not row.heading]
    assert len(rows) == sum(1 for command in whole.window.commands if command.sequences())
    assert any(row.words == "New chat" and "Ctrl+N" in row.detail for row in rows)


def test_shortcuts_are_searched_by_words_and_by_keys(whole: WholeWindow) -> None:
    listed = shortcut_list(whole)
    whole.qtbot.keyClicks(listed.field, "ctrl+b")
    assert [row.words for row in listed.model.rows] == ["View", "Sidebar"]
    listed.list.setFocus()
    listed.list.setCurrentIndex(listed.model.index(1))
    whole.qtbot.keyClick(listed.list, Qt.Key.Key_Return)
    assert not whole.workspace.sidebar.isVisibleTo(whole.window)


# ── the size of text ──────────────────────────────────────────────────────────────────────────────


def test_keys_make_all_text_larger_and_smaller_and_normal_again(whole: WholeWindow) -> None:
    header, stack = whole.workspace.header, whole.workspace.conversation.stack
    before = header.model.fontMetrics().height()
    for expected in (1.1, 1.25):
        whole.qtbot.keyClick(whole.window, Qt.Key.Key_Plus, CONTROL)
        whole.qtbot.waitUntil(lambda expected=expected: stack.style.scale == expected)
    assert header.model.fontMetrics().height() > before
    whole.qtbot.keyClick(whole.window, Qt.Key.Key_Minus, CONTROL)
    whole.qtbot.waitUntil(lambda: stack.style.scale == 1.1)
    whole.qtbot.keyClick(whole.window, Qt.Key.Key_0, CONTROL)
    whole.qtbot.waitUntil(lambda: stack.style.scale == 1.0)
    assert header.model.fontMetrics().height() == before
    assert whole.session.settings.value("text_percent") == 100


def test_less_motion_stops_what_moves_by_itself(whole: WholeWindow, qapp: QApplication) -> None:
    before = qapp.cursorFlashTime()
    bar = QProgressBar()
    whole.qtbot.addWidget(bar)
    show_busy(bar)
    assert (bar.minimum(), bar.maximum()) == (0, 0)
    whole.session.settings.set("motion", "less")
    whole.qtbot.waitUntil(is_still)
    show_busy(bar)
    assert bar.maximum() > 0
    assert qapp.cursorFlashTime() == 0
    assert not QApplication.isEffectEnabled(Qt.UIEffect.UI_AnimateMenu)
    whole.session.settings.set("motion", "full")
    whole.qtbot.waitUntil(lambda: not is_still())
    assert qapp.cursorFlashTime() == before


def test_a_prompt_of_the_library_is_found_and_used_from_the_palette(whole: WholeWindow) -> None:
    palette = open_palette(whole)
    whole.qtbot.waitUntil(lambda: bool(whole.session.prompt_library.choices))
    whole.qtbot.keyClicks(palette.field, "prompt translate")
    whole.qtbot.waitUntil(lambda: found(palette)[:1] == ["Use the prompt “Translate”"])
    whole.qtbot.keyClick(palette.field, Qt.Key.Key_Return)
    whole.qtbot.waitUntil(lambda: whole.session.system_prompt.prompt.key == "translate.en")
    assert whole.workspace.panel == "system_prompt"
    assert len(whole.core.called("create_chat")) <= 1
