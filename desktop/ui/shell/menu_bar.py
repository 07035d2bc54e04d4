"""macOS: the bar of menus at the top of the screen, from the registry of commands. Elsewhere there is none.

There, people look for what a program can do in its menus, and for its keys beside the words. So the menus'
entries have the keys, and the window's own shortcuts for them are switched off: twice would be ambiguous.
"""

import sys
from typing import Final

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMainWindow, QMenuBar

from desktop.ui.commands import AREAS, Command, Commands
from desktop.ui.shell.shortcut_list import area_label

# the system puts these into the menu that is called as the program is
ROLES: Final = {
    "settings": QAction.MenuRole.PreferencesRole,
    "quit": QAction.MenuRole.QuitRole,
}


def put_menu_bar(window: QMainWindow, commands: Commands, platform: str = sys.platform) -> QMenuBar | None:
    """Give the window its menus where the platform has them; None elsewhere."""
    if platform != "darwin":
        return None
    bar = QMenuBar(window)
    for area in AREAS:
        menu = bar.addMenu(area_label(area))
        for command in commands:
            if command.area == area and command.place == "window" and command.act is not None:
                menu.addAction(_entry(menu, commands, command, platform))
        menu.aboutToShow.connect(lambda menu=menu: _allow(menu.actions(), commands))
    window.setMenuBar(bar)
    return bar


def _entry(parent: QObject, commands: Commands, command: Command, platform: str) -> QAction:
    action = QAction(command.words.replace("&", "&&"), parent)
    action.setData(command.name)
    action.setMenuRole(ROLES.get(command.name, QAction.MenuRole.NoRole))
    action.triggered.connect(lambda: commands.run(command.name))
    action.setShortcuts(commands.hand_over(command.name, platform))
    return action


def _allow(actions: list[QAction], commands: Commands) -> None:
    for action in actions:
        name = str(action.data())
        if name in commands:
            action.setEnabled(commands[name].enabled())
