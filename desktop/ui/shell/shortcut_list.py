"""Every command that has keys, by area: to read, to search, and to have done with Enter."""

from collections.abc import Iterator
from typing import get_args

from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QListView, QVBoxLayout, QWidget

from desktop.i18n import _
from desktop.ui.commands import AREAS, Area, Command, Commands, Place, shown
from desktop.ui.line_signs import lead_with_icon, put_clear_button
from desktop.ui.shell.rows import Row, RowDelegate, Rows
from desktop.ui.theme import space
from desktop.view_models.finding import folded, holds, words_of


def area_label(area: Area) -> str:
    match area:
        case "chats":
            return _("Chats")
        case "messages":
            return _("Messages")
        case "models":
            return _("Models")
        case "documents":
            return _("Documents")
        case "view":
            return _("View")
        case "program":
            return _("Sobremesa")


def place_label(place: Place) -> str:
    """Where keys count that do not count everywhere."""
    match place:
        case "window":
            return _("Everywhere")
        case "composer":
            return _("While writing")
        case "conversation":
            return _("In the conversation")
        case "messages":
            return _("On a message")
        case "chats":
            return _("In the list of chats")
        case "documents":
            return _("In the list of documents")
        case "models":
            return _("On a model")
        case "viewer":
            return _("Beside a page")


class ShortcutList(QWidget):
    """The field above leaves those whose words or keys hold what is typed."""

    def __init__(self, commands: Commands, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._commands = commands
        self.field = QLineEdit()
        lead_with_icon(self.field, "search")
        self.field.setPlaceholderText(_("Search shortcuts"))
        self.field.setAccessibleName(_("Search shortcuts"))
        put_clear_button(self.field)
        self.field.textChanged.connect(self.refresh)
        self.model = Rows()
        self.list = _List()
        self.list.setModel(self.model)
        self.list.setItemDelegate(RowDelegate(self.list, folds=True))
        self.list.setAccessibleName(_("Shortcuts"))
        self.list.activated.connect(self._run)
        column = QVBoxLayout(self)
        column.setContentsMargins(space.l, 0, space.s, space.s)
        column.setSpacing(space.s)
        above = QHBoxLayout()
        above.setContentsMargins(0, 0, space.l - space.s, 0)  # in line with the rows
        above.addWidget(self.field)
        column.addLayout(above)
        column.addWidget(self.list, 1)
        self.refresh()

    def refresh(self) -> None:
        words = words_of(self.field.text())
        rows: list[Row] = []
        for heading, commands in self._groups():
            found = [_row(one) for one in commands if holds(words, _searched(one))]
            if found:
                rows += [Row(heading, heading=True), *found]
        self.model.show(rows)

    def _groups(self) -> Iterator[tuple[str, list[Command]]]:
        """What counts everywhere, by area; then what counts in one place."""
        with_keys = [command for command in self._commands if command.sequences()]
        for area in AREAS:
            everywhere = [one for one in with_keys if one.area == area and one.place == "window"]
            yield area_label(area), everywhere
        for place in get_args(Place):
            if place != "window":
                yield place_label(place), [one for one in with_keys if one.place == place]

    def _run(self, index: QModelIndex) -> None:
        row = self.model.row_at(index)
        if row is not None and row.act is not None:
            row.act()


def keys_of(command: Command) -> str:
    """All keys of a command, as the keyboard has them."""
    return "   ".join(shown(keys) for keys in command.sequences())


def _row(command: Command) -> Row:
    return Row(command.words, command.act, keys_of(command))


def _searched(command: Command) -> str:
    """Keys are found as the keyboard has them and as the program writes them."""
    portable = " ".join(keys.toString() for keys in command.sequences())
    return folded(f"{command.words} {keys_of(command)} {portable}")


class _List(QListView):
    """Enter has the row done."""

    def __init__(self) -> None:
        super().__init__()
        self.setMouseTracking(True)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setResizeMode(QListView.ResizeMode.Adjust)  # a narrower row may need two lines
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.scheduleDelayedItemsLayout()  # a row has one line or two by its width

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            self.activated.emit(self.currentIndex())
        else:
            super().keyPressEvent(event)
