"""The left side of the window. Which panel stands open is the window's business: this one asks for it."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from desktop.i18n import _
from desktop.ui.line_signs import lead_with_icon, put_clear_button
from desktop.ui.pieces import icon_button, label, line, put_icon, text_button
from desktop.ui.sidebar.chat_list import ChatList
from desktop.ui.sidebar.menus import make_folder
from desktop.ui.sidebar.places import DoneBar, Doors, PlaceHead
from desktop.ui.sidebar.results import ResultList
from desktop.ui.theme import grow, grown, set_kind, space
from desktop.view_models.chats import ChatsViewModel

LOW_PX = 560  # of height: below it the entries are a row of icons
PANELS = ("documents", "prompts", "models", "workshop", "settings")


class Sidebar(QWidget):
    """New chat, search, the chats or what was found, archive and trash, and the entries at the bottom."""

    fold_requested = Signal()
    panel_requested = Signal(str)  # one of `PANELS`
    chat_chosen = Signal()  # a chat was brought to the front from here
    hit_chosen = Signal()  # a message that was found was

    def __init__(self, chats: ChatsViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._chats = chats
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        set_kind(self, "panel")
        grow(self, least_width=200)
        self.list = ChatList(chats)
        self.list.opened.connect(self.chat_chosen)
        self.results = ResultList(chats)
        self.results.opened.connect(self.chat_chosen)
        self.results.hit_opened.connect(self.hit_chosen)
        self._build()
        chats.changed.connect(self._show_emptiness)
        self._show_emptiness()

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(space.s, space.s, space.s, space.s)
        column.setSpacing(space.xs)
        column.addLayout(self._top())
        column.addSpacing(space.xs)
        column.addWidget(self._search_field())
        self.place = PlaceHead(self._chats)
        column.addWidget(self.place)
        column.addSpacing(space.xs)
        self._nothing = label("", "muted", wrap=True)
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self._nothing.setContentsMargins(space.s, space.s, space.s, 0)
        self._middle = QStackedLayout()
        self._middle.addWidget(self.list)
        self._middle.addWidget(self.results)
        self._middle.addWidget(self._nothing)
        column.addLayout(self._middle, 1)
        self.more = label(
            _("Only the newest are shown. One more word narrows it down."), "caption", wrap=True
        )
        self.more.setContentsMargins(space.s, 0, space.s, space.xs)
        self.more.hide()
        column.addWidget(self.more)
        self.done = DoneBar(self._chats)
        column.addWidget(self.done)
        self.doors = Doors(self._chats)
        column.addWidget(self.doors)
        column.addWidget(line())
        self.entries = {name: self._entry(name) for name in PANELS}
        self._bottom = QGridLayout()
        self._bottom.setSpacing(space.xs)
        column.addLayout(self._bottom)
        self._columns = 0
        self._arrange()

    def _arrange(self) -> None:
        """The entries below each other; in a row of icons where the chats would have no room."""
        columns = len(self.entries) if self.height() < grown(LOW_PX) else 1
        if columns == self._columns:
            return
        self._columns = columns
        for at, entry in enumerate(self.entries.values()):
            entry.setText("" if columns > 1 else entry.accessibleName())
            self._bottom.addWidget(entry, at // columns, at % columns)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def _top(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(space.xs)
        self.new_chat = text_button(_("New chat"), "quiet", self._new_chat)
        put_icon(self.new_chat, "new_chat", "accent")
        self.new_chat.setStyleSheet("text-align: left;")
        row.addWidget(self.new_chat, 1)
        self.new_folder = icon_button("new_folder", _("New folder"), self.begin_folder)
        row.addWidget(self.new_folder)
        self.fold = icon_button("panel_left", _("Hide the sidebar"), self.fold_requested.emit)
        row.addWidget(self.fold)
        return row

    def _search_field(self) -> QLineEdit:
        self.search = _SearchField(self._chats.query)
        self.search.setAcceptDrops(False)  # a file dropped here is meant for the window
        self.search.setPlaceholderText(_("Search chats"))
        self.search.setAccessibleName(_("Search chats"))
        lead_with_icon(self.search, "search")
        self.search.textChanged.connect(self._chats.search)
        self.search.down.connect(self._enter_list)
        return self.search

    def _entry(self, name: str) -> QPushButton:
        texts = {
            "documents": _("Documents"),
            "prompts": _("Prompts"),
            "models": _("Models"),
            "workshop": _("Workshop"),
            "settings": _("Settings"),
        }
        entry = text_button(texts[name], "quiet", lambda: self.panel_requested.emit(name))
        entry.setAccessibleName(texts[name])
        put_icon(entry, name, "muted")
        entry.setCheckable(True)
        entry.setStyleSheet("text-align: left;")
        return entry

    def show_open(self, *names: str) -> None:
        """Mark the entries of what stands open: a panel, a page, or neither."""
        for entry, button in self.entries.items():
            button.setChecked(entry in names)

    def focus_search(self) -> None:
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.search.selectAll()

    def _new_chat(self) -> None:
        self.search.clear()
        self._chats.go_to("")
        self._chats.new_chat()
        self.chat_chosen.emit()

    def begin_folder(self) -> None:
        """A new folder, whose name is written where it stands."""
        self.search.clear()
        self._chats.go_to("")
        make_folder(self._chats)

    def _enter_list(self) -> None:
        if self._chats.searching:
            self.results.enter()
        else:
            self.list.setFocus()

    def _show_emptiness(self) -> None:
        # after the list itself has taken the change: it was connected first
        chats = self._chats
        self.search.setVisible(chats.place == "")
        self.more.setVisible(chats.found is not None and chats.found.more)
        if chats.searching:
            self._nothing.setText(_("No chat holds “{query}”.").format(query=chats.query.strip()))
            empty = not self.results.model().rowCount()
            self._middle.setCurrentWidget(self._nothing if empty else self.results)
            return
        texts = {
            "": _("Your chats will stand here."),
            "archived": _("Chats that you archive stand here. Search finds them too."),
            "trash": _("The trash is empty."),
        }
        self._nothing.setText(texts[chats.place])
        self._middle.setCurrentWidget(self._nothing if self.list.empty else self.list)


class _SearchField(QLineEdit):
    """Escape empties it; the arrow down goes to the list."""

    down = Signal()

    def __init__(self, text: str) -> None:
        super().__init__(text)
        put_clear_button(self, _("Clear the search"))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.text():
            self.clear()
        elif event.key() == Qt.Key.Key_Down:
            self.down.emit()
        else:
            super().keyPressEvent(event)
