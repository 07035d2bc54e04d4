"""What a person can have done, declared once: words, keys, place and deed of every command.

Shortcuts, menus, the command palette and the list of shortcuts all draw from here. Does nothing by itself.
"""

import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, Literal

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget

from desktop.i18n import pgettext

# "window": everywhere. The others: keys that count while the focus is there, and that the place itself takes.
Place = Literal["window", "composer", "conversation", "messages", "chats", "documents", "models", "viewer"]
# under which heading it is listed
Area = Literal["chats", "messages", "models", "documents", "view", "program"]
Keys = str | QKeySequence.StandardKey

AREAS: Final[tuple[Area, ...]] = ("chats", "messages", "models", "documents", "view", "program")

# keys of one press that every keyboard has; others ("New", "Copy") are on few
_PLAIN_KEYS: Final = re.compile(r".|F\d+|Return|Esc|Del|Ins|Home|End|PgUp|PgDown|Left|Right|Up|Down")


def _always() -> bool:
    return True


@dataclass(frozen=True)
class Command:
    """One thing to have done. Its words are chosen when it is registered: the language does not change later.

    `keys` as Qt writes them: "Ctrl" is Command on macOS. A standard key is what the platform has for it.
    `mac`: the keys there, where its habits are others. Outside "window", `act` may be None: the place
    takes its keys itself, and the command is listed with them.
    """

    name: str  # one word for the program: "new_chat"
    words: str  # what it does: "New chat"
    act: Callable[[], object] | None = None
    keys: tuple[Keys, ...] = ()
    area: Area = "program"
    place: Place = "window"
    icon: str = ""
    enabled: Callable[[], bool] = _always
    more: str = ""  # other words to find it by
    in_palette: bool = True
    mac: tuple[Keys, ...] | None = None

    def sequences(self, platform: str = sys.platform) -> tuple[QKeySequence, ...]:
        """Its keys on this platform; the first is the one that is shown."""
        declared = self.mac if platform == "darwin" and self.mac is not None else self.keys
        found: list[QKeySequence] = []
        for keys in declared:
            given = QKeySequence.keyBindings(keys) if not isinstance(keys, str) else [QKeySequence(keys)]
            found += [one for one in given if one not in found and _on_every_keyboard(one)]
        return tuple(found)

    @property
    def shown_keys(self) -> str:
        """The first of its keys as the platform writes them; "" without one."""
        return next((shown(keys) for keys in self.sequences()), "")


class Taken(ValueError):
    """A name or a key that another command has."""


class Commands(QObject):
    """The commands of one window. Those of "window" get their shortcuts here.

    Built anew with the widgets, when the language changes.
    """

    def __init__(self, owner: QWidget) -> None:
        super().__init__(owner)
        self._owner = owner
        self._commands: dict[str, Command] = {}
        self._shortcuts: dict[str, list[QShortcut]] = {}

    def __iter__(self) -> Iterator[Command]:
        return iter(tuple(self._commands.values()))

    def __getitem__(self, name: str) -> Command:
        return self._commands[name]

    def __contains__(self, name: str) -> bool:
        return name in self._commands

    def add(self, *commands: Command) -> None:
        """Register commands and their shortcuts. Raises Taken for a name or a key that is in use."""
        for command in commands:
            self._check(command)
            self._commands[command.name] = command
            if command.place == "window":
                self._shortcuts[command.name] = [self._bind(command, keys) for keys in command.sequences()]

    def _bind(self, command: Command, keys: QKeySequence) -> QShortcut:
        shortcut = QShortcut(keys, self._owner)
        shortcut.activated.connect(lambda: self.run(command.name))
        return shortcut

    def _check(self, command: Command) -> None:
        if command.name in self._commands:
            raise Taken(command.name)
        for other in self._commands.values():
            if "window" not in (command.place, other.place) and command.place != other.place:
                continue
            both = set(command.sequences()) & set(other.sequences())
            if both:
                raise Taken(f"{command.name} and {other.name}: {next(iter(both)).toString()}")

    def run(self, name: str) -> None:
        """Have it done, if it can be done at present."""
        command = self._commands[name]
        if command.act is not None and command.enabled():
            command.act()

    def dispose(self) -> None:
        """Let the shortcuts go: others will be registered in their place."""
        for shortcuts in self._shortcuts.values():
            for shortcut in shortcuts:
                shortcut.setEnabled(False)
                shortcut.deleteLater()
        self._shortcuts.clear()
        self._commands.clear()
        self.deleteLater()

    def hand_over(self, name: str, platform: str = sys.platform) -> list[QKeySequence]:
        """The keys of a command, for a menu that takes them from now on."""
        for shortcut in self._shortcuts.get(name, []):
            shortcut.setEnabled(False)
        return list(self._commands[name].sequences(platform))

    def tip(self, name: str) -> str:
        """Its words and, in brackets, its keys: for a button that does the same."""
        command = self._commands[name]
        return f"{command.words} ({command.shown_keys})" if command.shown_keys else command.words

    def action(self, name: str, parent: QObject) -> QAction:
        """An entry for a menu. Its keys are shown, not bound a second time."""
        command = self._commands[name]
        action = QAction(command.words, parent)
        if command.icon:
            from desktop.ui.theme import icon

            action.setIcon(icon(command.icon))
        # behind a tab the keys are text: as a shortcut they would be ambiguous with the window's own
        if command.shown_keys:
            action.setText(f"{command.words}\t{command.shown_keys}")
        action.setEnabled(command.enabled())
        action.triggered.connect(lambda: self.run(name))
        return action


def with_keys(words: str, keys: str) -> str:
    """Words of a menu's entry whose keys its place takes by itself: they are shown, not bound."""
    return f"{words}\t{shown(QKeySequence(keys))}"


def shown(keys: QKeySequence) -> str:
    """Keys as they stand on the keyboards of the language in use: "Ctrl+Shift+N", on macOS its signs."""
    if sys.platform == "darwin":
        return keys.toString(QKeySequence.SequenceFormat.NativeText)
    # Qt's own translations are longer than any keyboard has them: "Control+Mayúsculas+N"
    written = keys.toString(QKeySequence.SequenceFormat.PortableText)
    parts = written.removesuffix("+").split("+")
    parts = [*parts[:-1], "+"] if written.endswith("++") or written == "+" else parts
    return "+".join(_key_name(part) for part in parts)


def _key_name(key: str) -> str:
    names = {
        "Shift": pgettext("key", "Shift"),
        "Return": pgettext("key", "Enter"),
        "Esc": pgettext("key", "Esc"),
        "Del": pgettext("key", "Del"),
        "Ins": pgettext("key", "Ins"),
        "Home": pgettext("key", "Home"),
        "End": pgettext("key", "End"),
        "PgUp": pgettext("key", "PgUp"),
        "PgDown": pgettext("key", "PgDn"),
        "Left": "←",
        "Right": "→",
        "Up": "↑",
        "Down": "↓",
    }
    return names.get(key, key)


def _on_every_keyboard(keys: QKeySequence) -> bool:
    written = keys.toString(QKeySequence.SequenceFormat.PortableText)
    return "+" in written or _PLAIN_KEYS.fullmatch(written) is not None
