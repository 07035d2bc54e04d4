"""What each platform expects: keys, and on macOS the bar of menus. The platform is asked for by its name."""

import pytest
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenuBar

from desktop.ui.commands import Command, Commands
from desktop.ui.shell.menu_bar import put_menu_bar
from tests.gui.whole_window import Open, WholeWindow, core_with_chats, open_window  # noqa: F401  a fixture


@pytest.fixture
def whole(open_window: Open) -> WholeWindow:  # noqa: F811
    return open_window(core_with_chats())


def entries(bar: QMenuBar) -> dict[str, QAction]:
    """By the names of their commands."""
    menus = [action.menu() for action in bar.actions()]
    return {str(action.data()): action for menu in menus if menu is not None for action in menu.actions()}  # type: ignore[union-attr]


def test_only_macos_has_a_bar_of_menus(whole: WholeWindow) -> None:
    for platform in ("linux", "win32"):
        assert put_menu_bar(whole.window, whole.window.commands, platform) is None


def test_on_macos_every_command_stands_in_a_menu_with_its_keys(whole: WholeWindow) -> None:
    commands = whole.window.commands
    bar = put_menu_bar(whole.window, commands, "darwin")
    assert bar is not None
    found = entries(bar)
    everywhere = [one for one in commands if one.place == "window" and one.act is not None]
    assert set(found) == {command.name for command in everywhere}
    for command in everywhere:
        assert found[command.name].shortcuts() == list(command.sequences("darwin"))
        # the window's own would make the keys ambiguous
        assert not any(shortcut.isEnabled() for shortcut in commands._shortcuts[command.name])
    bar.deleteLater()


def test_settings_and_quit_stand_where_macos_has_them(whole: WholeWindow) -> None:
    bar = put_menu_bar(whole.window, whole.window.commands, "darwin")
    assert bar is not None
    found = entries(bar)
    assert found["settings"].menuRole() == QAction.MenuRole.PreferencesRole
    assert found["quit"].menuRole() == QAction.MenuRole.QuitRole
    assert found["shortcuts"].menuRole() == QAction.MenuRole.NoRole
    found["shortcuts"].trigger()
    assert whole.workspace.panel == "shortcuts"
    bar.deleteLater()


def test_an_entry_that_cannot_be_done_is_grey_when_its_menu_opens(whole: WholeWindow) -> None:
    bar = put_menu_bar(whole.window, whole.window.commands, "darwin")
    assert bar is not None
    found = entries(bar)
    menu = next(menu for menu in (a.menu() for a in bar.actions()) if found["stop"] in menu.actions())  # type: ignore[union-attr]
    menu.aboutToShow.emit()  # type: ignore[union-attr]
    assert not found["stop"].isEnabled()
    bar.deleteLater()


@pytest.mark.parametrize(
    ("name", "mac"),
    [("settings", "Ctrl+,"), ("choose_model", "Ctrl+Alt+M"), ("shortcuts", "Ctrl+/"), ("quit", "Ctrl+Q")],
)
def test_macos_has_its_own_keys(whole: WholeWindow, name: str, mac: str) -> None:
    """Qt writes Command as "Ctrl"."""
    command: Command = whole.window.commands[name]
    assert command.sequences("darwin")[0] == QKeySequence(mac)


def test_no_two_commands_share_a_key_on_any_platform(whole: WholeWindow) -> None:
    commands: Commands = whole.window.commands
    for platform in ("linux", "win32", "darwin"):
        taken: dict[str, str] = {}
        for command in commands:
            if command.place == "window":
                for keys in command.sequences(platform):
                    assert taken.setdefault(keys.toString(), command.name) == command.name
