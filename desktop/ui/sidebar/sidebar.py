"""The left side of the window. Which panel stands open is the window's business: this one asks for it."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPushButton, QStackedLayout, QVBoxLayout, QWidget

from desktop.i18n import _
from desktop.ui.pieces import ElidedLabel, icon_button, label, line, put_icon, text_button
from desktop.ui.sidebar.chat_list import ChatList
from desktop.ui.theme import grow, icon, set_kind, space
from desktop.view_models.chats import ChatsViewModel

PANELS = ("documents", "models", "settings")


class Sidebar(QWidget):
    """New chat, search, the chats, the offer to undo, and the entries at the bottom."""

    fold_requested = Signal()
    panel_requested = Signal(str)  # one of `PANELS`
    temporary_wanted = Signal()  # a chat that leaves nothing on disk
    chat_chosen = Signal()  # a chat was brought to the front from here

    def __init__(self, chats: ChatsViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._chats = chats
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        set_kind(self, "panel")
        grow(self, least_width=200)
        self.list = ChatList(chats)
        self.list.opened.connect(self.chat_chosen)
        self._build()
        chats.changed.connect(self._show_emptiness)
        chats.deleted_changed.connect(self._show_undo)
        self._show_emptiness()
        self._show_undo()

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(space.s, space.s, space.s, space.s)
        column.setSpacing(space.xs)
        column.addLayout(self._top())
        column.addSpacing(space.xs)
        column.addWidget(self._search_field())
        column.addSpacing(space.xs)
        self._nothing = label("", "muted", wrap=True)
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self._nothing.setContentsMargins(space.s, space.s, space.s, 0)
        self._middle = QStackedLayout()
        self._middle.addWidget(self.list)
        self._middle.addWidget(self._nothing)
        column.addLayout(self._middle, 1)
        column.addWidget(self._undo_bar())
        column.addWidget(line())
        self.entries = {name: self._entry(name) for name in PANELS}
        for entry in self.entries.values():
            column.addWidget(entry)

    def _top(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(space.xs)
        self.new_chat = text_button(_("New chat"), "quiet", self._new_chat)
        put_icon(self.new_chat, "new_chat", "accent")
        self.new_chat.setStyleSheet("text-align: left;")
        row.addWidget(self.new_chat, 1)
        self.temporary_chat = icon_button("temporary", _("New temporary chat"), self.temporary_wanted.emit)
        row.addWidget(self.temporary_chat)
        self.fold = icon_button("panel_left", _("Hide the sidebar"), self.fold_requested.emit)
        row.addWidget(self.fold)
        return row

    def _search_field(self) -> QLineEdit:
        self.search = _SearchField(self._chats.query)
        self.search.setAcceptDrops(False)  # a file dropped here is meant for the window
        self.search.setPlaceholderText(_("Search chats"))
        self.search.setAccessibleName(_("Search chats"))
        self.search.addAction(icon("search"), QLineEdit.ActionPosition.LeadingPosition)
        self.search.textChanged.connect(self._chats.search)
        self.search.down.connect(self.list.setFocus)
        return self.search

    def _undo_bar(self) -> QWidget:
        self.undo_bar = QWidget()
        self.undo_bar.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        set_kind(self.undo_bar, "card")
        row = QHBoxLayout(self.undo_bar)
        row.setContentsMargins(space.m, space.xs, space.xs, space.xs)
        row.setSpacing(space.xs)
        row.addWidget(ElidedLabel(_("Chat deleted")))
        row.addStretch(1)
        self.undo = text_button(_("Undo"), "link", self._chats.undo_delete)
        row.addWidget(self.undo)
        row.addWidget(icon_button("close", _("Dismiss"), self._chats.forget_deleted))
        return self.undo_bar

    def _entry(self, name: str) -> QPushButton:
        texts = {"documents": _("Documents"), "models": _("Models"), "settings": _("Settings")}
        entry = text_button(texts[name], "quiet", lambda: self.panel_requested.emit(name))
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
        self._chats.new_chat()
        self.chat_chosen.emit()

    def _show_emptiness(self) -> None:
        # after the list itself has taken the change: it was connected first
        if self._chats.searching:
            self._nothing.setText(_("No chat holds “{query}”.").format(query=self._chats.query.strip()))
        else:
            self._nothing.setText(_("Your chats will stand here."))
        self._middle.setCurrentWidget(self._nothing if self.list.empty else self.list)

    def _show_undo(self) -> None:
        self.undo_bar.setVisible(self._chats.deleted is not None)


class _SearchField(QLineEdit):
    """Escape empties it; the arrow down goes to the list."""

    down = Signal()

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._empty = self.addAction(icon("close"), QLineEdit.ActionPosition.TrailingPosition)
        self._empty.setToolTip(_("Clear the search"))
        self._empty.triggered.connect(self.clear)
        self._empty.setVisible(bool(text))
        self.textChanged.connect(self._show_clear)

    def _show_clear(self, text: str) -> None:
        self._empty.setVisible(bool(text))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.text():
            self.clear()
        elif event.key() == Qt.Key.Key_Down:
            self.down.emit()
        else:
            super().keyPressEvent(event)
